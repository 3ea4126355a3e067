"""The oracle for everything that goes by local time: it walks through the minutes and looks at the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)

NIGHTS = (
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Africa/Cairo", "2026-04-24"),  # at midnight
    ("Africa/Cairo", "2026-10-30"),
    ("America/Santiago", "2026-04-05"),
    ("America/Santiago", "2026-09-06"),
    ("Pacific/Apia", "2011-12-30"),  # a day that was left out
    ("Europe/Moscow", "2026-03-29"),  # nothing happens
)
"""Zones, and the local days at whose edge or in which their clocks change."""


def walk(zone: ZoneInfo, day: str, *, hours: int) -> list[datetime]:
    """Return each minute from that many hours before noon of a local day to as many after it, in UTC."""
    noon = datetime.combine(date.fromisoformat(day), time(12), zone).astimezone(UTC)
    first = noon - timedelta(hours=hours)
    return [first + number * MINUTE for number in range(hours * 120)]


def on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clock on the wall shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def asleep(minutes: Sequence[datetime], zone: ZoneInfo, start: time, end: time) -> set[datetime]:
    """Return those minutes that a period covers, whose last one ends with `end`.

    It begins when the wall first shows its start or a later time, and is over when it first shows more than
    its end: an hour that comes twice counts once.
    """
    found, sleeps = set[datetime](), False
    shown = on_the_wall(minutes[0], zone) - MINUTE
    for minute in minutes:
        wall = on_the_wall(minute, zone)
        for passed in _passed(shown, wall):
            if passed.time() == start:
                sleeps = True
            if passed.time() == _after(end):
                sleeps = False
        shown = max(shown, wall)
        if sleeps:
            found.add(minute)
    return found


def fires(minutes: Sequence[datetime], zone: ZoneInfo, *, at: Sequence[time]) -> list[datetime]:
    """Return when something happens that is to be done at these times of every day.

    A time that is left out comes with the leap, and one that comes twice is kept twice.
    """
    found = []
    for before, minute in pairwise(minutes):
        wall = on_the_wall(minute, zone)
        leapt = _passed(on_the_wall(before, zone), wall)
        if wall.time() in at or any(passed.time() in at for passed in leapt):
            found.append(minute)
    return found


def _passed(shown: datetime, wall: datetime) -> Iterator[datetime]:
    """Yield each minute that the wall shows for the first time, or leaves out."""
    minute = shown + MINUTE
    while minute <= wall:
        yield minute
        minute += MINUTE


def _after(end: time) -> time:
    return (datetime.combine(date.min, end) + MINUTE).time()
