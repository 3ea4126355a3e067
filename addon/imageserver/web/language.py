"""Which of the project's languages a browser's user reads best."""

from __future__ import annotations

from enum import StrEnum

MAX_LENGTH = 500
"""Of the header; what stands behind is not looked at."""


class Language(StrEnum):
    """The languages that pages speak."""

    ENGLISH = "en"
    RUSSIAN = "ru"


def preferred(accept_language: str) -> Language:
    """Return the best language for an `Accept-Language` header; English where it names none of ours."""
    best, best_weight = Language.ENGLISH, 0.0
    for part in accept_language[:MAX_LENGTH].split(","):
        tag, _, parameters = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if weight > best_weight and primary in set(Language):
            best, best_weight = Language(primary), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
