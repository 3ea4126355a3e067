"""Few threads for work on pictures, so that neither the event loop nor the machine is held up by it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING

from ..exceptions import UnavailableError
from ..threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable

_NICE = 10
"""Answers to frames go before pictures in the making."""


class ImagingPool:
    """Runs blocking work; what finds no place waits, so that memory stays bounded."""

    def __init__(self, *, workers: int | None = None, queue: int = 64) -> None:
        """Prepare the threads.

        Args:
            workers: How many; one less than there are cores unless said.
            queue: How much work may wait for a thread; what is beyond waits to be let in.
        """
        workers = workers or max(1, (os.process_cpu_count() or 1) - 1)
        self._threads = Threads(workers, name="imaging", initializer=_be_nice)
        self._places = asyncio.Semaphore(workers + queue)
        self._closed = False

    async def run[*P, T](self, work: Callable[[*P], T], *arguments: *P) -> T:
        """Run `work` in a thread and return what it returns, or raise what it raises.

        Whoever is cancelled takes back work that has not begun.

        Raises:
            UnavailableError: The pool was closed before the work began.
        """
        await self._places.acquire()
        if self._closed:
            self._places.release()
            raise _closed()
        job = self._threads.submit(work, *arguments)
        loop = asyncio.get_running_loop()
        # The place is free when the thread is, not when whoever waited has gone.
        job.add_done_callback(lambda _: _call(loop, self._places.release))
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _closed() from None  # nobody cancelled us: `close` cancelled the work
        finally:
            # An error knows this frame, which would know the error: a circle that keeps the picture for long.
            del job

    async def close(self) -> None:
        """Wait for work that has begun; the rest never begins."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)


def _closed() -> UnavailableError:
    return UnavailableError("The server is stopping")


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(callback)


def _be_nice() -> None:
    if sys.platform == "linux":  # elsewhere priorities belong to processes, and this is no process's number
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, max(_NICE, os.getpriority(os.PRIO_PROCESS, thread)))
