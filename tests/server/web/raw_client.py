"""HTTP byte for byte: what was sent is what the test says, what came is what the test sees."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.api_client import Answer

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

HOST = "127.0.0.1"


class Client:
    """One connection, kept for as many requests as the server allows."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Answer:
        self.send(method, path, body, **headers)
        return await self.answer(head_only=method == "HEAD")

    def send(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body or b""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body is not None and "Content_Length" not in headers:
            lines.append(f"Content-Length: {len(data)}")
        self.writer.write("\r\n".join((*lines, "", "")).encode("latin-1") + data)

    async def answer(self, *, head_only: bool = False) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        status = int(head[0].split(" ")[1])
        if head_only or status == 204:
            body = b""
        elif headers.get("Transfer-Encoding") == "chunked":
            body = b"".join([piece async for piece in self._chunks()])
        else:
            body = await self.reader.readexactly(int(headers["Content-Length"]))
        return Answer(status, headers, body)

    async def is_ended(self) -> bool:
        """Wait for the server to end the connection; tells whether it did without a further byte."""
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self.reader.readline(), 16):
            yield (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readexactly(2)


@asynccontextmanager
async def connected(
    port: int, *, tls: ssl.SSLContext | None = None, source: str | None = None
) -> AsyncIterator[Client]:
    local = (source, 0) if source else None
    reader, writer = await asyncio.open_connection(HOST, port, ssl=tls, local_addr=local)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()
