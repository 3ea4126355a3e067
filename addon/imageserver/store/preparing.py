"""From a picture's files to the one that frames get.

A scaled file that came with its original (the old server's are such) is believed where a frame can show
it as it is. Else the frame's file is made of the original where there is one, else of what there is. It
goes to `scalable/` for pictures that the server made, else to the cache; a file that may be served as it is
stays the one. What a person has dropped or changed is never written over.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..exceptions import NotFoundError, PictureError, StateError
from ..imaging import imaging
from ..imaging.imaging import Fitted
from . import pictures
from .picture_files import JPEG_START, Place, Stamp
from .picture_names import scaled_name
from .pictures import Ready
from .scan import NOT_THERE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from ..imaging.pool import ImagingPool
    from ..settings import FrameImage
    from ..state.state import State
    from .health import StoreHealth
    from .picture_files import PictureFiles, Source
    from .pictures import Entry

_LOGGER = logging.getLogger(__name__)

JPEG_END = b"\xff\xd9"

OF_DISKS = frozenset(
    {
        *(errno.EIO, errno.EACCES, errno.EPERM, errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    }
)
"""Errors that seldom come to one file alone: a disk that breaks, a share that is away, a limit is reached."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that gave no picture.

    Attributes:
        stamp: None where it could not even be opened.
        by_disk: It may be the disk that can't be read, not this file alone.
    """

    place: Place
    name: str
    reason: str
    stamp: Stamp | None
    by_disk: bool = False


class Preparing:
    """Makes what frames get, and writes down how that went. Its callers hold the picture's lock."""

    def __init__(
        self,
        *,
        files: PictureFiles,
        state: State,
        pool: ImagingPool,
        health: StoreHealth,
        touched: Callable[[int], None],
    ) -> None:
        """Take the parts; `touched` is told of each picture whose row changes."""
        self._files = files
        self._state = state
        self._pool = pool
        self._health = health
        self._touched = touched
        self._named: set[int] = set()

    async def prepare(self, entry: Entry, frame: FrameImage) -> tuple[bytes, Ready | None]:
        """Return what frames get, and the file that it is kept in, None where it could not be kept.

        Raises:
            NotFoundError: Its files have vanished; it is forgotten.
            PictureError: It can't be shown; it leaves the rotation until its files change.
            StoreError: The picture directory is out of reach.
        """
        if entry.picture.unreadable is not None:
            raise PictureError(entry.picture.unreadable)
        came_scaled = await self._came_scaled(entry, frame)
        if came_scaled is not None:
            source, made = came_scaled
            return made.jpeg, await self._keep(entry, source, made, imaging.fingerprint(frame))
        failures: list[Failure] = []
        for place in (Place.ORIGINAL, Place.SCALED):
            name = entry.name(place)
            tried = None if name is None else await self._pool.run(self._try, place, name, frame)
            if isinstance(tried, tuple):
                source, made = tried
                self._health.read()
                return made.jpeg, await self._keep(entry, source, made, imaging.fingerprint(frame))
            if tried is not None:
                failures.append(tried)
        if not await asyncio.to_thread(self._files.present):
            raise self._health.unreadable(NOT_THERE)
        if failures:
            by_disk = all(failure.by_disk for failure in failures)
            if by_disk and not await self._others_are_read(entry):
                raise self._health.misread(failures[0].reason)
            raise await self._unreadable(entry, failures)
        raise await self._vanished(entry)

    async def _came_scaled(self, entry: Entry, frame: FrameImage) -> tuple[Source, Fitted] | None:
        """Return the scaled file that was dropped beside its original, if frames can show it as it is."""
        picture = entry.picture
        if picture.own or entry.ready is not None or picture.scaled is None or picture.original is None:
            return None
        tried = await self._pool.run(self._try, Place.SCALED, picture.scaled, frame)
        if not isinstance(tried, tuple) or tried[1].jpeg != tried[0].data:
            return None
        source, made = tried
        try:
            original = await asyncio.to_thread(self._files.read, Place.ORIGINAL, picture.original)
            size = await self._pool.run(imaging.read_size, original.data)
        except (OSError, PictureError):
            size = made.size
        return source, Fitted(made.jpeg, size)

    def _try(self, place: Place, name: str, frame: FrameImage) -> tuple[Source, Fitted] | Failure | None:
        """Return the file and what was made of it, why nothing was, or None where there is no file.

        Runs in the imaging pool.
        """
        try:
            source = self._files.read(place, name)
        except FileNotFoundError:
            return None
        except OSError as error:
            by_disk = error.errno in OF_DISKS
            return Failure(place, name, error.strerror or str(error), stamp=None, by_disk=by_disk)
        try:
            return source, imaging.fitted(source.data, frame)
        except PictureError as error:
            return Failure(place, name, str(error), source.stamp)

    async def _keep(self, entry: Entry, source: Source, made: Fitted, fingerprint: str) -> Ready | None:
        try:
            place, name, stamp = await asyncio.to_thread(self._put, entry, source, made.jpeg)
        except OSError as error:
            self._health.unwritable(error)
            return None
        if place is not source.place:
            self._health.writable(self._files.directory(place))
        picture_id, ready = entry.picture.id, Ready(place, name, fingerprint, stamp)

        def record(connection: sqlite3.Connection) -> None:
            pictures.set_file(connection, picture_id, source.place, source.name, source.stamp)
            if place is Place.SCALED:
                pictures.set_file(connection, picture_id, place, name, stamp)
            pictures.set_ready(connection, picture_id, ready, made.size)

        self._named.discard(picture_id)
        self._touched(picture_id)
        self._state.post(record)  # if that fails, the picture is only prepared again next time
        return ready

    async def _others_are_read(self, entry: Entry) -> bool:
        """Tell one broken file from a disk that can't be read, which is no picture's fault."""
        own = {entry.picture.original, entry.picture.scaled}
        return await asyncio.to_thread(self._files.can_read_any, own)

    def _put(self, entry: Entry, source: Source, jpeg: bytes) -> tuple[Place, str, Stamp]:
        """Bring what frames get to where it belongs; runs in a thread."""
        picture = entry.picture
        if jpeg == source.data:
            return source.place, source.name, source.stamp
        place, name = Place.CACHE, pictures.cache_name(picture.id)
        if picture.own and not picture.archived and source.place is Place.ORIGINAL and self._is_ours(entry):
            place, name = Place.SCALED, picture.scaled or scaled_name(picture.stem)
        return place, name, self._files.write(place, name, jpeg)

    def _is_ours(self, entry: Entry) -> bool:
        """Whether nobody's work is lost when the scaled file is written over."""
        name = entry.picture.scaled or scaled_name(entry.picture.stem)
        stamp = self._files.stamp(Place.SCALED, name)
        if stamp is None or (
            entry.ready and entry.ready.place is Place.SCALED and entry.ready.stamp == stamp
        ):
            return True
        try:
            data = self._files.read(Place.SCALED, name).data
        except OSError:
            return False
        return not (data.startswith(JPEG_START) and data.rstrip(b"\0").endswith(JPEG_END))

    async def _unreadable(self, entry: Entry, failures: list[Failure]) -> PictureError:
        picture_id = entry.picture.id
        reason = "; ".join(f"{self._files.path(f.place, f.name)}: {f.reason}" for f in failures)

        def record(connection: sqlite3.Connection) -> None:
            for failure in failures:
                # Without a stamp the next scan finds it changed, and lets it be tried again.
                pictures.set_file(connection, picture_id, failure.place, failure.name, failure.stamp)
            pictures.set_unreadable(connection, picture_id, reason)

        if picture_id not in self._named:
            self._named.add(picture_id)
            _LOGGER.warning("A picture can't be shown: %s", reason)
        await self._record(picture_id, record)
        return PictureError(reason)

    async def _vanished(self, entry: Entry) -> NotFoundError:
        picture = entry.picture
        _LOGGER.info("The picture %s is no longer there", picture.stem)
        await self._record(picture.id, lambda connection: pictures.remove_vanished(connection, picture))
        return NotFoundError(f"The picture {picture.stem} is no longer there")

    async def _record(self, picture_id: int, work: Callable[[sqlite3.Connection], object]) -> None:
        self._touched(picture_id)
        try:
            await self._state.run(work)
        except StateError as error:
            # The frame gets its picture all the same; it is only prepared again next time.
            _LOGGER.debug("Not written down of picture %d: %s", picture_id, error)
