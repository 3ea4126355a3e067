"""A hundred times set up, reloaded, asked for by forms, while the server fails: nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError

from custom_components.aiframes.api import EventStream, ImageServerClient
from custom_components.aiframes.coordinator import AiframesCoordinator
from tests.integration.absences import until_streaming
from tests.integration.faults.conftest import IS_LONG
from tests.integration.faults.table import FAULTS
from tests.integration.faults.wishes import House
from tests.integration.flows import begin
from tests.integration.watching import until

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time

TIMES = 100 if IS_LONG else 4
SLACK = 3
"""Things of Home Assistant's own that come once, as the saving of what has changed."""

OURS = (AiframesCoordinator, ImageServerClient, EventStream)


def sockets() -> int:
    """Count the sockets of this process."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return sum(str(link.readlink()).startswith("socket:") for link in links)


def census(hass: HomeAssistant) -> dict[str, int]:
    """Count what could be left behind."""
    gc.collect()
    return {
        "ours": sum(isinstance(one, OURS) for one in gc.get_objects()),
        "tasks": len(asyncio.all_tasks()),
        "listeners": sum(hass.bus.async_listeners().values()),
        "timers": sum(not timer.cancelled() for timer in hass.loop._scheduled),  # type: ignore[attr-defined]
        "sockets": sockets(),
        "flows": len(hass.config_entries.flow.async_progress()),
    }


async def until_no_more_than(hass: HomeAssistant, before: dict[str, int]) -> None:
    """Wait until nothing is left behind; connections end a moment later."""
    await hass.async_block_till_done()
    left: dict[str, int] = {}

    def is_clean() -> bool:
        found = census(hass)
        left.clear()
        grown = {what: found[what] - before[what] for what in found}
        left.update({what: count for what, count in grown.items() if count > SLACK})
        return not left

    with suppress(TimeoutError):
        await until(is_clean)
    assert left == {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["refused", "reset during", "silence", "page", "503"])
async def test_a_server_that_fails_is_set_up_and_unloaded_again_and_again(
    hass: HomeAssistant, line: FaultyLine, clock: Time, entry: MockConfigEntry, name: str
) -> None:
    await line.fail(FAULTS[name].way)

    async def once() -> None:
        assert not await clock.patiently(hass.config_entries.async_setup(entry.entry_id))
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert await hass.config_entries.async_unload(entry.entry_id)

    await once()
    await until(lambda: not line.connections)
    before = census(hass)
    for _ in range(TIMES):
        await once()
    await until_no_more_than(hass, before)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", ["while it fails", "while the stream comes back", "while an action waits"])
async def test_an_entry_is_reloaded_again_and_again_at_the_worst_moment(
    hass: HomeAssistant,
    line: FaultyLine,
    entry: MockConfigEntry,
    journal: Journal,
    moment: str,
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)

    async def once() -> None:
        if moment == "while it fails":
            await line.fail(FAULTS["reset before"].way)
            await until(lambda: not entry.runtime_data.last_update_success)
            await line.mend()
        elif moment == "while the stream comes back":
            await line.cut()
        else:
            await line.fail(FAULTS["silence"].way, lambda method, _: method == "POST")
            acting = asyncio.ensure_future(House(hass, entry).act("aiframes", "generate", wait=60))
            asked = line.count("POST", "operations")
            await until(lambda: line.count("POST", "operations") > asked)
        assert await hass.config_entries.async_reload(entry.entry_id)
        if moment == "while an action waits":
            await line.cut()
            with pytest.raises(HomeAssistantError):
                await acting
            await line.mend()
        await until_streaming(entry)

    await once()
    await hass.async_block_till_done()
    before = census(hass)
    for _ in range(TIMES):
        await once()
    await until_no_more_than(hass, before)
    told = {text for text in journal.lines if "data recovered" not in text}
    assert len(told) <= (moment == "while it fails")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["silence", "503"])
async def test_a_form_is_left_again_and_again(
    hass: HomeAssistant, line: FaultyLine, entry: MockConfigEntry, journal: Journal, name: str
) -> None:
    await line.fail(FAULTS[name].way)
    typed = dict(entry.data)

    async def once() -> None:
        form = await begin(hass)
        asked = len(line.asked)
        work: Any = hass.config_entries.flow.async_configure(form["flow_id"], typed)
        filling = asyncio.ensure_future(work)
        await until(lambda: len(line.asked) > asked)
        hass.config_entries.flow.async_abort(form["flow_id"])
        filling.cancel()  # as the request of a browser is that has left
        await asyncio.gather(filling, return_exceptions=True)

    await once()
    await until(lambda: not line.connections)
    before = census(hass)
    for _ in range(TIMES):
        await once()
    await until_no_more_than(hass, before)
    assert journal.lines == []
