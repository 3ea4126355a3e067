"""Pictures that came in the answer to a paid request, until they are stored.

Their provider keeps none of them, and checking and scaling one takes seconds on a small machine: so what came
is on the disk as it came before anything else is done with it. What can be fetched once more is not held.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from ..files.atomic import atomic_write, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)


class HeldPictures:
    """One file a request, named by its id. A disk that does not take it is no reason to fail."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def hold(self, generation_id: str, image: bytes) -> bool:
        """Keep what came; False where it is in memory alone."""
        try:
            await asyncio.to_thread(self._write, generation_id, image)
        except OSError as error:
            _LOGGER.debug("A new picture is in memory alone: %s", error)
            return False
        return True

    async def find(self, generation_id: str) -> bytes | None:
        """Return what came before a crash; None where nothing did."""
        try:
            return await asyncio.to_thread((self._directory / generation_id).read_bytes)
        except OSError:
            return None

    async def let_go(self, generation_id: str) -> None:
        """Forget what has its place in the store by now, or will have none."""
        try:
            await asyncio.to_thread((self._directory / generation_id).unlink, missing_ok=True)
        except OSError as error:
            _LOGGER.debug("A picture that was held stays until the next start: %s", error)

    async def keep_only(self, generation_ids: Collection[str]) -> None:
        """Remove whatever belongs to no other request; to be called before anything is held."""
        try:
            await asyncio.to_thread(self._remove_others, generation_ids)
        except OSError as error:
            _LOGGER.debug("%s can't be cleared: %s", self._directory, error)

    def _write(self, name: str, image: bytes) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        atomic_write(self._directory / name, image)

    def _remove_others(self, names: Collection[str]) -> None:
        if self._directory.is_dir():
            remove_leftovers(self._directory)
            for path in tuple(self._directory.iterdir()):
                if path.name not in names:
                    path.unlink()
