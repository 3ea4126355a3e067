"""Text as JSON, strictly."""

import json
from typing import NoReturn

from .errors import NotAnImageServerError

_MOST_MARKS = 200_000
"""Commas, colons and brackets of an answer: each may be a value, which takes far longer to make than to hear.

Ten times of what the longest answer has, and little enough to keep nobody waiting.
"""


def parsed(text: bytes | str) -> object:
    """Return what the text says.

    Raises:
        NotAnImageServerError: It is no JSON, or of more values than any answer has.
    """
    if _marks(text) > _MOST_MARKS:
        raise NotAnImageServerError(f"The answer has more than {_MOST_MARKS} values")
    try:
        value: object = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotAnImageServerError("The answer is no JSON") from None
    return value


def _marks(text: bytes | str) -> int:
    if isinstance(text, str):
        return sum(map(text.count, ",:[{"))
    return sum(map(text.count, (b",", b":", b"[", b"{")))


def _refuse(constant: str) -> NoReturn:
    """JSON knows no NaN and no infinity, Python's reader does."""
    raise ValueError(constant)
