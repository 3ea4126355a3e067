"""Strategies for text and bytes that somebody could have written into a file of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SIGNS = "ab:- \n'\"[]{}#&*!|>?,~<\t%@йZ0.\\u\r\u2028\x85\ufeff😀"
SPECIAL = (
    *(
        "",
        "~",
        "null",
        "yes",
        "0x10",
        "1e3",
        "23:00",
        "2026-11-24",
        "<<",
        "- a",
        "a: b",
        "[[color]]",
        "[[ a]]",
    ),
    *(
        "x" * 70,
        "a\nb",
        " a ",
        "#",
        "'",
        '"',
        "\\",
        "é",
        "e\u0301",
        "\u200d",
        "\0",
        "\ud800",
        "😀",
        "%",
        "@",
        "!",
    ),
)


def tokens(*words: str) -> SearchStrategy[str]:
    """Return a strategy for text made of these words and of signs that mean something."""
    pieces = st.sampled_from(words) | st.sampled_from(SIGNS) | st.sampled_from(SPECIAL[:13])
    return st.lists(pieces, max_size=30).map("".join)


def trees(*keys: str) -> SearchStrategy[Any]:
    """Return a strategy for what JSON can hold, its keys mostly some of these."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-10, 2**31)
        | st.floats(allow_nan=True)
        | st.sampled_from(SPECIAL)
    )
    names = st.sampled_from(keys) | st.sampled_from(SPECIAL)
    return st.recursive(
        scalars | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
        max_leaves=12,
    )


def written(values: SearchStrategy[Any]) -> SearchStrategy[bytes]:
    """Return a strategy for files that hold these values, written in all the ways that there are."""
    return st.builds(_written, values, st.integers(0, 5))


def _written(value: Any, way: int) -> bytes:
    if way == 0:
        text = json.dumps(value)
    elif way == 1:
        text = json.dumps(value, ensure_ascii=False, indent=1)
    else:
        style = (None, True, False, None)[way - 2]
        quotes = (None, '"', "'", "|")[way - 2]
        try:
            text = yaml.safe_dump(
                value,
                allow_unicode=way % 2 == 0,
                default_flow_style=style,
                default_style=quotes,
                width=20 * way,
            )
        except (yaml.YAMLError, UnicodeError):
            text = json.dumps(value)
    return text.encode("utf-8", "surrogatepass")
