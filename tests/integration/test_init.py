"""An entry is set up, or says why not; unloaded it leaves nothing, and a hundred times nothing either."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import BaseConnector
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_UNAVAILABLE
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aiframes.coordinator import AiframesCoordinator
from tests.integration.absences import let_time_pass, until_available, until_streaming, until_unavailable
from tests.integration.asking import note_requests
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.flows import fill_in, reason
from tests.integration.relay import open_relay, set_up_behind_relay
from tests.integration.strangers import info, refusal, stranger
from tests.integration.watching import state_of, until, until_state
from tests.processes import READY, free_ports, run_server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from homeassistant.core import HomeAssistant

TITLE = "AIFrames ImageServer"
RELOADS = 100


# Set-up


async def test_an_entry_is_set_up_and_unloaded(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry in hass.config_entries.async_loaded_entries(DOMAIN)
    state_of(hass, entry, "switch", "generation")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert state_of(hass, entry, "switch", "generation").state == STATE_UNAVAILABLE
    warnings = [one for one in caplog.records if one.levelno > logging.INFO]
    assert [one for one in warnings if "custom_components" in one.name] == []


async def test_an_entry_that_is_removed_takes_everything_with_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.async_all() == []
    assert hass.config_entries.async_entries(DOMAIN) == []


async def test_actions_are_there_without_any_server(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert "generate" in hass.services.async_services_for_domain(DOMAIN)


@pytest.mark.parametrize(
    ("answer", "status", "state", "key"),
    [
        ("<html>Wi-Fi of the hotel</html>", 200, ConfigEntryState.SETUP_RETRY, "not_understood"),
        (refusal("NotNow", "The disk is full"), 503, ConfigEntryState.SETUP_RETRY, "not_now"),
        ("<html>nginx</html>", 502, ConfigEntryState.SETUP_RETRY, "cannot_connect"),
        (info(0), 200, ConfigEntryState.SETUP_RETRY, "server_too_old"),
        (info(2), 200, ConfigEntryState.SETUP_RETRY, "server_too_new"),
    ],
)
async def test_an_entry_that_can_not_be_set_up_says_why(
    hass: HomeAssistant, answer: str | Mapping[str, Any], status: int, state: ConfigEntryState, key: str
) -> None:
    async with stranger(answer, status=status) as url:
        data = {"url": url, "token": "any", "verify_ssl": True}
        entry = MockConfigEntry(domain=DOMAIN, title=TITLE, unique_id="known", data=data)
        entry.add_to_hass(hass)
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is state
        assert entry.error_reason_translation_key == key
        assert entry.reason, "the log says it in English"
    await hass.config_entries.async_remove(entry.entry_id)


async def test_a_server_that_is_not_there_yet_is_waited_for(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with open_relay(free_ports(1)[0]) as relay:
        hass.config_entries.async_update_entry(entry, data={**entry.data, "url": relay.url})
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert (entry.state, entry.error_reason_translation_key) == (
            ConfigEntryState.SETUP_RETRY,
            "cannot_connect",
        )
        relay.target = server.process.api_port
        await let_time_pass(hass, seconds=20)
        await until(lambda: entry.state is ConfigEntryState.LOADED)
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_certificate_that_is_not_trusted_is_the_reason(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, "verify_ssl": True})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "not_trusted"
    await hass.config_entries.async_remove(entry.entry_id)


async def test_a_server_that_was_reinstalled_is_not_taken_for_the_old_one(
    hass: HomeAssistant, server: RealServer
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, title=TITLE, unique_id="of-before", data=server.entry_data)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "another_server"
    await hass.config_entries.async_remove(entry.entry_id)


async def test_two_servers_live_side_by_side(
    hass: HomeAssistant, loaded: MockConfigEntry, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    async with run_server(tmp_path / "other") as process:
        await process.said(READY)
        other = RealServer(process, tmp_path / "other")
        second = MockConfigEntry(
            domain=DOMAIN,
            title="Upstairs",
            unique_id=await hass.async_add_executor_job(lambda: other.installation_id),
            data=other.entry_data,
        )
        second.add_to_hass(hass)
        assert await hass.config_entries.async_setup(second.entry_id)
        await until_streaming(second)
        await hass.async_add_executor_job(
            lambda: other.ask("/api/v1/settings", {"paused": True}, method="PATCH")
        )
        await until_state(hass, second, "switch", "generation", STATE_OFF)
        assert await hass.config_entries.async_unload(second.entry_id)
        await until_available(hass, loaded)
        assert state_of(hass, loaded, "switch", "generation").state != STATE_OFF


# Another token


async def test_a_renewed_token_is_asked_for_and_all_is_well_with_it(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await until_streaming(loaded)
    old = server.token
    await hass.async_add_executor_job(lambda: server.ask("/api/v1/token", method="POST"))
    assert server.token != old
    assert await async_setup_component(hass, "homeassistant", {})
    sensor = state_of(hass, loaded, "sensor", "state").entity_id
    await hass.services.async_call("homeassistant", "update_entity", {"entity_id": sensor})
    await until_unavailable(hass, loaded)
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert reason(await fill_in(hass, flow, token=server.token)) == "reauth_successful"
    await until_available(hass, loaded)
    await until_streaming(loaded)


async def test_a_token_that_was_renewed_while_the_line_was_cut_is_not_tried_for_ever(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await until_streaming(entry)
        await hass.async_add_executor_job(lambda: server.ask("/api/v1/token", method="POST"))
        asked = note_requests(hass)
        relay.cut()
        await until_unavailable(hass, entry)
        await until(lambda: not _tasks_of(entry, "events"))
        count = len(asked)
        await let_time_pass(hass, seconds=40)
        assert len(asked) == count, "the server would take it for an attack"
        (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert reason(await fill_in(hass, flow, token=server.token)) == "reauth_successful"
        await until_available(hass, entry)


async def test_an_action_with_an_old_token_asks_for_the_new_one(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await hass.async_add_executor_job(lambda: server.ask("/api/v1/token", method="POST"))
    button = state_of(hass, loaded, "button", "generate").entity_id
    with pytest.raises(Exception, match="no longer accepts the token"):
        await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH


# What stays behind


def _tasks_of(entry: MockConfigEntry, what: str = "") -> list[str]:
    """Return the names of an entry's running tasks."""
    return [task.get_name() for task in asyncio.all_tasks() if f"{entry.title} - {what}" in task.get_name()]


