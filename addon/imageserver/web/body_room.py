"""Room in memory for large bodies: what has none yet waits unread, at the other end of the connection."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ..exceptions import TooManyRequestsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_RETRY_AFTER = 10.0


class BodyRoom:
    """Lets bodies in for as long as they fit, in the order in which they came."""

    def __init__(self, *, size: int, patience: float) -> None:
        """Make it empty.

        Args:
            size: Bytes at once.
            patience: Seconds that a body may wait.
        """
        self._free = self._size = size
        self._patience = patience
        self._turn = asyncio.Lock()
        self._left = asyncio.Event()

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[None]:
        """Hold room for so many bytes, at most all there is, for as long as the block lasts.

        Raises:
            TooManyRequestsError: There was none for too long.
        """
        size = min(size, self._size)
        try:
            async with asyncio.timeout(self._patience), self._turn:
                while self._free < size:
                    self._left.clear()
                    await self._left.wait()
                self._free -= size
        except TimeoutError:
            raise TooManyRequestsError(
                "Too many pictures come at once: send them one after the other", retry_after=_RETRY_AFTER
            ) from None
        try:
            yield
        finally:
            self._free += size
            self._left.set()
