"""What must never stand in the log, wherever it comes from: messages, arguments, tracebacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

STARS = "***"

_SHORTEST = 4
"""What is shorter is no secret, and would be found in every other word."""


class LogSecrets:
    """The secrets that are known by now; it only ever learns more of them."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these too."""
        self._known.update(secret for secret in secrets if len(secret) >= _SHORTEST)
        # Of two secrets that begin alike, the longer has to be tried first.
        longest_first = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def hide(self, text: str) -> str:
        """Return the text with each secret replaced."""
        return self._pattern.sub(STARS, text) if self._pattern else text
