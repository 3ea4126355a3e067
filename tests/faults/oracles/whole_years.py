"""Sleep in every minute of whole years, in places of all kinds."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from imageserver import policy
from imageserver.settings import SleepPeriod
from tests.faults.oracles.clock_walk import ZONES, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable

NIGHTS = (
    ((time(23), time(7)), (time(13), time(14, 30))),
    ((time(2, 30), time(3, 15)), (time(0), time(0, 30))),
    ((time(1, 45), time(2, 15)), (time(22), time(0, 0))),
)
"""Periods that are looked at, one after the other."""

MARGIN = timedelta(days=3)


def sleep_through(years: Iterable[int], zones: Iterable[str] = ZONES) -> tuple[int, list[str]]:
    """Compare the product's sleep with the clocks; returns how many minutes, and where it differs."""
    looked_at, wrong = 0, []
    for zone_name in zones:
        zone = ZoneInfo(zone_name)
        for number, year in enumerate(years):
            nights = NIGHTS[number % len(NIGHTS)]
            begins = datetime(year, 1, 1, tzinfo=UTC) - MARGIN
            walk = Stretch.of(zone, begins, (366 + 2 * MARGIN.days) * 24 * 60)
            asleep = walk.asleep(nights)
            periods = [SleepPeriod(start, end) for start, end in nights]
            margin = MARGIN.days * 24 * 60
            for minute in range(margin, len(walk.utc) - margin):
                looked_at += 1
                local = walk.utc[minute].astimezone(zone)
                if (policy.sleeping(periods, local) is not None) != (minute in asleep):
                    wrong.append(f"{zone_name}, {local}: {nights}")
    return looked_at, wrong[:50]
