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
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from random import Random

    from .pictures import Entry

_OTHER = {Place.ORIGINAL: Place.SCALED, Place.SCALED: Place.ORIGINAL}

_KNOWN = {
    Place.ORIGINAL: "SELECT original AS name FROM pictures WHERE deleted_at IS NULL"
    " AND original IN (SELECT value FROM json_each(?))",
    Place.SCALED: "SELECT scaled AS name FROM pictures WHERE deleted_at IS NULL"
    " AND scaled IN (SELECT value FROM json_each(?))",
}

_DELETED = {
    Place.ORIGINAL: "SELECT original AS name, original_stamp AS stamp FROM pictures"
    " WHERE deleted_at IS NOT NULL",
    Place.SCALED: "SELECT scaled AS name, scaled_stamp AS stamp FROM pictures WHERE deleted_at IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A file as the index knows it; one without a stamp is to be looked at again."""

    picture_id: int
    place: Place
    name: str
    stamp: Stamp | None


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the index knows no picture at all."""
    return connection.execute("SELECT 1 FROM pictures LIMIT 1").fetchone() is None


def known_after(
    connection: sqlite3.Connection, picture_id: int, *, limit: int
) -> tuple[int | None, list[Known]]:
    """Return the files of the next pictures by id, and the last of these ids; None at the end."""
    rows = connection.execute(
        "SELECT id, original, original_stamp, scaled, scaled_stamp FROM pictures"
        " WHERE id > ? AND deleted_at IS NULL ORDER BY id LIMIT ?",
        (picture_id, limit),
    ).fetchall()
    return (rows[-1]["id"] if rows else None), _files(rows)


def unreadable(connection: sqlite3.Connection, *, limit: int) -> list[Known]:
    """Return files that are no pictures; who could not even be opened is left to the next scan."""
    rows = connection.execute(
        "SELECT id, original, original_stamp, scaled, scaled_stamp FROM pictures"
        " WHERE unreadable IS NOT NULL AND deleted_at IS NULL ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [known for known in _files(rows) if known.stamp is not None]


def unknown(connection: sqlite3.Connection, place: Place, names: list[str]) -> list[str]:
    """Return, sorted, those names that no picture has there."""
    rows = connection.execute(_KNOWN[place], (json.dumps(names),))
    return sorted(set(names) - {row["name"] for row in rows})


def admit(
    connection: sqlite3.Connection, place: Place, found: Mapping[str, Stamp], *, now: datetime, random: Random
) -> list[int]:
    """Take new files in: each as the missing half of a picture, or as a picture of its own.

    Left out are those that are known by now, and those of pictures that are being deleted or brought back.

    Returns:
        The pictures that have got a file.
    """
    deleted = {(row["name"], row["stamp"]) for row in connection.execute(_DELETED[place])}
    return [
        _admit(connection, place, name, found[name], now=now, lot=random.random())
        for name in unknown(connection, place, list(found))
        if (name, str(found[name])) not in deleted
    ]


def differ(
    connection: sqlite3.Connection, different: Iterable[tuple[Known, Stamp | None]], random: Random
) -> list[int]:
    """Take note of files that have changed, or vanished (no stamp).

    Returns:
        The pictures of which that is still news; the index may have moved on since it was read.
    """
    return [
        file.picture_id for file, stamp in different if _differ(connection, file, stamp, lot=random.random())
    ]


def not_cached(connection: sqlite3.Connection, picture_ids: Iterable[int]) -> list[int]:
    """Return those pictures, or former ones, that need no prepared copy in the cache."""
    wanted = set(picture_ids)
    rows = connection.execute(
        "SELECT id FROM pictures WHERE ready = ? AND deleted_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (Place.CACHE, json.dumps(sorted(wanted))),
    )
    return sorted(wanted - {row["id"] for row in rows})


def _admit(
    connection: sqlite3.Connection, place: Place, name: str, stamp: Stamp, *, now: datetime, lot: float
) -> int:
    entry = pictures.find_stem(connection, stem_of(name))
    if entry is not None and entry.name(place) is None:
        picture_id = entry.picture.id
        _look_anew(connection, entry, back=place is Place.SCALED, lot=lot)
    else:
        # Two files that claim the same place stay two pictures; the second goes by its full name.
        stem = stem_of(name) if entry is None else _free_stem(connection, name)
        picture_id = pictures.insert(connection, stem, added_at=now, lot=lot)
    pictures.set_file(connection, picture_id, place, name, stamp)
    return picture_id


def _differ(connection: sqlite3.Connection, known: Known, stamp: Stamp | None, *, lot: float) -> bool:
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


def _look_anew(connection: sqlite3.Connection, entry: Entry, *, back: bool, lot: float) -> None:
    """Let changed files be read again; with `back`, an archived picture returns to the rotation."""
    picture = entry.picture
    was_away = picture.unreadable is not None
    if back and picture.archived:
        pictures.set_archived(connection, picture.id, archived=False)
        was_away = True
    if entry.ready is not None or picture.unreadable is not None:
        pictures.forget_ready(connection, picture.id)
    if was_away:
        bag.rejoin(connection, picture.id, lot)


def _free_stem(connection: sqlite3.Connection, name: str) -> str:
    while pictures.find_stem(connection, name) is not None:
        name += "~"
    return name


def _files(rows: Iterable[sqlite3.Row]) -> list[Known]:
    known = []
    for row in rows:
        for place, name, stamp in (
            (Place.ORIGINAL, row["original"], row["original_stamp"]),
            (Place.SCALED, row["scaled"], row["scaled_stamp"]),
        ):
            if name is not None:
                known.append(Known(row["id"], place, name, None if stamp is None else Stamp.parse(stamp)))
    return known
