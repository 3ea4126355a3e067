"""The time of everyone who lives round the server: it goes on when all of them sleep."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.month.calm import ROUNDS, has_ready

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from datetime import datetime

    from tests.faults.month.stepped_clock import SteppedClock


class Pace:
    """Starts what people, frames and providers do, and knows whether any of them is awake.

    Attributes:
        clock: The time for all of them.
        changes: Grows whenever somebody wakes or goes to sleep.
    """

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.changes = 0
        self._awake = 0
        self._all_asleep = asyncio.Event()
        self._all_asleep.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Let somebody begin."""
        task = asyncio.create_task(self._do(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def sleep(self, seconds: float) -> None:
        """Sleep; only for those who are awake."""
        self._count(-1)
        try:
            await self.clock.sleep(seconds)
        finally:
            self._count(1)

    async def sleep_until(self, moment: datetime) -> None:
        """Sleep until then; what is past is not waited for."""
        await self.sleep((moment - self.clock.now()).total_seconds())

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Have something to do: time stands still meanwhile."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    async def rest(self) -> None:
        """Wait until everyone sleeps.

        Raises:
            Exception: What one of them has met.
        """
        rounds = 0
        while rounds < ROUNDS:
            await asyncio.sleep(0)
            await self._all_asleep.wait()
            rounds = 0 if self._awake or has_ready(asyncio.get_running_loop()) else rounds + 1
        if self._failures:
            raise self._failures[0]

    async def close(self) -> None:
        """End all of them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _do(self, work: Coroutine[None, None, None]) -> None:
        with self.awake():
            try:
                await work
            except Exception as error:  # noqa: BLE001 - told to who rests
                self._failures.append(error)

    def _count(self, change: int) -> None:
        self._awake += change
        self.changes += 1
        if self._awake:
            self._all_asleep.clear()
        else:
            self._all_asleep.set()
