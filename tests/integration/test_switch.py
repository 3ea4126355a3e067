"""The switches let pictures be made, or not, and follow what is switched elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.acting import refused
from tests.integration.watching import state_of, until_state

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer

GENERATION, PROVIDER = "generation", "builtin_enabled"


async def _turn(hass: HomeAssistant, entry: MockConfigEntry, key: str, *, on: bool) -> None:
    switch = state_of(hass, entry, "switch", key).entity_id
    action = "turn_on" if on else "turn_off"
    await hass.services.async_call("switch", action, {"entity_id": switch}, blocking=True)


@pytest.mark.parametrize("key", [GENERATION, PROVIDER])
async def test_what_is_switched_holds_at_once(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, key: str
) -> None:
    def is_on_at_the_server() -> bool:
        status = server.ask("/api/v1/status")
        (provider,) = (one for one in status["providers"] if one["code"] == "builtin")
        on: bool = provider["enabled"] if key == PROVIDER else not status["settings"]["paused"]
        return on

    assert state_of(hass, loaded, "switch", key).state == "on"
    await _turn(hass, loaded, key, on=False)
    assert state_of(hass, loaded, "switch", key).state == "off"
    assert not await hass.async_add_executor_job(is_on_at_the_server)
    await _turn(hass, loaded, key, on=True)
    assert state_of(hass, loaded, "switch", key).state == "on"
    assert await hass.async_add_executor_job(is_on_at_the_server)


async def test_what_is_switched_on_the_servers_page_is_switched_here_too(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    def pause() -> None:
        server.ask("/api/v1/settings", {"paused": True}, method="PATCH")
        server.ask("/api/v1/providers/builtin", {"enabled": False}, method="PATCH")

    await hass.async_add_executor_job(pause)
    await until_state(hass, loaded, "switch", GENERATION, "off")
    await until_state(hass, loaded, "switch", PROVIDER, "off")


@pytest.mark.parametrize("key", [GENERATION, PROVIDER])
async def test_without_the_server_nothing_is_switched(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, key: str
) -> None:
    server.process.process.kill()
    with refused("cannot_connect", invalid=False):
        await _turn(hass, loaded, key, on=False)
