import re

import pytest

from imageserver.exceptions import UnreadableFileError
from imageserver.files.text_decoding import MAX_BYTES, decode


@pytest.mark.parametrize("data", ["цвет", "цвет".encode(), b"\xef\xbb\xbf" + "цвет".encode(), "\ufeffцвет"])
def test_utf_8_is_read_with_and_without_a_byte_order_mark(data: str | bytes) -> None:
    assert decode(data) == "цвет"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("a: 1\nцв: ".encode() + b"\xff", "line 2, column 5: byte 0xff is no UTF-8"),
        ("a: цвет".encode("cp1251"), "line 1, column 4: byte 0xf6 is no UTF-8"),
        ("a: 1".encode("utf-16"), "line 1, column 1: byte 0xff is no UTF-8"),
        (b"\xef\xbb\xbf\xff", "line 1, column 1: byte 0xff"),
        ("один\nдва\x00", "line 2, column 4: the control character U+0000"),
        ("\ud800", "line 1, column 1: the control character U+D800"),
        (b"x" * (MAX_BYTES + 1), "1048577 bytes are too many"),
    ],
)
def test_what_is_no_text_says_where_and_why(data: str | bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=f"^{re.escape(message)}"):
        decode(data)
