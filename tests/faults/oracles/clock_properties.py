"""Sleep and schedules, against clocks that are looked at every minute."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from imageserver import policy
from imageserver.settings import SleepPeriod
from imageserver.timing import cron
from tests.faults.oracles.clock_walk import DAY, MINUTE, ZONES, Stretch, changes
from tests.faults.oracles.property import Property

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hypothesis.strategies import SearchStrategy

YEARS = st.integers(2008, 2037)
AROUND = 2 * 24 * 60
"""Minutes before and after a change that are looked at."""


@dataclass(frozen=True, slots=True)
class Nights:
    """Sleep periods, and where and when they are looked at."""

    zone: str
    around: datetime
    periods: tuple[tuple[time, time], ...]


@st.composite
def _moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """Some moment in some place, mostly one at which the clocks change."""
    zone, year = draw(st.sampled_from(ZONES)), draw(YEARS)
    found = changes(zone, year)
    if found and draw(st.integers(0, 4)) > 0:
        return zone, draw(st.sampled_from(found))
    return zone, datetime(year, 1, 1, tzinfo=UTC) + draw(st.integers(0, 365)) * DAY


@st.composite
def _nights(draw: st.DrawFn) -> Nights:
    zone, around = draw(_moments())
    shown = around.astimezone(ZoneInfo(zone))
    near = st.integers(-150, 150).map(lambda number: _on_the_wall(shown, number))
    anywhere = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
    times = st.lists(near | anywhere, min_size=2, max_size=2, unique=True).map(
        lambda pair: (pair[0], pair[1])
    )
    return Nights(zone, around, tuple(draw(st.lists(times, min_size=1, max_size=3))))


def _on_the_wall(shown: datetime, minutes: int) -> time:
    return (shown.replace(tzinfo=None) + minutes * MINUTE).time().replace(second=0, microsecond=0)


def _sleep_is_as_the_clocks_say(nights: Nights) -> None:
    zone = ZoneInfo(nights.zone)
    margin = 3 * 24 * 60
    begins = nights.around - (AROUND + margin) * MINUTE
    walk = Stretch.of(zone, begins, 2 * (AROUND + margin))
    asleep = walk.asleep(nights.periods)
    periods = [SleepPeriod(start, end) for start, end in nights.periods]
    looked_at = range(margin, margin + 2 * AROUND)
    edges = {number for number in looked_at if (number in asleep) != (number - 1 in asleep)}
    _check_sleep(walk, asleep, periods, zone, sorted({*looked_at[::30], *edges, *(one - 1 for one in edges)}))


def _check_sleep(
    walk: Stretch, asleep: set[int], periods: list[SleepPeriod], zone: ZoneInfo, looked_at: Iterable[int]
) -> None:
    """Compare sleep, and when it ends, with what a walk has found, at some minutes of it."""
    for number in looked_at:
        local = walk.utc[number].astimezone(zone)
        found = policy.sleeping(periods, local)
        assert (found is not None) == (number in asleep), f"{local}: {found}, {periods}"
        wakes = policy.wakes_at(periods, local)
        if found is None:
            assert wakes is None
        elif wakes is not None:
            end = next((later for later in range(number, len(walk.utc)) if later not in asleep), None)
            assert end is None or walk.utc[end - 1] < wakes <= walk.utc[end], f"{local}: {wakes}, {periods}"


# Schedules

_NAMES = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
CLOSE = timedelta(hours=4)
"""Round a change of the clocks, in which a time may be kept once or twice."""

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@dataclass(frozen=True, slots=True)
class Asked:
    """A schedule, and after when its next time is asked for."""

    text: str
    zone: str
    after: datetime


def _field(least: int, most: int) -> SearchStrategy[str]:
    number = st.integers(least, most)
    between = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    step = st.integers(1, max(1, (most - least) // 2)).map(str)
    one = number.map(str) | between | st.builds("{}/{}".format, between | st.just("*"), step)
    return st.just("*") | st.just("*") | one | st.lists(one, min_size=2, max_size=3).map(",".join)


@st.composite
def _asked(draw: st.DrawFn) -> Asked:
    fields = [draw(_field(least, most)) for least, most in _RANGES]
    if draw(st.booleans()):
        fields[4] = draw(st.sampled_from(["mon-fri", "sun", "sat,sun", "1-5", "7", "fri"]))
    if draw(st.booleans()):
        fields[2:4] = ["*", "*"]
    # Two ways to say "every day" and two opinions on what they mean beside a day of the other kind.
    for place in (2, 4):
        if fields[place] != "*" and _is_every(fields[place], place):
            fields[place] = "*"
    zone, around = draw(_moments())
    return Asked(" ".join(fields), zone, around + draw(st.integers(-3000, 3000)) * timedelta(seconds=61))


def _schedules_come_as_the_clocks_say(asked: Asked) -> None:
    try:
        cron.check(asked.text)
    except ValueError:
        assert not any(_days(asked.text, datetime(2028, 1, 1), 3000)), f"{asked.text} is refused"  # noqa: DTZ001
        return
    zone = ZoneInfo(asked.zone)
    found = cron.next_after(asked.text, asked.after.astimezone(zone))
    expected = _next(asked.text, zone, asked.after)
    if found is None or expected is None or not _changes_near(asked.zone, expected):
        assert found == expected, f"{asked}: {found}, not {expected}"
    else:
        assert abs(found - expected) <= CLOSE, f"{asked}: {found}, not {expected}"


def _changes_near(zone_name: str, moment: datetime) -> bool:
    return any(abs(moment - change) <= CLOSE for change in changes(zone_name, moment.year))


def _next(text: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Walk on until the clocks show a time of the schedule, or leap over one."""
    wall = after.astimezone(zone).replace(tzinfo=None)
    for day in _days(text, wall - DAY, 366 * 9):
        start = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(hours=3)
        hits = [
            moment
            for moment, before, shown in _shown(zone, start, 32 * 60)
            if moment > after and any(_matches(text, one) for one in _passed(before, shown))
        ]
        if hits:
            return hits[0]
    return None


