"""A picture under way, and who waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import Generation


@dataclass(slots=True)
class Awaited:
    """One request to a provider that has not met its fate.

    Attributes:
        generation: As it stands.
        operation: Which operation shows the picture first; None where nobody waits for it.
        is_seen: That operation has shown it, before it was stored.
        is_paid: It costs money.
        is_held: It is here, and outlives the process.
        passing: Under this name it can be shown before it is stored.
    """

    generation: Generation
    operation: str | None = None
    is_seen: bool = False
    is_paid: bool = False
    is_held: bool = False
    passing: str | None = None
    _is_here: asyncio.Event = field(default_factory=asyncio.Event)

    def waits_for_disk(self, passing: str | None) -> None:
        """Take note that the picture is here and can't be stored for the moment."""
        if passing is not None:
            self.passing = passing
            self._is_here.set()

    async def is_here(self, task: asyncio.Task[Generation]) -> bool:
        """Wait until it can be shown before it is stored; False where the request has ended before that."""
        here = asyncio.ensure_future(self._is_here.wait())
        try:
            await asyncio.wait((task, here), return_when=asyncio.FIRST_COMPLETED)
            return not task.done()
        finally:
            here.cancel()
            await asyncio.gather(here, return_exceptions=True)
