"""Pictures that are shown and not kept: from a local folder, or pushed to be shown once."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from ..exceptions import NotFoundError, StoreError
from ..files.atomic import atomic_write
from ..imaging import imaging

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from ..imaging.pool import ImagingPool
    from ..settings import FrameImage
    from ..timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

KEPT_FOR = timedelta(hours=1)

_NAME = re.compile(r"[0-9a-f]{32}\.([0-9a-f]{8})\.jpeg")


class Passing:
    """Holds prepared pictures in a directory of their own. A name tells what frame they were made for."""

    def __init__(self, *, directory: Path, pool: ImagingPool, clock: Clock, random: Random) -> None:
        self._directory = directory
        self._pool = pool
        self._clock = clock
        self._random = random

    async def add(self, image: bytes, frame: FrameImage) -> str:
        """Prepare a picture and hold it; return its file name.

        Raises:
            PictureError: It is no picture, or a broken one.
            StoreError: It can't be written.
        """
        jpeg = await self._pool.run(imaging.frame_jpeg, image, frame)
        name = f"{self._random.getrandbits(128):032x}.{_mark(frame)}.jpeg"
        try:
            await asyncio.to_thread(self._write, name, jpeg)
        except OSError as error:
            raise StoreError(f"{self._directory} can't be written: {error.strerror}") from error
        return name

    async def read(self, name: str, frame: FrameImage) -> bytes:
        """Return what frames get.

        Raises:
            NotFoundError: It is gone.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise NotFoundError(f"{name!r} is no picture to be shown once")
        try:
            jpeg = await asyncio.to_thread((self._directory / name).read_bytes)
        except OSError as error:
            raise NotFoundError(f"The picture {name} is gone") from error
        if match[1] == _mark(frame):
            return jpeg
        return await self._pool.run(imaging.frame_jpeg, jpeg, frame)

    async def remove(self, *, keep: frozenset[str]) -> None:
        """Remove what is older than an hour and not in `keep`."""
        before = (self._clock.now() - KEPT_FOR).timestamp()
        try:
            await asyncio.to_thread(self._remove, keep, before)
        except OSError as error:
            _LOGGER.debug("%s can't be cleared: %s", self._directory, error)

    def _write(self, name: str, jpeg: bytes) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / name
        atomic_write(path, jpeg)
        now = self._clock.now().timestamp()
        os.utime(path, (now, now))

    def _remove(self, keep: frozenset[str], before: float) -> None:
        with os.scandir(self._directory) as entries:
            for entry in entries:
                if entry.name not in keep and entry.stat(follow_symlinks=False).st_mtime < before:
                    (self._directory / entry.name).unlink(missing_ok=True)


def _mark(frame: FrameImage) -> str:
    return hashlib.sha256(imaging.fingerprint(frame).encode()).hexdigest()[:8]
