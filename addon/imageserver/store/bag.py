"""The shuffled bag: no picture returns until the others have been shown.

There is no stored permutation. Each picture has a round and, within it, a lot; whoever is drawn goes on
to the next round with a new lot. So a draw is one step in an index, however many pictures there are,
and it survives a restart. New pictures join at the lowest round.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..state.state import put_note
from .pictures import to_entry

if TYPE_CHECKING:
    import sqlite3

    from .pictures import Entry

LAST_DRAWN = "last_drawn"


def draw(connection: sqlite3.Connection, lot: float) -> Entry | None:
    """Take the next picture; never the one taken last unless it is alone; None where there is none.

    Args:
        connection: Of the state.
        lot: By which it joins the next round, from 0 to 1.
    """
    entry = _lowest(connection, but=last_drawn(connection)) or _lowest(connection, but=None)
    if entry is not None:
        picture_id = entry.picture.id
        connection.execute("UPDATE pictures SET round = round + 1, lot = ? WHERE id = ?", (lot, picture_id))
        put_note(connection, LAST_DRAWN, picture_id)
    return entry


def pick(connection: sqlite3.Connection, lot: float) -> Entry | None:
    """Return any picture and write nothing: for a disk that takes nothing any more."""
    row = connection.execute(
        "SELECT * FROM rotation WHERE lot >= ? ORDER BY round, lot LIMIT 1", (lot,)
    ).fetchone()
    return _lowest(connection, but=None) if row is None else to_entry(row)


def pass_over(connection: sqlite3.Connection, picture_id: int, lot: float) -> None:
    """Take a picture out of this round that was shown without being drawn, as if it had been drawn."""
    lowest = _lowest(connection, but=None)
    if lowest is not None:
        after = "SELECT round + 1 FROM pictures WHERE id = ?"
        connection.execute(
            f"UPDATE pictures SET round = max(round, ({after})), lot = ? WHERE id = ?",  # noqa: S608 - ours
            (lowest.picture.id, lot, picture_id),
        )
        put_note(connection, LAST_DRAWN, picture_id)


def rejoin(connection: sqlite3.Connection, picture_id: int, lot: float) -> None:
    """Put a picture that was away back into the bag; it does not catch up on the rounds that it missed."""
    connection.execute(
        "UPDATE pictures SET lot = ?, round = max(round, coalesce("
        "(SELECT round FROM rotation WHERE id != pictures.id ORDER BY round, lot LIMIT 1), 0)) WHERE id = ?",
        (lot, picture_id),
    )


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether there is nothing to draw."""
    return connection.execute("SELECT 1 FROM rotation LIMIT 1").fetchone() is None


def last_drawn(connection: sqlite3.Connection) -> int | None:
    """Return which picture was drawn last."""
    row = connection.execute("SELECT value FROM notes WHERE key = ?", (LAST_DRAWN,)).fetchone()
    picture_id: int | None = None if row is None else json.loads(row["value"])
    return picture_id


def _lowest(connection: sqlite3.Connection, *, but: int | None) -> Entry | None:
    row = connection.execute(
        "SELECT * FROM rotation WHERE id IS NOT ? ORDER BY round, lot LIMIT 1", (but,)
    ).fetchone()
    return None if row is None else to_entry(row)
