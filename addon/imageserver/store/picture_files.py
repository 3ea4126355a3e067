"""The files of the store: `original/`, `scalable/` (the user's spelling) and the cache of prepared copies.

Everything here blocks and belongs into a thread. Errors are the system's own; those who call know what
they mean for a picture.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Self

from ..files.atomic import TEMPORARY_PREFIX, atomic_write, remove_leftovers, sync_directory
from ..imaging.imaging import MAX_BYTES
from .picture_names import is_picture_name

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from io import BufferedReader
    from pathlib import Path

JPEG_START = b"\xff\xd8"

TRIED = 3
"""Files that tell whether a disk can be read."""


class Place(StrEnum):
    """Where a file of a picture lies."""

    ORIGINAL = "original"
    SCALED = "scaled"
    CACHE = "cache"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells without reading that a file is still the same."""

    bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Return the stamp of a file that was looked at."""
        return cls(status.st_size, status.st_mtime_ns)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return a stamp that was written down with `str`."""
        size, _, mtime = text.partition(":")
        return cls(int(size), int(mtime))

    def __str__(self) -> str:
        """Return what the index holds."""
        return f"{self.bytes}:{self.mtime_ns}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read."""

    place: Place
    name: str
    data: bytes
    stamp: Stamp


type Signature = tuple[int, int, int] | None


class PictureFiles:
    """Reads and writes whole files, and knows whether anybody else changed a directory."""

    def __init__(self, *, image_dir: Path, cache_dir: Path) -> None:
        self.image_dir = image_dir
        self._directories = {
            Place.ORIGINAL: image_dir / "original",
            Place.SCALED: image_dir / "scalable",
            Place.CACHE: cache_dir,
        }
        self._writing = {place: Lock() for place in Place}
        self._cleared: set[Place] = set()
        self._noted: dict[Place, Signature] = {Place.ORIGINAL: None, Place.SCALED: None}

    def directory(self, place: Place) -> Path:
        """Return where the files of a place lie."""
        return self._directories[place]

    def path(self, place: Place, name: str) -> Path:
        """Return where one file lies."""
        return self._directories[place] / name

    def present(self) -> bool:
        """Whether the picture directory is there.

        A disk that is not mounted leaves an empty directory behind; ours has at least one of its two.
        """
        return self._directories[Place.ORIGINAL].is_dir() or self._directories[Place.SCALED].is_dir()

    def make_directories(self) -> None:
        """Make what is missing."""
        for directory in self._directories.values():
            directory.mkdir(parents=True, exist_ok=True)

    def names(self, place: Place) -> Iterator[str]:
        """Yield the names of the picture files; clear away what an interrupted write has left.

        Links are left out: what they point to is not ours.
        """
        try:
            entries = os.scandir(self._directories[place])
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                if entry.name.startswith(TEMPORARY_PREFIX):
                    with suppress(OSError):  # On a read-only disk it stays.
                        self.remove(place, entry.name)
                elif is_picture_name(entry.name) and entry.is_file(follow_symlinks=False):
                    yield entry.name

    def stamp(self, place: Place, name: str) -> Stamp | None:
        """Look at a file; None where there is no such file."""
        try:
            status = os.lstat(f"{self._directories[place]}/{name}")
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Stamp.of(status) if stat.S_ISREG(status.st_mode) else None

    def read(self, place: Place, name: str) -> Source:
        """Read a file, but of one that is too large for a picture only enough to see that.

        Raises:
            OSError: It can't be read; FileNotFoundError: it is not there.
        """
        with self._open(place, name) as file:
            stamp = Stamp.of(os.fstat(file.fileno()))
            return Source(place, name, file.read(MAX_BYTES + 1), stamp)

    def read_ready(self, place: Place, name: str, stamp: Stamp) -> bytes | None:
        """Read a file that was prepared for frames; None where it is not the file that it was."""
        try:
            with self._open(place, name) as file:
                if Stamp.of(os.fstat(file.fileno())) != stamp:
                    return None
                data = file.read()
        except OSError:
            return None
        return data if len(data) == stamp.bytes and data.startswith(JPEG_START) else None

    def can_read_any(self, others_than: Container[str | None]) -> bool:
        """Try a few files of the pictures."""
        for place in (Place.ORIGINAL, Place.SCALED):
            try:
                others = (name for name in self.names(place) if name not in others_than)
                for name in islice(others, TRIED):
                    with suppress(OSError), self._open(place, name) as file:
                        file.read(1)
                        return True
            except OSError:
                continue
        return False

    def write(self, place: Place, name: str, data: bytes) -> Stamp:
        """Put a file in its place, whole or not at all; the error names it."""
        path = self.path(place, name)
        if place is Place.CACHE or self.present():
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._own_change(place):
            if place not in self._cleared:  # a server that is killed again and again must not fill the disk
                remove_leftovers(path.parent)
                self._cleared.add(place)
            atomic_write(path, data, lasting=place is not Place.CACHE)
            return Stamp.of(path.lstat())

    def remove(self, place: Place, name: str) -> None:
        """Remove a file, if it is there."""
        with self._own_change(place):
            self.path(place, name).unlink(missing_ok=True)

    def move_out(self, place: Place, name: str, target: Path) -> None:
        """Take a file out of the store; nothing happens where there is none."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._own_change(place):
            try:
                self.path(place, name).replace(target)
            except FileNotFoundError:
                return
        sync_directory(target.parent)

    def move_in(self, source: Path, place: Place, name: str) -> bool:
        """Bring a file back that was taken out; False where there is none.

        Raises:
            FileExistsError: Another file has taken its name meanwhile.
        """
        path = self.path(place, name)
        if not source.exists():
            return False
        path.parent.mkdir(exist_ok=True)
        with self._own_change(place):
            if path.exists():
                raise FileExistsError(f"{path} is there already")
            source.replace(path)
        sync_directory(path.parent)
        return True

    def note(self) -> None:
        """Remember how the directories look now, before they are gone through."""
        for place in self._noted:
            with self._writing[place]:
                self._noted[place] = self._signature(place)

    def changed(self) -> bool:
        """Whether somebody else added, removed or renamed files since `note`."""
        return any(self._signature(place) != noted for place, noted in self._noted.items())

    @contextmanager
    def _own_change(self, place: Place) -> Iterator[None]:
        with self._writing[place]:
            before = self._signature(place)
            yield
            if place in self._noted and self._noted[place] == before:  # Else somebody else did something.
                self._noted[place] = self._signature(place)

    def _signature(self, place: Place) -> Signature:
        try:
            status = self._directories[place].stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino, status.st_mtime_ns

    def _open(self, place: Place, name: str) -> BufferedReader:
        path = f"{self._directories[place]}/{name}"
        return open(path, "rb", opener=_open_file)


def _open_file(path: str, flags: int) -> int:
    """Open no link, and wait for no pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
