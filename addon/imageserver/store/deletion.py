"""Deleting by a person: hidden at once, undoable for a day, then for good.

The files of a deleted picture wait in `.deleted/<id>/` of the picture directory, where a person finds
them too. The index is changed before files are taken away and after they are brought back, so a power cut
in between loses no picture.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ..events import EventKind
from ..exceptions import ConflictError, NotFoundError, StateError
from . import bag, pictures
from .picture_files import Place
from .scan import NOT_THERE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
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

FOLDER = ".deleted"

type Move = tuple[Place, str, Path]
"""A file of the store, and where it waits while its picture is deleted."""


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
        self._folder = files.image_dir / FOLDER

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
                await asyncio.to_thread(self._take_away, entry.picture)
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
                moved = await asyncio.to_thread(self._bring_back, picture)
            except FileExistsError as error:
                raise ConflictError(str(error)) from error
            except OSError as error:
                raise self._health.unwritable(error) from error
            there = frozenset(place for place, _, _ in moved)
            restored = partial(undelete, picture=picture, there=there, lot=self._random.random())
            try:
                found = await self._state.run(restored, durable=True)
            except (ConflictError, StateError):
                await asyncio.to_thread(self._move_out, moved)
                raise
            if not found:
                raise NotFoundError(f"The files of the picture {picture.stem} are gone")
            _LOGGER.info("Brought back: %s", picture.stem)
            return await self._tell(picture_id)

    async def purge(self) -> None:
        """Remove for good what was deleted a day ago, and what nobody knows any more."""
        end = self._clock.now() - UNDOABLE_FOR
        try:
            for picture_id in await self._state.read(partial(deleted_before, end=end)):
                async with self._locks.of(picture_id):
                    await asyncio.to_thread(self._remove, self._folder_of(picture_id))
                    await self._state.run(partial(pictures.remove, picture_id=picture_id))
            for folder in await asyncio.to_thread(self._folders_before, end):
                if await self._state.read(partial(pictures.find, picture_id=int(folder.name))) is None:
                    await asyncio.to_thread(self._remove, folder)
        except OSError as error:
            self._health.unwritable(error)

    async def finish(self) -> None:
        """Take away the files of pictures whose deletion was cut short before it touched them."""
        for entry in await self._state.read(deleted):
            try:
                await asyncio.to_thread(self._finish, entry)
            except OSError as error:
                _LOGGER.debug("The deleted picture %s still lies there: %s", entry.picture.stem, error)

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

    # What follows runs in threads.

    def _take_away(self, picture: Picture) -> None:
        self._folder_of(picture.id).mkdir(parents=True, exist_ok=True)
        self._files.remove(Place.CACHE, pictures.cache_name(picture.id))
        try:
            self._move_out(self._moves(picture))
        except OSError:
            self._bring_back(picture)
            raise

    def _bring_back(self, picture: Picture) -> list[Move]:
        """Return what has been moved; nothing is, where anything can't be."""
        moved: list[Move] = []
        try:
            for place, name, buried in self._moves(picture):
                if self._files.move_in(buried, place, name):
                    moved.append((place, name, buried))
        except OSError:
            self._move_out(moved)
            raise
        return moved

    def _move_out(self, moves: list[Move]) -> None:
        for place, name, buried in moves:
            self._files.move_out(place, name, buried)

    def _moves(self, picture: Picture) -> list[Move]:
        folder = self._folder_of(picture.id)
        named = [(place, pictures.file_name(picture, place)) for place in (Place.ORIGINAL, Place.SCALED)]
        return [
            (place, name, folder / self._files.directory(place).name / name)
            for place, name in named
            if name is not None
        ]

    def _finish(self, entry: Entry) -> None:
        if self._folder_of(entry.picture.id).exists():
            return  # What lies in the store now is of a later day: somebody has put it back by hand.
        moves = self._moves(entry.picture)
        if any(self._files.stamp(place, name) == entry.stamp(place) for place, name, _ in moves):
            self._take_away(entry.picture)

    def _folder_of(self, picture_id: int) -> Path:
        return self._folder / str(picture_id)

    def _folders_before(self, end: datetime) -> list[Path]:
        if not self._folder.is_dir():
            return []
        folders = (path for path in self._folder.iterdir() if path.name.isdecimal())
        return [path for path in folders if path.lstat().st_mtime < end.timestamp()]

    def _remove(self, folder: Path) -> None:
        if folder.exists():
            shutil.rmtree(folder)


def deleted(connection: sqlite3.Connection) -> list[Entry]:
    """Return all deleted pictures."""
    rows = connection.execute("SELECT * FROM pictures WHERE deleted_at IS NOT NULL")
    return [pictures.to_entry(row) for row in rows]


def deleted_before(connection: sqlite3.Connection, end: datetime) -> list[int]:
    """Return the pictures whose time is over."""
    rows = connection.execute("SELECT id FROM pictures WHERE deleted_at <= ?", (end.timestamp(),))
    return [row["id"] for row in rows]


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
