"""The numbers are the server's own limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from homeassistant.exceptions import ServiceValidationError

from tests.integration.acting import refused
from tests.integration.watching import state_of, until_state

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer

INTERVAL, LIMIT = "generation_interval", "builtin_daily_limit"


async def _set(hass: HomeAssistant, entry: MockConfigEntry, key: str, value: float) -> None:
    number = state_of(hass, entry, "number", key).entity_id
    await hass.services.async_call(
        "number", "set_value", {"entity_id": number, "value": value}, blocking=True
    )


async def test_the_interval_is_set_in_minutes(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    assert float(state_of(hass, loaded, "number", INTERVAL).state) == 10
    await _set(hass, loaded, INTERVAL, 45)
    assert float(state_of(hass, loaded, "number", INTERVAL).state) == 45
    status = await hass.async_add_executor_job(server.ask, "/api/v1/status")
    assert status["settings"]["image_generate_threshold"] == 45


async def test_the_daily_limit_says_how_many_are_left(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await until_state(hass, loaded, "sensor", "builtin_success", "1")
    assert state_of(hass, loaded, "sensor", "builtin_left_today").state == "unknown"
    await _set(hass, loaded, LIMIT, 30)
    assert float(state_of(hass, loaded, "number", LIMIT).state) == 30
    (provider,) = (
        one
        for one in (await hass.async_add_executor_job(server.ask, "/api/v1/providers"))["providers"]
        if one["code"] == "builtin"
    )
    assert provider["daily_limit"] == 30
    assert state_of(hass, loaded, "sensor", "builtin_left_today").state == str(provider["left_today"])


@pytest.mark.parametrize(("key", "value"), [(INTERVAL, -1), (INTERVAL, 600_000), (LIMIT, 2_000_000)])
async def test_what_no_server_takes_is_refused_here(
    hass: HomeAssistant, loaded: MockConfigEntry, key: str, value: float
) -> None:
    before = state_of(hass, loaded, "number", key).state
    with pytest.raises(ServiceValidationError):
        await _set(hass, loaded, key, value)
    assert state_of(hass, loaded, "number", key).state == before


@pytest.mark.parametrize("key", [INTERVAL, LIMIT])
async def test_without_the_server_nothing_is_set(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, key: str
) -> None:
    server.process.process.kill()
    with refused("cannot_connect", invalid=False):
        await _set(hass, loaded, key, 5)
