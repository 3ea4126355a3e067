"""The state in a backup: `python3 -P -m imageserver.container.backup begin`, and `end` when it is made.

A file that SQLite writes to can't be copied as others are, so for as long as a backup is made a copy is
there that is whole. A mark beside it says that this copy was made here. Backups leave out the mark (`*.tmp`):
a copy without it came out of a backup, and is the state from then on.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..exceptions import StateError
from ..files.atomic import sync_directory
from . import rights
from .first_process import servers_arguments
from .ownership import ROOT, server_user

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)

STATE = "state.db"
"""As `state/state.py` names it, which brings too much along for a start."""

COPY = "state.backup.db"
MARK = "state.backup.made-here.tmp"
UNFINISHED = "state.backup.db.tmp"

PATIENCE = 30.0
"""Seconds to wait for a state that is locked; a running server's never is for long."""


def begin(data: Path) -> None:
    """Make the copy; without a state there is nothing to copy.

    Raises:
        StateError: It can't be made; a backup would lack the state.
    """
    if not (data / STATE).exists():
        return
    try:
        _remove(data / UNFINISHED, data / f"{UNFINISHED}-journal")
        (data / MARK).touch()
        _copy(data / STATE, data / UNFINISHED)
        (data / UNFINISHED).replace(data / COPY)
        sync_directory(data)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            end(data)
        raise StateError(f"{data / STATE} can't be copied to {data / COPY}: {error}") from error


def end(data: Path) -> None:
    """Remove the copy.

    Raises:
        OSError: The disk said no.
    """
    _remove(data / UNFINISHED, data / f"{UNFINISHED}-journal", data / COPY)
    _remove(data / MARK)


def take_over(data: Path) -> None:
    """Let a copy that came out of a backup be the state; to be called before the server starts.

    Raises:
        OSError: The disk said no.
    """
    copy, state = data / COPY, data / STATE
    if not copy.exists() or ((data / MARK).exists() and state.exists()):
        end(data)  # of a backup that was cut off
        return
    # What was not yet in the old file would be taken for changes of the new one.
    _remove(data / f"{STATE}-wal", data / f"{STATE}-shm")
    copy.replace(state)
    end(data)
    _LOGGER.info("The state comes from a backup")


def _copy(state: Path, target: Path) -> None:
    source = sqlite3.connect(f"file:{quote(str(state))}?mode=rw", uri=True, timeout=PATIENCE)
    with closing(source), closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _remove(*files: Path) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def main(words: Sequence[str]) -> int:
    """Do what is ordered, as the user who owns the state; returns the exit code."""
    orders = {"begin": begin, "end": end}
    if len(words) != 1 or words[0] not in orders:
        sys.stderr.write("Say begin before a backup of the data directory is made, and end after it\n")
        return 2
    data = servers_arguments(os.environ).places.data
    try:
        if rights.is_root() and data.stat().st_uid != ROOT.uid:
            rights.drop(server_user([data]))
    except OSError:
        pass  # a root that may not become another user made these files
    try:
        orders[words[0]](data)
    except (StateError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
