"""The server's directories, seen from outside."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.month.ledger import Ledger

PICTURES = ("images/original", "images/scalable", "images/.deleted")
"""These go up and down with the pictures, between the caps."""

_NUMBERS = re.compile(r"[0-9a-f]*\d[0-9a-f]*")


def drop(root: Path, name: str, image: bytes) -> None:
    """Put a picture into the rotation by hand."""
    folder = root / "images" / "scalable"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jpeg").write_bytes(image)


def keep_certificate(root: Path, pem: str) -> None:
    """Let this be the certificate that the server has made for itself some time ago."""
    folder = root / "data" / "tls"
    folder.mkdir(mode=0o700)
    (folder / "server.pem").write_text(pem)
    (folder / "server.pem").chmod(0o600)


def sizes(root: Path) -> dict[str, Any]:
    """Return the number of files by directory, and the size of the database."""
    files: Counter[str] = Counter()
    for path in root.rglob("*"):
        if path.is_file():
            place = path.parent.relative_to(root)
            files["images/.deleted" if ".deleted" in place.parts else str(place)] += 1
    data = root / "data"
    wal = data / "state.db-wal"
    return {
        "database_kb": round((data / "state.db").stat().st_size / 1024),
        "wal_kb": round(wal.stat().st_size / 1024) if wal.exists() else 0,
        "files": dict(sorted(files.items())),
        "files_beside_pictures": sum(amount for place, amount in files.items() if place not in PICTURES),
    }


def rows(root: Path) -> dict[str, int]:
    """Return how many rows each table has, read beside the server."""
    with closing(_reading(root)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - its own names
            for name in sorted(names)
            if not name.startswith("sqlite_")
        }


async def until_written(root: Path, ledger: Ledger, *, patience: float) -> None:
    """Wait until the server has written down what it has counted: that takes it seconds."""
    async with asyncio.timeout(patience):
        while _counted(root) != ledger.requests_by_kind().total():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.05)


def log_lines(log: Path, offset: int) -> tuple[int, list[str]]:
    """Return where the log ends, and its lines from `offset` on."""
    with log.open("rb") as file:
        file.seek(offset)
        data = file.read()
    return offset + len(data), data.decode().splitlines()


def without_numbers(line: str) -> str:
    """Return a line of the log so that it is the same each time."""
    return _NUMBERS.sub("#", line)


def _counted(root: Path) -> int:
    with closing(_reading(root)) as connection:
        row = connection.execute("SELECT value FROM counters WHERE name = 'requests.total'").fetchone()
    return 0 if row is None else int(row[0])


def _reading(root: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{root / 'data' / 'state.db'}?mode=ro", uri=True)
