"""A clock that goes in steps: it is told the time, and wakes whoever should have woken by then.

Unlike `tests/manual_clock.py` it wakes nobody at a moment in between: whoever sleeps for less than a step
sleeps until its end, as on a machine that has a lot to do.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo

from imageserver.timing.clock import Clock

JUST = 1e-6
"""Seconds by which sums of seconds may differ."""


class SteppedClock(Clock):
    """Stands still but for `move_to`."""

    def __init__(self, now: datetime, zone: tzinfo = UTC) -> None:
        self.zone = zone
        self._now = now.astimezone(UTC)
        self._monotonic = 1000.0
        self._sleepers: set[tuple[float, asyncio.Future[None]]] = set()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = (self._monotonic + seconds, asyncio.get_running_loop().create_future())
        self._sleepers.add(sleeper)
        try:
            await sleeper[1]
        finally:
            self._sleepers.discard(sleeper)

    def next_due(self) -> datetime | None:
        """When the first sleeper wakes; None where nobody sleeps."""
        due = min((when for when, future in self._sleepers if not future.done()), default=None)
        return None if due is None else self._now + timedelta(seconds=due - self._monotonic)

    def move_to(self, now: datetime) -> None:
        """Let it be this late, and wake who should have woken by now."""
        self.set(now)
        self.wake()

    def set(self, now: datetime) -> None:
        """Let it be this late, and everyone sleep on."""
        now = now.astimezone(UTC)  # two local times differ by what clocks on walls do
        self._monotonic += (now - self._now).total_seconds()
        self._now = now

    def wake(self) -> None:
        """Wake who should have woken by now."""
        for when, future in self._sleepers:
            if when <= self._monotonic + JUST and not future.done():
                future.set_result(None)
