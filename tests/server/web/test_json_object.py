from __future__ import annotations

import pytest

from imageserver.exceptions import BadRequestError
from imageserver.web.json_object import read_object


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        ('{"prompt":"кот"}'.encode(), {"prompt": "кот"}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "😀"}),
    ],
)
def test_an_object_is_read(body: bytes, value: object) -> None:
    assert read_object(body) == value


@pytest.mark.parametrize(
    ("body", "message", "reasons"),
    [
        (b"", "The body is not JSON", ["Expecting value: line 1 column 1 (char 0)"]),
        (b"[]", "The body is not a JSON object", []),
        (b"null", "The body is not a JSON object", []),
        (b'"text"', "The body is not a JSON object", []),
        (b'{"a":1', "The body is not JSON", ["Expecting ',' delimiter: line 1 column 7 (char 6)"]),
        (b'{"a":1,"a":2}', "The body is not JSON", ["a stands twice"]),
        (b'{"a":{"b":1,"b":2}}', "The body is not JSON", ["b stands twice"]),
        (b'{"a":NaN}', "The body is not JSON", ["NaN is no number"]),
        (b'{"a":Infinity}', "The body is not JSON", ["Infinity is no number"]),
        (rb'{"a":"\ud800"}', "The body has half a character", []),
        (rb'{"\udfff":1}', "The body has half a character", []),
        (b"[" * 100_000, "The body is not JSON", ["nested too deeply"]),
        (b'{"a":' * 100_000, "The body is not JSON", ["nested too deeply"]),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_what_is_no_object_is_refused_shortly_and_explained(
    body: bytes, message: str, reasons: list[str]
) -> None:
    with pytest.raises(BadRequestError) as refusal:
        read_object(body)
    assert str(refusal.value) == message
    assert [mistake.message for mistake in refusal.value.mistakes] == reasons


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadRequestError, match=r"^The body is not JSON$"):
        read_object(b'{"a":"\xff"}')
