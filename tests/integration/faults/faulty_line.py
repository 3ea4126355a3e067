"""A line between Home Assistant and a real server that understands HTTP, so that it can fail in every way."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_ALWAYS_RESET = struct.pack("ii", 1, 0)
API = "/api/v1/"


@dataclass(slots=True)
class Exchange:
    """One request on its way, and the connection that it came on.

    Attributes:
        path: Below the API.
        head: With its empty line.
    """

    line: FaultyLine
    method: str
    path: str
    head: bytes
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> bytes:
        """Let the server do what it is asked for; returns all that it answers."""
        with self.line.busy():
            there, to_there = await self.ask()
            try:
                return await there.read()
            finally:
                hang_up(to_there)

    async def ask(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Hand the request on, on a connection of its own."""
        with self.line.busy():
            there, to_there = await asyncio.open_connection("127.0.0.1", self.line.target, ssl=_TRUSTING)
        head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", self.head)
        to_there.write(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + self.body)
        return there, to_there

    async def left(self) -> None:
        """Wait until the other side hangs up."""
        with suppress(OSError):
            while await self.reader.read(65_536):
                pass

    async def say(self, data: bytes) -> None:
        with self.line.busy():
            self.writer.write(data)
            await self.writer.drain()

    def reset(self) -> None:
        """End the connection as a machine does that has lost its power."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ALWAYS_RESET)
        self.writer.transport.abort()


def hang_up(writer: asyncio.StreamWriter) -> None:
    """End a connection, whatever was still to be sent."""
    writer.close()
    writer.transport.abort()


type Way = Callable[[Exchange], Awaitable[None]]
"""How a request is answered."""


async def as_it_is(exchange: Exchange) -> None:
    """Pour the server's answer through, for as long as both sides are there."""
    if exchange.path != "events":
        await exchange.say(await exchange.answer())
        return
    there, to_there = await exchange.ask()
    leaving = asyncio.ensure_future(exchange.left())
    pouring = asyncio.ensure_future(_pour(there, exchange.writer))
    try:
        await asyncio.wait((leaving, pouring), return_when=asyncio.FIRST_COMPLETED)
    finally:
        hang_up(to_there)
        leaving.cancel()
        pouring.cancel()
        await asyncio.gather(leaving, pouring, return_exceptions=True)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


@dataclass(slots=True)
class FaultyLine:
    """Hands requests on, or lets them come to harm.

    Attributes:
        target: The server's port.
        tls: What it shows of itself; None speaks plain HTTP.
        way: How requests are answered for which `harms` holds, by method and path.
        asked: What came, in order.
        connections: Those that are open.
        is_busy: Whether the server works on an answer.
    """

    target: int
    port: int = 0
    tls: ssl.SSLContext | None = None
    way: Way = as_it_is
    harms: Callable[[str, str], bool] = lambda _, __: True
    asked: list[tuple[str, str]] = field(default_factory=list)
    connections: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _working: int = 0

    @property
    def is_busy(self) -> bool:
        return self._working > 0

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Let time stand still until it is done."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1

    @property
    def url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    async def listen(self) -> None:
        """Take connections, at the same port as before."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self, *, cuts: bool = True) -> None:
        """Take no connections, and let go of those that there are, unless these shall last."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if cuts:
            await self.cut()

    async def cut(self) -> None:
        """Cut all connections."""
        tasks = tuple(self.connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def fail(self, way: Way | None, harms: Callable[[str, str], bool] | None = None) -> None:
        """Let requests come to harm from now on; without a choice of them all, those under way too.

        Args:
            way: In which way; None refuses connections, without a choice of requests.
            harms: Which requests, by method and path.
        """
        if way is None:
            await self.refuse(cuts=harms is None)
            return
        self.way, self.harms = way, harms or (lambda _, __: True)
        if harms is None:
            await self.cut()

    async def mend(self) -> None:
        """Be as good as new."""
        await self.fail(as_it_is)
        if self._server is None:
            await self.listen()

    def count(self, method: str, path: str) -> int:
        return self.asked.count((method, path))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            if self.tls is not None:  # here, where a refused certificate is nobody else's matter
                await writer.start_tls(self.tls)
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # somebody has left, or was cut off
        finally:
            self.connections.discard(task)
            hang_up(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        method, target, _ = head.split(b" ", 2)
        path = target.decode().removeprefix(API).partition("?")[0]
        self.asked.append((method.decode(), path))
        way = self.way if self.harms(method.decode(), path) else as_it_is
        await way(Exchange(self, method.decode(), path, head, body, reader, writer))
        await writer.drain()
        writer.write_eof() if writer.can_write_eof() else None


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


_TRUSTING = _trusting()


@asynccontextmanager
async def open_line(target: int, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultyLine]:
    """Open a line to a server at this port."""
    line = FaultyLine(target, tls=tls)
    await line.listen()
    try:
        yield line
    finally:
        await line.refuse()
