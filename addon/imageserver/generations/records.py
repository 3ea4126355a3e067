"""Requests to providers, as rows of the state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..models import Fate, Generation, OperationKind, PromptText
from ..state.records import from_time, to_optional_time, to_time

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

COLUMNS = (
    "id", "provider", "kind", "prompt", "negative", "asked_at", "day", "fate", "accepted", "ticket",
    "error_code", "error", "finished_at", "picture_id", "passing", "frame", "show", "prompt_id",
)  # fmt: skip


def write(connection: sqlite3.Connection, generation: Generation) -> None:
    """Insert a generation, or overwrite what is known of it."""
    text = generation.text
    connection.execute(
        f"INSERT OR REPLACE INTO generations ({', '.join(COLUMNS)})"  # noqa: S608 - our own column names
        f" VALUES ({', '.join('?' * len(COLUMNS))})",
        (
            generation.id,
            generation.provider,
            generation.kind,
            text and text.prompt,
            text and text.negative,
            from_time(generation.asked_at),
            generation.day,
            generation.fate,
            generation.accepted,
            None if generation.ticket is None else json.dumps(generation.ticket),
            generation.error_code,
            generation.error,
            from_time(generation.finished_at),
            generation.picture_id,
            generation.passing,
            generation.frame,
            generation.show,
            generation.prompt_id,
        ),
    )


def unfinished(connection: sqlite3.Connection) -> list[Generation]:
    """Return those whose fate was open when the server ended."""
    rows = connection.execute(
        "SELECT * FROM generations WHERE fate IN (?, ?) ORDER BY asked_at", (Fate.INTENDED, Fate.SENT)
    )
    return [to_generation(row) for row in rows]


def find(connection: sqlite3.Connection, generation_id: str) -> Generation | None:
    """Return one generation."""
    row = connection.execute("SELECT * FROM generations WHERE id = ?", (generation_id,)).fetchone()
    return None if row is None else to_generation(row)


def newest(connection: sqlite3.Connection, limit: int) -> list[Generation]:
    """Return the newest generations, newest first."""
    rows = connection.execute("SELECT * FROM generations ORDER BY asked_at DESC LIMIT ?", (limit,))
    return [to_generation(row) for row in rows]


def forget_old(connection: sqlite3.Connection, *, before: datetime, most: int, but_since: datetime) -> None:
    """Drop what is older than `before`, and of more than so many the oldest.

    Never dropped is what is under way, what was asked since `but_since` (it counts against budgets), and a
    provider's newest, by which its threshold is known.
    """
    connection.execute(
        "DELETE FROM generations WHERE fate NOT IN (?, ?) AND asked_at < ?"
        " AND asked_at <= max(?, coalesce("
        "  (SELECT asked_at FROM generations ORDER BY asked_at DESC LIMIT 1 OFFSET ?), 0))"
        " AND id NOT IN (SELECT id FROM (SELECT id, max(asked_at) FROM generations GROUP BY provider, kind))",
        (Fate.INTENDED, Fate.SENT, but_since.timestamp(), before.timestamp(), most),
    )


def to_generation(row: sqlite3.Row) -> Generation:
    """Return a row as what it means."""
    return Generation(
        id=row["id"],
        provider=row["provider"],
        kind=OperationKind(row["kind"]),
        text=None if row["prompt"] is None else PromptText(row["prompt"], row["negative"]),
        asked_at=to_time(row["asked_at"]),
        day=row["day"],
        fate=Fate(row["fate"]),
        accepted=bool(row["accepted"]),
        ticket=None if row["ticket"] is None else json.loads(row["ticket"]),
        error_code=row["error_code"],
        error=row["error"],
        finished_at=to_optional_time(row["finished_at"]),
        picture_id=row["picture_id"],
        passing=row["passing"],
        frame=row["frame"],
        show=bool(row["show"]),
        prompt_id=row["prompt_id"],
    )
