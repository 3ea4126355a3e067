"""Every fault of every provider, met by every kind of request, does what its row says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.provider import worlds
from tests.faults.provider.comparing import differences
from tests.faults.provider.visit import Mode
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path


MODES = {"yandex_art_async": (Mode.AUTO,)}
"""Of the tables that are long: `python -m tests.faults.provider` has every mode for every table."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", list(worlds.WORLDS))
async def test_a_fault_costs_once_is_told_once_and_darkens_no_frame(tmp_path: Path, name: str) -> None:
    async with worlds.WORLDS[name](tmp_path, ManualClock()) as visit:
        wrong = await differences(visit, name, MODES.get(name, (Mode.AUTO, Mode.DIRECT)))
    assert not wrong, "\n".join(wrong)
