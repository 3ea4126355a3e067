"""`app.log`: put aside when it is large, compressed, and forgotten when it is old.

Everything here blocks; it runs in the log's own thread.
"""

from __future__ import annotations

import gzip
import logging
import os
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedWriter
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)

NAME = "app.log"
MAX_BYTES = 100 * 1024 * 1024
OLD_FILES = 3
OLD_SECONDS = 28 * 24 * 3600

_STAMP = "app-%Y-%m-%dT%H-%M-%S"
_OLD = "app-[0-9][0-9][0-9][0-9]-*.log*"


class LogFile(logging.Handler):
    """Writes lines to `app.log`; one that was moved or removed by others is begun anew."""

    def __init__(
        self, directory: Path, *, max_bytes: int = MAX_BYTES, now: Callable[[], float] = time.time
    ) -> None:
        """Open the file.

        Args:
            directory: Where it is, with the old ones beside it.
            max_bytes: From this size on it is put aside.
            now: Seconds since 1970.

        Raises:
            OSError: It can't be written there.
        """
        super().__init__()
        self._path = directory / NAME
        self._max_bytes = max_bytes
        self._now = now
        self._broken = False
        self._file: BufferedWriter | None = self._open()
        self._forget_old()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; when that fails, say so once, and once when it works again."""
        try:
            self._write(self.format(record))
        except OSError as error:
            self._close_file()
            if not self._broken:
                self._broken = True
                _LOGGER.warning("%s can't be written: %s", self._path, error.strerror)
        else:
            if self._broken:
                self._broken = False
                _LOGGER.info("%s is written again", self._path)

    def close(self) -> None:
        """Let go of the file."""
        self._close_file()
        super().close()

    def _write(self, line: str) -> None:
        if self._file is not None and not self._is_ours(self._file):
            self._close_file()
        if self._file is None:
            self._file = self._open()
        self._file.write(f"{line}\n".encode(errors="backslashreplace"))
        self._file.flush()
        if self._file.tell() >= self._max_bytes:
            self._put_aside()

    def _open(self) -> BufferedWriter:
        return self._path.open("ab")

    def _is_ours(self, file: BufferedWriter) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False

    def _close_file(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _put_aside(self) -> None:
        self._close_file()
        aside = self._path.with_name(f"{_stamp(self._now())}.log")
        self._path.replace(aside)
        self._compress(aside)
        self._forget_old()

    def _compress(self, aside: Path) -> None:
        """Compress a file; without room for that it stays as it is."""
        compressed = aside.with_name(f"{aside.name}.gz")
        try:
            with aside.open("rb") as source, gzip.open(compressed, "wb") as target:
                shutil.copyfileobj(source, target)
            aside.unlink()
        except OSError:
            with suppress(OSError):
                compressed.unlink(missing_ok=True)

    def _forget_old(self) -> None:
        oldest = _stamp(self._now() - OLD_SECONDS)
        with suppress(OSError):
            newest_first = sorted(self._path.parent.glob(_OLD), reverse=True)
            for number, old in enumerate(newest_first):
                if number >= OLD_FILES or old.name < oldest:
                    old.unlink()


def _stamp(seconds: float) -> str:
    """Return a name that sorts by time."""
    return time.strftime(_STAMP, time.gmtime(seconds))
