"""The server's events feed Home Assistant, and whatever happens to server or line, it comes right again."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN

import custom_components.aiframes.coordinator as module
from custom_components.aiframes.api import ImageServerClient, Limits, Picture
from tests.integration.absences import (
    BACK,
    GONE,
    let_time_pass,
    said,
    until_available,
    until_streaming,
    until_unavailable,
)
from tests.integration.asking import note_requests
from tests.integration.conftest import RealServer
from tests.integration.relay import set_up_behind_relay
from tests.integration.watching import state_of, until, until_state
from tests.processes import run_server

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.aiframes.api import Event

pytestmark = pytest.mark.usefixtures("brisk")


def pause(server: RealServer, *, paused: bool) -> None:
    """Change something at the server past Home Assistant; blocks."""
    server.ask("/api/v1/settings", {"paused": paused}, method="PATCH")


# The stream


async def test_changes_come_by_themselves_and_nothing_is_polled(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    asked = note_requests(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    assert asked[:2] == ["info", "status"]
    await until_state(hass, entry, "image", "last_picture", lambda state: state.state != STATE_UNKNOWN)
    await until(lambda: not entry.runtime_data._has_changed.is_set())
    await until(lambda: asked.count("prompts") == 2)  # the list looks once more when the stream is there
    asked.clear()
    await hass.async_add_executor_job(lambda: pause(server, paused=True))
    await until_state(hass, entry, "switch", "generation", STATE_OFF)
    assert asked == ["status"], "one look for one change"
    await let_time_pass(hass, seconds=40)
    assert asked == ["status"], "no other look as long as the stream lasts"
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_storm_of_events_leads_to_few_requests(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await until_streaming(loaded)
    heard: list[Event] = []
    loaded.runtime_data.async_listen_events(heard.append)
    asked = note_requests(hass)
    begin = hass.loop.time()

    def storm() -> None:
        for number in range(60):
            pause(server, paused=number % 2 == 0)
        pause(server, paused=True)

    await hass.async_add_executor_job(storm)
    await until(lambda: len(heard) >= 60)
    await until_state(hass, loaded, "switch", "generation", STATE_OFF)
    looks = asked.count("status")
    assert looks <= (hass.loop.time() - begin) / module.GATHER + 1
    assert looks < 30


async def test_each_event_is_heard_once_and_in_order_though_the_line_is_cut(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    def make() -> str:
        made = server.ask("/api/v1/operations", {"prompt": "a lighthouse", "wait": 20})
        return str(made["picture_id"])

    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await until_streaming(entry)
        heard: list[str] = []
        stop = entry.runtime_data.async_listen_events(
            lambda event: heard.append(event.data.id) if isinstance(event.data, Picture) else None
        )
        made = [await hass.async_add_executor_job(make)]
        relay.cut()
        made.append(await hass.async_add_executor_job(make))
        relay.close()
        await until_unavailable(hass, entry)
        made.append(await hass.async_add_executor_job(make))
        relay.is_open = True
        await until_available(hass, entry)
        made.append(await hass.async_add_executor_job(make))
        await until(lambda: made[-1] in heard)
        assert [one for one in heard if one in made] == made
        stop()
        made.append(await hass.async_add_executor_job(make))
        await until_state(
            hass, entry, "image", "last_picture", lambda state: state.attributes.get("image_id") == made[-1]
        )
        assert made[-1] not in heard, "who has stopped listening hears nothing more"


async def test_a_listener_that_breaks_hurts_nobody_else(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []

    def fail(_: Event) -> None:
        raise RuntimeError("a mistake of ours")

    await until_streaming(loaded)
    loaded.runtime_data.async_listen_events(fail)
    loaded.runtime_data.async_listen_events(heard.append)
    await hass.async_add_executor_job(lambda: pause(server, paused=True))
    await until_state(hass, loaded, "switch", "generation", STATE_OFF)
    assert heard
    assert "RuntimeError: a mistake of ours" in caplog.text
    assert loaded.runtime_data.update_interval is None, "the stream goes on"
    caplog.clear()


# The server goes away, and comes back


async def test_a_server_that_is_killed_is_away_at_once_and_back_by_itself(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        coordinator = entry.runtime_data
        await until_streaming(entry)
        await server.process.stop(signal.SIGKILL)
        await until_unavailable(hass, entry)
        for _ in range(3):
            await let_time_pass(hass, seconds=31)
        assert said(caplog, GONE) == 1
        assert f"{GONE}: The server can't be reached" in caplog.text
        async with run_server(server.root) as again:
            relay.target = again.api_port
            await until_available(hass, entry)
            await until_streaming(entry)
            assert said(caplog, GONE) == 1
            assert said(caplog, BACK) == 1
            assert entry.runtime_data is coordinator, "nothing is set up anew for a restart"
            await hass.async_add_executor_job(
                lambda: RealServer(again, server.root).ask(
                    "/api/v1/settings", {"paused": True}, method="PATCH"
                )
            )
            await until_state(hass, entry, "switch", "generation", STATE_OFF)


async def test_a_restart_in_the_middle_of_the_stream_is_only_a_short_absence(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await until_streaming(entry)
        assert await server.process.stop() == 0
        for restart in (1, 2):
            async with run_server(server.root) as again:
                relay.target = again.api_port
                await until_available(hass, entry)
                await until_streaming(entry)
                assert said(caplog, GONE) == said(caplog, BACK) == restart
                assert await again.stop() == 0
            await until_unavailable(hass, entry)


async def test_a_line_that_breaks_while_the_server_runs_is_no_absence(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        asked = note_requests(hass)
        while asked.count("events") < 3:
            await until_streaming(entry)
            streams = asked.count("events")
            relay.cut()
            await until(lambda known=streams: asked.count("events") > known)  # type: ignore[misc]
        await until_streaming(entry)
        assert said(caplog, GONE) == 0
        assert state_of(hass, entry, "switch", "generation").state == STATE_ON


async def test_a_server_that_hangs_is_away_until_it_answers_again(
    hass: HomeAssistant,
    server: RealServer,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def hasty(**options: Any) -> ImageServerClient:
        return ImageServerClient(**options, limits=Limits(answer_seconds=1, silence_seconds=1))

    monkeypatch.setattr(module, "ImageServerClient", hasty)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    server.process.process.send_signal(signal.SIGSTOP)
    await until_unavailable(hass, entry)
    server.process.process.send_signal(signal.SIGCONT)
    await until_available(hass, entry)
    assert said(caplog, GONE) == said(caplog, BACK) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
