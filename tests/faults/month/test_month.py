"""Two days of a month, with a midnight in between; `python -m tests.faults.month` lives through all of it."""

from pathlib import Path

import pytest

from tests.faults.month.__main__ import investigate
from tests.faults.month.plan import Plan

TWO_DAYS = Plan(
    days=2,
    frames=5,
    period_minutes=60,
    look_minutes=120,
    clean=(1,),
    killed=(2,),
    reloaded=(1,),
    down=0,
    slow=0,
    over=0,
    images_from=2,
    renewed=1,
    warm=None,
)


@pytest.mark.timeout(150)
async def test_every_figure_is_exact_at_midnight(tmp_path: Path) -> None:
    found = await investigate(TWO_DAYS, tmp_path)
    assert found["wrong"] == []
    first, second = found["rows"]
    assert first["pictures_received"] > 100
    assert first["provider_accepted"] > 10
    assert second["provider_accepted"] > 10
    deeds = found["deeds"]
    assert (deeds["restarts"], deeds["kills"], deeds["reloads"], deeds["renewals"]) == (1, 1, 1, 1)
