"""The ways in which a server gives an answer: whole, or as a broken network and a broken server do."""

from __future__ import annotations

import asyncio
import fcntl
import json
import socket
import struct
import termios
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

FLOOD_BYTES = 100_000_000
DRIP_SECONDS = 0.02


class Manner(StrEnum):
    """How an answer is given."""

    WHOLE = "whole"
    SILENCE = "silence"
    DRIP = "drip"
    """Byte by byte, so slowly that nobody waits for the end."""
    RESET_BEFORE = "reset before"
    """The connection is reset instead of an answer."""
    RESET_DURING = "reset during"
    """... in the middle of it."""
    RESET_AFTER = "reset after"
    """... once the client has all of it."""
    FLOOD = "flood"
    """100 MB of it."""
    ENDLESS = "endless"
    """In chunks that say of none that it is the last, and then silence."""
    NO_HTTP = "no http"
    """Bytes that are no answer in HTTP."""


class Answerer:
    """Gives answers until it is closed, which ends the silent ones too."""

    def __init__(self) -> None:
        self._closing = asyncio.Event()

    def close(self) -> None:
        self._closing.set()

    async def answer(
        self,
        request: web.Request,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        manner: Manner = Manner.WHOLE,
    ) -> web.StreamResponse:
        """Give this answer in this manner."""
        if manner is Manner.WHOLE:
            return web.Response(status=status, body=body, content_type=content_type, headers=headers)
        if manner is Manner.SILENCE:
            await self._closing.wait()
        if manner is Manner.NO_HTTP and request.transport is not None:
            request.transport.write(b"\x15\x03\x01\x00\x02\x02\x46 what?\r\n\r\n")
            request.transport.close()
        if manner in (Manner.SILENCE, Manner.RESET_BEFORE):
            _reset(request)
        if manner in (Manner.SILENCE, Manner.RESET_BEFORE, Manner.NO_HTTP):
            return web.Response()
        response = web.StreamResponse(status=status, headers=headers)
        response.content_type = content_type
        if manner is Manner.ENDLESS:
            response.enable_chunked_encoding()
        else:
            response.content_length = FLOOD_BYTES if manner is Manner.FLOOD else len(body)
        await response.prepare(request)
        with suppress(ConnectionError):  # the client has had enough, which is the point
            await self._send(response, request, body, manner)
        return response

    async def _send(
        self, response: web.StreamResponse, request: web.Request, body: bytes, manner: Manner
    ) -> None:
        match manner:
            case Manner.DRIP:
                for byte in body:
                    await response.write(bytes((byte,)))
                    await asyncio.sleep(DRIP_SECONDS)
                    if self._closing.is_set():
                        break
            case Manner.FLOOD:
                for _ in range(0, FLOOD_BYTES, 100_000):
                    await response.write(b" " * 100_000)
            case Manner.ENDLESS:
                await response.write(body)
                await self._closing.wait()
            case Manner.RESET_DURING:
                await response.write(body[: len(body) // 2])
                _reset(request)
            case Manner.RESET_AFTER:
                await response.write(body)
                await _delivered(request)
                _reset(request)


def as_json(body: object) -> bytes:
    """Bytes as they are, anything else as JSON."""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def _socket(request: web.Request) -> socket.socket | None:
    transport = request.transport
    return transport.get_extra_info("socket") if transport else None


async def _delivered(request: web.Request) -> None:
    """Wait until the client's machine has acknowledged every byte."""
    while (connection := _socket(request)) is not None:
        waiting = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]
        if not waiting:
            return
        await asyncio.sleep(0.001)


def _reset(request: web.Request) -> None:
    connection = _socket(request)
    if connection is not None and request.transport is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
