"""Everything that a person can ask the server for through Home Assistant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.components.media_player import BrowseError, SearchMediaQuery
from homeassistant.components.media_source import (
    Unresolvable,
    async_browse_media,
    async_resolve_media,
    async_search_media,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from tests.integration.conftest import DOMAIN
from tests.integration.watching import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

ROOT = "media-source://aiframes"


@dataclass(frozen=True, slots=True)
class House:
    """Where somebody asks."""

    hass: HomeAssistant
    entry: MockConfigEntry

    async def act(self, domain: str, action: str, on: str = "", **data: Any) -> Any:
        """Call an action, on an entity that is named by its platform and key, or on none."""
        if on:
            data["entity_id"] = state_of(self.hass, self.entry, domain, on).entity_id
        services = self.hass.services
        wants = services.supports_response(domain, action).value != "none"
        return await services.async_call(domain, action, data, blocking=True, return_response=wants)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to ask for.

    Attributes:
        changes: Whether something would be another one afterwards.
        kind: Of the error that is raised where it fails, if it is always the same.
        is_well_without: Whether it is well that what it is about is not there.
    """

    ask: Callable[[House], Coroutine[Any, Any, object]]
    changes: bool = True
    kind: type[HomeAssistantError] | None = None
    is_well_without: bool = False

    def error(self, *, is_mistake: bool) -> type[HomeAssistantError]:
        return self.kind or (ServiceValidationError if is_mistake else HomeAssistantError)


def _entity(domain: str, action: str, key: str, **data: Any) -> Wish:
    return Wish(lambda house: house.act(domain, action, key, **data))


def _action(action: str, *, changes: bool = True, **data: Any) -> Wish:
    return Wish(lambda house: house.act(DOMAIN, action, **data), changes=changes)


def _search(house: House) -> Coroutine[Any, Any, object]:
    return async_search_media(house.hass, ROOT, SearchMediaQuery(search_query="x"))


def _resolve(house: House) -> Coroutine[Any, Any, object]:
    return async_resolve_media(house.hass, f"{ROOT}/{house.entry.unique_id}/1", None)


WISHES: dict[str, Wish] = {
    "button": _entity("button", "press", "generate"),
    "switch": _entity("switch", "turn_on", "generation"),
    "provider's switch": _entity("switch", "turn_on", "builtin_enabled"),
    "number": _entity("number", "set_value", "generation_interval", value=1000),
    "provider's number": _entity("number", "set_value", "builtin_daily_limit", value=0),
    "item": _entity("todo", "add_item", "prompts", item="a lighthouse"),
    "item's change": _entity("todo", "update_item", "prompts", item="test", status="needs_action"),
    "item's end": Wish(
        lambda house: house.act("todo", "remove_item", "prompts", item="test"), is_well_without=True
    ),
    "generate": _action("generate", prompt="a fox"),
    "add_prompt": _action("add_prompt", prompt="a fox"),
    "remove_prompt": _action("remove_prompt", prompt_id="x"),
    "remove_prompt by text": _action("remove_prompt", changes=False, prompt="test"),
    "list_prompts": _action("list_prompts", changes=False),
    "show_image": _action("show_image", image_id="999"),
    "delete_image": _action("delete_image", image_id="999"),
    "media browser": Wish(
        lambda house: async_browse_media(house.hass, ROOT), changes=False, kind=BrowseError
    ),
    "search for media": Wish(_search, changes=False, kind=BrowseError),
    "media": Wish(_resolve, changes=False, kind=Unresolvable),
}
