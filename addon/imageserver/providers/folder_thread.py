"""A thread for one folder, so that a share that hangs holds up nobody but who wants something of it.

A read from a share whose server has gone may wait for ever, and nothing ends it. In the threads that all
share, a few of those would leave none for the store.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    type _Job = Callable[[], None]


class FolderHangsError(Exception):
    """Nothing has come back from the folder in time, or from what was wanted of it before."""


class FolderThread:
    """Does one thing after the other; with the process it ends without being waited for."""

    def __init__(self, name: str, *, patience: float) -> None:
        """Prepare it; the thread begins with the first work.

        Args:
            name: Of the thread.
            patience: Seconds that anything may take.
        """
        self._name = name
        self._patience = patience
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._late: asyncio.Future[None] | None = None

    async def run[*P, T](self, work: Callable[[*P], T], *arguments: *P) -> T:
        """Run blocking work and return what it returns, or raise what it raises.

        Raises:
            FolderHangsError: It takes too long, or what took too long has not come back yet.
        """
        if self._late is not None and not self._late.done():
            raise FolderHangsError
        loop = asyncio.get_running_loop()
        done: Future[T] = Future()
        back: asyncio.Future[None] = loop.create_future()

        def job() -> None:
            try:
                done.set_result(work(*arguments))
            except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
                done.set_exception(error)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(back.set_result, None)

        self._begin().put(job)
        await asyncio.wait((back,), timeout=self._patience)
        if not back.done():
            self._late = back
            raise FolderHangsError
        return done.result()

    def close(self) -> None:
        """Let it end when it can."""
        self._jobs.put(None)

    def _begin(self) -> SimpleQueue[_Job | None]:
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        return self._jobs

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
