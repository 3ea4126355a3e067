"""One lock a picture: its files are made, moved and removed by one at a time."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class PictureLocks:
    """Hands out locks, and forgets those that nobody holds or waits for."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, picture_id: int) -> asyncio.Lock:
        """Return the lock of one picture."""
        return self._locks.setdefault(picture_id, asyncio.Lock())
