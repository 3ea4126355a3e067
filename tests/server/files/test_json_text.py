import re

import pytest

from imageserver.exceptions import UnreadableFileError
from imageserver.files.json_text import load


def test_numbers_stay_as_they_are_written() -> None:
    text = '{"a": 12345678901234567890, "b": [1.50, true, null, "x"]}'
    assert load(text) == {"a": "12345678901234567890", "b": ["1.50", True, None, "x"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{\n"folder_id": "a",\n}', "line 2, column 17: "),
        (b"", "line 1, column 1: Expecting value"),
        ('{"ключ": 1'.encode(), "line 1, column 11: Expecting ',' delimiter"),
        (b'{"a": 1, "a": 2}', "the key 'a' is there twice"),
        (b'{"a": "\\ud83d"}', "an escape (\\u) stands for half a character"),
        (b"\xff", "line 1, column 1: byte 0xff is no UTF-8"),
        pytest.param(b"[" * 500_000, "nested too deeply", id="deep"),
    ],
)
def test_what_is_no_json_says_where_and_why(text: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=f"^{re.escape(message)}"):
        load(text)
