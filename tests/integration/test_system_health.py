"""The system's own page tells of the servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.system_health import get_info
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.absences import until_unavailable
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.relay import set_up_behind_relay
from tests.integration.visiting import FRAME, show
from tests.integration.watching import until
from tests.processes import READY, run_server

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant


async def health(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, "system_health", {})
    return dict((await get_info(hass))[DOMAIN])


async def test_a_server_is_told_of(hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry) -> None:
    await show(server.process)
    await hass.async_add_executor_job(lambda: server.ask("/api/v1/prompts", {"prompt": "a fox"}))
    await until(lambda: loaded.runtime_data.data.frames and loaded.runtime_data.data.prompts.count == 2)
    assert loaded.runtime_data.data.frames[0].id == FRAME
    assert await health(hass) == {
        "version": loaded.runtime_data.info.version,
        "frames": "1",
        "prompts": "2",
        "can_reach_server": "ok",
    }


async def test_a_server_that_is_away_is_named_as_such(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        relay.close()
        await until_unavailable(hass, entry)
        assert (await health(hass))["can_reach_server"] == "Failed: cannot_connect"
        relay.is_open = True
        assert (await health(hass))["can_reach_server"] == "ok"


async def test_an_entry_that_is_not_set_up_is_looked_at_as_well(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, "token": "wrong"})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    found = await health(hass)
    assert found["can_reach_server"] == "Failed: token_refused"
    assert found["version"] == ""


@pytest.mark.usefixtures("loaded")
async def test_several_servers_are_told_of_one_after_the_other(hass: HomeAssistant, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with run_server(tmp_path / "other") as process:
        await process.said(READY)
        other = RealServer(process, tmp_path / "other")
        await hass.async_add_executor_job(lambda: other.ask("/api/v1/prompts", {"prompt": "a fox"}))
        second = MockConfigEntry(
            domain=DOMAIN,
            title="Upstairs",
            unique_id=await hass.async_add_executor_job(lambda: other.installation_id),
            data=other.entry_data,
        )
        second.add_to_hass(hass)
        assert await hass.config_entries.async_setup(second.entry_id)
        found = await health(hass)
        assert found["prompts"] == "1, 2"
        assert found["can_reach_server"] == "ok"
        assert await hass.config_entries.async_unload(second.entry_id)
