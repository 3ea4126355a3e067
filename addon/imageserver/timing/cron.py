"""Schedules in cron's notation: five fields (minute, hour, day, month, weekday), in local time.

When the clocks change, a time that is left out comes with the leap, or with the schedule's next time where
that is within the hour, and one that comes twice may be kept twice: a job by the clock must bear to run once
more.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from croniter import CroniterBadDateError, CroniterError, croniter

_FIELDS = 5
_LONGEST = 1000
"""Characters; all minutes and hours one by one are 250."""
_BY_CHANCE = re.compile(r"(?:^|[\s,])[hr](?:[\s,(/]|$)", re.IGNORECASE)
_RANGE_OF_ONE = re.compile(r"(?<![\w/-])(\w+)-\1(?:/\d+)?(?![\w/-])", re.IGNORECASE)
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def check(text: str) -> None:
    """Refuse what is no schedule.

    Raises:
        ValueError: It is no schedule, or one that never comes.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"{len(text)} characters are no schedule")
    try:
        fields, _ = croniter.expand(_plain(text), strict=True)
        croniter(_plain(text), _ANY_DAY).get_next()
    except (CroniterError, TypeError) as error:
        raise ValueError(f"{text!r} is no schedule, or one that never comes") from error
    if len(fields) != _FIELDS or _BY_CHANCE.search(text):
        raise ValueError(f"{text!r} has not the five fields of a schedule")


def next_after(text: str, local: datetime) -> datetime | None:
    """Return the first moment after `local` (aware) that a schedule names, in UTC; None if there is none."""
    try:
        return croniter(_plain(text), local).get_next(datetime).astimezone(UTC)
    except CroniterBadDateError:
        return None


def _plain(text: str) -> str:
    """Write ranges of one (`1-1`) as that one: croniter takes them for all that there are."""
    return _RANGE_OF_ONE.sub(r"\1", text)
