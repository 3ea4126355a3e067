"""The index of the store: rows of the tables `pictures` and `showings`, as `Picture`s.

Plain functions over a connection, run through `State`. Who draws, searches, scans or clears away has
its own statements in its own file; what they share is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..models import Picture, Size
from ..state.records import to_optional_time, to_time
from .picture_files import Place, Stamp

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from ..models import PromptText


@dataclass(frozen=True, slots=True)
class Ready:
    """The file that frames get: what it was made for, and how to know that it is still the same."""

    place: Place
    name: str
    fingerprint: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture with what only the store needs to know of it."""

    picture: Picture
    original_stamp: Stamp | None
    scaled_stamp: Stamp | None
    ready: Ready | None

    def name(self, place: Place) -> str | None:
        """Return the name of its file in a place, None where it has none there."""
        return file_name(self.picture, place)

    def stamp(self, place: Place) -> Stamp | None:
        """Return how its original or scaled file looked when last looked at."""
        return self.original_stamp if place is Place.ORIGINAL else self.scaled_stamp


@dataclass(frozen=True, slots=True)
class Showing:
    """How often a frame was shown a picture, and when last."""

    frame: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a picture came to be, for those that this server made.

    Attributes:
        took_seconds: From the request to the picture; None where nothing was asked.
    """

    provider: str | None
    text: PromptText | None
    made_at: datetime
    took_seconds: float | None


def file_name(picture: Picture, place: Place) -> str | None:
    """Return the name of a picture's file in a place, None where it has none there."""
    match place:
        case Place.ORIGINAL:
            return picture.original
        case Place.SCALED:
            return picture.scaled
        case Place.CACHE:
            return cache_name(picture.id)


def cache_name(picture_id: int) -> str:
    """Return the name of a prepared copy; ids are never given twice."""
    return f"{picture_id}.jpeg"


def find(connection: sqlite3.Connection, picture_id: int) -> Entry | None:
    """Return a picture, also one that waits for its deletion to be undone."""
    row = connection.execute("SELECT * FROM pictures WHERE id = ?", (picture_id,)).fetchone()
    return None if row is None else to_entry(row)


def find_stem(connection: sqlite3.Connection, stem: str) -> Entry | None:
    """Return the picture of a stem, deleted ones left out."""
    row = connection.execute(
        "SELECT * FROM pictures WHERE stem = ? AND deleted_at IS NULL", (stem,)
    ).fetchone()
    return None if row is None else to_entry(row)


def insert(connection: sqlite3.Connection, stem: str, *, added_at: datetime, lot: float) -> int:
    """Make the row of a picture whose files follow (`set_file`); it joins the bag at the lowest round."""
    cursor = connection.execute(
        "INSERT INTO pictures (stem, words, added_at, lot, round) VALUES (?, ?, ?, ?,"
        " coalesce((SELECT round FROM rotation ORDER BY round, lot LIMIT 1), 0)) RETURNING id",
        (stem, stem.casefold(), added_at.timestamp(), lot),
    )
    picture_id: int = cursor.fetchone()["id"]
    return picture_id


def set_file(
    connection: sqlite3.Connection, picture_id: int, place: Place, name: str | None, stamp: Stamp | None
) -> None:
    """Write down which file a picture has in `original/` or `scalable/`, or that it has none."""
    statement = (
        "UPDATE pictures SET original = ?, original_stamp = ? WHERE id = ?"
        if place is Place.ORIGINAL
        else "UPDATE pictures SET scaled = ?, scaled_stamp = ? WHERE id = ?"
    )
    connection.execute(statement, (name, None if stamp is None else str(stamp), picture_id))


def set_making(connection: sqlite3.Connection, picture_id: int, making: Making) -> None:
    """Write down that this server made a picture, and how."""
    prompt = making.text.prompt if making.text else None
    negative = making.text.negative if making.text else None
    connection.execute(
        "UPDATE pictures SET own = 1, provider = ?, prompt = ?, negative = ?, made_at = ?, took_seconds = ?,"
        " words = ? || char(10) || words WHERE id = ?",
        (
            making.provider,
            prompt,
            negative,
            making.made_at.timestamp(),
            making.took_seconds,
            "\n".join(filter(None, (prompt, negative))).casefold(),
            picture_id,
        ),
    )


def set_ready(connection: sqlite3.Connection, picture_id: int, ready: Ready, size: Size) -> None:
    """Write down which file frames get, and that the picture can be read."""
    connection.execute(
        "UPDATE pictures SET ready = ?, ready_for = ?, ready_stamp = ?, width = ?, height = ?,"
        " unreadable = NULL WHERE id = ?",
        (ready.place, ready.fingerprint, str(ready.stamp), size.width, size.height, picture_id),
    )


