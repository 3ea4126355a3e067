"""Time that is skipped: half a minute of patience passes as fast as the machine can think."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.helpers import event

from tests.integration.watching import until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from tests.integration.faults.faulty_line import FaultyLine

HOP = 1.0
"""Seconds that are skipped at once."""

TURNS = 0.003
"""Seconds of the machine's time between two of them, in which whoever is due comes to his turn."""

POLL = 32.0
"""A little more than the time between two looks, or than is waited for an answer."""


@dataclass(slots=True)
class Time:
    """The loop's clock, which tests put forward."""

    loop: asyncio.AbstractEventLoop
    line: FaultyLine
    skipped: float = 0.0

    def now(self) -> float:
        return time.monotonic() + self.skipped

    async def go_on(self, seconds: float) -> None:
        """Let this time pass; nobody is kept waiting by the machine meanwhile."""
        await self.until(lambda: False, within=seconds, must=False)

    async def until(
        self, condition: Callable[[], object], *, within: float = 10 * POLL, must: bool = True
    ) -> float:
        """Let time pass until a condition holds; returns how much of it."""
        begin = self.skipped
        await self._let_all_run()
        while not condition():
            if self.skipped - begin >= within:
                if must:
                    await until(condition)  # what is under way may come to its end
                break
            self.skipped += HOP
            await self._let_all_run()
        return self.skipped - begin

    async def patiently[Found](self, work: Coroutine[Any, Any, Found]) -> Found:
        """Do something for which time may have to pass."""
        task = asyncio.ensure_future(work)
        await self.until(task.done)
        return await task

    async def _let_all_run(self) -> None:
        while True:
            await asyncio.sleep(TURNS)
            if not self.line.is_busy:
                return


@contextmanager
def skippable(loop: asyncio.AbstractEventLoop, line: FaultyLine) -> Iterator[Time]:
    """Put a clock in the loop that can be put forward; Home Assistant's own goes with it."""
    clock = Time(loop, line)
    with (
        patch.object(loop, "time", clock.now),
        patch.object(event, "time_tracker_timestamp", lambda: time.time() + clock.skipped),
    ):
        yield clock
