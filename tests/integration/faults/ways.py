"""The ways in which an answer comes to harm."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

from tests.integration.faults.faulty_line import hang_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.faults.faulty_line import Exchange, Way

MEGABYTE = 1 << 20
HUGE = 100 * MEGABYTE
PIECE = 1 << 16


# Nothing comes, or not to the end


async def silence(exchange: Exchange) -> None:
    """Take the question, and never answer."""
    await exchange.left()


async def drip(exchange: Exchange) -> None:
    """Give the right answer so slowly that nobody can wait for it."""
    leaving = asyncio.ensure_future(exchange.left())
    for byte in await exchange.answer():
        await exchange.say(bytes((byte,)))
        done, _ = await asyncio.wait((leaving,), timeout=1)
        if done:
            return


async def reset_before(exchange: Exchange) -> None:
    """Hang up without having done anything."""
    exchange.reset()


async def reset_during(exchange: Exchange) -> None:
    """Hang up in the middle of the right answer."""
    answer = await exchange.answer()
    await exchange.say(answer[: len(answer) * 2 // 3])
    exchange.reset()


async def reset_after(exchange: Exchange) -> None:
    """Let it be done, and hang up before anybody hears of it."""
    await exchange.answer()
    exchange.reset()


# Another answer comes


def answer(status: int, body: bytes | str, *headers: str, kind: str = "application/json") -> bytes:
    """Return an answer as it goes over the wire."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Words", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join((*lines, "Connection: close", "", "")).encode() + data


def said(status: int, body: bytes | str, *headers: str, kind: str = "application/json") -> Way:
    """Always give the same answer."""
    return raw(answer(status, body, *headers, kind=kind))


def raw(data: bytes) -> Way:
    """Always say the same bytes."""

    async def say(exchange: Exchange) -> None:
        await exchange.say(data)

    return say


def refused(status: int, code: str, *headers: str) -> Way:
    """Refuse, as the server itself does."""
    body = json.dumps({"error": {"code": code, "message": f"No, because of {code}"}})
    return said(status, body, *headers)


def gzipped(status: int, pieces: Iterator[bytes], *, kind: str = "application/json") -> Way:
    """Pack what is said."""
    packed = b"".join(gzip.compress(piece) for piece in pieces)
    return said(status, packed, "Content-Encoding: gzip", kind=kind)


def endless(kind: str, *, begins: bytes = b"", piece: bytes = b"x" * PIECE, size: int = HUGE) -> Way:
    """Say much more than anybody wants to hear."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode()

    async def say(exchange: Exchange) -> None:
        await exchange.say(head + begins)
        for _ in range(size // len(piece)):
            await exchange.say(piece)

    return say


# The right answer, but changed


def changed(change: Callable[[Any], object]) -> Way:
    """Change the JSON of the right answer; what is no JSON goes through."""

    async def say(exchange: Exchange) -> None:
        if exchange.path == "events":
            await _changed_events(exchange, change)
            return
        head, _, body = (await exchange.answer()).partition(b"\r\n\r\n")
        if b"application/json" in head:
            body = json.dumps(change(json.loads(body))).encode()
        status = int(head.split(b" ", 2)[1])
        kind = "application/json" if b"application/json" in head else "image/jpeg"
        await exchange.say(answer(status, body, kind=kind))

    return say


async def _changed_events(exchange: Exchange, change: Callable[[Any], object]) -> None:
    there, to_there = await exchange.ask()
    try:
        await exchange.say(_STREAM)
        await there.readuntil(b"\r\n\r\n")
        while True:
            size = int(await there.readuntil(b"\r\n"), 16)
            piece = (await there.readexactly(size + 2))[:-2]
            await exchange.say(b"\n".join(_changed_line(line, change) for line in piece.split(b"\n")))
    finally:
        hang_up(to_there)


def _changed_line(line: bytes, change: Callable[[Any], object]) -> bytes:
    if not line.startswith(b"data: "):
        return line
    return b"data: " + json.dumps(change(json.loads(line.removeprefix(b"data: ")))).encode()


_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def streaming(*pieces: bytes, stays: bool = True) -> Way:
    """Begin a stream, say this, and then nothing more; or end it."""

    async def say(exchange: Exchange) -> None:
        await exchange.say(_STREAM)
        for piece in pieces:
            await exchange.say(piece)
        if stays:
            await exchange.left()

    return say
