"""Deleting by a person: hidden at once, undoable for a day, then for good.

The index is changed before files are taken away and after they are brought back: what a crash cuts short in
between is a deletion that is finished at the next start, and can be undone as any other.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ..events import EventKind
from ..exceptions import ConflictError, NotFoundError, StateError
from ..state.records import from_time
from . import bag, pictures
from .deleted_files import DeletedFiles
from .picture_files import Place
from .scan import NOT_THERE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from ..events import Events
    from ..models import Picture
    from ..state.state import State
    from ..timing.clock import Clock
    from .health import StoreHealth
    from .picture_files import PictureFiles
    from .picture_locks import PictureLocks
    from .pictures import Entry

_LOGGER = logging.getLogger(__name__)

UNDOABLE_FOR = timedelta(days=1)


class StoreDeletion:
    """Hides pictures, brings them back, and removes them in the end. Blocking work runs in threads."""

    def __init__(
        self,
        *,
        files: PictureFiles,
        state: State,
        clock: Clock,
        random: Random,
        locks: PictureLocks,
        health: StoreHealth,
        events: Events,
        touched: Callable[[int], None],
    ) -> None:
        """Take the parts; `touched` is told of each picture whose row changes."""
        self._files = files
        self._state = state
        self._clock = clock
        self._random = random
        self._locks = locks
        self._health = health
        self._events = events
        self._touched = touched
        self._deleted = DeletedFiles(files)

    async def delete(self, picture_id: int) -> Picture:
        """Hide a picture.

        Raises:
            NotFoundError: There is no such picture, or it is deleted already.
            StoreError: Its files can't be moved; it stays.
        """
        async with self._locks.of(picture_id):
            entry = await self._find(picture_id)
            if entry.picture.deleted_at is not None:
                raise NotFoundError(f"The picture {picture_id} is deleted already")
            if not await asyncio.to_thread(self._files.present):
                raise self._health.unreadable(NOT_THERE)
            await self._set_deleted(picture_id, self._clock.now())
            try:
                await asyncio.to_thread(self._deleted.take_away, entry.picture)
            except OSError as error:
                await self._set_deleted(picture_id, None)
                raise self._health.unwritable(error) from error
            _LOGGER.info("Deleted, and to be brought back within a day: %s", entry.picture.stem)
            return await self._tell(picture_id)

    async def restore(self, picture_id: int) -> Picture:
        """Undo a deletion.

        Raises:
            NotFoundError: It is gone for good.
            ConflictError: It is not deleted, or another picture has taken its name meanwhile.
            StoreError: Its files can't be moved; it stays deleted.
        """
        async with self._locks.of(picture_id):
            entry = await self._find(picture_id)
            picture = entry.picture
            if picture.deleted_at is None:
                raise ConflictError(f"The picture {picture_id} is not deleted")
            try:
                there = await asyncio.to_thread(self._deleted.bring_back, picture)
            except FileExistsError as error:
                raise ConflictError(str(error)) from error
            except OSError as error:
                raise self._health.unwritable(error) from error
            restored = partial(undelete, picture=picture, there=there, lot=self._random.random())
            try:
                found = await self._state.run(restored, durable=True)
            except (ConflictError, StateError):
                await asyncio.to_thread(self._deleted.keep, picture, there)
                raise
            await asyncio.to_thread(self._deleted.brought_back, picture_id)
            if not found:
                raise NotFoundError(f"The files of the picture {picture.stem} are gone")
            _LOGGER.info("Brought back: %s", picture.stem)
            return await self._tell(picture_id)

    async def purge(self) -> None:
        """Remove for good what was deleted a day ago, and what nobody knows any more."""
        end = self._clock.now() - UNDOABLE_FOR
        try:
            for old in await self._state.read(partial(deleted, before=end)):
                await self._purge(old.picture.id, end)
            for picture_id in await asyncio.to_thread(list, self._deleted.before(end)):
                if await self._state.read(partial(pictures.find, picture_id=picture_id)) is None:
                    await asyncio.to_thread(self._deleted.remove, picture_id)
        except OSError as error:
            self._health.unwritable(error)

    async def finish(self) -> None:
        """Finish what was cut short: files that were to be taken away are, others are brought back."""
        for entry in await self._state.read(deleted):
            try:
                await asyncio.to_thread(self._deleted.finish, entry)
            except OSError as error:
                _LOGGER.debug("The deleted picture %s still lies there: %s", entry.picture.stem, error)
        for picture_id in await asyncio.to_thread(self._deleted.moving):
            found = await self._state.read(partial(pictures.find, picture_id=picture_id))
            if found is None or found.picture.deleted_at is not None:
                continue
            try:
                await asyncio.to_thread(self._deleted.bring_back, found.picture)
                await asyncio.to_thread(self._deleted.brought_back, picture_id)
            except OSError as error:
                _LOGGER.debug("%s is not back yet: %s", found.picture.stem, error)

    async def _purge(self, picture_id: int, end: datetime) -> None:
        async with self._locks.of(picture_id):
            entry = await self._state.read(partial(pictures.find, picture_id=picture_id))
            deleted_at = None if entry is None else entry.picture.deleted_at
            if entry is None or deleted_at is None or deleted_at > end:
                return  # somebody has brought it back in this very moment
            await asyncio.to_thread(self._deleted.finish, entry)
            await asyncio.to_thread(self._deleted.remove, picture_id)
            await self._state.run(partial(pictures.remove, picture_id=picture_id))

    async def _find(self, picture_id: int) -> Entry:
        entry = await self._state.read(partial(pictures.find, picture_id=picture_id))
        if entry is None:
            raise NotFoundError(f"There is no picture {picture_id}")
        return entry

    async def _set_deleted(self, picture_id: int, at: datetime | None) -> None:
        await self._state.run(partial(pictures.set_deleted, picture_id=picture_id, at=at), durable=True)
        self._touched(picture_id)

    async def _tell(self, picture_id: int) -> Picture:
        self._touched(picture_id)
        picture = (await self._find(picture_id)).picture
        self._events.publish(EventKind.PICTURE, picture)
        return picture


def deleted(connection: sqlite3.Connection, before: datetime | None = None) -> list[Entry]:
    """Return the deleted pictures; with `before`, those whose time is over."""
    rows = connection.execute(
        "SELECT * FROM pictures WHERE deleted_at IS NOT NULL AND (? IS NULL OR deleted_at <= ?)",
        (from_time(before), from_time(before)),
    )
    return [pictures.to_entry(row) for row in rows]


def undelete(connection: sqlite3.Connection, picture: Picture, there: frozenset[Place], lot: float) -> bool:
    """Bring a picture back with the files that it still has; False where there are none.

    Raises:
        ConflictError: Another picture has taken its name meanwhile.
    """
    if not there:
        pictures.remove(connection, picture.id)
        return False
    if pictures.find_stem(connection, picture.stem) is not None:
        raise ConflictError(f"There is another picture {picture.stem} by now")
    pictures.set_deleted(connection, picture.id, None)
    for place in {Place.ORIGINAL, Place.SCALED} - there:
        pictures.set_file(connection, picture.id, place, None, None)
    bag.rejoin(connection, picture.id, lot)
    return True
