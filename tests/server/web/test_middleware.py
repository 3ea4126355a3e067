from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import ssl
import struct
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from imageserver.exceptions import (
    BadRequestError,
    ForbiddenError,
    ImageServerError,
    Mistake,
    NotFoundError,
    StartError,
    StateError,
    TooManyRequestsError,
    UnavailableError,
)
from imageserver.settings import PRIVATE_NETWORKS
from imageserver.web import middleware
from imageserver.web.connections import Limits
from imageserver.web.listeners import Listener, serving
from tests.server.web.frame_desk import LOOPBACK, Desk, open_desk
from tests.server.web.raw_client import connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from imageserver.settings import Network
    from imageserver.web.middleware import Refusal

AUTO = '{"type":"auto"}'
START = "/operation/start"


def body(refusal: Refusal) -> bytes:
    """Another form than the frames': the middleware does not care."""
    return json.dumps([refusal.code, refusal.message, refusal.mistakes]).encode()


class Application:
    """An application whose one path does what the test says."""

    def __init__(self) -> None:
        self.networks: tuple[Network, ...] = PRIVATE_NETWORKS
        self.handler: Callable[[web.Request], object] = lambda _: None
        self.port = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        answer = self.handler(request)
        if asyncio.iscoroutine(answer):
            answer = await answer
        return answer if isinstance(answer, web.StreamResponse) else web.Response(text=str(answer))

    def raises(self, error: Exception) -> None:
        def handler(_: web.Request) -> None:
            raise error

        self.handler = handler


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    test = Application()
    application = web.Application(
        middlewares=[
            middleware.answer_errors(body),
            middleware.only_from(lambda: test.networks),
            middleware.refuse_foreign_origins,
        ]
    )
    application.on_response_prepare.append(middleware.name_server)
    middleware.add_routes(application, "/", {"GET": test.handle, "POST": test.handle})
    middleware.close_routes(application)
    listener = Listener(host=LOOPBACK, port=0, option="--port")
    async with serving(application, listener):
        test.port = listener.port
        yield test


# Errors


