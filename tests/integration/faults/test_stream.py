"""A stream of events that is no use: the server is polled meanwhile, nothing is logged, nothing grows."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE

from custom_components.aiframes.coordinator import GATHER, LONGEST_PAUSE
from tests.integration.absences import until_streaming
from tests.integration.faults.calm import LONGEST_STEP, watched_growth, watched_steps
from tests.integration.faults.patience import POLL
from tests.integration.faults.ways import PIECE, endless, gzipped, said, streaming
from tests.integration.puppet import event
from tests.integration.watching import find, state_of, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer
    from tests.integration.faults.faulty_line import FaultyLine, Way
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time

KIND = "text/event-stream"
PROMPTS = {"count": 1, "limit": 10}
FLOOD = 10_000


def _garbage(_: Any) -> Way:
    return streaming(Random(1).randbytes(PIECE))


def _flood(name: str, data: Callable[[Any], object], number: int = FLOOD) -> Callable[[Any], Way]:
    return lambda status: streaming(
        event("status", status), *(event(name, data(status), one) for one in range(number))
    )


def _same_twice(status: Any) -> Way:
    return streaming(event("status", status), event("prompts", PROMPTS, 7), event("prompts", PROMPTS, 7))


def _backwards(status: Any) -> Way:
    return streaming(*(event("status", status, 100 - number) for number in range(100)))


def _half(status: Any) -> Way:
    return streaming(event("status", status)[:-20])


def _packed(status: Any) -> Way:
    return gzipped(200, iter([event("status", status) * 3]), kind=KIND)


STREAMS: dict[str, Callable[[Any], Way]] = {
    "garbage": _garbage,
    "100 MB without a line's end": lambda _: endless(KIND, begins=b"data: "),
    "100 MB of empty lines": lambda _: endless(KIND, piece=b"\n" * PIECE),
    "100 MB of comments": lambda _: endless(KIND, piece=b": so far, so good\n" * 3640),
    "events of a newer server": _flood("weather", lambda _: {"rain": True}),
    "a flood about prompts": _flood("prompts", lambda _: PROMPTS),
    "a flood of pictures": _flood("picture_made", lambda status: status["last_picture"]),
    "a flood of snapshots": _flood("status", lambda status: status, 1000),
    "numbers that go backwards": _backwards,
    "everything twice": _same_twice,
    "half an event": _half,
    "nothing": lambda _: streaming(),
    "an end at once": lambda _: streaming(stays=False),
    "an end behind the snapshot": lambda status: streaming(event("status", status), stays=False),
    "comments alone": lambda _: streaming(*([b": heartbeat\n\n"] * 100)),
    "packed": _packed,
    "a page": lambda _: said(200, "<html>", kind="text/html"),
    "events that nobody understands": _flood("prompts", lambda _: {"count": "many"}, 3),
    "a snapshot that nobody understands": _flood("status", lambda _: {"at": 5}, 3),
    "a picture without its fields": _flood("picture_made", lambda _: {"id": "1"}, 3),
}
"""What a stream says, from a snapshot of the real server."""


@pytest.mark.parametrize("name", STREAMS)
async def test_a_stream_that_is_no_use_is_done_without(
    hass: HomeAssistant,
    server: RealServer,
    line: FaultyLine,
    clock: Time,
    entry: MockConfigEntry,
    journal: Journal,
    name: str,
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    snapshot = server.ask("/api/v1/status")
    await clock.go_on(1)
    await line.fail(STREAMS[name](snapshot), lambda _, path: path == "events")
    with watched_steps() as steps, watched_growth() as growth:
        await line.cut()
        await clock.go_on(2 * POLL)
        asked = len(line.asked)
        await clock.go_on(5 * LONGEST_PAUSE)
        if "flood" not in name:  # which the machine takes in while time is skipped
            assert len(line.asked) - asked <= 60, "it is asked in vain less and less"
        server.ask("/api/v1/settings", {"paused": True}, method="PATCH")
        if entry.runtime_data.stream is None:
            await clock.until(lambda: state(hass, entry) == STATE_OFF, within=POLL)
    assert steps.seconds < LONGEST_STEP, steps
    assert growth.megabytes < 50, growth
    assert STATE_UNAVAILABLE not in {state(hass, entry), state_of(hass, entry, "todo", "prompts").state}

    server.ask("/api/v1/settings", {"paused": False}, method="PATCH")
    await line.mend()
    await clock.until(lambda: entry.runtime_data.stream is not None, within=LONGEST_PAUSE + POLL)
    await clock.until(lambda: state(hass, entry) == STATE_ON, within=POLL)
    assert journal.lines == []
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not line.connections)


def state(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    found = find(hass, entry, "switch", "generation")
    return found.state if found else None


async def test_an_event_that_nobody_understands_is_not_asked_for_again(
    hass: HomeAssistant, server: RealServer, line: FaultyLine, clock: Time, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    snapshot = server.ask("/api/v1/status")
    told = event("status", snapshot, 1) + event("prompts", {"count": "many"}, 2)
    await line.fail(streaming(told), lambda _, path: path == "events")
    await line.cut()
    await clock.until(lambda: entry.runtime_data._stream.last_event_id == "a-2")


async def test_a_flood_of_events_leads_to_few_requests(
    hass: HomeAssistant, server: RealServer, line: FaultyLine, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    flood = STREAMS["a flood about prompts"](server.ask("/api/v1/status"))
    await line.fail(flood, lambda _, path: path == "events")
    begin, asked = hass.loop.time(), len(line.asked)
    await line.cut()
    await until(lambda: entry.runtime_data._stream.last_event_id == f"a-{FLOOD - 1}")
    # What happens within this time leads to one look at the server and one at its prompts.
    times = (hass.loop.time() - begin) / GATHER
    assert len(line.asked) - asked <= 2 * times + 10
