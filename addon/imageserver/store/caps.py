"""Keeping the store within its caps: the oldest leave, what matters stays.

First the index says who leaves, all at once, so that the rotation is right at that moment; then the files
go, one picture at a time. What a power cut leaves over is done the next time.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..events import EventKind
from . import pictures
from .picture_files import Place

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from ..events import Events
    from ..models import Picture
    from ..settings import Caps
    from ..state.state import State
    from .health import StoreHealth
    from .picture_files import PictureFiles
    from .picture_locks import PictureLocks

_LOGGER = logging.getLogger(__name__)

BUILTIN = "builtin"
BUILTIN_MAXIMUM = 50
"""Pictures that the server drew by itself cost nothing: no more stay, they leave no archive and go first."""

BATCH = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """Pictures that stay whatever their age.

    Attributes:
        ids: A frame may still come for them.
        stems: They are just arriving, and nobody knows their ids yet.
    """

    ids: frozenset[int] = frozenset()
    stems: frozenset[str] = frozenset()

    def as_json(self) -> tuple[str, str]:
        """Return both as the database takes lists."""
        return json.dumps(sorted(self.ids)), json.dumps(sorted(self.stems))


class StoreCaps:
    """Removes what is too much."""

    def __init__(
        self,
        *,
        files: PictureFiles,
        state: State,
        locks: PictureLocks,
        health: StoreHealth,
        events: Events,
        touched: Callable[[int], None],
    ) -> None:
        """Take the parts; `touched` is told of each picture whose row changes."""
        self._files = files
        self._state = state
        self._locks = locks
        self._health = health
        self._events = events
        self._touched = touched
        self._clearing = asyncio.Lock()

    async def tidy(self, *, rotation: Caps, originals: Caps, kept: Kept) -> None:
        """Let the oldest leave where there are too many.

        Args:
            rotation: Of what frames are shown; who leaves it stays in the archive if it has an original.
            originals: Of files of full size, in the archive or not.
            kept: Who stays beside those that the index protects.
        """
        await self._state.run(partial(mark_leavers, caps=rotation, kept=kept))
        if self._clearing.locked():
            return  # Whoever is at it goes on until no leaver is left.
        async with self._clearing:
            try:
                left = await self._clear_leavers()
                thinned = await self._clear_originals(originals, kept)
            except OSError as error:
                self._health.unwritable(error)
                return
        if left or thinned:
            _LOGGER.info("Over the caps: %d pictures left the rotation, %d originals removed", left, thinned)

    async def _clear_leavers(self) -> int:
        count = 0
        while batch := await self._state.read(leavers):
            for picture_id in batch:
                await self._clear(picture_id, leaves_the_rotation)
            count += len(batch)
        return count

    async def _clear_originals(self, caps: Caps, kept: Kept) -> int:
        oldest = await self._state.read(partial(surplus_originals, caps=caps, kept=kept))
        for picture_id in oldest:
            await self._clear(picture_id, loses_its_original)
        return len(oldest)

    async def _clear(self, picture_id: int, what_goes: Callable[[Picture], tuple[Place, ...]]) -> None:
        async with self._locks.of(picture_id):
            entry = await self._state.read(partial(pictures.find, picture_id=picture_id))
            if entry is None or entry.picture.deleted_at is not None or entry.picture.favourite:
                return
            places = what_goes(entry.picture)
            await asyncio.to_thread(self._remove, entry.picture, places)
            left = await self._state.run(partial(removed, picture=entry.picture, places=places))
        self._touched(picture_id)
        self._events.publish(EventKind.PICTURE, left)

    def _remove(self, picture: Picture, places: tuple[Place, ...]) -> None:
        for place in places:
            name = pictures.file_name(picture, place)
            if name is not None:
                self._files.remove(place, name)


def mark_leavers(connection: sqlite3.Connection, caps: Caps, kept: Kept) -> None:
    """Take out of the rotation what is too much in it."""
    row = connection.execute("SELECT count(*) FROM rotation WHERE provider = ?", (BUILTIN,)).fetchone()
    if row[0] > BUILTIN_MAXIMUM:
        _archive_oldest(connection, row[0] - BUILTIN_MAXIMUM, kept, provider=BUILTIN)
    row = connection.execute("SELECT count(*) FROM rotation").fetchone()
    if row[0] > caps.maximum:
        _archive_oldest(connection, row[0] - caps.minimum, kept, provider=None)


def leavers(connection: sqlite3.Connection) -> list[int]:
    """Return some of those that have left the rotation and still have files to be removed."""
    rows = connection.execute(
        "SELECT id FROM pictures WHERE archived = 1 AND (scaled IS NOT NULL OR original IS NULL)"
        " AND deleted_at IS NULL AND favourite = 0 ORDER BY id LIMIT ?",
        (BATCH,),
    )
    return [row["id"] for row in rows]


def surplus_originals(connection: sqlite3.Connection, caps: Caps, kept: Kept) -> list[int]:
    """Return the pictures whose originals are too many, the oldest first."""
    (count,) = connection.execute(
        "SELECT count(*) FROM pictures WHERE original IS NOT NULL AND deleted_at IS NULL"
        " AND unreadable IS NULL"
    ).fetchone()
    if count <= caps.maximum:
        return []
    rows = connection.execute(
        "SELECT id FROM removable WHERE original IS NOT NULL"
        " AND id NOT IN (SELECT value FROM json_each(?))"
        " AND stem NOT IN (SELECT value FROM json_each(?))"
        " ORDER BY provider IS ? DESC, added_at, id LIMIT ?",
        (*kept.as_json(), BUILTIN, count - caps.minimum),
    )
    return [row["id"] for row in rows]


def leaves_the_rotation(picture: Picture) -> tuple[Place, ...]:
    """Return which files go when a picture leaves: what has an original becomes the archive."""
    if picture.original is not None and picture.provider != BUILTIN:
        return Place.SCALED, Place.CACHE
    return tuple(Place)


def loses_its_original(picture: Picture) -> tuple[Place, ...]:
    """Return which files go with the original: what frames are still shown keeps its scaled file."""
    if picture.scaled is not None:
        return (Place.ORIGINAL,)
    return tuple(Place)


def removed(connection: sqlite3.Connection, picture: Picture, places: tuple[Place, ...]) -> Picture:
    """Note that files are gone; return what is left of the picture, maybe one without any file."""
    original = None if Place.ORIGINAL in places else picture.original
    scaled = None if Place.SCALED in places else picture.scaled
    if original is None and scaled is None:
        pictures.remove(connection, picture.id)
        return replace(picture, original=None, scaled=None, bytes=0)
    for place in {Place.ORIGINAL, Place.SCALED}.intersection(places):
        pictures.set_file(connection, picture.id, place, None, None)
    pictures.forget_ready(connection, picture.id)
    left = pictures.find(connection, picture.id)
    return picture if left is None else left.picture


def _archive_oldest(connection: sqlite3.Connection, amount: int, kept: Kept, *, provider: str | None) -> None:
    connection.execute(
        "UPDATE pictures SET archived = 1 WHERE id IN ("
        " SELECT id FROM removable WHERE archived = 0 AND (? IS NULL OR provider = ?)"
        " AND id NOT IN (SELECT value FROM json_each(?))"
        " AND stem NOT IN (SELECT value FROM json_each(?))"
        " ORDER BY provider IS ? DESC, added_at, id LIMIT ?)",
        (provider, provider, *kept.as_json(), BUILTIN, amount),
    )
