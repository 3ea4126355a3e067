"""A snapshot without what moves by itself, so that only news is news."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .api import Status


def steady(before: Status | None, now: Status) -> Status:
    """Return `before` where only time has passed since, else `now`.

    "At once" is said by the server as the moment of its answer; it stays the moment when it was said first.
    """
    if before is None:
        return now

    def first(said_before: datetime | None, said_now: datetime | None) -> datetime | None:
        if said_before is None or said_now is None or max(said_before, said_now) > now.at:
            return said_now
        return said_before

    settled = replace(
        now,
        until=first(before.until, now.until),
        next_generation_at=first(before.next_generation_at, now.next_generation_at),
    )
    return before if replace(settled, at=before.at) == before else settled
