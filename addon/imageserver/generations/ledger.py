"""How requests to providers stand, on the disk; what the disk refuses is written as soon as it takes it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..exceptions import StateError
from ..metrics import Outcome
from ..models import Content, ContentKind, Fate, OperationKind
from . import records

if TYPE_CHECKING:
    import sqlite3

    from ..metrics import Metrics, Periods
    from ..models import Generation
    from ..state.state import State
    from ..store.show_queue import ShowQueue


@dataclass(slots=True)
class _Entry:
    """Something to be written.

    Attributes:
        periods: When it is counted, however long the disk takes nothing.
        claimed_by: The operation that shows the picture first.
        is_seen: A frame has shown it already.
    """

    generation: Generation
    counts: tuple[Outcome | str, ...]
    periods: Periods
    claimed_by: str | None = None
    is_seen: bool = False


class Ledger:
    """Writes in the order in which things happened."""

    def __init__(self, *, state: State, metrics: Metrics, queue: ShowQueue) -> None:
        self._state = state
        self._metrics = metrics
        self._queue = queue
        self._waiting: list[_Entry] = []
        self._writing = asyncio.Lock()

    async def intend(self, generation: Generation) -> None:
        """Write an intent down before anything is sent.

        Raises:
            StateError: It could not be written.
        """
        await self._put(_Entry(generation, (Outcome.TOTAL,), self._metrics.periods()))

    def withdraw(self, generation: Generation) -> None:
        """Write down that an intent came to nothing."""
        self._state.post(lambda connection: records.write(connection, generation))

    async def write(
        self,
        generation: Generation,
        *counts: Outcome | str,
        claimed_by: str | None = None,
        is_seen: bool = False,
    ) -> bool:
        """Write down how a request stands; False where the disk does not take it yet.

        Args:
            generation: As it stands.
            counts: What is counted with it.
            claimed_by: The operation that shows its picture first.
            is_seen: A frame has shown the picture already.
        """
        self._waiting.append(_Entry(generation, counts, self._metrics.periods(), claimed_by, is_seen))
        return await self._write_all()

    async def try_again(self) -> None:
        """Write what was refused; to be called every few seconds."""
        await self._write_all()

    def is_written(self, generation_id: str) -> bool:
        """Whether nothing of a request waits for the disk."""
        return self.waiting(generation_id) is None

    def waiting(self, generation_id: str) -> Generation | None:
        """Return what waits for the disk of a request, as it stands."""
        found = (entry.generation for entry in reversed(self._waiting))
        return next((generation for generation in found if generation.id == generation_id), None)

    def unclaim(self, operation_id: str) -> None:
        """An operation shows no picture any more that is still to be written down."""
        for entry in self._claimed(operation_id):
            entry.claimed_by = None

    def seen(self, operation_id: str) -> None:
        """An operation has shown its picture: it need not be shown by itself."""
        for entry in self._claimed(operation_id):
            entry.is_seen = True

    def _claimed(self, operation_id: str) -> list[_Entry]:
        return [entry for entry in self._waiting if entry.claimed_by == operation_id]

    async def _write_all(self) -> bool:
        async with self._writing:
            while self._waiting:
                entry = self._waiting[0]
                try:
                    await self._put(entry)
                except StateError:
                    return False
                self._waiting.remove(entry)
        return True

    async def _put(self, entry: _Entry) -> None:
        await self._state.run(lambda connection: self._record(connection, entry), durable=True)
        self._metrics.wrote_provider(entry.generation.provider, entry.counts, entry.periods)

    def _record(self, connection: sqlite3.Connection, entry: _Entry) -> None:
        generation = entry.generation
        records.write(connection, generation)
        self._metrics.write_provider(connection, generation.provider, entry.counts, entry.periods)
        if generation.fate is Fate.DONE and generation.show and not entry.is_seen:
            self._let_be_seen(connection, generation, entry.claimed_by)

    def _let_be_seen(
        self, connection: sqlite3.Connection, generation: Generation, claimed_by: str | None
    ) -> None:
        if generation.picture_id is not None:
            content = Content(kind=ContentKind.PICTURE, picture_id=generation.picture_id)
        elif generation.kind is not OperationKind.AUTO:
            content = Content(kind=ContentKind.PASSING, passing=generation.passing)
        else:
            return  # It cost nothing and nobody asked for it by name.
        frame = generation.frame if generation.kind is OperationKind.FORCED else None
        self._queue.add_made(connection, content, frame=frame, claimed_by=claimed_by)
