from __future__ import annotations

import asyncio
import contextlib
import math
import re
import shutil
import socket
import struct
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from imageserver.web import pieces, wire
from imageserver.web.listeners import Listener, serving
from tests.server.web.frame_desk import LOOPBACK, Desk, open_desk
from tests.server.web.raw_client import Client, connected
from tests.simulators.frame import Frame
from tests.simulators.frame_line import tls_context
from tests.tls import server_tls

if TYPE_CHECKING:
    import ssl

LARGE = bytes(12_000_000)
"""More than the system takes for a client that does not read."""


async def at_once(_: float) -> None: ...


@pytest.mark.parametrize(
    ("asked", "over_tls", "plain"),
    [
        (None, 505, 505),
        ("", 505, 505),
        ("1", 505, 505),
        ("63", 505, 505),
        ("64", 64, 64),
        ("512", 512, 512),
        ("700", 700, 700),
        ("701", 505, 701),
        ("16384", 505, 16384),
        ("16385", 505, 505),
        ("0", 505, 505),
        ("-64", 505, 505),
        ("+64", 505, 505),
        ("64.0", 505, 505),
        (" 64", 505, 505),
        ("٦٤٠", 505, 505),
        ("0x200", 505, 505),
        ("9" * 5000, 505, 505),
    ],
)
def test_a_size_is_taken_where_it_can_be_sent(asked: str | None, over_tls: int, plain: int) -> None:
    assert pieces.piece_size(asked, tls=True) == over_tls
    assert pieces.piece_size(asked, tls=False) == plain


def test_a_default_chunk_is_512_bytes_with_its_framing() -> None:
    chunks = [pieces.framed(piece) for piece in pieces.cut(b"x" * 1515, pieces.DEFAULT)]
    assert [len(chunk) for chunk in chunks] == [512, 512, 512]
    assert chunks[0].startswith(b"1f9\r\nxx")
    assert chunks[0].endswith(b"x\r\n")
    assert pieces.cut(b"", pieces.DEFAULT) == []


# TLS records


@pytest.mark.parametrize(
    ("query", "largest"),
    [("", 512), ("?chunk_size=64", 70), ("?chunk_size=700", 707), ("?chunk_size=16384", 512)],
)
async def test_no_record_is_larger_than_a_frames_buffer(query: str, largest: int) -> None:
    desk = Desk()
    async with open_desk(desk, tls=server_tls()) as port:
        frame = Frame(LOOPBACK, port, sleep=at_once)
        operation_id = await frame.start()
        frame.records.clear()
        await frame.poll(operation_id, query)
    head, *chunks = frame.records
    assert head < 200
    assert set(chunks[:-2]) == {largest}  # then comes the rest, and perhaps the end
    assert max(chunks[-2:]) <= largest


