"""Requests, byte for byte, from an address of one's own."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

type Headers = Sequence[tuple[str, str]]

HERE = "127.0.0.1"
PATIENCE = 20.0
MOST = 4_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 where the connection ended without an answer."""

    status: int
    head: str = ""
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the value of a header."""
        for line in self.head.split("\r\n")[1:]:
            found, _, value = line.partition(": ")
            if found.lower() == name.lower():
                return value
        return None


def anyone() -> ssl.SSLContext:
    """Talk TLS to whoever answers."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


ANYONE = anyone()


class Line:
    """A connection from an address of one's own, kept for as long as the server keeps it."""

    def __init__(self, port: int, *, tls: bool = False, source: str = HERE) -> None:
        self._port = port
        self._tls = tls
        self._source = source
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, *, headers: Headers = (), body: bytes | None = None, host: str = HERE
    ) -> Reply:
        """Send a request as it is written; of a stream, only the head is waited for."""
        data = _request(method, path, headers=headers, body=body, host=host)
        async with asyncio.timeout(PATIENCE):
            while True:
                was_used = self._streams is not None
                try:
                    return await self._exchange(data, head_only=method == "HEAD")
                except (OSError, asyncio.IncompleteReadError):
                    self.hang_up()
                    if not was_used:
                        return Reply(0)

    def hang_up(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _exchange(self, data: bytes, *, head_only: bool) -> Reply:
        if self._streams is None or self._streams[0].at_eof():
            self.hang_up()
            context = ANYONE if self._tls else None
            self._streams = await asyncio.open_connection(
                HERE, self._port, ssl=context, local_addr=(self._source, 0), limit=MOST
            )
        reader, writer = self._streams
        writer.write(data)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        reply = Reply(int(head.split(" ")[1]), head.strip())
        length = reply.header("Content-Length")
        if reply.header("Content-Type") == "text/event-stream":
            self.hang_up()
            return reply
        body = b""
        if not head_only and reply.header("Transfer-Encoding") == "chunked":
            body = await reader.readuntil(b"\r\n0\r\n\r\n")
        elif not head_only and length is not None:
            body = await reader.readexactly(int(length))
        if reply.header("Connection") == "close":
            self.hang_up()
        return Reply(reply.status, reply.head, body)


async def ask(
    port: int,
    method: str,
    path: str,
    *,
    headers: Headers = (),
    body: bytes | None = None,
    tls: bool = False,
    source: str = HERE,
    host: str = HERE,
) -> Reply:
    """Ask once, over a connection of its own."""
    line = Line(port, tls=tls, source=source)
    try:
        return await line.ask(method, path, headers=headers, body=body, host=host)
    finally:
        line.hang_up()


def _request(method: str, path: str, *, headers: Headers, body: bytes | None, host: str) -> bytes:
    sent = body if body is not None else b"" if method in {"GET", "HEAD"} else b"{}"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers)]
    if sent or method not in {"GET", "HEAD"}:
        lines += [f"Content-Length: {len(sent)}", "Content-Type: application/json"]
    return "\r\n".join((*lines, "", "")).encode("utf-8", "surrogateescape") + sent
