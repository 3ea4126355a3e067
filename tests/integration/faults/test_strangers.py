"""Another server at the known address: nothing of it is taken, and nobody has to do anything when it goes."""

from __future__ import annotations

import re
from datetime import MAXYEAR
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import device_registry as dr

from tests.integration.absences import until_streaming
from tests.integration.faults.test_beginning import LONGEST_RETRY
from tests.integration.faults.ways import changed
from tests.integration.visiting import FRAME, show
from tests.integration.watching import until

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer
    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time


def _another(found: Any) -> Any:
    """Return what another installation says, to which no frame ever came."""
    if "frames" in found:
        found["frames"] = []
    return found | {"installation_id": "another"} if "installation_id" in found else found


def _newer(found: Any) -> Any:
    return found | {"api_version": 2} if "api_version" in found else found


def _older(found: Any) -> Any:
    return {"api_version": 0} if "api_version" in found else {}


def devices(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    return {one.id for one in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)}


@pytest.mark.parametrize(
    ("change", "key"),
    [(_another, "another_server"), (_newer, "server_too_new"), (_older, "server_too_old")],
)
async def test_a_stranger_at_the_address_is_told_from_the_server_and_forgotten_when_it_is_back(
    hass: HomeAssistant,
    server: RealServer,
    line: FaultyLine,
    clock: Time,
    entry: MockConfigEntry,
    journal: Journal,
    change: Any,
    key: str,
) -> None:
    await show(server.process)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    await until(lambda: any(frame.id == FRAME for frame in entry.runtime_data.data.frames))
    before = devices(hass, entry)
    assert len(before) == 2
    await line.fail(changed(change))
    await clock.until(lambda: entry.state is ConfigEntryState.SETUP_RETRY)
    assert entry.error_reason_translation_key == key
    assert len({text.partition("; Retrying")[0] for text in journal.lines}) == 1
    assert devices(hass, entry) == before, "frames keep their devices, with all that people made of them"
    await line.mend()
    await clock.until(lambda: entry.state is ConfigEntryState.LOADED, within=LONGEST_RETRY)
    assert devices(hass, entry) == before


def _more(found: Any) -> Any:
    """Return what a server says that knows more than we: fields, and words of enumerations."""
    if isinstance(found, dict):
        if "malformed" in found:  # what frames ask, by its name
            return {**found, "brood": found["malformed"]}
        return {name: _more(value) for name, value in found.items()} | {"brood": {"deep": [1, None]}}
    if isinstance(found, list):
        return [_more(value) for value in found]
    return "brooding" if found in {"waiting", "generating", "sleeping"} else found


async def test_a_server_that_knows_more_is_understood(
    hass: HomeAssistant, line: FaultyLine, clock: Time, entry: MockConfigEntry, journal: Journal
) -> None:
    await line.fail(changed(_more))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    await clock.go_on(60)
    assert entry.runtime_data.last_update_success
    assert journal.lines == []


def _in(years: int) -> Any:
    """Return a change that moves all times by years, as a server's clock may be wrong."""

    def move(found: Any) -> Any:
        if isinstance(found, dict):
            return {name: move(value) for name, value in found.items()}
        if isinstance(found, list):
            return [move(value) for value in found]
        if not (isinstance(found, str) and re.match(r"\d{4}-\d\d-\d\dT", found)):
            return found
        return f"{min(int(found[:4]) + years, MAXYEAR)}{found[4:]}"

    return move


@pytest.mark.parametrize("years", [1, -1, MAXYEAR])
async def test_a_server_whose_clock_is_wrong_is_understood(
    hass: HomeAssistant,
    line: FaultyLine,
    clock: Time,
    entry: MockConfigEntry,
    journal: Journal,
    years: int,
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    await line.fail(changed(_in(years)))
    await clock.go_on(120)
    await line.mend()
    await clock.go_on(120)
    assert entry.runtime_data.last_update_success
    assert journal.lines == []


def _with(name: str, value: Any) -> Any:
    """Return a change of one thing of the snapshot."""

    def put(found: Any) -> Any:
        if "metrics" in found:
            found["last_picture"]["prompt" if name == "prompt" else "size_bytes"] = value
            if name != "prompt":
                found["store"]["pictures"] = value
        return found

    return put


@pytest.mark.parametrize(("name", "value"), [("prompt", "\ud800"), ("number", 2**64), ("number", 10**300)])
async def test_what_no_state_can_hold_is_no_answer(
    hass: HomeAssistant,
    line: FaultyLine,
    clock: Time,
    entry: MockConfigEntry,
    journal: Journal,
    name: str,
    value: Any,
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    await line.fail(changed(_with(name, value)))
    await clock.until(lambda: not entry.runtime_data.last_update_success)
    await line.mend()
    await clock.until(lambda: entry.runtime_data.last_update_success)
    assert len(journal.lines) == 2
