"""What strangers and broken machines do to a server, by name; each takes a size and ends by itself."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from contextlib import suppress
from io import BytesIO
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from tests import pictures

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from tests.faults.siege.besieged import Besieged, Stream

type Attack = Callable[[Besieged, int], Awaitable[None]]

STRANGERS = tuple(f"127.0.0.{number}" for number in range(21, 25))
START = b"POST /operation/start HTTP/1.1\r\nHost: x\r\n"
HALVES = (
    b"",
    b"GET / HT",
    START + b"X-Slow: ",
    START + b'Content-Length: 14\r\n\r\n{"type"',
    START + b"Expect: 100-continue\r\nContent-Length: 14\r\n\r\n",
)
HOLD_SECONDS = 3.0
"""How long those stay who want to keep others out: many rounds of the neighbours."""
PICTURE_BYTES = 20_000_000
GONE = (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""How a server that has had enough looks from outside."""


async def slow_senders(target: Besieged, size: int) -> None:
    """Silent, half a head, half a body, a byte now and then, over all ports and both protocols."""
    server = target.server
    ports = cycle(((server.http_port, False), (server.https_port, True), (server.https_port, False)))
    people = list(
        zip(islice(ports, size), islice(cycle(STRANGERS), size), islice(cycle(HALVES), size), strict=True)
    )
    streams = await _all(
        target.connect(port, data, tls=tls, source=source) for (port, tls), source, data in people
    )
    async with asyncio.TaskGroup() as group:
        for stream in streams:
            group.create_task(_drip(stream))


async def slow_readers(target: Besieged, size: int) -> None:
    """Ask for pictures and take no byte of them."""
    server = target.server
    reader, writer = await target.connect(
        server.http_port, START + b'Content-Length: 14\r\n\r\n{"type":"old"}'
    )
    await reader.readuntil(b"\r\n\r\n")
    operation = json.loads(await reader.readuntil(b"}"))["id"]
    writer.transport.abort()
    ask = f"GET /operation/result/{operation} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 30
    streams = await _all(
        target.connect(server.http_port, ask, source=source, small=True)
        for source in islice(cycle(STRANGERS), size)
    )
    for _, writer in streams:
        if not writer.transport.is_closing():
            writer.transport.pause_reading()  # type: ignore[attr-defined] # asyncio's transports can
    await asyncio.sleep(HOLD_SECONDS)


async def header_flood(target: Besieged, size: int) -> None:
    """Headers without end, too long ones, and as many as are let through."""
    server = target.server
    endless = START + b"X-A: 0123456789abcdef\r\n" * 5000
    long = START + b"X-A: " + b"a" * 100_000
    fair = b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-A: 0123456789\r\n" * 100 + b"\r\n"
    await _each(target, size, (endless, long, fair * 20), ports=(server.http_port, server.api_port))


async def huge_bodies(target: Besieged, size: int) -> None:
    """More than anyone may send: announced, in chunks without end, and as pictures of the largest size."""
    server = target.server
    announced = START + b"Content-Length: 1400000000\r\n\r\n" + b" " * 100_000
    chunks = START + b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 20
    await _each(target, size, (announced, chunks), ports=(server.http_port,))
    noise = os.urandom(PICTURE_BYTES)
    await _push(target, [noise] * min(size, 12))


async def deep_json(target: Besieged, size: int) -> None:
    """As deep as a body may be, numbers without end, a key twice."""
    bodies = (
        b"[" * 16_000,
        b'{"a":' * 3_000,
        b"9" * 16_000,
        b'{"type":"old","type":"auto"}',
        b'{"type":1e999999}',
    )
    requests = [START + b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies]
    await _each(target, size, requests, ports=(target.server.http_port,))


async def decompression_bombs(target: Besieged, size: int) -> None:
    """Pictures of gigapixels in a few bytes, pushed and dropped; packed bodies."""
    bombs = [
        pictures.png_bomb(),
        pictures.jpeg_bomb(),
        pictures.webp_bomb(),
        *(pictures.png_with_bomb_in(chunk) for chunk in ("iCCP", "zTXt")),
    ]
    for number, bomb in enumerate(bombs):
        (target.root / "images" / "scalable" / f"bomb{number}.jpeg").write_bytes(bomb)
    await _push(target, list(islice(cycle(bombs), size)))
    packed = START + b"Content-Encoding: gzip\r\nContent-Length: 100\r\n\r\n" + bytes(100)
    await _each(target, size, (packed,), ports=(target.server.http_port,))


async def alias_bombs(target: Besieged, size: int) -> None:
    """YAML that is a few lines long and grows to gigabytes, in the file that people edit."""
    laughs = "a0: &a0 [ha, ha]\n" + "".join(
        f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 12)
    )
    deep = "prompts: " + "[" * 20_000
    prompts = target.root / "data" / "prompts.yaml"
    good = prompts.read_bytes()
    for text in islice(
        cycle((laughs + "prompts: *a11\n", deep, "prompts: [" + "{a: b}, " * 100_000)), min(size, 6)
    ):
        prompts.write_text(text)
        await _api(target, "GET", "/api/v1/prompts")
        await asyncio.sleep(HOLD_SECONDS / 4)
    prompts.write_bytes(good)


