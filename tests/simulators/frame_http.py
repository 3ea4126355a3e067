"""HTTP as the frame's client understands it: both generations of its library have to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.simulators.frame_line import FirmwareError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulators.frame_line import Line

LONGEST_OLD_LINE = 149
LONGEST_CHUNK_LINE = 9
"""With its carriage return."""

WINDOW = 2144
"""What fits the chip's receive window: an answer within it may come together with the end."""

END_MISSED_WITHIN = 0.005

_NOT_THERE = "Response not exists"


class Generation(StrEnum):
    """Of the HTTP library in the firmware; which one a frame has is not known."""

    OLD = "GyverHTTP 1.0.19"
    NEW = "GyverHTTP 1.0.30"


@dataclass(frozen=True, slots=True)
class Head:
    """What the client makes of an answer's head."""

    status: int
    length: int | None
    chunked: bool


def request(method: str, path: str, host: str, body: bytes | None = None) -> bytes:
    """A request as the firmware sends it: its `Host` without port, the type of its body even without one."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json", "Accept: */*"]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + (body or b"")


def understand(lines: Sequence[bytes], generation: Generation) -> Head:
    """Read a head as one generation does.

    Raises:
        FirmwareError: It finds no body in it.
    """
    status = re.match(rb"HTTP/\d\.\d (\d{3})", lines[0]) if lines else None
    if status is None:
        raise FirmwareError(f"no answer: {lines[:1]!r}")
    code = int(status[1])
    if code < 200:
        raise FirmwareError(f"{generation}: takes {code} for the answer")
    length = _header(lines[1:], b"Content-Length", generation)
    chunked = _header(lines[1:], b"Transfer-Encoding", generation) == b"chunked"
    if not chunked and (length is None or not length.isdigit() or int(length) == 0):
        raise FirmwareError(f"{generation}: {_NOT_THERE}")
    return Head(code, None if chunked else int(length or 0), chunked)


def _header(lines: Sequence[bytes], name: bytes, generation: Generation) -> bytes | None:
    for line in lines:
        if generation is Generation.OLD:
            if len(line) <= LONGEST_OLD_LINE and line.startswith(name + b": "):
                return line.removeprefix(name + b": ")
            continue
        found, _, value = line.partition(b":")
        if found in {name, name.lower(), name.upper()}:
            return value.strip(b" ")
    return None


class Answer:
    """An answer while it comes."""

    def __init__(self, line: Line, generations: Sequence[Generation] = tuple(Generation)) -> None:
        self._line = line
        self._generations = generations
        self._buffer = bytearray()
        self._head: Head | None = None
        self._left = 0
        self._over = False
        self._received = 0

    async def head(self) -> Head:
        """Read the head.

        Raises:
            FirmwareError: One of the generations can't use it.
        """
        lines = []
        while line := await self._text_line():
            lines.append(line)
        heads = [understand(lines, generation) for generation in self._generations]
        if any(head != heads[0] for head in heads):
            raise FirmwareError(f"the generations read the head differently: {heads}")
        self._head = heads[0]
        self._left = self._head.length or 0
        return heads[0]

    async def more(self) -> bytes:
        """Return the next bytes of the body; nothing at its end."""
        assert self._head is not None
        if self._left == 0 and not self._over and self._head.chunked:
            await self._next_chunk()
        if self._left == 0:
            if not self._over:
                await self._end()
            return b""
        if not self._buffer:
            await self._receive()
        data = bytes(self._buffer[: self._left])
        del self._buffer[: len(data)]
        self._left -= len(data)
        if self._left == 0 and self._head.chunked and await self._text_line():
            raise FirmwareError("a chunk longer than it said")
        return data

    async def whole(self) -> bytes:
        """Return the rest of the body."""
        body = b""
        while data := await self.more():
            body += data
        return body

    async def _next_chunk(self) -> None:
        line = await self._text_line()
        if len(line) + 1 > LONGEST_CHUNK_LINE:
            raise FirmwareError(f"a chunk's size of {len(line) + 1} characters")
        self._left = int(line.partition(b";")[0], 16)
        if self._left == 0:
            while await self._text_line():
                pass

    async def _end(self) -> None:
        self._over = True
        if self._received <= WINDOW and await self._line.ends_within(END_MISSED_WITHIN):
            raise FirmwareError(f"the connection ended with the answer: {_NOT_THERE}")

    async def _text_line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            await self._receive()
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n"):
            raise FirmwareError("a line without carriage return")
        return line[:-2]

    async def _receive(self) -> None:
        data = await self._line.receive()
        if not data:
            raise FirmwareError("the connection ended too early")
        self._received += len(data)
        self._buffer += data
