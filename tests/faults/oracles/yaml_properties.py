"""Files of YAML: read as others read them, but that text stays text."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from imageserver.exceptions import UnreadableFileError
from imageserver.files import json_text, yaml_text
from tests.faults.oracles.property import Property
from tests.faults.oracles.rubbish_text import tokens, trees, written

_FILES = (
    st.binary(max_size=40)
    | tokens("a: ", "- b\n", "'c'", '"\\x41"', "|\n  d\n", "&x ", "*x", "? e\n: f\n", "!!str ", "---\n").map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
    | written(trees("a", "b"))
)


def _reads_as_others_read_it(data: bytes) -> None:
    try:
        value = yaml_text.load(data)
    except UnreadableFileError:
        return
    text = data.decode().removeprefix("\ufeff")
    if "<<" not in text:  # what is merged is not written out by the other reader
        assert _plain(value) == _plain(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - makes text only
    _encodable(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_joined(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return "" if value in {None, "~", "null", "Null", "NULL"} else _joined(value)


def _joined(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _json_is_read_or_refused(data: bytes) -> None:
    try:
        value = json_text.load(data)
    except UnreadableFileError:
        return
    _encodable(value)


def _encodable(value: Any) -> None:
    repr(value)
    if isinstance(value, dict):
        for key, item in value.items():
            key.encode()
            _encodable(item)
    elif isinstance(value, list):
        for item in value:
            _encodable(item)
    elif isinstance(value, str):
        value.encode()


PROPERTIES = {
    "YAML is refused in our words, or read as others read it": Property(
        _FILES, _reads_as_others_read_it, 150
    ),
    "JSON is refused in our words, or holds whole text": Property(_FILES, _json_is_read_or_refused, 100),
}
