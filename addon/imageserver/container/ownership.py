"""Whose the server is, and making its directories its own."""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LOGGER = logging.getLogger(__name__)

_MOST_REFUSALS = 10
"""A file system that refuses this often knows no owners: it is left alone."""

_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class User:
    """A user and a group, as numbers: the image has no names for them."""

    uid: int
    gid: int

    def __str__(self) -> str:
        """Show both, as `docker run --user` takes them."""
        return f"{self.uid}:{self.gid}"


SERVER = User(8099, 8099)
ROOT = User(0, 0)


def server_user(directories: Iterable[Path]) -> User:
    """Return the owner of the first directory that is not root's, so that people keep what is theirs."""
    for directory in directories:
        try:
            found = directory.stat()
        except OSError:
            continue
        if found.st_uid != ROOT.uid:
            return User(found.st_uid, found.st_gid)
    return SERVER


def everything(_: str) -> bool:
    """Take every name."""
    return True


class HandOver:
    """Gives root's files, and whoever's directories, to the server's user.

    Links are never followed, nor are names looked up twice: the directories can be written by others.

    Attributes:
        given: How many files and directories were.
    """

    def __init__(self, user: User) -> None:
        self.given = 0
        self._user = user
        self._refusals: list[str] = []
        self._linked = 0

    def directory(self, path: Path, *, only: Callable[[str], bool] = everything) -> None:
        """Give a directory and what is in it; whatever is in the way is a line in the log.

        Args:
            path: The directory.
            only: Of what is directly in it, these names alone, with all that is below them.
        """
        self._refusals, self._linked = [], 0
        if path.resolve() == Path("/"):
            self._refusals.append(f"{path}: this is the whole file system")
        else:
            self._directory(str(path), str(path), above=None, only=only, depth=0)
        if self._refusals:
            more = f" (and {len(self._refusals) - 1} more)" if len(self._refusals) > 1 else ""
            _LOGGER.warning("Not given to user %s: %s%s", self._user, self._refusals[0], more)
        if self._linked:
            text = "Files in %s that have another name too (hard links) stay root's: %d"
            _LOGGER.warning(text, path, self._linked)

    def _directory(
        self, name: str, path: str, *, above: int | None, only: Callable[[str], bool], depth: int
    ) -> None:
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        except OSError as error:
            self._refused(path, error)
            return
        try:
            if os.fstat(descriptor).st_uid != self._user.uid:
                os.chown(descriptor, self._user.uid, self._user.gid)
                self.given += 1
        except OSError as error:
            self._refused(path, error)
        try:
            self._contents(descriptor, path, only=only, depth=depth)
        except OSError as error:
            self._refused(path, error)
        finally:
            os.close(descriptor)

    def _contents(self, directory: int, path: str, *, only: Callable[[str], bool], depth: int) -> None:
        with os.scandir(directory) as entries:
            for entry in entries:
                if len(self._refusals) >= _MOST_REFUSALS:
                    return
                if not only(entry.name):
                    continue
                below = f"{path}/{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    self._file(entry, below, directory)
                elif depth < _DEEPEST:
                    self._directory(entry.name, below, above=directory, only=everything, depth=depth + 1)

    def _file(self, entry: os.DirEntry[str], path: str, directory: int) -> None:
        try:
            found = entry.stat(follow_symlinks=False)
            if found.st_uid != ROOT.uid:
                return
            if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
                self._linked += 1
            elif stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
                os.chown(entry.name, self._user.uid, self._user.gid, dir_fd=directory, follow_symlinks=False)
                self.given += 1
        except FileNotFoundError:
            return  # gone in the meantime
        except OSError as error:
            self._refused(path, error)

    def _refused(self, path: str, error: OSError) -> None:
        self._refusals.append(f"{path}: {error.strerror}")
