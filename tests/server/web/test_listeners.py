from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from imageserver.exceptions import SettingsError
from imageserver.tls.tls import server_context
from imageserver.web.connections import Limits
from imageserver.web.listeners import Listener, serving
from imageserver.web.middleware import REFUSAL_BODY
from tests.server.web.frame_desk import LOOPBACK, Desk, open_desk
from tests.server.web.raw_client import Client, connected
from tests.simulators.frame import Frame
from tests.simulators.frame_line import tls_context
from tests.tls import make_certificate, server_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

QUICK = Limits(idle_seconds=0.1, handshake_seconds=0.1, goodbye_seconds=0.1, answer_seconds=0.1)


def listener(port: int = 0, *, host: str | None = LOOPBACK) -> Listener:
    return Listener(host=host, port=port, option="--http-port")


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What a user would see in the log."""
    return [record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG]


# Ports


async def test_a_taken_port_is_said_in_one_sentence() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            SettingsError,
            match=f"^Port {port} is taken: end what uses it, or choose another one with --http-port$",
        ):
            async with serving(web.Application(), listener(port)):
                pass
    async with serving(web.Application(), listener(port)):
        pass


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 9000 + b"\r\n\r\n"]
)
async def test_what_is_no_http_is_refused_in_the_form_of_the_application(rubbish: bytes) -> None:
    application = web.Application()
    application[REFUSAL_BODY] = lambda refusal: f"<{refusal.code} {refusal.message}>".encode()
    door = listener()
    async with serving(application, door), connected(door.port) as client:
        client.writer.write(rubbish)
        answer = await client.answer()
        assert await client.is_ended()
    assert (answer.status, answer.body) == (400, b"<BadRequest That is not HTTP, or its head is over 8 KiB>")


async def test_one_port_that_is_taken_frees_the_others() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        first = listener()
        with pytest.raises(SettingsError, match="is taken"):
            async with serving(web.Application(), first, listener(taken.getsockname()[1])):
                pass
    assert first.port == 0


@pytest.mark.parametrize("host", ["192.0.2.77", "no-such-host.invalid", "300.1.1.1"])
async def test_an_address_that_is_not_here_is_said(host: str) -> None:
    with pytest.raises(
        SettingsError, match=f"^{host} is no address of this machine: choose another one with --host$"
    ):
        async with serving(web.Application(), listener(host=host)):
            pass


async def test_without_a_host_every_address_is_served() -> None:
    everywhere = listener(host=None)
    async with serving(web.Application(), everywhere):
        addresses = [LOOPBACK, "127.0.0.51"] + (["::1"] if socket.has_dualstack_ipv6() else [])
        for address in addresses:
            _, writer = await asyncio.open_connection(address, everywhere.port)
            writer.transport.abort()


async def test_two_listeners_lead_to_one_application() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.scheme)

    application = web.Application()
    application.router.add_get("/", handler)
    secure = Listener(host=LOOPBACK, port=0, option="--port", tls=server_tls)
    plain = listener()
    async with serving(application, secure, plain):
        async with connected(secure.port, tls=tls_context()) as client:
            assert (await client.ask("GET", "/")).body == b"https"
        async with connected(plain.port) as client:
            assert (await client.ask("GET", "/")).body == b"http"


async def test_a_new_certificate_is_shown_to_the_next_connection(tmp_path: Path) -> None:
    def context(name: str) -> ssl.SSLContext:
        path = tmp_path / f"{name}.pem"
        path.write_text(make_certificate(name))
        return server_context(path)

    def shown(client: Client) -> bytes:
        found = client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert isinstance(found, bytes)
        return found

    current = context("old.local")
    secure = Listener(host=LOOPBACK, port=0, option="--port", tls=lambda: current)
    async with serving(web.Application(), secure), connected(secure.port, tls=tls_context()) as before:
        assert b"old.local" in shown(before)
        current = context("new.local")
        async with connected(secure.port, tls=tls_context()) as after:
            assert b"new.local" in shown(after)
        assert (await before.ask("GET", "/")).status == 404  # and goes on


# The end


class Slow:
    """An application whose answers end when they are told to, or never."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled = False

    @asynccontextmanager
    async def serve(self, limits: Limits) -> AsyncIterator[int]:
        application = web.Application()
        application.router.add_get("/", self._handle)
        plain = listener()
        async with serving(application, plain, limits=limits):
            yield plain.port

    async def _handle(self, _: web.Request) -> web.StreamResponse:
        self.asked.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return web.Response(text="whole")


async def test_a_running_answer_finishes() -> None:
    slow = Slow()
    stack = contextlib.AsyncExitStack()
    port = await stack.enter_async_context(slow.serve(Limits()))
    async with connected(port) as client, connected(port) as idle:
        client.send("GET", "/")
        await slow.asked.wait()
        closing = asyncio.create_task(stack.aclose())
        assert await idle.is_ended()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection(LOOPBACK, port)
        slow.go_on.set()
        assert (await client.answer()).body == b"whole"
        await closing
    assert not slow.cancelled


async def test_an_answer_that_does_not_finish_is_not_waited_for() -> None:
    slow = Slow()
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as outside:
        async with slow.serve(QUICK) as port:
            client = await outside.enter_async_context(connected(port))
            client.send("GET", "/")
            await slow.asked.wait()
            began = loop.time()
        assert loop.time() - began < 1
        assert await client.is_ended()
    assert slow.cancelled


def test_two_applications_end_within_five_seconds_whatever_is_open() -> None:
    assert 2 * (2 * Limits().answer_seconds) < 5


async def test_a_handshake_does_not_hold_up_the_end(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as outside:
        async with open_desk(Desk(), tls=server_tls()) as port:
            client = await outside.enter_async_context(connected(port))
            client.writer.write(b"\x16\x03\x01")
            await Frame(LOOPBACK, port).start()  # by now the server knows of the first
            began = loop.time()
        assert loop.time() - began < 1
        assert await client.is_ended()
    assert loud(caplog) == []
