"""A folder of one's own pictures, as people, shares and broken disks leave it."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from contextlib import asynccontextmanager
from itertools import cycle
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

from imageserver.providers import local_folder
from imageserver.providers.folder_thread import FolderThread
from imageserver.providers.local_folder import LocalFolder
from tests import pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from imageserver.providers.base import Done, PictureRequest, ProviderContext
    from tests.houses import House

ALONE, BESIDE_A_GOOD_ONE, FOLDER = "alone", "beside a good one", "folder"
LOOK = 61.0
"""Seconds after which a change is known, however it came about."""


def _link_out(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def _huge(path: Path) -> None:
    path.write_bytes(pictures.jpeg())
    os.truncate(path, 21 * 1024 * 1024)


FILES: dict[str, Callable[[Path], object]] = {
    "vanished": lambda path: None,  # noqa: ARG005 - one of these; it is not put back
    "cut": lambda path: path.write_bytes(pictures.cut(pictures.jpeg())),
    "bomb": lambda path: path.write_bytes(pictures.jpeg_bomb()),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no picture"),
    "foreign": lambda path: path.write_bytes(pictures.foreign()["GIF"]),
    "huge": _huge,
    "pipe": os.mkfifo,
    "directory": lambda path: path.mkdir(),
    "link_out": _link_out,
}
"""What a file is by the time that it is read; it was a picture when the folder was looked through."""


class CountedFolder(LocalFolder):
    """Counts what is asked of it, and waits for less than a share may take."""

    asked: ClassVar[int] = 0

    def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
        super().__init__(options, context)
        self._thread = FolderThread("folder", patience=3)

    async def start(self) -> None:
        """Look when it is told to, and at no other time."""

    async def submit(self, request: PictureRequest) -> Done:
        CountedFolder.asked += 1
        return await super().submit(request)


class FolderWorld:
    """A folder with `lim` looking at it; each fault comes after a look."""

    code = "lim"
    title = "Local folder"
    secret = "no secret at all"
    day = LOOK
    takes_prompts = False
    free = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = str(folder)
        folder.mkdir()
        (folder / "a.jpeg").write_bytes(pictures.jpeg())

    @property
    def options(self) -> dict[str, Any]:
        return {"local_image_folder": str(self._folder)}

    @property
    def sent(self) -> int:
        return CountedFolder.asked

    billed = polls = 0

    def faults(self) -> list[tuple[str, str]]:
        return [
            *((name, ALONE) for name in FILES),
            *((name, BESIDE_A_GOOD_ONE) for name in FILES),
            *((name, FOLDER) for name in ("missing", "emptied", "a_file", "hangs")),
        ]

    @asynccontextmanager
    async def befall(self, house: House, fault: str, place: str) -> AsyncIterator[None]:
        if place == FOLDER:
            async with self._folder_fault(house, fault):
                yield
        else:
            await self._files(house, "a.jpeg", *(["b.jpeg"] if place == BESIDE_A_GOOD_ONE else []))
            _remove(self._folder / "a.jpeg")
            FILES[fault](self._folder / "a.jpeg")
            with patch.object(local_folder.Bag, "draw", side_effect=cycle(["a.jpeg", "b.jpeg"])):
                yield
            await self._files(house, "a.jpeg")

    def hangs(self, fault: str, place: str) -> float | None:  # noqa: ARG002 - its limits are real time
        return None

    async def _files(self, house: House, *names: str) -> None:
        """Let there be these pictures, and let it be known."""
        for path in self._folder.iterdir():
            _remove(path)
        for name in names:
            (self._folder / name).write_bytes(pictures.jpeg(seed=hash(name) % 97))
        await self.look(house)

    async def look(self, house: House) -> None:
        provider: Any = house.server.availability.provider(self.code)
        await provider._live._look(anew=True)

    @asynccontextmanager
    async def _folder_fault(self, house: House, fault: str) -> AsyncIterator[None]:
        away = self._folder.with_name("away")
        if fault == "hangs":
            back = threading.Event()
            with patch.object(local_folder, "read_picture", lambda *_: back.wait()):
                yield
                back.set()
            async with asyncio.timeout(10):
                while house.server.availability.provider(self.code).not_ready():
                    await asyncio.sleep(0.01)  # until the thread has come back
                    await self.look(house)
        elif fault == "emptied":
            _remove(self._folder / "a.jpeg")
            yield
        else:
            self._folder.rename(away)
            if fault == "a_file":
                self._folder.write_text("no folder")
            yield
            _remove(self._folder)
            away.rename(self._folder)
        await self._files(house, "a.jpeg")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
