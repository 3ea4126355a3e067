"""Reads `words/<language>/<view>.js`: one object of texts, or of texts by plural category."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

type Text = str | dict[str, str]

_COMMENT = re.compile(r"^\s*//.*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|\w+|\S')


def read_words(path: Path) -> dict[str, Text]:
    """Return the texts by key; anything else in the file is a mistake."""
    body = _COMMENT.sub("", path.read_text("utf-8")).strip()
    assert body.startswith("export default {"), path
    assert body.endswith("};"), path
    return dict(_entries(iter(_TOKEN.findall(body.removeprefix("export default {").removesuffix(";")))))


def placeholders(text: Text) -> set[str]:
    """Name what is filled in, in any of the plural categories."""
    texts = [text] if isinstance(text, str) else text.values()
    return {name for one in texts for name in re.findall(r"\{(\w+)\}", one)}


def _entries(tokens: Iterator[str]) -> Iterator[tuple[str, Text]]:
    known = set()
    while (token := next(tokens)) != "}":
        key = _string(token) if token.startswith('"') else token
        assert key.isidentifier() or token.startswith('"'), f"{token} is no key"
        assert key not in known, f"{key} stands there twice"
        known.add(key)
        assert next(tokens) == ":", key
        value = next(tokens)
        yield key, _plural(tokens) if value == "{" else _string(value)
        comma = next(tokens)
        assert comma in {",", "}"}, f"behind {key}: {comma}"
        if comma == "}":
            return


def _plural(tokens: Iterator[str]) -> dict[str, str]:
    texts = dict(_entries(tokens))
    assert all(isinstance(text, str) for text in texts.values())
    return {category: str(text) for category, text in texts.items()}


def _string(token: str) -> str:
    text = json.loads(token)
    assert isinstance(text, str)
    return text
