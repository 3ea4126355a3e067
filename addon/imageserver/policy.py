"""When a provider may be asked, and when frames sleep: pure rules, `now` is a parameter.

`local` is now, aware, in the local time zone; sleep periods and days are those of its zone. Moments
that are returned are in UTC, where they can be compared and added to whatever the clocks do.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from .settings import SleepPeriod

PROBE_AFTER = timedelta(days=1)
"""A provider that was switched off gets one automatic probe a day."""

_SECOND = timedelta(seconds=1)
_FOR_EVER = timedelta(days=2)
"""Daily periods that leave no gap for this long never leave one."""

_NOT_SENT_MINUTES = (1, 2, 5, 10)
_RATE_LIMIT_MINUTES = (1, 2, 5, 10, 30, 60)
_WASTED_MINUTES = (0, 0, 30, 60, 120)
_LONGEST_REST = timedelta(days=1)
"""No provider is left alone for longer; a rest that lasts longer was begun by a clock that was wrong."""
_FETCH_SECONDS = (2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0, 5.0, 8.0, 13.0, 20.0, 30.0)
"""A picture that takes up to 25 s is here, scaled and stored, before a frame polls for the first time."""


class Reason(StrEnum):
    """Why a provider is not asked."""

    DISABLED = "disabled"
    NOT_SET_UP = "not_set_up"
    WRONG_SETTINGS = "wrong_settings"
    SWITCHED_OFF = "switched_off"
    NOTHING_TO_OFFER = "nothing_to_offer"
    BUDGET_SPENT = "budget_spent"
    BACKING_OFF = "backing_off"
    THRESHOLD = "threshold"
    ASLEEP = "asleep"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFacts:
    """What decides about a provider.

    Attributes:
        wrong: Its settings have a mistake.
        not_set_up: What is missing before it can be asked at all.
        not_ready: Why it has nothing to offer: no prompt that it takes, an empty folder.
        off: Why it is switched off, since `off_since`.
        not_before: It wants to be left alone until then.
        unreachable_until: Nothing could be sent to it; until then only a person tries.
        wasteful_until: It took requests that may have cost money, and gave no picture; until then only
            a person tries.
        last_asked_at: Of its last automatic request.
        daily_limit: Requests a local day, 0 = none.
    """

    enabled: bool
    wrong: bool
    not_set_up: str | None
    not_ready: str | None
    off: str | None
    off_since: datetime | None
    not_before: datetime | None
    unreachable_until: datetime | None
    wasteful_until: datetime | None
    last_asked_at: datetime | None
    asked_today: int
    daily_limit: int
    threshold_minutes: float
    sleep_time: tuple[SleepPeriod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether a provider may be asked now.

    Attributes:
        reason: What stands in the way; of several, the one that a person must mend, else the one
            that lasts longest.
        text: The same for people.
        until: When it may be asked as far as time alone decides; None where it does not.
    """

    ready: bool
    reason: Reason | None = None
    text: str | None = None
    until: datetime | None = None


def sleeping(periods: Sequence[SleepPeriod], local: datetime) -> SleepPeriod | None:
    """Return the first period of the list that `local` is in; None when it is in none."""
    now = local.astimezone(UTC)
    for period in periods:
        if any(start <= now < end for start, end in _spans(period, local)):
            return period
    return None


def wakes_at(periods: Sequence[SleepPeriod], local: datetime) -> datetime | None:
    """Return when sleep ends, periods that follow without a gap included.

    Returns:
        None when `local` is in no period, and when the periods leave no gap to wake in.
    """
    now = wake = local.astimezone(UTC)
    for start, end in sorted(span for period in periods for span in _spans(period, local)):
        if start <= wake:
            wake = max(wake, end)
    return wake if now < wake <= now + _FOR_EVER else None


def awake_from(periods: Sequence[SleepPeriod], moment: datetime, zone: tzinfo | None) -> datetime | None:
    """Return the first moment from `moment` on that is in none of the periods, None if there is none."""
    if moment == _NEVER:
        return None
    local = moment.astimezone(zone)
    return moment if sleeping(periods, local) is None else wakes_at(periods, local)


def allowed_at(last: datetime | None, minutes: float, now: datetime) -> datetime:
    """Return when `minutes` have passed since `last`, at the earliest `now`.

    A `last` in the future (the clock was set back) counts as now.
    """
    now = now.astimezone(UTC)
    if last is None:
        return now
    return max(now, min(last.astimezone(UTC), now) + timedelta(minutes=minutes))


def readiness(facts: ProviderFacts, local: datetime, *, direct: bool) -> Readiness:
    """Say whether a provider may be asked.

    Args:
        facts: What is known about it.
        local: Now.
        direct: Somebody asked for this very picture: thresholds, sleep, being switched off, not
            having been reached a moment ago and pictures that were paid for and did not come do not
            count, everything else does.
    """
    to_mend = _to_mend(facts)
    if to_mend is not None:
        reason, text = to_mend
        return Readiness(ready=False, reason=reason, text=text)
    now = local.astimezone(UTC)
    waits = [
        wait for wait in _to_wait_for(facts, local) if wait.until > now and (wait.for_direct or not direct)
    ]
    if not waits:
        return Readiness(ready=True)
    told = max(waits, key=lambda wait: (wait.reason is Reason.SWITCHED_OFF, wait.until))
    over = max(wait.until for wait in waits)
    until = over if direct else awake_from(facts.sleep_time, over, local.tzinfo)
    return Readiness(ready=False, reason=told.reason, text=told.text, until=until)


