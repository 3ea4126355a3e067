"""What frames are shown before the rotation's turn comes.

Two queues in one table: what a person *chose* (shown even in sleep), and what was *made* and no frame
has shown yet. An entry is claimed by an operation and leaves only when that operation's picture was
written wholly to a frame; an operation that ends otherwise gives it back. Of too many, the oldest leave: a
picture that is kept has its turn in the rotation then.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..models import Content, ContentKind

if TYPE_CHECKING:
    import sqlite3

    from ..state.state import State
    from ..timing.clock import Clock


_LOGGER = logging.getLogger(__name__)

MOST_WAITING = 100
"""Of what was chosen, and of what was made, for one frame or for any: what waits is not removed from the
disk, and nobody knows whether its frame ever comes."""


class ShowQueue:
    """Pictures that wait to be shown."""

    def __init__(self, *, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    async def choose(self, content: Content, *, frame: str | None) -> None:
        """Show this next, to one frame or to whichever asks first."""
        await self._state.run(
            lambda connection: self._insert(connection, content, chosen=True, frame=frame, claimed_by=None),
            durable=True,
        )

    def add_made(
        self, connection: sqlite3.Connection, content: Content, *, frame: str | None, claimed_by: str | None
    ) -> None:
        """Let a new picture be seen, within the transaction that writes its generation down.

        A frame that was forgotten meanwhile is not waited for.
        """
        known = connection.execute("SELECT 1 FROM frames WHERE address = ?", (frame,)).fetchone()
        meant_for = None if known is None else frame
        self._insert(connection, content, chosen=False, frame=meant_for, claimed_by=claimed_by)

    async def claim(self, operation_id: str, *, frame: str | None, chosen: bool) -> Content | None:
        """Take the oldest entry for this frame, or for any; None when there is none."""

        def claim(connection: sqlite3.Connection) -> Content | None:
            row = connection.execute(
                "SELECT id, picture_id, passing FROM queue"
                " WHERE chosen = ? AND claimed_by IS NULL AND (frame IS NULL OR frame = ?)"
                " ORDER BY id LIMIT 1",
                (chosen, frame),
            ).fetchone()
            if row is None:
                return None
            connection.execute("UPDATE queue SET claimed_by = ? WHERE id = ?", (operation_id, row["id"]))
            if row["passing"] is not None:
                return Content(kind=ContentKind.PASSING, passing=row["passing"])
            return Content(kind=ContentKind.PICTURE, picture_id=row["picture_id"])

        return await self._state.run(claim)

    async def has_any(self) -> bool:
        """Whether anything waits that nobody has claimed: a cheap look before a claim."""
        row = await self._state.read(
            lambda connection: connection.execute(
                "SELECT 1 FROM queue WHERE claimed_by IS NULL LIMIT 1"
            ).fetchone()
        )
        return row is not None

    def delivered(self, operation_id: str, content: Content, *, frame: str | None) -> None:
        """The picture was seen: its entry leaves; another one too that wanted it seen by anyone or here."""
        self._state.post(
            lambda connection: connection.execute(
                "DELETE FROM queue WHERE claimed_by = ? OR (chosen = 0 AND (frame IS NULL OR frame = ?)"
                " AND (picture_id = ? OR passing = ?))",
                (operation_id, frame, content.picture_id, content.passing),
            )
        )

    def drop(self, operation_id: str) -> None:
        """The picture can't be shown any more: its entry leaves, so that it holds nobody up."""
        self._state.post(
            lambda connection: connection.execute("DELETE FROM queue WHERE claimed_by = ?", (operation_id,))
        )

    def release(self, operation_id: str) -> None:
        """The picture was not seen: its entry waits again."""
        self._state.post(
            lambda connection: connection.execute(
                "UPDATE queue SET claimed_by = NULL WHERE claimed_by = ?", (operation_id,)
            )
        )

    async def keep_claims(self, operation_ids: frozenset[str]) -> None:
        """Release what operations hold that are not known any more."""

        def release(connection: sqlite3.Connection) -> None:
            rows = connection.execute("SELECT DISTINCT claimed_by FROM queue WHERE claimed_by IS NOT NULL")
            gone = [(row["claimed_by"],) for row in rows if row["claimed_by"] not in operation_ids]
            connection.executemany("UPDATE queue SET claimed_by = NULL WHERE claimed_by = ?", gone)

        await self._state.run(release)

    async def passing(self) -> frozenset[str]:
        """Return the passing files that still wait."""
        rows = await self._state.read(
            lambda connection: connection.execute(
                "SELECT passing FROM queue WHERE passing IS NOT NULL"
            ).fetchall()
        )
        return frozenset(row["passing"] for row in rows)

    def _insert(
        self,
        connection: sqlite3.Connection,
        content: Content,
        *,
        chosen: bool,
        frame: str | None,
        claimed_by: str | None,
    ) -> None:
        connection.execute(
            "INSERT INTO queue (chosen, picture_id, passing, frame, created_at, claimed_by)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (chosen, content.picture_id, content.passing, frame, self._clock.now().timestamp(), claimed_by),
        )
        left = connection.execute(
            "DELETE FROM queue WHERE id IN (SELECT id FROM queue"
            " WHERE chosen = ? AND frame IS ? AND claimed_by IS NULL ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (chosen, frame, MOST_WAITING),
        )
        if left.rowcount:
            _LOGGER.debug("Waits no longer to be shown: the oldest of over %d", MOST_WAITING)


def forget_frame(connection: sqlite3.Connection, address: str) -> None:
    """Let anyone see what was made for a frame that is no more; what was chosen for it goes with it."""
    connection.execute("DELETE FROM queue WHERE frame = ? AND chosen = 1", (address,))
    connection.execute("UPDATE queue SET frame = NULL WHERE frame = ?", (address,))
