"""A frame's requests as fast as they go: no pauses, one connection each, TLS 1.2 without tickets.

Strict about nothing but the bytes; `tests/simulators/frame.py` is the one that behaves like the firmware.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import time
from dataclasses import dataclass

ZEROS = bytes(512)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One start and one result, in seconds; `picture` is the JPEG without the zeros behind it."""

    start: float
    result: float
    picture: bytes | None


def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    return context


async def cycle(port: int, context: ssl.SSLContext | None, kind: str = "old") -> Cycle:
    """Start an operation and fetch its result at once, asking again while it is pending."""
    began = time.perf_counter()
    started = json.loads(await request(port, context, "POST", "/operation/start", {"type": kind}))
    start = time.perf_counter() - began
    began = time.perf_counter()
    while True:
        answer = json.loads(await request(port, context, "GET", f"/operation/result/{started['id']}"))
        if answer["status"] != "pending":
            break
    result = time.perf_counter() - began
    image = base64.b64decode(answer["response"]["image"], validate=True)
    whole = image.endswith(ZEROS) and answer["status"] == "done" and answer["id"] == started["id"]
    return Cycle(start, result, image[: -len(ZEROS)] if whole else None)


async def request(
    port: int,
    context: ssl.SSLContext | None,
    method: str,
    path: str,
    body: object = None,
    *,
    source: str = "127.0.0.1",
) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, local_addr=(source, 0))
    try:
        payload = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload)
        return await _body(reader)
    finally:
        writer.transport.abort()


async def _body(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"chunked" not in head:
        length = head.split(b"content-length:")[1].split(b"\r\n")[0]
        return await reader.readexactly(int(length))
    pieces = []
    while size := int(await reader.readline(), 16):
        pieces.append((await reader.readexactly(size + 2))[:-2])
    return b"".join(pieces)
