"""A server that runs begins to fail: it is unavailable, which is told once; it comes back by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.helpers import entity_registry as er

from tests.integration.absences import until_streaming
from tests.integration.conftest import DOMAIN
from tests.integration.faults.calm import LONGEST_STEP, watched_growth, watched_steps
from tests.integration.faults.patience import POLL
from tests.integration.faults.table import FAULTS
from tests.integration.watching import until

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time

RECOVERED = "Fetching AIFrames ImageServer data recovered"


def states(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return the states of all of the entry's entities that there are."""
    registry = er.async_get(hass)
    found = {
        one.entity_id: hass.states.get(one.entity_id)
        for one in er.async_entries_for_config_entry(registry, entry.entry_id)
    }
    return {name: state.state for name, state in found.items() if state is not None}


def is_away(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    return set(states(hass, entry).values()) == {STATE_UNAVAILABLE}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_server_that_begins_to_fail_is_away_until_it_is_well(
    hass: HomeAssistant, line: FaultyLine, clock: Time, entry: MockConfigEntry, journal: Journal, name: str
) -> None:
    fault = FAULTS[name]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    before = states(hass, entry)
    assert STATE_UNAVAILABLE not in before.values()

    with watched_steps() as steps, watched_growth() as growth:
        await line.fail(fault.way)
        await clock.until(lambda: is_away(hass, entry))
        await clock.go_on(2 * POLL)
        assert is_away(hass, entry)
        (told,) = journal.lines
        assert "AIFrames ImageServer data: " in told

    assert steps.seconds < LONGEST_STEP, steps
    assert growth.megabytes < 50, growth
    await line.mend()
    if fault.is_final:
        (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert flow["context"]["source"] == SOURCE_REAUTH
    else:
        await clock.until(lambda: states(hass, entry) == before, within=POLL)
        assert journal.lines[1:] == [RECOVERED]
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.NOT_LOADED
    await until(lambda: not line.connections)
