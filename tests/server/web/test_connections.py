from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import socket
from typing import TYPE_CHECKING

import pytest

from imageserver.web.connections import Limits
from imageserver.web.middleware import BODY_SECONDS
from imageserver.web.request_body import BodyLimits
from tests.server.web.frame_desk import LOOPBACK, Desk, open_desk
from tests.server.web.raw_client import Client, connected
from tests.simulators.frame import FirmwareError, Frame
from tests.simulators.frame_line import tls_context
from tests.tls import server_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from imageserver.models import Operation, OperationKind, PromptText, Protocol

QUICK = Limits(idle_seconds=0.1, handshake_seconds=0.1, goodbye_seconds=0.1, answer_seconds=0.1)
AUTO = '{"type":"auto"}'


@pytest.fixture(params=["https", "http"])
def tls(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    return server_tls() if request.param == "https" else None


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What a user would see in the log."""
    return [record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG]


# Limits


@pytest.mark.parametrize("sent", [b"", b"GET /operat", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_head_that_does_not_come_is_not_waited_for(tls: ssl.SSLContext | None, sent: bytes) -> None:
    async with (
        open_desk(Desk(), tls=tls, limits=QUICK) as port,
        connected(port, tls=tls_context() if tls else None) as client,
    ):
        client.writer.write(sent)
        assert await client.is_ended()


def test_heads_and_bodies_have_ten_seconds() -> None:
    assert Limits().idle_seconds == 10
    assert BODY_SECONDS == 10
    assert BodyLimits() == BodyLimits(json_seconds=10, pause_seconds=10)


async def test_a_head_that_drips_is_not_waited_for() -> None:
    async with open_desk(Desk(), limits=QUICK) as port, connected(port) as client:
        client.writer.write(b"GET / HTTP/1.1\r\n")
        ended = asyncio.create_task(client.is_ended())
        dripped = 0
        while not ended.done():
            client.writer.write(b"X: y\r\n")
            dripped += 1
            await asyncio.wait((ended,), timeout=0.01)
        assert ended.result()
    assert 3 < dripped < 100


async def test_a_kept_connection_ends_when_nothing_more_is_asked(tls: ssl.SSLContext | None) -> None:
    async with (
        open_desk(Desk(), tls=tls, limits=QUICK) as port,
        connected(port, tls=tls_context() if tls else None) as client,
    ):
        assert (await client.ask("POST", "/operation/start", AUTO)).status == 200
        assert await client.is_ended()


async def test_a_silent_tls_client_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    async with open_desk(Desk(), tls=server_tls(), limits=QUICK) as port, connected(port) as client:
        assert await client.is_ended()
    assert loud(caplog) == []


FEW = Limits(connections=5, connections_of_one=3)


@contextlib.asynccontextmanager
async def a_crowd(port: int, source: str, sent: bytes, size: int) -> AsyncIterator[list[Client]]:
    """So many connections from one address, each of which sends this much and no more."""
    async with contextlib.AsyncExitStack() as stack:
        crowd = []
        for _ in range(size):
            crowd.append(await stack.enter_async_context(connected(port, source=source)))
            crowd[-1].writer.write(sent)
        yield crowd


async def is_served(port: int, source: str) -> bool:
    async with connected(port, source=source) as client:
        try:
            return (await client.ask("GET", "/")).status == 200
        except (ConnectionError, asyncio.IncompleteReadError):
            return False


SLOW = {
    "silence": b"",
    "half a head": b"GET / HT",
    "half a body": b'POST /operation/start HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{"type"',
    "one question": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
async def test_a_crowd_that_keeps_us_waiting_keeps_nobody_out(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        open_desk(Desk(), limits=FEW) as port,
        a_crowd(port, "127.0.0.31", sent, 3) as first,
        a_crowd(port, "127.0.0.32", sent, 3),
    ):
        for _ in range(10):
            assert await is_served(port, "127.0.0.31"), "a neighbour at the same address"
            assert await is_served(port, "127.0.0.33")
        assert await first[0].is_ended() or sent == SLOW["one question"]
    assert loud(caplog) == []


async def test_of_many_who_come_in_the_same_moment_as_many_leave(tls: ssl.SSLContext | None) -> None:
    limits = Limits(connections=10, connections_of_one=3)
    async with open_desk(Desk(), tls=tls, limits=limits) as port:
        # Blocking, so that the server accepts all of them in one turn.
        socks = [
            socket.create_connection((LOOPBACK, port), source_address=("127.0.0.31", 0)) for _ in range(30)
        ]
        crowd = [Client(*await asyncio.open_connection(sock=sock)) for sock in socks]
        async with connected(port, source="127.0.0.33", tls=tls_context() if tls else None) as other:
            assert (await other.ask("GET", "/")).status == 200
            ended = [asyncio.create_task(client.is_ended()) for client in crowd]
            done, stay = await asyncio.wait(ended, timeout=0.5)
            assert (len(done), len(stay)) == (27, 3)
        for client in crowd:
            client.writer.transport.abort()
        await asyncio.gather(*stay)


async def test_a_crowd_in_the_middle_of_the_handshake_keeps_nobody_out() -> None:
    hello = b"\x16\x03\x01\x02\x00\x01"
    async with (
        open_desk(Desk(), tls=server_tls(), limits=FEW) as port,
        a_crowd(port, "127.0.0.31", hello, 5) as crowd,
    ):
        for _ in range(5):
            await Frame(LOOPBACK, port, source="127.0.0.33").start()
        assert await crowd[0].is_ended()


async def test_who_waits_for_us_is_not_sent_away() -> None:
    desk = SlowDesk()
    async with (
        open_desk(desk, limits=Limits(connections=1)) as port,
        connected(port, source="127.0.0.31") as client,
    ):
        client.send("POST", "/operation/start", AUTO)
        await desk.came.wait()
        assert not await is_served(port, "127.0.0.33")
        desk.may_go.set()
        assert (await client.answer()).status == 200
        assert await is_served(port, "127.0.0.33"), "it has its answer now"


class SlowDesk(Desk):
    """Starts nothing before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.came, self.may_go = asyncio.Event(), asyncio.Event()

    async def start(
        self, kind: OperationKind, *, frame: str, protocol: Protocol, text: PromptText | None
    ) -> Operation:
        self.came.set()
        await self.may_go.wait()
        return await super().start(kind, frame=frame, protocol=protocol, text=text)


async def test_a_system_without_descriptors_serves_few_at_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    again = asyncio.Event()

    def heard(record: logging.LogRecord) -> bool:
        if "opened again" in record.getMessage():
            again.set()
        return True

    caplog.handler.addFilter(heard)
    limits = Limits(pause_seconds=0.02)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with open_desk(Desk(), limits=limits) as port:
        socks = [socket.socket() for _ in range(2)]
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        try:
            for sock in socks:
                await ask_through(sock, port)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        await again.wait()
    spent, well = (message for message in caplog.messages if "open" in message)
    assert spent.startswith(f"Port {port}: no more files can be opened ([Errno 24] Too many open files)")
    assert well == "Files can be opened again"


async def ask_through(sock: socket.socket, port: int) -> None:
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (LOOPBACK, port))
    reader, writer = await asyncio.open_connection(sock=sock)
    assert (await Client(reader, writer).ask("GET", "/")).status == 200
    writer.close()


