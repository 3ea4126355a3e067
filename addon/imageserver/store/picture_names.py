"""File names of the store: which are pictures, and which belong together.

One picture is one stem, with or without `-orig`: `scalable/f1.jpeg` and `original/f1-orig.jpeg` are one.
"""

from __future__ import annotations

ENDINGS = (".jpeg", ".jpg")
"""Compared without case."""

ORIGINAL_SUFFIX = "-orig"


def is_picture_name(name: str) -> bool:
    """Whether a file of this name is a picture for us; hidden files are not."""
    return not name.startswith(".") and name.lower().endswith(ENDINGS)


def is_text(name: str) -> bool:
    """Whether a name can be written down; one in an old 8-bit encoding can't."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def stem_of(name: str) -> str:
    """Return what the names of one picture's files have in common."""
    stem = name.rpartition(".")[0]
    return stem.removesuffix(ORIGINAL_SUFFIX) or stem


def scaled_name(stem: str) -> str:
    """Return how the server calls the scaled file of a picture that it made."""
    return f"{stem}.jpeg"


def original_name(stem: str) -> str:
    """Return how the server calls the original of a picture that it made."""
    return f"{stem}{ORIGINAL_SUFFIX}.jpeg"
