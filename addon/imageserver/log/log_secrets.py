"""What must never stand in the log, wherever it comes from: messages, arguments, tracebacks."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

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
        for secret in secrets:
            if len(secret) >= _SHORTEST:
                self._known.update(_spellings(secret))
        # Of two secrets that begin alike, the longer has to be tried first.
        longest_first = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def hide(self, text: str) -> str:
        """Return the text with each secret replaced."""
        return self._pattern.sub(STARS, text) if self._pattern else text


def _spellings(secret: str) -> set[str]:
    """Return how a secret may stand where it was repeated in somebody else's form."""
    as_json = json.dumps(secret)
    doubled = secret.replace("\\", "\\\\")
    return {
        secret,
        *(doubled.replace(mark, f"\\{mark}") for mark in "'\""),  # as `repr` does, which chooses its marks
        as_json[1:-1],
        json.dumps(as_json)[3:-3],
        html.escape(secret),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        base64.b64encode(secret.encode(errors="surrogateescape")).decode().rstrip("="),
    }
