"""JSON read as `yaml_text.py` reads YAML: numbers stay as they are written, mistakes have a place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..exceptions import UnreadableFileError
from .text_decoding import decode

if TYPE_CHECKING:
    from ..models import Json


def load(data: str | bytes) -> Json:
    """Return what a file holds, its numbers as text.

    Raises:
        UnreadableFileError: It is no JSON, holds a key twice, or is too large or too deep.
    """
    text = decode(data)
    try:
        value: Json = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_without_doubles
        )
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise UnreadableFileError(error.msg, line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise UnreadableFileError("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise UnreadableFileError("an escape (\\u) stands for half a character") from error
    return value


def _without_doubles(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise UnreadableFileError(f"the key {key!r} is there twice")
        found[key] = value
    return found
