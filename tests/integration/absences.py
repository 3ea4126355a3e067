"""Waiting for a server to go and to come back, and what the log says of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.integration.watching import until, until_state

if TYPE_CHECKING:
    import pytest
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

GONE = "Error fetching AIFrames ImageServer data"
BACK = "Fetching AIFrames ImageServer data recovered"


def said(caplog: pytest.LogCaptureFixture, text: str) -> int:
    """Count the log's lines that hold a text, debugging aside."""
    return sum(text in record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)


async def until_streaming(entry: MockConfigEntry) -> None:
    """Wait until events come, so that nothing is polled."""
    await until(lambda: entry.runtime_data.update_interval is None)


async def until_available(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await until_state(hass, entry, "switch", "generation", lambda state: state.state != STATE_UNAVAILABLE)


async def until_unavailable(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await until_state(hass, entry, "switch", "generation", STATE_UNAVAILABLE)


async def let_time_pass(hass: HomeAssistant, **much: float) -> None:
    """Let every timer of Home Assistant run out that does so in this time."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**much))
    await hass.async_block_till_done(wait_background_tasks=False)
