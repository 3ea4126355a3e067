"""Text as JSON, strictly."""

import json
from typing import NoReturn

from .errors import NotAnImageServerError


def parsed(text: bytes | str) -> object:
    """Return what the text says.

    Raises:
        NotAnImageServerError: It is no JSON.
    """
    try:
        value: object = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotAnImageServerError("The answer is no JSON") from None
    return value


def _refuse(constant: str) -> NoReturn:
    """JSON knows no NaN and no infinity, Python's reader does."""
    raise ValueError(constant)
