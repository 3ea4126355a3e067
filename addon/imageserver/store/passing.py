"""Pictures that are shown and not kept: from a local folder, or pushed to be shown once.

A disk that takes none does not keep them from being shown: then they are in memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..exceptions import NotFoundError
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

IN_MEMORY = 64
"""How many are held there at the most: one for each frame of a large house."""

_NAME = re.compile(r"[0-9a-f]{32}\.([0-9a-f]{8})\.jpeg")


@dataclass(frozen=True, slots=True)
class _InMemory:
    jpeg: bytes
    since: datetime


class Passing:
    """Holds prepared pictures in a directory of their own. A name tells what frame they were made for."""

    def __init__(self, *, directory: Path, pool: ImagingPool, clock: Clock, random: Random) -> None:
        self._directory = directory
        self._pool = pool
        self._clock = clock
        self._random = random
        self._in_memory: dict[str, _InMemory] = {}

    async def add(self, image: bytes, frame: FrameImage) -> str:
        """Prepare a picture and hold it; return its file name.

        Raises:
            PictureError: It is no picture, or a broken one.
        """
        jpeg = await self._pool.run(imaging.frame_jpeg, image, frame)
        name = f"{self._random.getrandbits(128):032x}.{_mark(frame)}.jpeg"
        try:
            await asyncio.to_thread(self._write, name, jpeg)
        except OSError as error:
            _LOGGER.debug("%s can't be written: %s", self._directory, error)
            self._in_memory[name] = _InMemory(jpeg, self._clock.now())
            if len(self._in_memory) > IN_MEMORY:
                del self._in_memory[next(iter(self._in_memory))]
        return name

    async def read(self, name: str, frame: FrameImage) -> bytes:
        """Return what frames get.

        Raises:
            NotFoundError: It is gone.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise NotFoundError(f"{name!r} is no picture to be shown once")
        in_memory = self._in_memory.get(name)
        try:
            jpeg = (
                await asyncio.to_thread((self._directory / name).read_bytes)
                if in_memory is None
                else in_memory.jpeg
            )
        except OSError as error:
            raise NotFoundError(f"The picture {name} is gone") from error
        if match[1] == _mark(frame):
            return jpeg
        return await self._pool.run(imaging.frame_jpeg, jpeg, frame)

    async def remove(self, *, keep: frozenset[str]) -> None:
        """Remove what is older than an hour and not in `keep`."""
        before = self._clock.now() - KEPT_FOR
        for name, held in tuple(self._in_memory.items()):
            if name not in keep and held.since < before:
                del self._in_memory[name]
        try:
            await asyncio.to_thread(self._remove, keep, before.timestamp())
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
