"""Slow and hostile clients against the real server: others hardly notice, and everything is given back."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.processes import READY, ServerProcess, run_server
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    type Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

pytestmark = pytest.mark.timeout(90)

OTHER_FRAME = "127.0.0.2"
QUICK = 2.0
"""Seconds for a start, a poll and a picture; a frame's patience for a single byte."""

START = b"POST /operation/start HTTP/1.1\r\nHost: x\r\n"
HALVES = {
    "half a head": b"GET / HT",
    "half a body": START + b'Content-Length: 14\r\n\r\n{"type"',
    "a body that is only announced": START + b"Expect: 100-continue\r\nContent-Length: 14\r\n\r\n",
    "nothing": b"",
}
REFUSED = {
    "a huge body announced": (START + b"Content-Length: 1400000000\r\n\r\n", 413),
    "a flood of headers": (b"GET / HTTP/1.1\r\n" + b"X-A: 0123456789abcdef\r\n" * 4000, 400),
    "a path without end": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 400),
    "two lengths": (START + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "a broken chunk": (START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "noise": (b"\x00" * 5000, 400),
    "another protocol": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
}


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Siege:
    """The server and who is at its gates."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self._proc = Path(f"/proc/{server.process.pid}")
        self._streams: list[Stream] = []

    def rss_kb(self) -> int:
        lines = (self._proc / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    def descriptors(self) -> int:
        return len(list((self._proc / "fd").iterdir()))

    async def connect(self, port: int, data: bytes = b"", *, tls: bool = False) -> Stream:
        stream = await asyncio.open_connection("127.0.0.1", port, ssl=trusting() if tls else None)
        self._streams.append(stream)
        stream[1].write(data)
        return stream

    async def frame_is_served(self) -> None:
        """A frame elsewhere asks over both protocols, and does not wait long."""
        for port, tls in ((self.server.http_port, False), (self.server.https_port, True)):
            frame = Frame("127.0.0.1", port, tls=tls, source=OTHER_FRAME, sleep=_a_moment)
            began = time.monotonic()
            assert (await frame.show("old")).image is not None
            assert time.monotonic() - began < QUICK

    async def leave(self) -> None:
        for _, writer in self._streams:
            writer.transport.abort()
        self._streams.clear()

    async def everything_is_given_back(self, descriptors: int) -> None:
        async with asyncio.timeout(10):
            while self.descriptors() > descriptors:  # noqa: ASYNC110 - another process tells by no event of ours
                await asyncio.sleep(0.05)


async def _a_moment(_: float) -> None:
    await asyncio.sleep(0.02)


@asynccontextmanager
async def siege(root: Path) -> AsyncIterator[Siege]:
    async with run_server(root) as server:
        await server.said(READY)
        await server.said("made picture")
        besieged = Siege(server)
        await besieged.frame_is_served()
        yield besieged
        await besieged.leave()
        assert await server.stop() == 0
        log = "\n".join(server.log)
        assert "Traceback" not in log
        assert "ERROR" not in log
        assert len(server.log) < 30, f"strangers fill the log: {log}"


async def test_who_says_nothing_or_half_of_it_holds_up_nobody(tmp_path: Path) -> None:
    async with siege(tmp_path) as besieged:
        server, before = besieged.server, besieged.descriptors()
        for data in HALVES.values():
            await besieged.connect(server.https_port, data, tls=True)
        for number in range(200):  # more than one address may have: the rest is turned away
            data = tuple(HALVES.values())[number % len(HALVES)]
            await besieged.connect((server.http_port, server.https_port)[number % 2], data)
        await besieged.frame_is_served()
        await besieged.leave()
        await besieged.everything_is_given_back(before)


async def test_what_is_not_to_be_had_is_refused_at_once_and_harms_nobody(tmp_path: Path) -> None:
    async with siege(tmp_path) as besieged:
        server, before = besieged.server, besieged.descriptors()
        for port, tls in ((server.http_port, False), (server.https_port, True)):
            for name, (data, status) in REFUSED.items():
                reader, _ = await besieged.connect(port, data, tls=tls)
                async with asyncio.timeout(QUICK):
                    answer = await reader.readuntil(b"\r\n")
                assert int(answer.split()[1]) == status, name
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + os.urandom(600), os.urandom(600)):
            reader, _ = await besieged.connect(server.https_port, noise)
            async with asyncio.timeout(QUICK):
                assert not await reader.read()
        with pytest.raises(ssl.SSLError):
            await besieged.connect(server.http_port, tls=True)
        await besieged.frame_is_served()
        await besieged.leave()
        await besieged.everything_is_given_back(before)


async def test_frames_that_reset_in_the_middle_of_a_picture_leave_nothing_behind(tmp_path: Path) -> None:
    async with siege(tmp_path) as besieged:
        before, memory = besieged.descriptors(), 0
        frame = Frame("127.0.0.1", besieged.server.http_port, tls=False, source=OTHER_FRAME)
        operation = await frame.start("old")
        poll = f"GET /operation/result/{operation} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for number in range(1000):
            tls = number % 4 == 0
            port = besieged.server.https_port if tls else besieged.server.http_port
            reader, writer = await besieged.connect(port, poll, tls=tls)
            await reader.read((1, 300, 4000)[number % 3])
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await besieged.leave()
            memory = memory or (number == 200 and besieged.rss_kb())
        assert besieged.rss_kb() < memory + 4000
        await besieged.frame_is_served()
        await besieged.everything_is_given_back(before)


async def test_requests_one_after_the_other_in_one_piece_are_answered_in_order(tmp_path: Path) -> None:
    async with siege(tmp_path) as besieged:
        paths = [f"/operation/status/none-{number}" for number in range(50)]
        requests = b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths)
        reader, _ = await besieged.connect(besieged.server.http_port, requests)
        for path in paths:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.partition(b"Content-Length: ")[2].split()[0])
            assert path.rpartition("/")[2].encode() in await reader.readexactly(length)
