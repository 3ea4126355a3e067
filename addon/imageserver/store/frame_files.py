"""The file that a frame gets: only to be read where it is ready, prepared where it is not."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from ..exceptions import NotFoundError, PictureError, StoreError
from ..imaging import imaging
from . import pictures

if TYPE_CHECKING:
    import sqlite3

    from ..settings import FrameImage
    from ..state.state import State
    from .health import StoreHealth
    from .picture_files import PictureFiles
    from .picture_locks import PictureLocks
    from .pictures import Entry, Ready
    from .preparing import Preparing

_LOGGER = logging.getLogger(__name__)

REMEMBERED = 1024
"""Ready files that are found without asking the index."""


class FrameFiles:
    """Knows each picture's ready file."""

    def __init__(
        self,
        *,
        files: PictureFiles,
        state: State,
        locks: PictureLocks,
        preparing: Preparing,
        health: StoreHealth,
        frame: FrameImage,
    ) -> None:
        self._files = files
        self._state = state
        self._locks = locks
        self._preparing = preparing
        self._health = health
        self._ready: dict[int, Ready] = {}
        self.apply(frame)

    def apply(self, frame: FrameImage) -> None:
        """Take a new size, fit or panel: what was made for the old one is not served any more."""
        self._frame = frame
        self._fingerprint = imaging.fingerprint(frame)

    def remember(self, entry: Entry) -> None:
        """Keep in mind where a picture's ready file is, so that reading it asks nobody."""
        if entry.ready is not None:
            self._remember(entry.picture.id, entry.ready)

    def forget(self, picture_id: int) -> None:
        """Look a picture up again before it is served."""
        self._ready.pop(picture_id, None)

    async def is_ready(self, picture_id: int) -> bool:
        """Whether reading a picture needs no preparing.

        Raises:
            NotFoundError: There is no such picture.
        """
        ready = self._ready.get(picture_id) or (await self._entry(picture_id)).ready
        if ready is None or ready.fingerprint != self._fingerprint:
            return False
        return await asyncio.to_thread(self._files.stamp, ready.place, ready.name) == ready.stamp

    async def read(self, picture_id: int) -> bytes:
        """Return what frames get; one at a time prepares it, the others wait for that.

        Raises:
            NotFoundError: There is no such picture, or its files have vanished; then it is forgotten.
            PictureError: It can't be shown; it leaves the rotation until its files change.
            StoreError: The picture directory is out of reach.
        """
        jpeg = await self._read(self._ready.get(picture_id))
        if jpeg is not None:
            return jpeg
        async with self._locks.of(picture_id):
            entry = await self._entry(picture_id)
            ready = entry.ready
            jpeg = await self._read(ready)
            if jpeg is None:
                jpeg, ready = await self._preparing.prepare(entry, self._frame)
            if ready is not None:
                self._remember(picture_id, ready)
            return jpeg

    async def make_anew(self) -> None:
        """Prepare, in the order of the bag, what was prepared for another size, fit or panel."""
        fingerprint = self._fingerprint

        def stale(connection: sqlite3.Connection) -> list[int]:
            rows = connection.execute(
                "SELECT id FROM rotation WHERE ready_for != ? ORDER BY round, lot", (fingerprint,)
            )
            return [row["id"] for row in rows]

        waiting = await self._state.read(stale)
        for number, picture_id in enumerate(waiting):
            try:
                await self.read(picture_id)
            except (NotFoundError, PictureError):
                continue
            except StoreError as error:
                _LOGGER.info("%d of %d pictures prepared anew, then: %s", number, len(waiting), error)
                return
        if waiting:
            _LOGGER.info("%d pictures prepared anew for the frame's new settings", len(waiting))

    async def _entry(self, picture_id: int) -> Entry:
        entry = await self._state.read(lambda connection: pictures.find(connection, picture_id))
        if entry is None or entry.picture.deleted_at is not None:
            raise NotFoundError(f"There is no picture {picture_id}")
        return entry

    async def _read(self, ready: Ready | None) -> bytes | None:
        if ready is None or ready.fingerprint != self._fingerprint:
            return None
        jpeg = await asyncio.to_thread(self._files.read_ready, ready.place, ready.name, ready.stamp)
        if jpeg is not None:
            self._health.read()
        return jpeg

    def _remember(self, picture_id: int, ready: Ready) -> None:
        self._ready.pop(picture_id, None)
        self._ready[picture_id] = ready
        if len(self._ready) > REMEMBERED:
            del self._ready[next(iter(self._ready))]
