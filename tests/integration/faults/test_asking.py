"""What a person asks for fails in every way: it is said in his language, once asked for, and not logged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

from tests.integration.absences import until_streaming
from tests.integration.conftest import DOMAIN
from tests.integration.faults.calm import LONGEST_STEP, watched_growth, watched_steps
from tests.integration.faults.conftest import IS_LONG
from tests.integration.faults.table import FAULTS
from tests.integration.faults.wishes import WISHES, House
from tests.integration.watching import until

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time
    from tests.integration.faults.wishes import Wish

TRANSLATIONS = [
    json.loads(path.read_text())["exceptions"]
    for path in (Path(__file__).parents[3] / "custom_components" / "aiframes" / "translations").iterdir()
]
MAIN_ROADS = {"info", "status", "events"}


def is_asked_by_a_person(method: str, path: str) -> bool:
    """Tell what somebody asks for from what is looked at all the time."""
    return method != "GET" or path not in MAIN_ROADS


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if IS_LONG or not fault.is_long])
async def test_what_is_asked_for_in_vain_is_said_so(
    hass: HomeAssistant, line: FaultyLine, clock: Time, entry: MockConfigEntry, journal: Journal, name: str
) -> None:
    fault = FAULTS[name]
    for component in ("homeassistant", "media_source"):
        assert await async_setup_component(hass, component, {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    house = House(hass, entry)
    await line.fail(fault.way, is_asked_by_a_person)
    with watched_steps() as steps, watched_growth() as growth:
        told = {
            what: await told_of(clock, house, wish, is_mistake=fault.is_mistake)
            for what, wish in WISHES.items()
            if not (wish.is_well_without and fault.key == "not_found")
        }
    assert told == {what: fault.after_a_change if WISHES[what].changes else fault.key for what in told}
    assert steps.seconds < LONGEST_STEP, steps
    assert growth.megabytes < 50, growth
    await line.mend()
    if fault.key == "token_refused":
        (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert flow["context"]["source"] == SOURCE_REAUTH
    assert journal.lines == []
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not line.connections)


async def told_of(clock: Time, house: House, wish: Wish, *, is_mistake: bool) -> str:
    """Ask for something in vain; returns the key of what is told, which is said in each language."""
    asked = len(clock.line.asked)
    with pytest.raises(HomeAssistantError) as caught:
        await clock.patiently(wish.ask(house))
    error = caught.value
    assert type(error) is wish.error(is_mistake=is_mistake)
    assert error.translation_domain == DOMAIN
    key = str(error.translation_key)
    for texts in TRANSLATIONS:
        texts[key]["message"].format(**(error.translation_placeholders or {}))
    methods = [method for method, path in clock.line.asked[asked:] if path != "images/search"]
    assert methods.count("POST") + methods.count("PATCH") <= 1, "what may cost money is never repeated"
    return key
