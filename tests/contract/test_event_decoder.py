from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.aiframes.api import Limits, NotAnImageServerError
from custom_components.aiframes.api.event_decoder import EventDecoder, Message
from imageserver.web.event_stream import HEARTBEAT, StreamLimits

STREAM = (
    "\ufeff: hello\n\nid: 1\nevent: status\ndata: {}\n\n"
    ":\r\n\r\nevent:picture\rid: 2\rdata: a\rdata:  b\rdata\r\r"
    "data: a\r\ndata: b\r\n\r\n"
    "retry: 5\r\nid: 3\r\n\r\ndata: кошка\r\n\r\nevent: nothing\n\ndata: x\nstrange: y\n\ndata: cut"
).encode()
MESSAGES = [
    Message("status", "1", "{}"),
    Message("picture", "2", "a\n b\n"),
    Message("message", "2", "a\nb"),
    Message("message", "3", "кошка"),
    Message("message", "3", "x"),
]


def decoded(*chunks: bytes, limit: int = 1000) -> list[Message]:
    decoder = EventDecoder(limit=limit)
    return [message for chunk in chunks for message in decoder.feed(chunk)]


def test_a_stream_is_read_as_the_standard_says() -> None:
    assert decoded(STREAM) == MESSAGES


@given(st.lists(st.integers(0, len(STREAM))))
def test_it_makes_no_difference_in_which_pieces_it_comes(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(edges)]
    assert decoded(*pieces) == MESSAGES


def test_even_byte_by_byte() -> None:
    assert decoded(*(STREAM[index : index + 1] for index in range(len(STREAM)))) == MESSAGES


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("data: a", []),
        ("data: a\n", []),
        ("data: a\n\n", [Message("message", "", "a")]),
        ("data:a\n\n", [Message("message", "", "a")]),
        ("data\n\n", [Message("message", "", "")]),
        ("data:\n\n", [Message("message", "", "")]),
        ("data: a: b\n\n", [Message("message", "", "a: b")]),
        (" data: a\n\n", []),
        ("Data: a\n\n", []),
        ("event: x\n\ndata: a\n\n", [Message("message", "", "a")]),
        ("id: 1\n\ndata: a\n\n", [Message("message", "1", "a")]),
        ("id: 1\ndata: a\n\nid\ndata: b\n\n", [Message("message", "1", "a"), Message("message", "", "b")]),
        ("id: 1\nid: \0\ndata: a\n\n", [Message("message", "1", "a")]),
        ("data: a\n\n\n\ndata: b\n\n", [Message("message", "", "a"), Message("message", "", "b")]),
        ("data: a\n\n\ufeffdata: b\n\n", [Message("message", "", "a")]),
    ],
)
def test_small_print_of_the_standard(text: str, messages: list[Message]) -> None:
    assert decoded(text.encode()) == messages


def test_what_is_no_utf_8_spoils_only_itself() -> None:
    assert decoded(b"data: \xff!\n\n") == [Message("message", "", "\ufffd!")]


@pytest.mark.parametrize("piece", [b"data: a", b"data: abc\n", b"data\n", b": no end"])
def test_an_event_without_an_end_is_refused(piece: bytes) -> None:
    decoder = EventDecoder(limit=1000)
    assert list(decoder.feed(piece * (500 // len(piece)))) == []
    with pytest.raises(NotAnImageServerError, match="more than 1000 bytes"):
        list(decoder.feed(piece * 1000))


@pytest.mark.parametrize("piece", [b": beat\n\nid: 1\ndata: abc\n\n", b"event: x\ndata\n\n\n"])
def test_a_stream_without_an_end_is_fine(piece: bytes) -> None:
    assert len(decoded(*[piece] * 500, limit=50)) == 500


@pytest.mark.parametrize("piece", [b": beat\n", b"\n", b"id: 1\nevent: x\n\n"])
def test_a_stream_that_says_nothing_is_left_at_last(piece: bytes) -> None:
    with pytest.raises(NotAnImageServerError, match="more than 50 bytes"):
        decoded(*[piece] * 500, limit=50)


def test_lines_without_an_end_are_left_at_last() -> None:
    with pytest.raises(NotAnImageServerError, match="more than 100000 lines"):
        decoded(b"\n" * 200_000, limit=1_000_000)


def test_signs_of_life_of_a_week_are_not_too_many() -> None:
    beats = int(timedelta(days=7) / timedelta(seconds=StreamLimits().heartbeat_seconds))
    assert decoded(HEARTBEAT * beats, limit=Limits().body_bytes) == []