async def half_requests(target: Besieged, size: int) -> None:
    """Come, send half of it, and go, again and again."""
    ports = (target.server.http_port, target.server.https_port)
    for number in range(size * 2):
        with suppress(*GONE):
            await target.connect(
                ports[number % 2], HALVES[number % len(HALVES)], source=STRANGERS[number % 4]
            )
        if number % 20 == 0:
            await target.leave()


async def tls_garbage(target: Besieged, size: int) -> None:
    """Noise, plain HTTP, a handshake in pieces, TLS at the plain port."""
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    noises = (
        os.urandom(600),
        hello + os.urandom(508),
        hello,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
    )
    await _each(target, size, noises, ports=(target.server.https_port, target.server.api_port), reply=False)
    await _each(target, size // 4, (hello + os.urandom(508),), ports=(target.server.http_port,), reply=False)


async def wrong_tokens(target: Besieged, size: int) -> None:
    """Guess the management token from one address, many at once."""
    await asyncio.gather(
        *(
            _api(target, "GET", "/api/v1/info", token=f"guess-{number}", seconds=HOLD_SECONDS)
            for number in range(size)
        )
    )


async def many_followers(target: Besieged, size: int) -> None:
    """Follow the events and read none of them, with the right token."""
    ask = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {target.token}\r\n\r\n".encode()
    streams = await _all(
        target.connect(target.server.api_port, ask, tls=True, source=source, small=True)
        for source in islice(cycle(STRANGERS), size)
    )
    for _, writer in streams:
        if not writer.transport.is_closing():
            writer.transport.pause_reading()  # type: ignore[attr-defined] # asyncio's transports can
    for number in range(10):
        await _api(target, "POST", "/api/v1/prompts", {"prompt": f"a siege {number}"})
    await asyncio.sleep(HOLD_SECONDS)


ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        slow_senders,
        slow_readers,
        header_flood,
        huge_bodies,
        deep_json,
        decompression_bombs,
        alias_bombs,
        half_requests,
        tls_garbage,
        wrong_tokens,
        many_followers,
    )
}


async def _all(coming: Iterable[Coroutine[Any, Any, Stream]]) -> list[Stream]:
    """Wait for all who come; who is not let in is no part of the crowd."""
    came = await asyncio.gather(*coming, return_exceptions=True)
    return [one for one in came if isinstance(one, tuple)]


async def _drip(stream: Stream) -> None:
    """Send a byte each second for a while."""
    _, writer = stream
    for _ in range(int(HOLD_SECONDS)):
        await asyncio.sleep(1)
        if writer.transport.is_closing():
            return
        writer.write(b"a")


async def _each(
    target: Besieged, size: int, requests: Iterable[bytes], *, ports: tuple[int, ...], reply: bool = True
) -> None:
    """Send each of the requests again and again over connections of their own, 50 at a time."""
    turns = list(zip(range(size), cycle(requests), cycle(ports), cycle(STRANGERS), strict=False))
    tls = {target.server.api_port} if reply else set()

    async def once(data: bytes, port: int, source: str) -> None:
        with suppress(*GONE, TimeoutError):
            async with asyncio.timeout(HOLD_SECONDS):
                reader, _ = await target.connect(port, data, tls=port in tls, source=source)
                await reader.read(4096)

    for first in range(0, size, 50):
        await asyncio.gather(
            *(once(data, port, source) for _, data, port, source in turns[first : first + 50])
        )
        await target.leave()


async def _push(target: Besieged, images: list[bytes]) -> None:
    """Push pictures, all at the same moment."""
    await asyncio.gather(*(_api(target, "POST", "/api/v1/images", image, seconds=60) for image in images))


async def _api(
    target: Besieged,
    method: str,
    path: str,
    body: bytes | dict[str, object] | None = None,
    *,
    token: str | None = None,
    seconds: float = 20,
) -> None:
    """Ask, whatever comes of it."""
    headers = {"Authorization": f"Bearer {token or target.token}"}
    more: dict[str, object] = (
        {"json": body}
        if isinstance(body, dict)
        else {"data": BytesIO(body) if isinstance(body, bytes) else body}
    )
    if isinstance(body, bytes):
        more["data"] = BytesIO(body)
        headers["Content-Type"] = "application/octet-stream"
    with suppress(ClientError, TimeoutError, OSError):
        async with (
            ClientSession(connector=TCPConnector(ssl=False), timeout=ClientTimeout(total=seconds)) as session,
            session.request(
                method,
                f"https://127.0.0.1:{target.server.api_port}{path}",
                headers=headers,
                **more,  # type: ignore[arg-type] # json or data
            ) as answer,
        ):
            await answer.read()