def _shown(zone: ZoneInfo, start: datetime, amount: int) -> Iterator[tuple[datetime, datetime, datetime]]:
    before = (start - MINUTE).astimezone(zone).replace(tzinfo=None)
    for number in range(amount):
        moment = start + number * MINUTE
        shown = moment.astimezone(zone).replace(tzinfo=None)
        yield moment, before, shown
        before = shown


def _passed(before: datetime, shown: datetime) -> Iterator[datetime]:
    """Yield what the clocks show, and what they have just leapt over."""
    if shown - before > MINUTE:
        leapt = before + MINUTE
        while leapt < shown:
            yield leapt
            leapt += MINUTE
    yield shown


def _days(text: str, start: datetime, amount: int) -> Iterator[datetime]:
    for number in range(amount):
        day = datetime.combine(start.date() + number * DAY, time())
        if _day_matches(text, day):
            yield day


def _matches(text: str, shown: datetime) -> bool:
    minute, hour, *_ = text.split()
    return shown.minute in _values(minute, 0) and shown.hour in _values(hour, 1) and _day_matches(text, shown)


def _day_matches(text: str, day: datetime) -> bool:
    _, _, of_month, month, of_week = text.split()
    if day.month not in _values(month, 3):
        return False
    right_day = day.day in _values(of_month, 2)
    right_weekday = day.isoweekday() % 7 in {value % 7 for value in _values(of_week, 4)}
    if "*" in {of_month, of_week}:
        return right_day and right_weekday
    return right_day or right_weekday


def _values(field: str, place: int) -> set[int]:
    least, most = _RANGES[place]
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        start, _, end = span.partition("-")
        first = least if span == "*" else _number(start)
        last = most if span == "*" else _number(end or start)
        found.update(range(first, last + 1, int(step or 1)))
    return found


def _is_every(field: str, place: int) -> bool:
    return (
        len(_values(field, place)) == 31
        if place == 2
        else len({one % 7 for one in _values(field, place)}) == 7
    )


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _DAYS.get(word, _NAMES.get(word, -1))


PROPERTIES = {
    "Sleep begins and ends as the clocks on the wall say, whatever is done to them": Property(
        _nights(), _sleep_is_as_the_clocks_say, 15
    ),
    "A schedule's next time is the first that the clocks show, or leap over": Property(
        _asked(), _schedules_come_as_the_clocks_say, 25
    ),
}