@pytest.mark.parametrize(
    ("error", "status", "answer"),
    [
        (BadRequestError("no"), 400, ["BadRequest", "no", []]),
        (StartError("no provider"), 400, ["StartError", "no provider", []]),
        (
            BadRequestError("no", mistakes=(Mistake("a.b", "is 5"),)),
            400,
            ["BadRequest", "no", [["a.b", "is 5"]]],
        ),
        (ForbiddenError("no"), 403, ["Forbidden", "no", []]),
        (NotFoundError("no such"), 404, ["NotFound", "no such", []]),
        (TooManyRequestsError("slowly", retry_after=1.2), 429, ["TooManyRequests", "slowly", []]),
        (StateError("disk full"), 503, ["StateError", "disk full", []]),
        (UnavailableError("starting"), 503, ["Unavailable", "starting", []]),
        (ImageServerError("odd"), 500, ["InternalError", "odd", []]),
        (web.HTTPGone(), 410, ["Gone", "Gone", []]),
        (web.HTTPRequestTimeout(), 408, ["RequestTimeout", "The body did not come in time", []]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_our_errors_are_answered_and_the_connection_stays(
    application: Application,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    answer: list[object],
) -> None:
    application.raises(error)
    async with connected(application.port) as client:
        refused = await client.ask("GET", "/")
        application.handler = lambda _: "recovered"
        assert (await client.ask("GET", "/")).body == b"recovered"
    assert (refused.status, refused.json) == (status, answer)
    assert refused.headers["Content-Type"] == "application/json"
    assert "Connection" not in refused.headers
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_who_asks_too_often_hears_when_to_come_again(application: Application) -> None:
    application.raises(TooManyRequestsError("slowly", retry_after=1.2))
    async with connected(application.port) as client:
        assert (await client.ask("GET", "/")).headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    "error",
    [RuntimeError("/data/api_token"), KeyError("x"), TimeoutError(), ConnectionRefusedError(111, "provider")],
    ids=lambda error: type(error).__name__,
)
async def test_an_unexpected_error_is_logged_once_and_told_to_nobody(
    application: Application, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    application.raises(error)
    async with connected(application.port) as client:
        refused = await client.ask("GET", "/?q=1")
        application.handler = lambda _: "recovered"
        assert (await client.ask("GET", "/")).body == b"recovered"
    assert (refused.status, refused.json[:2]) == (500, ["InternalError", "Internal error: the log says more"])
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage() == "GET / from 127.0.0.1 failed"
    assert record.exc_info is not None
    assert record.exc_info[1] is error


async def test_a_path_can_not_write_a_line_of_the_log(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="imageserver")
    async with connected(application.port) as client:
        await client.ask("GET", "/%0Afake%20line")
    assert "GET /%0Afake%20line from 127.0.0.1 refused: There is no such path" in caplog.messages


async def test_half_an_answer_is_broken_off(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        raise RuntimeError("broken")

    application.handler = handler
    async with connected(application.port) as client:
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError, ValueError)):
            await client.ask("GET", "/")
    assert [record.getMessage() for record in caplog.records] == ["GET / from 127.0.0.1 failed"]


@pytest.mark.parametrize(
    "seen_as", [ConnectionResetError(), ssl.SSLError("application data after close notify")]
)
async def test_a_client_that_leaves_is_no_error(
    application: Application, caplog: pytest.LogCaptureFixture, seen_as: OSError
) -> None:
    came, left = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        came.set()
        try:
            await request.read()
        except ConnectionError:
            left.set()
            raise seen_as from None
        return web.Response()

    application.handler = handler
    async with connected(application.port) as client:
        client.send("POST", "/", b"half", Content_Length="100")
        await came.wait()
    await left.wait()
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


# Paths and methods


async def test_unknown_paths_and_methods_are_answered_in_json(application: Application) -> None:
    async with connected(application.port) as client:
        assert (await client.ask("GET", "/nothing/here")).json[0] == "NotFound"
        refused = await client.ask("DELETE", "/")
        assert (refused.status, refused.json[0]) == (405, "MethodNotAllowed")
        assert refused.json[1] == "DELETE is not possible here, but GET, OPTIONS, POST"
        assert refused.headers["Allow"] == "GET,OPTIONS,POST"
        options = await client.ask("OPTIONS", "/")
        assert (options.status, options.headers["Allow"]) == (204, "GET, POST, OPTIONS")
        assert (await client.ask("HEAD", "/nothing")).status == 404
        assert (await client.ask("GET", "/")).body == b"None"


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/"), ("PUT", "/"), ("GET", "/nothing")])
async def test_nobody_is_sent_an_interim_answer(application: Application, method: str, path: str) -> None:
    async with connected(application.port) as client:
        answer = await client.ask(method, path, b"", Expect="100-continue")
        assert answer.status in {200, 404, 405}
        assert (await client.ask("GET", "/", Expect="the unexpected")).status == 200


async def test_every_answer_says_what_answers_and_no_version(application: Application) -> None:
    async with connected(application.port) as client:
        for path in ("/", "/nothing"):
            assert (await client.ask("GET", path)).headers["Server"] == "ImageServer"


# Who may come in


@pytest.mark.parametrize(
    ("networks", "source", "status"),
    [
        (PRIVATE_NETWORKS, "127.0.0.1", 200),
        (PRIVATE_NETWORKS, "127.9.8.7", 200),
        ((ip_network("127.0.0.5/32"),), "127.0.0.5", 200),
        ((ip_network("127.0.0.5/32"),), "127.0.0.6", 403),
        ((ip_network("::/0"),), "127.0.0.1", 403),
        ((), "127.0.0.1", 403),
    ],
)
async def test_only_these_networks_may_come_in(
    application: Application, networks: tuple[Network, ...], source: str, status: int
) -> None:
    application.networks = networks
    async with connected(application.port, source=source) as client:
        assert (await client.ask("GET", "/", X_Forwarded_For="127.0.0.5")).status == status
        assert (await client.ask("GET", "/nothing")).status == (404 if status == 200 else 403)


async def test_networks_may_change_and_a_stranger_is_named_once(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="imageserver")
    application.networks = ()
    async with connected(application.port) as client:
        for _ in range(3):
            assert (await client.ask("GET", "/")).status == 403
        application.networks = PRIVATE_NETWORKS
        assert (await client.ask("GET", "/")).status == 200
        application.networks = ()
        assert (await client.ask("GET", "/")).status == 403
    assert caplog.messages == ["127.0.0.1 is refused: it is outside frame_networks"] * 2


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6")
async def test_an_ipv4_address_over_ipv6_is_an_ipv4_address() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=f"{request.remote} {middleware.address_of(request)}")

    application = web.Application()
    application.router.add_get("/", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    sock = socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    await web.SockSite(runner, sock).start()
    async with connected(sock.getsockname()[1]) as client:
        assert (await client.ask("GET", "/")).body == b"::ffff:127.0.0.1 127.0.0.1"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://127.0.0.1", "127.0.0.1", 200),
        ("https://192.168.1.5:8099", "192.168.1.5:8099", 200),
        ("http://[fd00::5]:8098", "[fd00::5]:8098", 200),
        ("http://localhost:8098", "localhost:8098", 200),
        ("http://ImageServer.local", "imageserver.LOCAL", 200),
        ("http://nas:8098", "nas:8098", 200),
        ("http://evil.example", "127.0.0.1", 403),
        ("http://127.0.0.1:8123", "127.0.0.1", 403),
        ("http://127.0.0.1.evil.example", "127.0.0.1", 403),
        ("http://evil.example", "evil.example", 403),
        ("null", "127.0.0.1", 403),
        ("", "127.0.0.1", 403),
        ("http://[", "127.0.0.1", 403),
        ("file://", "127.0.0.1", 403),
        ("http://user@127.0.0.1", "127.0.0.1", 403),
    ],
)
async def test_pages_of_other_sites_are_refused(
    application: Application, origin: str, host: str, status: int
) -> None:
    async with connected(application.port) as client:
        for method in ("GET", "POST"):
            request = f"{method} / HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Length: 0\r\n\r\n"
            client.writer.write(request.encode())
            assert (await client.answer()).status == status
        assert (await client.ask("GET", "/")).status == 200


