"""The clocks on the wall of a place, minute by minute: what sleep and schedules are held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

ZONES = (
    "Europe/Moscow",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # changed at midnight
    "Australia/Lord_Howe",  # changes by half an hour
    "Africa/Casablanca",  # changes four times a year
    "Asia/Kathmandu",
    "Pacific/Apia",  # had no 2011-12-30
    "Antarctica/Troll",  # changes by two hours
    "Asia/Beirut",
)


@lru_cache(maxsize=64)
def changes(zone_name: str, year: int) -> tuple[datetime, ...]:
    """Return the moments of a year, in UTC, at which the clocks are put forward or back."""
    zone = ZoneInfo(zone_name)
    hour = timedelta(hours=1)
    first, hours = datetime(year, 1, 1, tzinfo=UTC), (366 * 24)
    moments = [first + number * hour for number in range(hours)]
    found = []
    for before, after in pairwise(moments):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            minutes = [before + number * MINUTE for number in range(61)]
            found += [
                moment
                for earlier, moment in pairwise(minutes)
                if earlier.astimezone(zone).utcoffset() != moment.astimezone(zone).utcoffset()
            ]
    return tuple(found)


def minutes(start: datetime, amount: int) -> Iterator[datetime]:
    """Yield so many minutes, in UTC."""
    for number in range(amount):
        yield start + number * MINUTE


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes that follow on each other, with what the clocks show, and have shown at the most so far."""

    utc: tuple[datetime, ...]
    wall: tuple[datetime, ...]
    highest: tuple[datetime, ...]

    @classmethod
    def of(cls, zone: ZoneInfo, start: datetime, amount: int) -> Stretch:
        """Walk through so many minutes."""
        utc = tuple(minutes(start, amount))
        wall = tuple(moment.astimezone(zone).replace(tzinfo=None) for moment in utc)
        highest, most = [], datetime.min  # noqa: DTZ901 - what a wall shows
        for shown in wall:
            most = max(most, shown)
            highest.append(most)
        return cls(utc, wall, tuple(highest))

    def first_at(self, day: date, at: time) -> int:
        """Return the first minute at which the clocks show that time, or have leapt over it."""
        wanted = datetime.combine(day, at)
        low, high = 0, len(self.highest)
        while low < high:
            middle = (low + high) // 2
            if self.highest[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def asleep(self, periods: Iterable[tuple[time, time]]) -> set[int]:
        """Return the minutes that are in a period, both ends included.

        A period that the clocks leap over as a whole takes place as much later.
        """
        found: set[int] = set()
        for start, end in periods:
            day, last = self.wall[0].date() - DAY, self.wall[-1].date() + DAY
            while day <= last:
                next_day = day + DAY if start > end else day
                begins, ends = self.first_at(day, start), self.first_at(next_day, end)
                if begins == ends and 0 < begins < len(self.wall):
                    # In the leap: begins as long after it as it was meant to after the time before it.
                    leap = self.wall[begins] - self.wall[begins - 1] - MINUTE
                    begins = self.first_at(*_later(day, start, leap))
                    ends = self.first_at(*_later(next_day, end, leap))
                if begins > 0 or datetime.combine(day, start) == self.wall[0]:
                    found.update(range(begins, min(ends + 1, len(self.wall))))
                elif ends > 0:
                    found.update(range(min(ends + 1, len(self.wall))))
                day += DAY
        return found


def _later(day: date, at: time, by: timedelta) -> tuple[date, time]:
    moved = datetime.combine(day, at) + by
    return moved.date(), moved.time()
