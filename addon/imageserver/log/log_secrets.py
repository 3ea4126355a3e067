"""What must never stand in the log, wherever it comes from: messages, arguments, tracebacks."""

from __future__ import annotations

import base64
import html
import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
        patterns = [pattern for secret in longest_first for pattern in _spellings(secret)]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def hide(self, text: str) -> str:
        """Return the text with each secret replaced."""
        return self._pattern.sub(STARS, text) if self._pattern else text


def _spellings(secret: str) -> Iterator[str]:
    """Yield patterns of how a secret may stand where it was repeated in somebody else's form."""
    yield "".join(_quoted(before, sign) for before, sign in pairwise(f" {secret}"))
    encoded = base64.b64encode(secret.encode(errors="surrogateescape")).decode().rstrip("=")
    forms = (html.escape(secret), quote(secret), quote(secret, safe=""), quote_plus(secret), encoded)
    yield from map(re.escape, sorted({*forms} - {secret}, key=len, reverse=True))


def _quoted(before: str, sign: str) -> str:
    """Return the pattern of a sign as Python and JSON quote it, once or however often after each other."""
    if sign == "\\":
        return "" if before == "\\" else r"\\+"
    if sign in "'\"":
        return sign if before == "\\" else rf"\\*{sign}"
    return re.escape(sign) if sign.isascii() else rf"(?:{re.escape(sign)}|\\+u{ord(sign):04x})"
