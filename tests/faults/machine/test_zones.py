"""Nights on which the clocks change: sleep, days, budgets and schedules, each against a clock on a wall."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from imageserver import policy
from imageserver.metrics import ACCEPTED, RequestKind
from imageserver.models import ContentKind
from imageserver.settings import SleepPeriod
from imageserver.timing import cron
from tests.adapters import Script, scripted
from tests.faults.machine.wall_clock import NIGHTS, asleep, fires, on_the_wall, walk
from tests.houses import open_house, put_pictures
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House

PERIODS = [(time(23, 30), time(6, 59)), (time(0, 0), time(4, 29)), (time(2, 30), time(5, 9))]
"""Each longer than any leap; those that a leap swallows are in the tests of the policy."""

SCHEDULES = {
    "0 0 * * *": [time(0)],
    "30 2 * * *": [time(2, 30)],
    "15 0,1,3 * * *": [time(0, 15), time(1, 15), time(3, 15)],
    "*/30 * * * *": [time(hour, minute) for hour in range(24) for minute in (0, 30)],
}

STEP = 60
LIMIT = 4
SLEEP = "[{time_range: {start_time: '23:30', end_time: '06:59:59'}, black_image_mode: true}]"


@pytest.mark.parametrize(("zone_name", "day"), NIGHTS)
@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_sleep_is_what_the_wall_says(zone_name: str, day: str, period: tuple[time, time]) -> None:
    zone = ZoneInfo(zone_name)
    minutes = walk(zone, day, hours=36)
    expected = asleep(minutes, zone, *period)
    start, end = period
    periods = [SleepPeriod(start, end.replace(second=59))]
    judged = minutes[12 * 60 :]  # the oracle has seen a beginning by then
    found = {minute for minute in judged if policy.sleeping(periods, minute.astimezone(zone))}
    assert found == expected.intersection(judged)


@pytest.mark.parametrize(("zone_name", "day"), NIGHTS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_comes_when_the_wall_shows_it(zone_name: str, day: str, schedule: str) -> None:
    zone = ZoneInfo(zone_name)
    minutes = walk(zone, day, hours=36)
    found, now = [], minutes[0]
    while (comes := cron.next_after(schedule, now.astimezone(zone))) is not None and comes <= minutes[-1]:
        assert comes > now, "time goes on"
        found.append(comes)
        now = comes
    assert found == fires(minutes, zone, at=SCHEDULES[schedule])


@pytest.mark.parametrize(("zone_name", "day"), NIGHTS)
async def test_frames_budgets_and_counts_go_by_the_wall(tmp_path: Path, zone_name: str, day: str) -> None:
    zone = ZoneInfo(zone_name)
    minutes = walk(zone, day, hours=24)
    dark = asleep(walk(zone, day, hours=36), zone, *PERIODS[0])
    put_pictures(tmp_path, 2)
    script, clock = Script(), ManualClock(minutes[0], zone)
    options = f"image_generate_threshold: 0\nsleep_time: {SLEEP}\n"
    options += f"providers: {{ydArt: {{daily_limit: {LIMIT}, image_generate_threshold: 0}}}}"
    requests, asked = Counter[str](), Counter[str]()
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.server.store.scan()
        for minute in minutes[::STEP]:
            today = on_the_wall(minute, zone).date().isoformat()
            before = len(script.asked)
            await _look(house, minute, is_dark=minute in dark)
            requests[today] += 1
            asked[today] += len(script.asked) - before
            counts = house.server.metrics.snapshot(["ydArt"]).providers["ydArt"]
            assert counts.today == asked[today]
            await clock.advance(STEP * 60)
        history = await house.server.metrics.history(days=9)
    assert max(asked.values()) == LIMIT, "the budget bound"
    by_day = {period: named for period, named in history.items() if len(period) == len("2026-03-29")}
    assert {period: named["requests.total"] for period, named in by_day.items()} == requests
    paid = {period: named.get(f"provider.ydArt.{ACCEPTED}", 0) for period, named in by_day.items()}
    assert paid == {period: asked[period] for period in by_day}
    assert sum(requests.values()) == len(minutes) / STEP


async def _look(house: House, minute: datetime, *, is_dark: bool) -> None:
    assert house.clock.now() == minute
    house.server.metrics.request(RequestKind.START_AUTO, success=True)
    shown = await house.ended(await house.ask())
    house.server.operations.delivered(shown.id)
    assert shown.content is not None
    assert (shown.content.kind is ContentKind.BLACK) is is_dark, f"{minute:%H:%M} UTC"


def test_the_oracle_sees_the_changes() -> None:
    changes = []
    for zone_name, day in NIGHTS:
        zone = ZoneInfo(zone_name)
        offsets = {minute.astimezone(zone).utcoffset() for minute in walk(zone, day, hours=24)}
        changes.append(max(offsets, key=_seconds) - min(offsets, key=_seconds))  # type: ignore[operator]
    hour, half, whole = timedelta(hours=1), timedelta(minutes=30), timedelta(days=1)
    assert changes == [*[hour] * 4, half, half, *[hour] * 4, whole, timedelta()]


def _seconds(offset: timedelta | None) -> float:
    return (offset or timedelta()).total_seconds()