async def test_a_picture_takes_as_few_records_as_it_can() -> None:
    desk = Desk()
    async with open_desk(desk, tls=server_tls()) as port:
        frame = Frame(LOOPBACK, port, sleep=at_once)
        shown = await frame.show()
    assert shown.jpeg == desk.image
    body = len(wire.result(desk.operations[shown.id], desk.image))
    start, head, last = 1, 1, 1
    chunks = math.ceil(body / pieces.DEFAULT)
    # The firmware does not wait for the last chunk, which is empty.
    assert len(frame.records) - start - head in {chunks, chunks + last}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/operation/start"),
        ("GET", "/operation/status/unknown"),
        ("GET", "/operation/result/unknown"),
        ("GET", "/operation/result/" + "x" * 4000),
        ("POST", "/prompt/add"),
        ("PUT", "/operation/start"),
        ("GET", "/nothing/" + "x" * 4000),
    ],
)
async def test_each_small_answer_is_one_record(method: str, path: str) -> None:
    desk = Desk()
    async with open_desk(desk, tls=server_tls()) as port:
        frame = Frame(LOOPBACK, port)
        async with frame._ask(method, path, b"[]" if method != "GET" else None) as answer:
            await answer.head()
            await answer.whole()
    assert len(frame.records) == 1
    assert frame.largest_record <= 760


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
async def test_a_client_that_asks_for_small_records_gets_them() -> None:
    desk = Desk()
    async with open_desk(desk, tls=server_tls()) as port:
        operation_id = await Frame(LOOPBACK, port).start()
        process = await asyncio.create_subprocess_exec(
            *(
                "openssl",
                "s_client",
                "-connect",
                f"{LOOPBACK}:{port}",
                "-tls1_2",
                "-maxfraglen",
                "512",
                "-msg",
            ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(
            f"GET /operation/result/{operation_id} HTTP/1.1\nHost: x\n\n".encode().replace(b"\n", b"\r\n")
        )
        await process.stdin.drain()
        printed = b""
        while b'"}}' not in printed:
            printed += await process.stdout.read(65536)
        process.kill()
        await process.communicate()
    headers = re.findall(rb"<<< .*RecordHeader \[length 0005\]\n +(\w\w) 03 03 (\w\w) (\w\w)", printed)
    sizes = [int(high + low, 16) for _, high, low in headers]
    assert len(sizes) > 50
    assert max(sizes) <= 512 + 16
    handshake = [int(high + low, 16) for kind, high, low in headers if kind == b"16"]
    assert max(handshake) == 512  # the certificate, cut


# Written wholly, or not


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    return server_tls() if request.param == "tls" else None


async def test_a_picture_that_was_taken_is_delivered(tls: ssl.SSLContext | None) -> None:
    desk = Desk(image=LARGE)
    async with open_desk(desk, tls=tls) as port:
        operation_id = await Frame(LOOPBACK, port, tls=tls is not None).start()
        async with connected(port, tls=tls_context() if tls else None) as client:
            answer = await client.ask("GET", f"/operation/result/{operation_id}?chunk_size=700")
            assert desk.delivered_ids == [operation_id]
            assert len(answer.json["response"]["image"]) == 16_000_684
            assert (await client.ask("GET", f"/operation/status/{operation_id}")).json["status"] == "done"
    assert not desk.somebody_left.is_set()


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "end"])
async def test_a_frame_that_leaves_early_got_nothing(
    tls: ssl.SSLContext | None, caplog: pytest.LogCaptureFixture, *, reset: bool
) -> None:
    desk = Desk(image=LARGE)
    async with open_desk(desk, tls=tls) as port:
        operation_id = await Frame(LOOPBACK, port, tls=tls is not None).start()
        async with connected(port, tls=tls_context() if tls else None) as client:
            client.send("GET", f"/operation/result/{operation_id}?chunk_size=700")
            await client.reader.readexactly(1000)
            if reset:
                linger = struct.pack("ii", 1, 0)
                sock = client.writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            assert desk.delivered_ids == []
        await desk.somebody_left.wait()
        # It may come again, and then it gets the picture.
        desk.image = b"small"
        async with connected(port, tls=tls_context() if tls else None) as client:
            assert (await client.ask("GET", f"/operation/result/{operation_id}")).json["status"] == "done"
    assert desk.delivered_ids == [operation_id]
    assert caplog.messages == []


async def test_a_frame_that_does_not_take_its_picture_is_not_waited_for(tls: ssl.SSLContext | None) -> None:
    error: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            return await pieces.send(request, LARGE, size=700, seconds=0.05)
        except ConnectionError as reason:
            error.set_result(str(reason))
            return web.Response()

    application = web.Application()
    application.router.add_get("/", handler)
    listener = Listener(host=LOOPBACK, port=0, option="--port", tls=(lambda: tls) if tls else None)
    async with (
        serving(application, listener),
        connected(listener.port, tls=tls_context() if tls else None) as client,
    ):
        client.send("GET", "/")
        assert "did not take" in await error
        with contextlib.suppress(ConnectionError):
            assert len(await client.reader.read()) < len(LARGE)


async def test_a_client_of_http_1_0_gets_the_length() -> None:
    desk = Desk()
    async with open_desk(desk) as port:
        operation_id = await Frame(LOOPBACK, port, tls=False).start()
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(f"GET /operation/result/{operation_id} HTTP/1.0\r\n\r\n".encode())
        answer = await Client(reader, writer).answer()
        writer.close()
    assert answer.json["status"] == "done"
    assert "Transfer-Encoding" not in answer.headers
    assert desk.delivered_ids == [operation_id]
