"""The one way by which the server learns the time and waits for it."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, tzinfo


class Clock(ABC):
    """Time as the server sees it; tests pass one that is told the time."""

    zone: tzinfo
    """The local time zone: sleep periods, days and schedules are in it."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the time, aware, in UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Return seconds that only ever grow, whatever happens to the wall clock."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait."""

    def local(self) -> datetime:
        """Return the time, aware, in the local time zone."""
        return self.now().astimezone(self.zone)

    def today(self) -> str:
        """Return the local date as `YYYY-MM-DD`."""
        return self.local().date().isoformat()


class SystemClock(Clock):
    """The machine's clock."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)
