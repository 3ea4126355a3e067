"""A few kills; `python -m tests.faults.kill` does more of them."""

from pathlib import Path

import pytest

from tests.faults.kill.kills import kill_often


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("transport", "kills"), [("async", 4), ("images", 2)])
async def test_kill_9_cuts_loses_and_doubles_nothing(tmp_path: Path, transport: str, kills: int) -> None:
    findings = await kill_often(tmp_path, kills=kills, transport=transport, seed=3)
    assert findings.wrong == []
    assert findings.kills == kills
    assert findings.billed, "money was at stake"
