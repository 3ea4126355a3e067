"""Waiting until an event loop has nothing to do: no callback is ready and no thread works for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import thread
from typing import Any

ROUNDS = 4
"""So often in a row there has to be nothing: what a socket brings is only seen in the round after."""


class Calm:
    """Counts the work of all thread pools of this process, until whoever waits for it has been told."""

    def __init__(self) -> None:
        self._working = 0
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        pools: Any = thread
        submit, run = pools.ThreadPoolExecutor.submit, pools._WorkItem.run

        def counting_submit(*arguments: Any, **named: Any) -> Any:
            self._working += 1
            return submit(*arguments, **named)

        def counting_run(*arguments: Any) -> None:
            try:
                run(*arguments)
            finally:
                self._one_ended()

        pools.ThreadPoolExecutor.submit = counting_submit
        pools._WorkItem.run = counting_run

    async def come(self) -> None:
        """Return when there is nothing to do but to wait for the time or for others."""
        rounds = 0
        while rounds < ROUNDS:
            await asyncio.sleep(0)
            if self._working:
                self._ended.clear()
                await self._ended.wait()
            rounds = 0 if self._working or has_ready(self._loop) else rounds + 1

    def _one_ended(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._count_down)

    def _count_down(self) -> None:
        self._working -= 1
        self._ended.set()


def has_ready(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether anything but the caller can run now."""
    return bool(loop._ready)  # type: ignore[attr-defined] # nothing public tells
