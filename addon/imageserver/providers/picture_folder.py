"""A folder of pictures that belongs to somebody else: listed and read, never written. All of it blocks."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..exceptions import PictureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
MAX_BYTES = 20 * 1024 * 1024

NOT_FOR_PEOPLE = frozenset(
    {"@eadir", "#recycle", "#snapshot", "$recycle.bin", "lost+found", "system volume information"}
)
"""Where network storage keeps thumbnails and rubbish."""

_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_NO_LINK = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # the last, since a pipe would wait


type _Stamp = tuple[int, int, int]
"""Device, number and time of change of a folder."""


class OwnStoreError(Exception):
    """The folder lies in the server's own store, whose pictures are shown anyway."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder held when it was looked through.

    Attributes:
        root: The folder itself, links on the way to it resolved.
        pictures: Paths of the pictures below it, sorted.
        directories: Paths of the folders below it, itself included, each with what changes when a file comes
            or goes.
    """

    root: Path
    pictures: tuple[str, ...]
    directories: tuple[tuple[str, _Stamp], ...]


def list_pictures(folder: Path, *, leave_out: Path) -> Listing:
    """Find the pictures below a folder.

    Hidden files and folders are left out; links are not followed: what they point to is either below the
    folder, and found there, or none of ours.

    Args:
        folder: Where to look.
        leave_out: A folder that is passed over wherever it turns up, also under another mount's name.

    Raises:
        OSError: The folder itself can't be read.
        OwnStoreError: It is inside `leave_out`.
    """
    root = folder.resolve(strict=True)
    left_out = _identity(leave_out)
    if left_out is not None and left_out in map(_identity, (root, *root.parents)):
        raise OwnStoreError
    pictures: list[str] = []
    directories: list[tuple[str, _Stamp]] = []
    waiting = [""]
    while waiting:
        directory = waiting.pop()
        try:
            stamp = _stamp(root / directory)
            if stamp[:2] == left_out:
                continue
            directories.append((directory, stamp))
            for name, is_directory in _entries(root / directory):
                (waiting if is_directory else pictures).append(os.path.join(directory, name))  # noqa: PTH118 - 100,000 of them
        except OSError:
            if not directory:
                raise
    return Listing(root, tuple(sorted(pictures)), tuple(directories))


def is_unchanged(listing: Listing) -> bool:
    """Whether no file came or went since; a quick look at the folders alone."""
    try:
        return all(_stamp(listing.root / directory) == stamp for directory, stamp in listing.directories)
    except OSError:
        return False


def read_picture(root: Path, name: str) -> bytes:
    """Read one file of a listing.

    Raises:
        FileNotFoundError: It has gone since.
        OSError: It can't be read.
        PictureError: It is too large, no picture, or a link by now.
    """
    path = root / name
    if path.parent.resolve(strict=True) != path.parent:
        raise PictureError("it is behind a link")
    try:
        descriptor = os.open(path, _NO_LINK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise PictureError("it is a link") from error
        raise
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise PictureError("it is no file")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise PictureError(f"it is larger than {MAX_BYTES >> 20} MB")
    if not data.startswith(_STARTS) and not (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        raise PictureError("it is neither JPEG nor PNG nor WebP")
    return data


def _entries(directory: Path) -> Iterator[tuple[str, bool]]:
    """Yield the pictures and folders in a folder."""
    with os.scandir(directory) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(".") or name.lower() in NOT_FOR_PEOPLE:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield name, True
            elif name.lower().endswith(ENDINGS) and entry.is_file(follow_symlinks=False):
                yield name, False


def _stamp(directory: Path) -> _Stamp:
    status = directory.stat()
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _identity(directory: Path) -> tuple[int, int] | None:
    try:
        return _stamp(directory)[:2]
    except OSError:
        return None
