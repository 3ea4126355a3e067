"""A server fails while it is set up, or asked for by a form: it is said why, and it comes right by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType

from custom_components.aiframes.config_flow import _IN_FLOWS
from tests.integration.conftest import DOMAIN
from tests.integration.faults.conftest import IS_LONG
from tests.integration.faults.table import FAULTS
from tests.integration.flows import begin
from tests.integration.watching import until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time

TRANSLATIONS = [
    json.loads(path.read_text())["config"]["error"]
    for path in (Path(__file__).parents[3] / "custom_components" / "aiframes" / "translations").iterdir()
]
LONGEST_RETRY = 90.0
"""Seconds between two tries of Home Assistant's to set an entry up, at most."""


async def errors_of(hass: HomeAssistant, clock: Time, form: Mapping[str, Any], data: dict[str, Any]) -> str:
    """Fill in a form; returns what it then says, which each language has."""
    shown = await clock.patiently(hass.config_entries.flow.async_configure(form["flow_id"], data))
    assert shown["type"] is FlowResultType.FORM
    assert shown["errors"] is not None
    told = shown["errors"]["base"]
    for texts in TRANSLATIONS:
        texts[told].format(**(shown["description_placeholders"] or {}))
    return told


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if IS_LONG or not fault.is_long])
async def test_a_server_that_fails_from_the_beginning_is_said_to_and_set_up_when_it_is_well(
    hass: HomeAssistant, line: FaultyLine, clock: Time, entry: MockConfigEntry, journal: Journal, name: str
) -> None:
    fault = FAULTS[name]
    await line.fail(fault.way)

    form = await begin(hass)
    in_flows = _IN_FLOWS.get(fault.at_first, fault.at_first)
    assert await errors_of(hass, clock, form, dict(entry.data)) == in_flows
    hass.config_entries.flow.async_abort(form["flow_id"])
    assert journal.lines == [], "a form tells by itself what is the matter"

    assert not await clock.patiently(hass.config_entries.async_setup(entry.entry_id))
    assert entry.error_reason_translation_key == fault.at_first
    if fault.is_final:
        (form,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert form["context"]["source"] == SOURCE_REAUTH
        assert await errors_of(hass, clock, form, {"token": "another"}) == in_flows
        await line.mend()
        ended = await hass.config_entries.flow.async_configure(
            form["flow_id"], {"token": entry.data["token"]}
        )
        assert ended["type"] is FlowResultType.ABORT
        assert ended["reason"] == "reauth_successful"
    else:
        assert entry.state is ConfigEntryState.SETUP_RETRY
        await clock.go_on(LONGEST_RETRY)
        await line.mend()
    await clock.until(lambda: entry.state is ConfigEntryState.LOADED, within=LONGEST_RETRY)
    # Home Assistant itself says it again, after pauses that grow to 80 seconds.
    assert len({line.partition("; Retrying")[0] for line in journal.lines}) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not line.connections)
