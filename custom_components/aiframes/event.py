"""What happens to pictures, for automations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback

from .api import EventKind
from .entity import AiframesEntity
from .media_place import media_content_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .api import Event, Generation, Picture, PictureSent
    from .coordinator import AiframesConfigEntry

# The coordinator hears; entities only tell.
PARALLEL_UPDATES = 0


def _of_picture(server: str, picture: Picture | None) -> dict[str, Any]:
    """Return what is told of a picture; all is None for one that the store does not hold."""
    return {
        "image_id": picture.id if picture else None,
        "media_content_id": media_content_id(server, picture.id) if picture else None,
        "prompt": picture.prompt if picture else None,
        "provider": picture.provider if picture else None,
    }


def _of_sending(server: str, sent: PictureSent) -> dict[str, Any]:
    return {**_of_picture(server, sent.picture), "frame": sent.operation.frame}


def _of_failure(_: str, generation: Generation) -> dict[str, Any]:
    return {
        "prompt": generation.prompt,
        "provider": generation.provider,
        "reason": generation.error.message if generation.error else None,
        "code": generation.error.code if generation.error else None,
    }


DESCRIBED: Mapping[EventKind, Callable[[str, Any], dict[str, Any]]] = {
    EventKind.PICTURE_MADE: _of_picture,
    EventKind.PICTURE_SENT: _of_sending,
    EventKind.GENERATION_FAILED: _of_failure,
}
"""What is told, and what with it."""

PICTURE = EventEntityDescription(key="picture", translation_key="picture", event_types=list(DESCRIBED))


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event."""
    async_add_entities([PictureEvent(entry.runtime_data, PICTURE)])


class PictureEvent(AiframesEntity, EventEntity):
    """A picture was made, was sent to a frame, or could not be made."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen from now on."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_listen_events(self._async_heard))

    @callback
    def _async_heard(self, event: Event) -> None:
        describe = DESCRIBED.get(event.kind)
        if describe is not None:
            self._trigger_event(event.kind, describe(self.coordinator.installation_id, event.data))
            self.async_write_ha_state()
