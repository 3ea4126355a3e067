"""A few kills at moments of chance; `python -m tests.faults.kill` does more of them."""

from pathlib import Path

import pytest

from tests.faults.kill import kill_often


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("transport", "rounds"), [("async", 4), ("images", 2)])
async def test_kill_9_cuts_loses_and_doubles_nothing(tmp_path: Path, transport: str, rounds: int) -> None:
    findings = await kill_often(tmp_path, rounds=rounds, transport=transport, seed=3)
    assert findings.wrong == []
    assert findings.kills == rounds
    assert findings.billed, "money was at stake"
