"""Waiting for what Home Assistant gets to know by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from homeassistant.helpers import entity_registry as er

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from homeassistant.core import HomeAssistant, State
    from pytest_homeassistant_custom_component.common import MockConfigEntry

DOMAIN = "aiframes"
PATIENCE = 20.0
TURN = 0.01


async def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, which must be soon."""

    async def is_so() -> bool:
        return bool(condition())

    await until_asked(is_so)


async def until_asked(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds that has to be asked for."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - anything may make it true
            await asyncio.sleep(TURN)


def find(hass: HomeAssistant, entry: MockConfigEntry, platform: str, key: str) -> State | None:
    """Find a state by what the entity's unique id says behind the server's."""
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{entry.unique_id}_{key}")
    return hass.states.get(found) if found else None


def state_of(hass: HomeAssistant, entry: MockConfigEntry, platform: str, key: str) -> State:
    """Return the state of an entity that there is."""
    state = find(hass, entry, platform, key)
    assert state is not None, f"There is no {platform} {key}, or it is disabled"
    return state


async def until_state(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    platform: str,
    key: str,
    wanted: str | Callable[[State], object],
) -> State:
    """Wait for a state, of an entity that may still be to come; by its text, or by what holds for it."""

    def is_there() -> bool:
        state = find(hass, entry, platform, key)
        return state is not None and bool(state.state == wanted if isinstance(wanted, str) else wanted(state))

    await until(is_there)
    return state_of(hass, entry, platform, key)


async def until_drawn(hass: HomeAssistant, entry: MockConfigEntry) -> State:
    """Wait for the server's first picture, and return the image entity that shows it."""
    return await until_state(
        hass, entry, "image", "last_picture", lambda state: "image_id" in state.attributes
    )


async def enable_everything(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Enable what is disabled by default, as a person would, and load it."""
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(entity.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
