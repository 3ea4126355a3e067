"""What the index makes of files that were found, changed or have vanished.

Plain functions over a connection. Each decides on what the index says in that moment, so it is harmless
to come late with what was seen on the disk a while ago.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import bag, pictures
from .picture_files import Place, Stamp
from .picture_names import stem_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from .pictures import Entry

_OTHER = {Place.ORIGINAL: Place.SCALED, Place.SCALED: Place.ORIGINAL}

_KNOWN = {
    Place.ORIGINAL: "SELECT original AS name FROM pictures WHERE deleted_at IS NULL"
    " AND original IN (SELECT value FROM json_each(?))",
    Place.SCALED: "SELECT scaled AS name FROM pictures WHERE deleted_at IS NULL"
    " AND scaled IN (SELECT value FROM json_each(?))",
}

_DELETED = {
    Place.ORIGINAL: "SELECT 1 FROM pictures WHERE deleted_at IS NOT NULL"
    " AND original = ? AND original_stamp = ?",
    Place.SCALED: "SELECT 1 FROM pictures WHERE deleted_at IS NOT NULL AND scaled = ? AND scaled_stamp = ?",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A file as the index knows it; one without a stamp is to be looked at again."""

    picture_id: int
    place: Place
    name: str
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it is on the disk."""

    place: Place
    name: str
    stamp: Stamp


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the index knows no picture at all."""
    return connection.execute("SELECT 1 FROM pictures LIMIT 1").fetchone() is None


def known_after(
    connection: sqlite3.Connection, picture_id: int, *, limit: int
) -> tuple[int | None, list[Known]]:
    """Return the files of the next pictures by id, and the last of these ids; None at the end."""
    rows = connection.execute(
        "SELECT * FROM pictures WHERE id > ? AND deleted_at IS NULL ORDER BY id LIMIT ?", (picture_id, limit)
    ).fetchall()
    return (rows[-1]["id"] if rows else None), _files(rows)


def unreadable(connection: sqlite3.Connection, *, limit: int) -> list[Known]:
    """Return files that are no pictures; who could not even be opened is left to the next scan."""
    rows = connection.execute(
        "SELECT * FROM pictures WHERE unreadable IS NOT NULL AND deleted_at IS NULL ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [known for known in _files(rows) if known.stamp is not None]


def unknown(connection: sqlite3.Connection, place: Place, names: list[str]) -> list[str]:
    """Return, sorted, those names that no picture has there."""
    rows = connection.execute(_KNOWN[place], (json.dumps(names),))
    return sorted(set(names) - {row["name"] for row in rows})


def admit(connection: sqlite3.Connection, found: Found, *, now: datetime, lot: float) -> int | None:
    """Take a new file in: as the missing half of a picture, or as a picture of its own.

    Returns:
        Its picture; None where the file is known by now, or belongs to a picture that is being deleted or
        brought back.
    """
    place, name, stamp = found.place, found.name, found.stamp
    if not unknown(connection, place, [name]) or _belongs_to_deleted(connection, found):
        return None
    entry = pictures.find_stem(connection, stem_of(name))
    if entry is not None and entry.name(place) is None:
        picture_id = entry.picture.id
        pictures.set_file(connection, picture_id, place, name, stamp)
        _look_anew(connection, entry, back=place is Place.SCALED, lot=lot)
        return picture_id
    # Two files that claim the same place stay two pictures; the second goes by its full name.
    stem = stem_of(name) if entry is None else _free_stem(connection, name)
    picture_id = pictures.insert(connection, stem, added_at=now, lot=lot)
    pictures.set_file(connection, picture_id, place, name, stamp)
    return picture_id


def differ(connection: sqlite3.Connection, known: Known, stamp: Stamp | None, *, lot: float) -> bool:
    """Take note that a file has changed, or vanished (no stamp).

    Returns:
        False where the index has moved on since `known` was read.
    """
    entry = pictures.find(connection, known.picture_id)
    if entry is None or entry.picture.deleted_at is not None:
        return False
    if (entry.name(known.place), entry.stamp(known.place)) != (known.name, known.stamp):
        return False
    if stamp is None and entry.name(_OTHER[known.place]) is None:
        pictures.remove(connection, known.picture_id)
        return True
    name = None if stamp is None else known.name
    pictures.set_file(connection, known.picture_id, known.place, name, stamp)
    _look_anew(connection, entry, back=False, lot=lot)
    return True


def not_cached(connection: sqlite3.Connection, picture_ids: Iterable[int]) -> list[int]:
    """Return those pictures, or former ones, that need no prepared copy in the cache."""
    wanted = set(picture_ids)
    rows = connection.execute(
        "SELECT id FROM pictures WHERE ready = ? AND deleted_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (Place.CACHE, json.dumps(sorted(wanted))),
    )
    return sorted(wanted - {row["id"] for row in rows})


def _look_anew(connection: sqlite3.Connection, entry: Entry, *, back: bool, lot: float) -> None:
    """Let changed files be read again; with `back`, an archived picture returns to the rotation."""
    picture = entry.picture
    was_away = picture.unreadable is not None
    if back and picture.archived:
        pictures.set_archived(connection, picture.id, archived=False)
        was_away = True
    pictures.forget_ready(connection, picture.id)
    if was_away:
        bag.rejoin(connection, picture.id, lot)


def _belongs_to_deleted(connection: sqlite3.Connection, found: Found) -> bool:
    row = connection.execute(_DELETED[found.place], (found.name, str(found.stamp))).fetchone()
    return row is not None


def _free_stem(connection: sqlite3.Connection, name: str) -> str:
    while pictures.find_stem(connection, name) is not None:
        name += "~"
    return name


def _files(rows: Iterable[sqlite3.Row]) -> list[Known]:
    entries = [pictures.to_entry(row) for row in rows]
    return [
        Known(entry.picture.id, place, name, entry.stamp(place))
        for entry in entries
        for place in _OTHER
        if (name := entry.name(place)) is not None
    ]
