"""Refused requests in the log: what went wrong for someone, without anyone being able to fill it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LOGGER = logging.getLogger(__name__)

OF_ONE, IN_ALL = 5, 20
"""Lines a minute: of one address, and of all."""
_MINUTE = 60.0


class RefusalLog:
    """Tells each refusal, until there are too many within a minute."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._minute_ends = float("-inf")
        self._told: Counter[str] = Counter()

    def tell(self, address: str, what: str, *, level: int = logging.INFO) -> None:
        """Log a refusal of a request from this address; beyond the limits at DEBUG only."""
        if self._now() >= self._minute_ends:
            self._minute_ends = self._now() + _MINUTE
            self._told.clear()
        if self._told[address] >= OF_ONE or self._told.total() >= IN_ALL:
            _LOGGER.debug("%s", what)
            return
        self._told[address] += 1
        _LOGGER.log(level, "%s", what)
        if self._told.total() == IN_ALL:
            _LOGGER.info("What else is refused within this minute is told at log_level DEBUG only")
        elif self._told[address] == OF_ONE:
            _LOGGER.info(
                "What else %s is refused within this minute is told at log_level DEBUG only", address
            )