async def test_a_second_origin_hides_nothing(application: Application) -> None:
    async with connected(application.port) as client:
        origins = "Origin: http://127.0.0.1\r\nOrigin: http://evil.example\r\n"
        client.writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{origins}\r\n".encode())
        assert (await client.answer()).status == 403


# Bodies


async def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    desk = Desk()
    async with open_desk(desk) as port, connected(port) as client:
        client.send("POST", START, b"", Content_Length="16385")
        assert (await client.answer()).error == (413, "TooLarge")
    assert desk.starts == []


async def test_a_body_that_turns_out_too_large_is_refused() -> None:
    desk = Desk()
    async with open_desk(desk) as port, connected(port) as client:
        client.send("POST", START, Transfer_Encoding="chunked")
        client.writer.write(b"4001\r\n" + b" " * 0x4001)
        assert (await client.answer()).error == (413, "TooLarge")
    assert desk.starts == []


async def test_a_body_of_16_kib_is_read() -> None:
    desk = Desk()
    async with open_desk(desk) as port, connected(port) as client:
        assert (await client.ask("POST", START, AUTO.ljust(16384))).status == 200
        client.send("POST", START, Transfer_Encoding="chunked")
        client.writer.write(b"4000\r\n" + AUTO.ljust(0x4000).encode() + b"\r\n0\r\n\r\n")
        assert (await client.answer()).status == 200
    assert len(desk.starts) == 2


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    desk = Desk()
    limits = Limits(goodbye_seconds=0.05)
    async with open_desk(desk, body_seconds=0.05, limits=limits) as port, connected(port) as client:
        client.send("POST", START, b'{"type":', Content_Length="15")
        assert (await client.answer()).error == (408, "RequestTimeout")
        assert await client.is_ended()


@pytest.mark.parametrize("broken", [b"zz\r\n", b"-1\r\n", b'5\r\n{"typ"e', b"5" * 20 + b"\r\n"])
async def test_a_broken_body_is_a_bad_request(broken: bytes, caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    async with open_desk(desk) as port, connected(port) as client:
        client.send("POST", START, Transfer_Encoding="chunked")
        client.writer.write(broken)
        assert (await client.answer()).error == (400, "BadRequest")
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_packed_body_is_not_unpacked() -> None:
    desk = Desk()
    packed = gzip.compress(AUTO.ljust(10_000_000).encode())
    async with open_desk(desk) as port, connected(port) as client:
        answer = await client.ask("POST", START, packed, Content_Encoding="gzip")
        assert answer.error == (400, "BadRequest")


# Names that others own


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8098", 200),
        ("[fd00::5]:8098", 200),
        ("nas:8098", 200),
        ("homeassistant.local", 200),
        ("pi.FRITZ.box", 200),
        ("Frames.example:8098", 200),
        ("", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("frames.example.evil.example", 403),
        ("user@evil.example", 403),
        ("[", 403),
        ("local", 200),
        ("evil.notlocal", 403),
    ],
)
async def test_a_page_is_shown_only_under_the_servers_own_names(
    application: Application, host: str, status: int
) -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(text="secret")

    application.handler = middleware.under_own_name(page, names=lambda: ("frames.example",))
    async with connected(application.port) as client:
        client.writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert (await client.answer()).status == status


async def test_who_says_no_host_waits_for_no_dns(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> str:
        raise AssertionError

    monkeypatch.setattr(socket, "getfqdn", asked)
    async with connected(application.port) as client:
        client.writer.write(b"GET / HTTP/1.0\r\nOrigin: http://evil.example\r\nContent-Length: 0\r\n\r\n")
        assert (await client.answer()).status == 403


def leave_at_once(port: int, request: bytes) -> None:
    """Send a request and reset the connection, before the server can ask who it was."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.send(request)


async def test_who_leaves_before_anybody_looks_is_no_error_of_the_servers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    async with open_desk(desk) as port:
        request = f"POST {START} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(AUTO)}\r\n\r\n{AUTO}"
        for _ in range(20):
            leave_at_once(port, request.encode())
        async with connected(port) as client:
            assert (await client.ask("GET", "/nothing")).status == 404
    assert desk.starts == [], "nobody knows whether it may come in"
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