def forget_ready(connection: sqlite3.Connection, picture_id: int) -> None:
    """Let a picture be looked at anew: its files are not what they were."""
    connection.execute(
        "UPDATE pictures SET ready = NULL, ready_for = NULL, ready_stamp = NULL, width = NULL, height = NULL,"
        " unreadable = NULL WHERE id = ?",
        (picture_id,),
    )


def set_unreadable(connection: sqlite3.Connection, picture_id: int, reason: str) -> None:
    """Keep a picture from frames until its files change."""
    connection.execute("UPDATE pictures SET unreadable = ? WHERE id = ?", (reason, picture_id))


def set_favourite(connection: sqlite3.Connection, picture_id: int, *, favourite: bool) -> None:
    """Protect a picture from being cleared away, or no longer."""
    connection.execute("UPDATE pictures SET favourite = ? WHERE id = ?", (favourite, picture_id))


def set_archived(connection: sqlite3.Connection, picture_id: int, *, archived: bool) -> None:
    """Take a picture out of the rotation, or back."""
    connection.execute("UPDATE pictures SET archived = ? WHERE id = ?", (archived, picture_id))


def set_deleted(connection: sqlite3.Connection, picture_id: int, at: datetime | None) -> None:
    """Hide a picture until its deletion is undone or final, or show it again."""
    connection.execute(
        "UPDATE pictures SET deleted_at = ? WHERE id = ?",
        (None if at is None else at.timestamp(), picture_id),
    )


def remove(connection: sqlite3.Connection, picture_id: int) -> None:
    """Forget a picture and all that was known of it."""
    connection.execute("DELETE FROM pictures WHERE id = ?", (picture_id,))


def remove_vanished(connection: sqlite3.Connection, picture: Picture) -> None:
    """Forget a picture whose files are gone, unless it has got others meanwhile."""
    connection.execute(
        "DELETE FROM pictures WHERE id = ? AND original IS ? AND scaled IS ? AND deleted_at IS NULL",
        (picture.id, picture.original, picture.scaled),
    )


def count_showing(connection: sqlite3.Connection, picture_id: int, *, frame: str, at: datetime) -> None:
    """Count that a frame was shown a picture; one that is gone is not counted."""
    seconds = at.timestamp()
    counted = connection.execute(
        "UPDATE pictures SET shown = shown + 1, shown_at = ? WHERE id = ?", (seconds, picture_id)
    )
    if counted.rowcount:
        connection.execute(
            "INSERT INTO showings VALUES (?, ?, 1, ?) ON CONFLICT (picture_id, frame)"
            " DO UPDATE SET times = times + 1, last_at = excluded.last_at",
            (picture_id, frame, seconds),
        )


def showings(connection: sqlite3.Connection, picture_id: int) -> tuple[Showing, ...]:
    """Return which frames were shown a picture, the latest first."""
    rows = connection.execute(
        "SELECT frame, times, last_at FROM showings WHERE picture_id = ? ORDER BY last_at DESC, frame",
        (picture_id,),
    )
    return tuple(Showing(row["frame"], row["times"], to_time(row["last_at"])) for row in rows)


def to_entry(row: sqlite3.Row) -> Entry:
    """Return a whole row as what the store works with."""
    picture = to_picture(row)
    return Entry(
        picture,
        _to_stamp(row["original_stamp"]),
        _to_stamp(row["scaled_stamp"]),
        _to_ready(row, picture),
    )


def to_picture(row: sqlite3.Row) -> Picture:
    """Return a whole row as what everyone else sees."""
    return Picture(
        id=row["id"],
        stem=row["stem"],
        scaled=row["scaled"],
        original=row["original"],
        own=bool(row["own"]),
        added_at=to_time(row["added_at"]),
        provider=row["provider"],
        prompt=row["prompt"],
        negative=row["negative"],
        made_at=to_optional_time(row["made_at"]),
        took_seconds=row["took_seconds"],
        size=None if row["width"] is None else Size(row["width"], row["height"]),
        bytes=row["bytes"],
        favourite=bool(row["favourite"]),
        archived=bool(row["archived"]),
        deleted_at=to_optional_time(row["deleted_at"]),
        unreadable=row["unreadable"],
        shown=row["shown"],
        shown_at=to_optional_time(row["shown_at"]),
    )


def _to_stamp(text: str | None) -> Stamp | None:
    return None if text is None else Stamp.parse(text)


def _to_ready(row: sqlite3.Row, picture: Picture) -> Ready | None:
    if row["ready"] is None:
        return None
    place = Place(row["ready"])
    name = file_name(picture, place)
    return None if name is None else Ready(place, name, row["ready_for"], Stamp.parse(row["ready_stamp"]))
