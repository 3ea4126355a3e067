"""The format of server-sent events, as the HTML standard describes it.

Lines may end in LF, CR or CRLF, data may have several lines, comments and `retry` say nothing here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import NotAnImageServerError

_END_OF_LINE = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_LINES = 100_000
"""Up to the end of one event; signs of life count too, of which a server sends as many in a week."""


@dataclass(frozen=True, slots=True)
class Message:
    """An event before anybody knows what it means.

    Attributes:
        name: `message` where the stream gives none.
        id: The last one that the stream gave; empty before the first.
    """

    name: str
    id: str
    data: str


class EventDecoder:
    """Takes the stream piece by piece; holds one event at most."""

    def __init__(self, *, limit: int) -> None:
        """Begin a stream; an event may have `limit` bytes, with all that says nothing before it."""
        self._limit = limit
        self._line = bytearray()
        self._is_first = True
        self._after_return = False
        self._heard = self._lines = 0
        self._name = ""
        self._id = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """Return the events that end in this piece.

        Raises:
            NotAnImageServerError: An event grows without an end, or none ever comes.
        """
        if not chunk:
            return
        if self._after_return:
            chunk = chunk.removeprefix(b"\n")
        self._after_return = chunk.endswith(b"\r")
        first, *others = _END_OF_LINE.split(chunk)
        self._grow(first)
        for part in others:
            message = self._end_line()
            if message is not None:
                yield message
            self._grow(part)

    def _grow(self, part: bytes) -> None:
        self._heard += len(part) + 1
        self._lines += 1
        if self._heard > self._limit:
            raise NotAnImageServerError(f"An event has more than {self._limit} bytes")
        if self._lines > _MOST_LINES:
            raise NotAnImageServerError(f"An event has more than {_MOST_LINES} lines")
        self._line += part

    def _end_line(self) -> Message | None:
        line = bytes(self._line)
        self._line = bytearray()
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line:
            return self._end_event()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        self._take(name, value.removeprefix(" "))
        return None

    def _take(self, name: str, value: str) -> None:
        match name:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value

    def _end_event(self) -> Message | None:
        message = Message(self._name or "message", self._id, "\n".join(self._data)) if self._data else None
        self._name = ""
        self._data.clear()
        if message is not None:
            self._heard = self._lines = 0
        return message
