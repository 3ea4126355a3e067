"""Bytes of a file that a person wrote -> text, or where and why it is none."""

from __future__ import annotations

import re

from ..exceptions import UnreadableFileError

MAX_BYTES = 1024 * 1024
"""What a person writes by hand is never larger; what is larger is not read."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(data: str | bytes) -> str:
    """Return the text of UTF-8 bytes, with or without a byte order mark.

    Raises:
        UnreadableFileError: Not UTF-8, control characters, or too large.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(f"{len(data)} bytes are too many; at most {MAX_BYTES} are read")
    text = (data if isinstance(data, str) else _from_utf8(data)).removeprefix("\ufeff")
    control = _CONTROL.search(text)
    if control is not None:
        code = ord(control.group())
        raise _error_at(text, control.start(), f"the control character U+{code:04X} has no place in text")
    return text


def is_text(text: str) -> bool:
    """Whether a text, however it was written, holds no control characters."""
    return _CONTROL.search(text) is None


def whole_characters(text: str) -> str:
    """Return text in which the halves of a character, as escapes can write them, are one.

    Raises:
        ValueError: A half has no other half: nobody could write such text down.
    """
    if text.isascii():
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise ValueError("half a character") from error


def _from_utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        message = f"byte 0x{data[error.start]:02x} is no UTF-8; save the file as UTF-8"
        before = data[: error.start].decode().removeprefix("\ufeff")
        raise _error_at(before, len(before), message) from error


def _error_at(text: str, position: int, message: str) -> UnreadableFileError:
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return UnreadableFileError(message, line=line, column=column)
