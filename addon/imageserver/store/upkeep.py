"""Bringing the store up to date beside everything else."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .store import Store

_LOGGER = logging.getLogger(__name__)


class Upkeep:
    """Brings the store up to date in the background: at start, and whenever the settings change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, instead of what is still under way."""
        before, self._task = self._task, None
        if before is not None:
            before.cancel()
        self._task = asyncio.create_task(self._run(before), name="upkeep")

    async def close(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        try:
            await self._store.scan()
            await self._store.prepare_all()
        except Exception:
            _LOGGER.exception("The store could not be brought up to date; this is tried again by and by")
