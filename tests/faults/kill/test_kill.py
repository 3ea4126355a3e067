"""A few kills; `python -m tests.faults.kill` does more of them."""

from pathlib import Path

import pytest

from tests.faults.kill.kills import kill_often
from tests.faults.kill.loop import kill_every_start


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("transport", "kills"), [("async", 4), ("images", 2)])
async def test_kill_9_cuts_loses_and_doubles_nothing(tmp_path: Path, transport: str, kills: int) -> None:
    findings = await kill_often(tmp_path, kills=kills, transport=transport, seed=3)
    assert findings.wrong == []
    assert findings.kills == kills
    assert findings.billed, "money was at stake"


@pytest.mark.timeout(90)
async def test_a_server_that_is_killed_at_every_start_pays_nothing_again_and_fills_no_disk(
    tmp_path: Path,
) -> None:
    findings = await kill_every_start(tmp_path, kills=3, transport="images", seed=1)
    assert findings.wrong == []
    assert findings.aimed, "it died in the middle of a write"
