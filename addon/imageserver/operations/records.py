"""Operations, as rows of the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import Operation, OperationKind, OperationStatus
from ..state.records import from_content, from_time, to_content, to_optional_time, to_time

if TYPE_CHECKING:
    import sqlite3


def write(connection: sqlite3.Connection, operation: Operation) -> None:
    """Insert an operation, or overwrite what is known of it."""
    connection.execute(
        "INSERT OR REPLACE INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            operation.id,
            operation.kind,
            from_time(operation.created_at),
            operation.status,
            operation.frame,
            from_content(operation.content),
            operation.generation_id,
            operation.error_code,
            operation.error,
            from_time(operation.finished_at),
            from_time(operation.delivered_at),
        ),
    )


def forget(connection: sqlite3.Connection, operation_ids: list[str]) -> None:
    """Drop operations."""
    connection.executemany(
        "DELETE FROM operations WHERE id = ?", [(operation_id,) for operation_id in operation_ids]
    )


def read_all(connection: sqlite3.Connection) -> list[Operation]:
    """Return every operation that was kept, oldest first."""
    rows = connection.execute("SELECT * FROM operations ORDER BY created_at")
    return [
        Operation(
            id=row["id"],
            kind=OperationKind(row["kind"]),
            created_at=to_time(row["created_at"]),
            status=OperationStatus(row["status"]),
            frame=row["frame"],
            content=to_content(row["content"]),
            generation_id=row["generation_id"],
            error_code=row["error_code"],
            error=row["error"],
            finished_at=to_optional_time(row["finished_at"]),
            delivered_at=to_optional_time(row["delivered_at"]),
        )
        for row in rows
    ]
