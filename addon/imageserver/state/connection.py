"""How the database is opened."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from ..exceptions import StateError
from . import schema

if TYPE_CHECKING:
    from pathlib import Path

LOCKED_SECONDS = 0.05
"""For how long another process may lock the file before work on it fails: frames wait for all of it."""

WAL_BYTES = 8 * 1024 * 1024
"""To this the write-ahead log shrinks after something large; a usual day needs half of it."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, or make it, with all its tables.

    Raises:
        sqlite3.Error: It can't be used.
        StateError: A newer version of this server made it.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=LOCKED_SECONDS)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -2048")
        _bring_up_to_date(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > schema.VERSION:
        raise StateError(f"{path} was made by a newer version of this server: install that version again")
    if version == 0:
        connection.executescript(f"BEGIN; {schema.TABLES} PRAGMA user_version = {schema.VERSION}; COMMIT;")