async def test_an_unloaded_entry_leaves_no_task_and_no_timer(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    def ours() -> list[str]:
        timers: list[asyncio.TimerHandle] = hass.loop._scheduled  # type: ignore[attr-defined]
        running = [*asyncio.all_tasks(), *(timer for timer in timers if not timer.cancelled())]
        return [repr(one) for one in running if "custom_components/aiframes" in repr(one)]

    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    assert len(_tasks_of(entry)) == 3
    assert ours()
    entry.runtime_data._has_changed.set()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert ours() == _tasks_of(entry) == []


async def test_a_slow_server_does_not_hold_up_the_unloading(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    asked = note_requests(hass)
    server.process.process.send_signal(signal.SIGSTOP)
    entry.runtime_data._has_changed.set()
    await until(lambda: "status" in asked)
    async with asyncio.timeout(2):
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert _tasks_of(entry) == []
    server.process.process.send_signal(signal.SIGCONT)


@pytest.mark.timeout(300)
async def test_a_hundred_reloads_leak_nothing(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    def census() -> dict[str, int]:
        gc.collect()
        coordinators = [one for one in gc.get_objects() if isinstance(one, AiframesCoordinator)]
        return {
            "coordinators": len(coordinators),
            "tasks": len(asyncio.all_tasks()),
            "listeners": sum(hass.bus.async_listeners().values()),
            "states": len(hass.states.async_all()),
            "timers": sum(not timer.cancelled() for timer in hass.loop._scheduled),  # type: ignore[attr-defined]
            "connectors": len([one for one in gc.get_objects() if isinstance(one, BaseConnector)]),
        }

    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    await hass.async_block_till_done()
    await hass.config_entries.async_reload(entry.entry_id)
    await until_streaming(entry)
    before = census()
    for _ in range(RELOADS):
        assert await hass.config_entries.async_reload(entry.entry_id)
    # The server lets 32 streams in: more of them would be refused.
    await until_streaming(entry)
    await hass.async_block_till_done()
    after = census()
    assert after["coordinators"] == before["coordinators"] == 1
    assert {what: count for what, count in after.items() if count > before[what]} == {}
    assert await hass.config_entries.async_unload(entry.entry_id)
