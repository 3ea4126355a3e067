"""A server that comes and goes fills no log, and is there in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.const import STATE_UNAVAILABLE

from tests.integration.absences import until_streaming
from tests.integration.faults.patience import POLL
from tests.integration.watching import state_of

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time

MINUTES = 5


async def test_a_server_that_is_restarted_every_second_is_told_of_once_a_minute_at_most(
    hass: HomeAssistant, line: FaultyLine, clock: Time, entry: MockConfigEntry, journal: Journal
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    for _ in range(60 * MINUTES // 2):
        await line.refuse()
        await clock.go_on(1)
        await line.mend()
        await clock.go_on(1)
    assert journal.count("Error fetching") <= MINUTES, journal.lines
    await clock.until(
        lambda: state_of(hass, entry, "switch", "generation").state != STATE_UNAVAILABLE, within=2 * POLL
    )
