"""A fault that lasts for a day is told once where it costs nothing, and costs no more than its row says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.provider import a_day, worlds
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path

QUICK = {"bad_key", "rate", "missing", "prompt_too_long"}
"""The others are for `python -m tests.faults.provider`."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "day", [day for day in a_day.days() if day.fault in QUICK], ids=lambda day: f"{day.table}-{day.fault}"
)
async def test_a_day_of_a_fault_costs_and_tells_what_its_row_says(tmp_path: Path, day: a_day.Day) -> None:
    async with worlds.WORLDS[day.table](tmp_path, ManualClock()) as visit:
        assert await a_day.live(visit, day) == day
