from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import voluptuous as vol

from imageserver.providers import fields

if TYPE_CHECKING:
    from collections.abc import Callable

    type Field = Callable[[object], object]


@pytest.mark.parametrize(
    ("field", "written", "taken"),
    [
        (fields.text, "  кот ", "кот"),
        (fields.text, "", ""),
        (fields.one_word, " AQVN-x_1.= ", "AQVN-x_1.="),
        (fields.one_word, "", ""),
        (fields.address, "https://api.example.com/", "https://api.example.com"),
        (fields.address, "http://192.168.1.5:7860/sd", "http://192.168.1.5:7860/sd"),
        (fields.address, "http://[fd00::1]:7860", "http://[fd00::1]:7860"),
        (fields.size, "1024x1536", "1024x1536"),
        (fields.size, " 640 X 960 ", "640x960"),
        (fields.seconds(5, 600), 5, 5.0),
        (fields.seconds(5, 600), 0.5e3, 500.0),
    ],
)
def test_what_is_right_is_taken(field: Field, written: object, taken: object) -> None:
    assert field(written) == taken


@pytest.mark.parametrize(
    ("field", "written"),
    [
        (fields.text, 5),
        (fields.text, None),
        (fields.text, "a\0b"),
        (fields.one_word, "two words"),
        (fields.one_word, "a\r\nX-Header: b"),
        (fields.one_word, "ключ"),
        (fields.address, "example.com"),
        (fields.address, "ftp://example.com"),
        (fields.address, "https://me:secret@example.com"),
        (fields.address, "https://example.com/?key=1"),
        (fields.address, "https://example.com/a b"),
        (fields.address, "https://"),
        (fields.size, "1024"),
        (fields.size, "0x5"),
        (fields.size, "-1x5"),
        (fields.size, "1024x153600"),
        (fields.seconds(5, 600), 4.9),
        (fields.seconds(5, 600), 601),
        (fields.seconds(5, 600), float("nan")),
        (fields.seconds(5, 600), True),
        (fields.seconds(5, 600), "60"),
    ],
)
def test_what_is_wrong_is_refused_with_what_would_be_right(field: Field, written: object) -> None:
    with pytest.raises(vol.Invalid, match=r"^must be "):
        field(written)
