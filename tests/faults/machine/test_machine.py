"""What fails below a server in the world of real processes: a few faults here, all of them by the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.machine.disks import UNAVAILABLE
from tests.faults.machine.faults import DISKS, FAULTS, RIGHTS
from tests.faults.machine.shim import COMPILER
from tests.faults.machine.table import rows
from tests.faults.machine.trial import try_fault

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    COMPILER is None, reason="needs a C compiler (gcc) for the library that lets calls fail"
)

SHORT = (("images: full", "images"), ("data: EIO on write", "async"))


def test_each_fault_has_its_row() -> None:
    assert set(rows()) == set(FAULTS)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("fault", "transport"), SHORT)
async def test_frames_are_served_nothing_is_lost_and_all_is_well_afterwards(
    tmp_path: Path, fault: str, transport: str
) -> None:
    if fault in DISKS | RIGHTS and UNAVAILABLE:
        pytest.skip(UNAVAILABLE)
    outcome = await try_fault(tmp_path, fault, transport=transport)
    assert outcome.wrong == []
    assert outcome.answers == rows()[fault].answers
    assert outcome.problems == rows()[fault].problems
