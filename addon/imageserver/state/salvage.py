"""A database that is damaged is put aside, and what can still be read of it goes to a new one."""

from __future__ import annotations

import logging
import os
import sqlite3
import struct
from contextlib import closing, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)

BROKEN_KEPT = 5
"""Databases that were put aside; of more, the first stay."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY = 0xFF
"""SQLite's extended codes hold the primary one in these bits."""

_HEADER = struct.Struct(">16x H 10x I")
"""The beginning of a database: bytes of a page, and how many pages there are."""

_LONGEST = 1 << 30
"""Bytes that a header is believed."""


def is_damage(error: sqlite3.Error) -> bool:
    """Tell a file that is broken from a disk that says no."""
    return error.sqlite_errorcode & _PRIMARY in _DAMAGE if hasattr(error, "sqlite_errorcode") else False


def begin_anew(
    path: Path, connect: Callable[[Path], sqlite3.Connection], *, why: object
) -> sqlite3.Connection:
    """Put a database aside, make a new one, and copy what can be read.

    Args:
        path: The file.
        connect: Opens the new one, with its tables.
        why: What is wrong, for the log.

    Raises:
        OSError, sqlite3.Error: It can't be put aside, or none can be made.
    """
    aside = _name_aside(path)
    path.replace(aside)
    for suffix in ("-wal", "-shm"):  # what was committed last may still be in there
        _beside(aside, suffix).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            _beside(path, suffix).replace(_beside(aside, suffix))
    connection = connect(path)
    saved = sum(_copy(aside, connection)) if aside.is_file() else 0
    told = "%s is damaged (%s): kept as %s, begun anew with %d rows of it"
    _LOGGER.warning(told, path, why, aside.name, saved)
    return connection


def _name_aside(path: Path) -> Path:
    names = [f"{path.name}.broken", *(f"{path.name}.broken-{number}" for number in range(2, BROKEN_KEPT + 1))]
    asides = [path.with_name(name) for name in names]
    return next((aside for aside in asides if not aside.exists()), asides[-1])


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _copy(aside: Path, connection: sqlite3.Connection) -> Iterator[int]:
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ).fetchall()
    _restore_length(aside)
    with closing(sqlite3.connect(aside)) as damaged:
        damaged.text_factory = bytes  # a damaged text is as good as none, but ends nothing
        connection.execute("BEGIN IMMEDIATE")
        for (table,) in tables:
            yield sum(_copy_row(connection, table, row) for row in _rows(damaged, connection, table))
        connection.execute("COMMIT")


def _restore_length(aside: Path) -> None:
    """Give a file that was cut off its length back: SQLite reads nothing at all of a shorter one."""
    with aside.open("rb+") as file:
        header = file.read(_HEADER.size)
        if len(header) == _HEADER.size:
            size, pages = _HEADER.unpack(header)
            if file.seek(0, os.SEEK_END) < size * pages <= _LONGEST:
                file.truncate(size * pages)


def _rows(
    damaged: sqlite3.Connection, connection: sqlite3.Connection, table: str
) -> Iterator[dict[str, object]]:
    """Read a table from both ends, each time up to what can't be read."""
    described = connection.execute(f"PRAGMA table_info({table})").fetchall()
    columns = [column["name"] for column in described]
    keys = [column["name"] for column in sorted(described, key=lambda column: column["pk"]) if column["pk"]]
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{key} {direction}" for key in keys or ("rowid",))
        everything = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}"  # noqa: S608 - our own tables
        with suppress(sqlite3.Error):
            yield from (dict(zip(columns, row, strict=True)) for row in damaged.execute(everything))


def _copy_row(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> int:
    try:
        values = [value.decode() if isinstance(value, bytes) else value for value in row.values()]
        places = ", ".join("?" * len(values))
        statement = f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - ours
        return connection.execute(statement, values).rowcount
    except (sqlite3.Error, UnicodeDecodeError):
        return 0
