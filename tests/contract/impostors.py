"""Things that answer where a server should: each says the bytes it was given, to everybody."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class Impostor:
    """Something that listens.

    Attributes:
        heads: What it was asked.
        lines: Its connections that are open, for those who want to say more.
    """

    url: str
    heads: list[str] = field(default_factory=list)
    lines: asyncio.Queue[asyncio.StreamWriter] = field(default_factory=asyncio.Queue)


@asynccontextmanager
async def impostor(answer: bytes = b"", *, hangs_up: bool = True) -> AsyncIterator[Impostor]:
    """Listen; without hanging up, connections stay open until the end."""
    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        found.heads.append(head.decode())
        writer.write(answer)
        found.lines.put_nowait(writer)
        if hangs_up:
            await writer.drain()
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = Impostor(f"http://127.0.0.1:{port}")
        try:
            yield found
        finally:
            for writer in writers:
                writer.transport.abort()


def answer(status: int, body: bytes | str = b"", *headers: str, kind: str = "application/json") -> bytes:
    """Return an answer as it goes over the wire."""
    data = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} Words",
        f"Content-Type: {kind}",
        f"Content-Length: {len(data)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join((*lines, "", "")).encode() + data
