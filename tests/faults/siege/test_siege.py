"""Short sieges of a real server; `python -m tests.faults.siege` has long ones."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
from typing import TYPE_CHECKING

import pytest

from tests.faults.siege.attacks import ATTACKS, START
from tests.faults.siege.besieged import Besieged, besieged
from tests.faults.siege.siege import besiege
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(90)

OTHER_FRAME = "127.0.0.2"
QUICK = 2.0
"""Seconds for an answer; a frame's patience for a single byte."""
BUSY_MS = 5000
"""That neighbours may wait while other tests run; `python -m tests.faults.siege` allows 1000."""

REFUSED = {
    "a huge body announced": (START + b"Content-Length: 1400000000\r\n\r\n", 413),
    "a flood of headers": (b"GET / HTTP/1.1\r\n" + b"X-A: 0123456789abcdef\r\n" * 4000, 400),
    "a path without end": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 400),
    "two lengths": (START + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "a broken chunk": (START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "noise": (b"\x00" * 5000, 400),
    "another protocol": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
}


async def test_a_siege_costs_the_neighbours_nothing_and_the_server_little(tmp_path: Path) -> None:
    found = await besiege(tmp_path, ATTACKS, size=60, longest_ms=BUSY_MS)
    assert {name: one["wrong"] for name, one in found.items() if one["wrong"]} == {}
    assert all(one["requests_of_others"] >= 6 for one in found.values())


async def frame_is_served(target: Besieged) -> None:
    for port, tls in ((target.server.http_port, False), (target.server.https_port, True)):
        frame = Frame("127.0.0.1", port, tls=tls, source=OTHER_FRAME, sleep=lambda _: asyncio.sleep(0.02))
        assert (await frame.show("old")).image is not None


async def test_what_is_not_to_be_had_is_refused_at_once(tmp_path: Path) -> None:
    async with besieged(tmp_path) as target:
        server = target.server
        for port, tls in ((server.http_port, False), (server.https_port, True)):
            for name, (data, status) in REFUSED.items():
                reader, _ = await target.connect(port, data, tls=tls)
                async with asyncio.timeout(QUICK):
                    answer = await reader.readuntil(b"\r\n")
                assert int(answer.split()[1]) == status, name
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + os.urandom(600), os.urandom(600)):
            reader, _ = await target.connect(server.https_port, noise)
            async with asyncio.timeout(QUICK):
                assert not await reader.read()
        with pytest.raises(ssl.SSLError):
            await target.connect(server.http_port, tls=True)
        await frame_is_served(target)


async def test_frames_that_reset_in_the_middle_of_a_picture_leave_nothing_behind(tmp_path: Path) -> None:
    async with besieged(tmp_path) as target:
        server, before, memory = target.server, target.descriptors(), 0.0
        operation = await Frame("127.0.0.1", server.http_port, tls=False, source=OTHER_FRAME).start("old")
        poll = f"GET /operation/result/{operation} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for number in range(1000):
            tls = number % 4 == 0
            port = server.https_port if tls else server.http_port
            reader, writer = await target.connect(port, poll, tls=tls)
            await reader.read((1, 300, 4000)[number % 3])
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await target.leave()
            memory = memory or (number == 200 and target.rss_mb())
        assert target.rss_mb() < memory + 4
        await frame_is_served(target)
        await target.everything_is_given_back(before)


async def test_requests_one_after_the_other_in_one_piece_are_answered_in_order(tmp_path: Path) -> None:
    async with besieged(tmp_path) as target:
        paths = [f"/operation/status/none-{number}" for number in range(50)]
        requests = b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths)
        reader, _ = await target.connect(target.server.http_port, requests)
        for path in paths:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.partition(b"Content-Length: ")[2].split()[0])
            assert path.rpartition("/")[2].encode() in await reader.readexactly(length)
