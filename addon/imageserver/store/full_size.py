"""What people are shown of a picture: its full size, and a small one of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..exceptions import NotFoundError, PictureError
from ..imaging import imaging
from ..models import Size
from .picture_files import Place
from .scan import NOT_THERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..imaging.pool import ImagingPool
    from ..models import Picture
    from .health import StoreHealth
    from .picture_files import PictureFiles
    from .pictures import Entry


_ENOUGH = Size(320, 320)
"""A picture that can be shown so small is whole; to look at it in full size would take longer."""


class FullSize:
    """Reads the largest file that a picture has."""

    def __init__(self, *, files: PictureFiles, pool: ImagingPool, health: StoreHealth) -> None:
        self._files = files
        self._pool = pool
        self._health = health

    async def original(self, entry: Entry) -> bytes:
        """Return the file of full size as it is, else the scaled one.

        Raises:
            NotFoundError: Neither is there any more.
            PictureError: It is no picture.
            StoreError: The picture directory is out of reach.
        """
        return await self._first(entry, _whole)

    async def thumbnail(self, entry: Entry) -> bytes:
        """Return a small JPEG of it.

        Raises:
            NotFoundError, PictureError, StoreError: As for `original`.
        """
        return await self._first(entry, imaging.thumbnail)

    async def _first(self, entry: Entry, show: Callable[[bytes], bytes]) -> bytes:
        """Return what is shown of the first file that is a picture: anything may bear the name of one."""
        _refuse_unreadable(entry.picture)
        refused: PictureError | None = None
        for place in (Place.ORIGINAL, Place.SCALED):
            data = await self._read(entry, place)
            try:
                if data is not None:
                    return await self._pool.run(show, data)
            except PictureError as error:
                refused = error
        raise refused or await self._missing(entry.picture)

    async def _read(self, entry: Entry, place: Place) -> bytes | None:
        name = entry.name(place)
        if name is None:
            return None
        try:
            return (await asyncio.to_thread(self._files.read, place, name)).data
        except OSError:
            return None

    async def _missing(self, picture: Picture) -> Exception:
        if await asyncio.to_thread(self._files.present):
            return NotFoundError(f"The files of the picture {picture.stem} can't be read")
        return self._health.unreadable(NOT_THERE)


def _whole(data: bytes) -> bytes:
    imaging.check(data, _ENOUGH)
    return data


def _refuse_unreadable(picture: Picture) -> None:
    if picture.unreadable is not None:
        raise PictureError(picture.unreadable)
