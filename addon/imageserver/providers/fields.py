"""Kinds of settings that several adapters have, for their schemas; what they return is plain JSON again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import voluptuous as vol

from ..files.text_decoding import is_text

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")
_SIZE = re.compile(r"([1-9]\d{1,4}) *[xX] *([1-9]\d{1,4})", re.ASCII)


def text(value: object) -> str:
    """Take text; blank space around it goes."""
    if not isinstance(value, str):
        raise vol.Invalid("must be text")
    if not is_text(value):
        raise vol.Invalid("must be text without control characters")
    return value.strip()


def one_word(value: object) -> str:
    """Take an id or a key that goes into a header; empty is "not set"."""
    word = text(value)
    if not word.isascii() or not word.isprintable() or " " in word:
        raise vol.Invalid("must be one word of Latin letters, digits and signs, copied whole")
    return word


def address(value: object) -> str:
    """Take an http or https address without a name and password in it; a last `/` goes."""
    found = text(value).rstrip("/")
    if not _ADDRESS.fullmatch(found):
        raise vol.Invalid("must be an address such as https://example.com or http://192.168.1.5:7860")
    return found


def size(value: object) -> str:
    """Take width and height in pixels as `WIDTHxHEIGHT`."""
    match = _SIZE.fullmatch(text(value))
    if match is None:
        raise vol.Invalid("must be width x height in pixels, such as 1024x1536")
    return f"{match[1]}x{match[2]}"


def seconds(least: float, most: float) -> Callable[[object], float]:
    """Return what takes a number of seconds in a range."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise vol.Invalid(f"must be a number of seconds from {least:g} to {most:g}")
        return float(value)

    return check
