"""Finding pictures by words, maker and state; and the store in figures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..models import PUSHED
from .pictures import to_picture

if TYPE_CHECKING:
    import sqlite3

    from ..models import Picture


class PictureOrder(StrEnum):
    """By what found pictures are sorted; equal ones by age."""

    NEWEST = "newest"
    OLDEST = "oldest"
    MOST_SHOWN = "most_shown"
    LEAST_SHOWN = "least_shown"
    LAST_SHOWN = "last_shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQuery:
    """What is looked for; None = no matter.

    Attributes:
        text: Words that all stand in prompt, negative part or file name; case and script are no matter.
        provider: Its code, compared without case.
        deleted: Those whose deletion can be undone, instead of those that are there.
    """

    text: str | None = None
    provider: str | None = None
    favourite: bool | None = None
    archived: bool | None = None
    deleted: bool = False
    order: PictureOrder = PictureOrder.NEWEST
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class PicturePage:
    """What was found: one page, and how many there are in all."""

    pictures: tuple[Picture, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSummary:
    """The store in figures.

    Attributes:
        pictures: In the rotation.
        archived: Only in the archive.
        originals: Pictures that have a file of full size.
        unreadable: Files that can't be shown.
        deleted: Those whose deletion can be undone.
        bytes: On the disk, without prepared copies and deleted pictures.
    """

    pictures: int
    archived: int
    favourites: int
    originals: int
    unreadable: int
    deleted: int
    bytes: int


_ORDERS = {
    PictureOrder.NEWEST: "added_at DESC, id DESC",
    PictureOrder.OLDEST: "added_at, id",
    PictureOrder.MOST_SHOWN: "shown DESC, added_at DESC, id DESC",
    PictureOrder.LEAST_SHOWN: "shown, added_at DESC, id DESC",
    PictureOrder.LAST_SHOWN: "shown_at DESC, added_at DESC, id DESC",
}


def search(connection: sqlite3.Connection, query: PictureQuery) -> PicturePage:
    """Return one page of what matches."""
    conditions, values = _conditions(query)
    where = " AND ".join(conditions)
    # Only words from this file are put together here; what users say is bound.
    (total,) = connection.execute(f"SELECT count(*) FROM pictures WHERE {where}", values).fetchone()  # noqa: S608
    rows = connection.execute(
        f"SELECT * FROM pictures WHERE {where} ORDER BY {_ORDERS[query.order]} LIMIT ? OFFSET ?",  # noqa: S608
        (*values, query.limit, query.offset),
    )
    return PicturePage(tuple(to_picture(row) for row in rows), total)


def newest_made(connection: sqlite3.Connection) -> Picture | None:
    """Return the picture that a provider made last and that is still there."""
    # The plus keeps SQLite from walking through all pictures by age: `makers` holds only those in question.
    row = connection.execute(
        "SELECT * FROM pictures WHERE provider IS NOT NULL AND provider <> ? AND deleted_at IS NULL"
        " ORDER BY +added_at DESC, id DESC LIMIT 1",
        (PUSHED,),
    ).fetchone()
    return None if row is None else to_picture(row)


def summary(connection: sqlite3.Connection) -> StoreSummary:
    """Count everything."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE archived = 0 AND unreadable IS NULL) AS pictures,"
        " count(*) FILTER (WHERE archived = 1) AS archived,"
        " count(*) FILTER (WHERE favourite = 1) AS favourites,"
        " count(original) AS originals,"
        " count(unreadable) AS unreadable,"
        " coalesce(sum(bytes), 0) AS bytes"
        " FROM pictures WHERE deleted_at IS NULL"
    ).fetchone()
    (deleted,) = connection.execute("SELECT count(*) FROM pictures WHERE deleted_at IS NOT NULL").fetchone()
    return StoreSummary(
        pictures=row["pictures"],
        archived=row["archived"],
        favourites=row["favourites"],
        originals=row["originals"],
        unreadable=row["unreadable"],
        deleted=deleted,
        bytes=row["bytes"],
    )


def _conditions(query: PictureQuery) -> tuple[list[str], list[str | bool]]:
    conditions = ["deleted_at IS NOT NULL" if query.deleted else "deleted_at IS NULL"]
    values: list[str | bool] = []
    for word in (query.text or "").casefold().split():
        conditions.append("instr(words, ?)")
        values.append(word)
    if query.provider is not None:
        conditions.append("provider = ? COLLATE NOCASE")
        values.append(query.provider)
    for column, wanted in (("favourite", query.favourite), ("archived", query.archived)):
        if wanted is not None:
            conditions.append(f"{column} = ?")
            values.append(wanted)
    return conditions, values
