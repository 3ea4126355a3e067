"""File descriptors in reserve: where the system gives the server no more, a frame can still come in."""

from __future__ import annotations

import asyncio
import errno
import logging
import os

_LOGGER = logging.getLogger(__name__)

AMOUNT = 12
"""For some connections at once, with a file that each reads and a question to a provider."""

PLENTY = 5 * AMOUNT
"""So many must be free before some are held again: more than all reserves together have given up."""

_SPENT = frozenset({errno.EMFILE, errno.ENFILE})


class Reserve:
    """Holds descriptors that are of no use but to be given up."""

    def __init__(self, *, retry_seconds: float) -> None:
        """Take what can be had.

        Args:
            retry_seconds: After which it is tried to have them again.
        """
        self._retry_seconds = retry_seconds
        self._retry: asyncio.TimerHandle | None = None
        self._held = _some(AMOUNT)

    def give_up(self, error: OSError, *, port: int) -> bool:
        """Make room where descriptors are what is missing; False where there is no room to be made."""
        if error.errno not in _SPENT or not self._held:
            return False
        _LOGGER.warning("Port %d: no more files can be opened (%s), so few are served at once", port, error)
        self._let_go()
        self._try_again()
        return True

    def close(self) -> None:
        """Give all up for good."""
        if self._retry is not None:
            self._retry.cancel()
        self._let_go()

    def _try_again(self) -> None:
        self._retry = asyncio.get_running_loop().call_later(self._retry_seconds, self._restock)

    def _restock(self) -> None:
        plenty = _some(PLENTY)
        self._held, surplus = plenty[:AMOUNT], plenty[AMOUNT:]
        _close(surplus)
        if self._held:
            _LOGGER.info("Files can be opened again")
        else:
            self._try_again()

    def _let_go(self) -> None:
        _close(self._held)
        self._held = []


def _some(amount: int) -> list[int]:
    """Return all or nothing: what little is left belongs to those who are served."""
    held: list[int] = []
    try:
        while len(held) < amount:
            held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError:
        _close(held)
        return []
    return held


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
