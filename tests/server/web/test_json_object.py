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
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b'{"a":1',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        rb'{"a":"\ud800"}',
        rb'{"\udfff":1}',
        b'{"a":"\xff"}',
        b"[" * 8000,
        b'{"a":' * 2500,
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequestError, match="The body"):
        read_object(body)