# Mix-ups


async def test_plain_http_at_the_tls_port_ends_at_once_and_is_noticed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    confused: list[str] = []
    async with open_desk(Desk(), tls=server_tls(), on_plain_http=confused.append) as port:
        frame = Frame(LOOPBACK, port, tls=False, source="127.0.0.41")
        with pytest.raises(FirmwareError, match="the connection ended"):
            await frame.start()
        assert confused == ["127.0.0.41"]
        await Frame(LOOPBACK, port, source="127.0.0.41").start()
    assert confused == ["127.0.0.41"]
    assert loud(caplog) == []


async def test_noise_at_the_tls_port_ends_at_once_and_is_not_taken_for_a_frame(
    caplog: pytest.LogCaptureFixture,
) -> None:
    confused: list[str] = []
    async with open_desk(Desk(), tls=server_tls(), on_plain_http=confused.append) as port:
        for noise in (b"SSH-2.0-OpenSSH_9.2\r\n", bytes(100), b"\x16\x03\x01\x00\x05hello"):
            async with connected(port) as client:
                client.writer.write(noise)
                with contextlib.suppress(ConnectionError):
                    await client.reader.read()  # an alert, perhaps
        async with connected(port):
            pass  # it came, and went
    assert confused == []
    assert loud(caplog) == []


async def test_tls_at_the_plain_port_ends_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async with open_desk(Desk()) as port:
        with pytest.raises(FirmwareError, match="TLS"):
            await Frame(LOOPBACK, port).start()
        await Frame(LOOPBACK, port, tls=False).start()
    assert loud(caplog) == []


@pytest.mark.parametrize(
    "noise",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"GET / HTTP/1.1\r\nBad Header\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=lambda noise: repr(noise[:20]),
)
async def test_what_is_not_http_is_answered_quietly(noise: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with open_desk(Desk()) as port, connected(port) as client:
        client.writer.write(noise)
        answer = await client.answer()
        assert answer.error == (400, "BadRequest")
        assert answer.headers["Server"] == "ImageServer"
        assert await client.is_ended()
    assert loud(caplog) == []
