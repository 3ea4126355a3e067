"""Waiting until an event loop has nothing to do: no callback is ready and no thread works for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

ROUNDS = 4
"""So often in a row there has to be nothing: what a socket brings is only seen in the round after."""


class Calm:
    """Counts the work of all thread pools of this process."""

    def __init__(self) -> None:
        self._working = 0
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        submit = ThreadPoolExecutor.submit

        def counting(pool: ThreadPoolExecutor, *arguments: Any, **named: Any) -> Future[Any]:
            job = submit(pool, *arguments, **named)
            self._working += 1
            job.add_done_callback(self._one_ended)
            return job

        ThreadPoolExecutor.submit = counting  # type: ignore[assignment, method-assign]

    async def come(self) -> None:
        """Return when there is nothing to do but to wait for the time or for others."""
        rounds = 0
        while rounds < ROUNDS:
            await asyncio.sleep(0)
            if self._working:
                self._ended.clear()
                await self._ended.wait()
            rounds = 0 if self._working or has_ready(self._loop) else rounds + 1

    def _one_ended(self, _: Future[Any]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._count_down)

    def _count_down(self) -> None:
        self._working -= 1
        self._ended.set()


def has_ready(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether anything but the caller can run now."""
    return bool(loop._ready)  # type: ignore[attr-defined] # nothing public tells
