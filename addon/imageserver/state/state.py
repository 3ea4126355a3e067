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
from typing import TYPE_CHECKING, Self

from ..exceptions import StateError
from . import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..models import Json

    type _Work = Callable[[sqlite3.Connection], object]

_LOGGER = logging.getLogger(__name__)

COMMIT_AFTER = 1.0
"""Seconds that a change which is not durable may wait for its commit."""

POSTED_AFTER = 0.05
"""Seconds that posted work may wait for company: each hand-over to the thread costs more than the work."""

WAL_BYTES = 8 * 1024 * 1024
"""To this the write-ahead log shrinks after something large; a usual day needs half of it."""

BROKEN_KEPT = 5

FILE_NAME = "state.db"


class State:
    """Runs pieces of work on the database, one after the other, off the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state")
        self._connection: sqlite3.Connection | None = None
        self._commit_handle: asyncio.TimerHandle | None = None
        self._post_handle: asyncio.TimerHandle | None = None
        self._posted: list[_Work] = []
        self._running: set[asyncio.Future[None]] = set()
        self._complained = False
        self._changes = 0
        self._asked = 0
        self._settled = 0
        self._settling = asyncio.Lock()

    @classmethod
    async def open(cls, data_dir: Path) -> Self:
        """Open the file below `data_dir`, or make it.

        A file that is no database any more is put aside under another name. Of too many, the first stay:
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

    async def close(self) -> None:
        """Commit what waits and let go of the file."""
        self._hand_over()
        if self._running:
            await asyncio.wait(self._running)
        if self._commit_handle is not None:
            self._commit_handle.cancel()
        try:
            await self._in_thread(self._close)
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
        result = await self._in_thread(self._do_all, posted, lambda: self._work(work, durable=durable))
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

    def post(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Run `work` before whatever is asked next, without waiting for it; failures are only logged."""
        self._posted.append(work)
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

    def _take_posted(self) -> list[_Work]:
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
        level = logging.DEBUG if self._complained else logging.WARNING
        self._complained = True
        _LOGGER.log(level, "Not written down: %s: %s", self._path, error)

    # What follows runs in the database's thread.

    def _open(self) -> None:
        try:
            self._connection = self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            aside = self._path.with_name(f"{self._path.name}.broken")
            number = 1
            while aside.exists() and number < BROKEN_KEPT:
                number += 1
                aside = self._path.with_name(f"{self._path.name}.broken-{number}")
            _LOGGER.warning("%s is damaged (%s): kept as %s, begun anew", self._path, error, aside.name)
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._connection = self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -2048")
            self._bring_up_to_date(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > schema.VERSION:
            raise StateError(
                f"{self._path} was made by a newer version of this server: install that version again"
            )
        if version == 0:
            connection.executescript(
                f"BEGIN; {schema.TABLES} PRAGMA user_version = {schema.VERSION}; COMMIT;"
            )

    def _do_all[T](self, posted: list[_Work], work: Callable[[], T]) -> T:
        for earlier in posted:
            try:
                self._work(earlier, durable=False)
            except (sqlite3.Error, StateError) as error:
                self._complain(error)
            except Exception:
                _LOGGER.exception("Not written down: %s", self._path)
        return work()

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
            raise
        if self._complained and connection.total_changes != self._changes:
            self._complained = False
            _LOGGER.info("Written down again: %s", self._path)
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