def not_sent_delay(failures: int) -> timedelta:
    """Return how long to wait after the n-th request in a row that could not be sent."""
    return timedelta(minutes=_step(_NOT_SENT_MINUTES, failures - 1))


def wasted_delay(failures: int) -> timedelta:
    """Return how long to wait after the n-th request in a row that may have cost money for nothing."""
    return timedelta(minutes=_step(_WASTED_MINUTES, failures - 1))


def rate_limit_delay(failures: int, retry_after: float | None) -> timedelta:
    """Return how long to leave a provider alone that said "too many requests" n times in a row.

    Args:
        failures: n.
        retry_after: The seconds that it asked for; believed up to a day.
    """
    if retry_after is None:
        return timedelta(minutes=_step(_RATE_LIMIT_MINUTES, failures - 1))
    longest = _LONGEST_REST.total_seconds()  # stands first, so that it is the answer to "nan" too
    return timedelta(seconds=max(1.0, min(longest, retry_after)))


def fetch_delay(attempt: int) -> float:
    """Return the seconds before a picture that is being made is asked for, `attempt` counting from 0."""
    return _step(_FETCH_SECONDS, attempt)


@dataclass(frozen=True, slots=True)
class _Wait:
    reason: Reason
    text: str
    until: datetime
    for_direct: bool = False


_NEVER = datetime.max.replace(tzinfo=UTC)


def _to_mend(facts: ProviderFacts) -> tuple[Reason, str] | None:
    if not facts.enabled:
        return Reason.DISABLED, "Disabled in the settings"
    if facts.wrong:
        return Reason.WRONG_SETTINGS, "Its settings have mistakes"
    if facts.not_set_up is not None:
        return Reason.NOT_SET_UP, facts.not_set_up
    if facts.not_ready is not None:
        return Reason.NOTHING_TO_OFFER, facts.not_ready
    return None


def _to_wait_for(facts: ProviderFacts, local: datetime) -> Iterator[_Wait]:
    now = local.astimezone(UTC)
    if facts.off is not None:
        since = min(facts.off_since or now, now)
        yield _Wait(Reason.SWITCHED_OFF, f"Switched off: {facts.off}", since + PROBE_AFTER)
    if 0 < facts.daily_limit <= facts.asked_today:
        text = f"The {facts.daily_limit} requests of today are used up"
        yield _Wait(Reason.BUDGET_SPENT, text, _tomorrow(local), for_direct=True)
    if facts.not_before is not None and facts.not_before <= now + _LONGEST_REST:
        text = "Left alone for a while after too many requests"
        yield _Wait(Reason.BACKING_OFF, text, facts.not_before, for_direct=True)
    if facts.unreachable_until is not None and facts.unreachable_until <= now + _LONGEST_REST:
        text = "Could not be reached; it is tried again soon"
        yield _Wait(Reason.BACKING_OFF, text, facts.unreachable_until)
    if facts.wasteful_until is not None and facts.wasteful_until <= now + _LONGEST_REST:
        text = "Asked less often: requests that may have cost money gave no picture"
        yield _Wait(Reason.BACKING_OFF, text, facts.wasteful_until)
    threshold = facts.threshold_minutes
    allowed = allowed_at(facts.last_asked_at, threshold, local)
    yield _Wait(Reason.THRESHOLD, f"Asked less than {threshold:g} minutes ago", allowed)
    period = sleeping(facts.sleep_time, local)
    if period is not None:
        text = f"Asleep from {period.start:%H:%M} to {period.end:%H:%M}"
        yield _Wait(Reason.ASLEEP, text, wakes_at(facts.sleep_time, local) or _NEVER)


def _step[T](steps: Sequence[T], index: int) -> T:
    return steps[min(max(index, 0), len(steps) - 1)]


def _tomorrow(local: datetime) -> datetime:
    zone = local.tzinfo or UTC
    return _first_moment(local.date() + timedelta(days=1), time(), zone)


def _spans(period: SleepPeriod, local: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when the period begins and when it is over, around `local`, in UTC.

    The day before reaches over midnight; the days after are for periods that follow on each other.
    """
    zone = local.tzinfo or UTC
    for days in range(-1, 4):
        first = local.date() + timedelta(days=days)
        last = first + timedelta(days=1) if period.start > period.end else first
        start, end = _first_moment(first, period.start, zone), _first_moment(last, period.end, zone)
        if start == end:
            # The clocks leap over the whole period, which then takes place as much later.
            start = _shifted(first, period.start, zone)
            end = start + (datetime.combine(last, period.end) - datetime.combine(first, period.start))
        yield start, end + _SECOND


def _first_moment(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the first moment, in UTC, when the clocks show that time or a later one.

    So an hour that comes twice counts once, and what falls into one that is left out happens when
    the clocks leap over it.
    """
    shifted = _shifted(day, at, zone)
    if shifted.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at):
        return shifted
    before = datetime.combine(day, at, zone).replace(fold=1).astimezone(UTC)
    seconds = range(int((shifted - before).total_seconds()))
    offset = shifted.astimezone(zone).utcoffset() or timedelta()
    leap = bisect_left(
        seconds,
        offset,
        key=lambda second: (before + second * _SECOND).astimezone(zone).utcoffset() or timedelta(),
    )
    return before + leap * _SECOND


def _shifted(day: date, at: time, zone: tzinfo) -> datetime:
    """Return a local time in UTC; one that is left out comes as much later as the clocks leap."""
    return datetime.combine(day, at, zone).astimezone(UTC)
