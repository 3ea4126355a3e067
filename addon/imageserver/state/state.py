"""What must survive a restart: one SQLite file, one thread that owns it.

Money is written down before it is spent: `durable=True` returns only once the change is on the disk
(write-ahead log, synchronous FULL). Everything else joins the next such commit, or one that comes
within a second: a power cut may take a second of counters, never a ticket. Whoever tells anybody of such a
change waits until it has `settled`: nothing that was told is taken back by a crash.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Self

from ..exceptions import StateError
from .connection import connect
from .salvage import begin_anew, is_damage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..models import Json
    from .health import StateHealth

    type _Work = Callable[[sqlite3.Connection], object]
    type _Posted = tuple[_Work, Callable[[], object] | None]

_LOGGER = logging.getLogger(__name__)

COMMIT_AFTER = 1.0
"""Seconds that a change which is not durable may wait for its commit."""

POSTED_AFTER = 0.05
"""Seconds that posted work may wait for company: each hand-over to the thread costs more than the work."""

FILE_NAME = "state.db"

_PROBE = "probe"


class State:
    """Runs pieces of work on the database, one after the other, off the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state")
        self._connection: sqlite3.Connection | None = None
        self._commit_handle: asyncio.TimerHandle | None = None
        self._post_handle: asyncio.TimerHandle | None = None
        self._posted: list[_Posted] = []
        self._uncommitted: list[Callable[[], object]] = []
        self._running: set[asyncio.Future[None]] = set()
        self._refused: str | None = None
        self._changes = 0
        self._loop = asyncio.get_running_loop()
        self._health: StateHealth | None = None
        self._asked = 0
        self._settled = 0
        self._settling = asyncio.Lock()

    @classmethod
    async def open(cls, data_dir: Path) -> Self:
        """Open the file below `data_dir`, or make it.

        A file that is damaged is put aside under another name. Of too many, the first stay:
        they hold what was lost, where those of a disk that breaks again and again hold little.

        Raises:
            StateError: The directory can't be written, or a newer version of this server made the file.
        """
        state = cls(data_dir / FILE_NAME)
        try:
            await state._in_thread(state._open)
        except BaseException:
            state._thread.shutdown()
            raise
        return state

    def tell(self, health: StateHealth) -> None:
        """Report from now on whether anything can be written."""
        self._health = health
        self._tell_health()

    async def try_again(self) -> None:
        """Look whether a disk that took nothing does again; to be called every few seconds."""
        if self._refused is not None:
            with contextlib.suppress(StateError):
                await self.set_note(_PROBE, self._refused, durable=True)

    async def close(self) -> None:
        """Commit what waits and let go of the file; what it does not take is lost, and said."""
        self._hand_over()
        if self._running:
            await asyncio.wait(self._running)
        if self._commit_handle is not None:
            self._commit_handle.cancel()
        try:
            await self._in_thread(self._close)
        except StateError as error:
            self._complain(error)
        finally:
            self._thread.shutdown()

    async def run[T](self, work: Callable[[sqlite3.Connection], T], *, durable: bool = False) -> T:
        """Run `work` in the database's thread and return what it returns; all of it or nothing counts.

        Raises:
            StateError: It could not be written (full or broken disk).
        """
        posted = self._take_posted()
        self._asked += 1
        asked = self._asked
        result = await self._in_thread(
            self._do_all, posted, lambda: self._noticing(partial(self._work, work, durable=durable))
        )
        if durable:
            self._settled = max(self._settled, asked)
        else:
            self._commit_soon()
        return result

    async def read[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which changes nothing; it works on a full or read-only disk too.

        Raises:
            StateError: It could not be read.
        """
        return await self._in_thread(self._do_all, self._take_posted(), lambda: work(self._open_connection()))

    def post(
        self,
        work: Callable[[sqlite3.Connection], object],
        *,
        if_lost: Callable[[], object] | None = None,
    ) -> None:
        """Run `work` before whatever is asked next, without waiting for it; failures are only logged.

        Args:
            work: What to do.
            if_lost: Is called where that failed, or came to nothing because its commit did.
        """
        self._posted.append((work, if_lost))
        if self._post_handle is None:
            self._post_handle = asyncio.get_running_loop().call_later(POSTED_AFTER, self._hand_over)

    async def settled(self) -> None:
        """Return once everything that was asked until now is on the disk; many who wait share a commit.

        Whoever tells somebody of a change, or of a count, lets it settle first: what was told holds.

        Raises:
            StateError: It could not be written (full or broken disk).
        """
        wanted = self._asked + len(self._posted)
        if self._settled == wanted:
            return
        async with self._settling:
            if self._settled < wanted:  # else whoever was before in the queue has done it
                posted = self._take_posted()
                asked = self._asked
                await self._in_thread(self._do_all, posted, self._commit)
                self._settled = max(self._settled, asked)

    async def note(self, key: str) -> Json:
        """Return a single value; None where there is none."""

        def read(connection: sqlite3.Connection) -> Json:
            row = connection.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
            value: Json = None if row is None else json.loads(row["value"])
            return value

        return await self.read(read)

    async def set_note(self, key: str, value: Json, *, durable: bool = False) -> None:
        """Keep a single value."""
        await self.run(lambda connection: put_note(connection, key, value), durable=durable)

    async def _in_thread[*P, T](self, call: Callable[[*P], T], *arguments: *P) -> T:
        future = asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
        try:
            return await asyncio.shield(future)
        except sqlite3.Error as error:
            raise StateError(f"{self._path}: {error}") from error

    def _commit_soon(self) -> None:
        if self._commit_handle is None:
            loop = asyncio.get_running_loop()
            self._commit_handle = loop.call_later(COMMIT_AFTER, self._commit_now)

    def _commit_now(self) -> None:
        self._commit_handle = None
        self._in_background(self._commit)

    def _take_posted(self) -> list[_Posted]:
        """Take what was posted, for the one who goes to the thread next."""
        if self._post_handle is not None:
            self._post_handle.cancel()
            self._post_handle = None
            self._commit_soon()
        posted, self._posted = self._posted, []
        self._asked += len(posted)
        return posted

    def _hand_over(self) -> None:
        posted = self._take_posted()
        if posted:
            self._in_background(self._do_all, posted, lambda: None)

    def _in_background[*P](self, call: Callable[[*P], None], *arguments: *P) -> None:
        future = asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
        self._running.add(future)
        future.add_done_callback(self._finished)

    def _finished(self, future: asyncio.Future[None]) -> None:
        self._running.discard(future)
        if not future.cancelled() and (error := future.exception()) is not None:
            self._complain(error)

    def _complain(self, error: BaseException) -> None:
        """Say once that something is lost, whatever else is until the disk takes it again."""
        _LOGGER.debug("Not written down: %s: %s", self._path, error)
        why = str(error) if isinstance(error, StateError) else f"{self._path}: {error}"
        if self._connection is not None:
            self._changes = self._connection.total_changes  # only what changes after this proves anything
        if why != self._refused:
            self._refused = why
            self._in_loop(self._tell_health)

    def _lose(self, whom: list[Callable[[], object]] | list[Callable[[], object] | None]) -> None:
        for if_lost in whom:
            if if_lost is not None:
                self._in_loop(if_lost)
        whom.clear()

    def _in_loop(self, call: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the server with it
            self._loop.call_soon_threadsafe(call)

    def _tell_health(self) -> None:
        if self._health is None:
            return
        if self._refused is None:
            self._health.writable()
        else:
            self._health.unwritable(self._refused)

    # What follows runs in the database's thread.

    def _open(self) -> None:
        if self._path.is_dir():
            self._connection = begin_anew(self._path, connect, why="a directory is in its place")
            return
        try:
            self._connection = connect(self._path)
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            self._connection = begin_anew(self._path, connect, why=error)

    def _noticing[T](self, work: Callable[[], T]) -> T:
        """Do some work that writes, for somebody who is told if it fails."""
        try:
            return work()
        except sqlite3.Error as error:
            if not is_damage(error):
                self._complain(error)
            raise

    def _mending[T](self, work: Callable[[], T]) -> T:
        """Do some work; where the file turns out to be damaged, once more with what is left of it."""
        try:
            return work()
        except sqlite3.Error as error:
            if self._connection is None or not is_damage(error):
                raise
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
            self._connection = begin_anew(self._path, connect, why=error)
        return work()

    def _do_all[T](self, posted: list[_Posted], work: Callable[[], T]) -> T:
        for earlier, if_lost in posted:
            try:
                self._mending(partial(self._work, earlier, durable=False))
            except (sqlite3.Error, StateError) as error:
                self._complain(error)
                self._lose([if_lost])
            except Exception:
                _LOGGER.exception("Not written down: %s", self._path)
            else:
                self._uncommitted += [if_lost] if if_lost else []
        return self._mending(work)

    def _work[T](self, work: Callable[[sqlite3.Connection], T], *, durable: bool) -> T:
        connection = self._open_connection()
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        connection.execute("SAVEPOINT work")
        try:
            result = work(connection)
            connection.execute("RELEASE work")
        except BaseException:
            # A full disk may have ended the whole transaction already.
            if connection.in_transaction:
                connection.execute("ROLLBACK TO work")
                connection.execute("RELEASE work")
            else:
                self._lose(self._uncommitted)
            raise
        if durable:
            self._commit()
        return result

    def _commit(self) -> None:
        connection = self._open_connection()
        if not connection.in_transaction:
            return
        try:
            connection.execute("COMMIT")
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            self._lose(self._uncommitted)
            raise
        self._uncommitted.clear()
        if self._refused is not None and connection.total_changes != self._changes:
            self._refused = None
            self._in_loop(self._tell_health)
        self._changes = connection.total_changes

    def _close(self) -> None:
        if self._connection is not None:
            try:
                self._commit()
            finally:
                self._connection.close()
                self._connection = None

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StateError("The state is closed")
        return self._connection


def put_note(connection: sqlite3.Connection, key: str, value: Json) -> None:
    """Keep a single value, as a part of other work."""
    connection.execute(
        "INSERT INTO notes VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, json.dumps(value)),
    )
