"""Writing a file so that it is whole or not there, also after a power cut."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMPORARY_PREFIX = ".writing-"
"""Of files that were not finished."""


def atomic_write(path: Path, data: bytes, *, mode: int = 0o644, lasting: bool = True) -> None:
    """Put `data` at `path`: temporary file in the same directory, fsync, rename, fsync of the directory.

    Args:
        path: Where; a file that is there is replaced.
        data: What.
        mode: Who may read it, when it is new.
        lasting: False for what can be made again, and whose size is known: no fsync, so that after a power
            cut there may be none, the one before, or an empty one.

    Raises:
        OSError: It could not be written; what was at `path` before is untouched. It names `path`, since
            the temporary file's name is another one each time.
    """
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if lasting:
        sync_directory(path.parent)


def remove_leftovers(directory: Path) -> None:
    """Remove what a crash has left unfinished; whoever writes into a directory does so before it writes."""
    for leftover in directory.glob(f"{TEMPORARY_PREFIX}*"):
        with suppress(OSError):  # on a read-only disk it stays
            leftover.unlink()


def sync_directory(directory: Path) -> None:
    """Make renames and removals in a directory last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
