"""A clock that is told the time; whoever sleeps on it is woken when the time has come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from imageserver.timing.clock import Clock

if TYPE_CHECKING:
    from datetime import tzinfo


class ManualClock(Clock):
    """Starts at a quiet moment of a Tuesday morning; nothing moves it but `advance` and `set`."""

    def __init__(self, now: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC), zone: tzinfo = UTC) -> None:
        self.zone = zone
        self._now = now
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def set(self, now: datetime) -> None:
        """Jump, as a wall clock does that is corrected: nobody's sleep gets shorter or longer."""
        self._now = now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        entry = (self._monotonic + seconds, future)
        self._sleepers.append(entry)
        try:
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)

    def next_waking(self) -> float | None:
        """Return in how many seconds the next sleeper is due; None while nobody sleeps."""
        due = min((when for when, future in self._sleepers if not future.done()), default=None)
        return None if due is None else due - self._monotonic

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its own moment."""
        end = self._monotonic + seconds
        await settle()
        while True:
            due = min((when for when, future in self._sleepers if not future.done()), default=None)
            if due is None or due > end:
                break
            self._move_to(due)
            for when, future in tuple(self._sleepers):
                if when <= due and not future.done():
                    future.set_result(None)
            await settle()
        self._move_to(end)
        await settle()

    def _move_to(self, moment: float) -> None:
        if moment > self._monotonic:
            self._now += timedelta(seconds=moment - self._monotonic)
            self._monotonic = moment


async def settle(rounds: int = 20) -> None:
    """Let everything that can run, run. Work in threads is awaited by those who started it."""
    for _ in range(rounds):
        await asyncio.sleep(0)
