from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from errno import ECONNRESET
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, ClientTimeout, TCPConnector, web
from aiohttp.abc import AbstractResolver

from imageserver.exceptions import (
    AccessRefusedError,
    BadAnswerError,
    FateUnknownError,
    NotSentError,
    ProviderError,
    RateLimitedError,
)
from imageserver.providers.http_client import (
    MAX_ANSWER,
    MAX_VALUES,
    Answer,
    HttpClient,
    _reason,
    _retry_after,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    from imageserver.providers.base import ProviderContext

    type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
def client(context: ProviderContext) -> HttpClient:
    return HttpClient(context, provider="It", timeout=5, secrets=("sk-1",), headers={"X-Key": "sk-1"})


# Nothing was sent


class _NoSuchName(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> Any:
        raise OSError(None, f"no {host}:{port} in family {family}")

    async def close(self) -> None:
        pass


async def test_an_unknown_name_was_never_sent(context: ProviderContext) -> None:
    async with ClientSession(connector=TCPConnector(resolver=_NoSuchName())) as session:
        client = HttpClient(replace(context, session=session), provider="It", timeout=5)
        with pytest.raises(NotSentError) as caught:
            await client.post("http://api.example/x", {})
    assert str(caught.value) == (
        "It can't be reached at api.example: its name is not known; is the network there?"
    )


async def test_a_refused_connection_was_never_sent(client: HttpClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(NotSentError, match=r"^It can't be reached at 127\.0\.0\.1: connection refused$"):
            await client.post(f"http://127.0.0.1:{free.getsockname()[1]}/", {})


async def test_a_host_that_takes_no_call_was_never_sent(context: ProviderContext) -> None:
    client = HttpClient(context, provider="It", timeout=0.4)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        with pytest.raises(NotSentError, match="does not answer the call"):
            await client.post(f"http://127.0.0.1:{full.getsockname()[1]}/", {})
        for caller in callers:
            caller.close()


@pytest.mark.parametrize(("seconds", "connect"), [(0.4, 0.2), (5, 2.5), (20, 10), (180, 10)])
async def test_at_least_half_of_the_time_is_for_the_answer(
    context: ProviderContext, seconds: float, connect: float
) -> None:
    client = HttpClient(context, provider="It", timeout=seconds)
    assert client._timeout == ClientTimeout(total=seconds, connect=connect)


async def test_a_host_without_tls_was_never_sent(client: HttpClient) -> None:
    async with serving(_echo) as url:
        with pytest.raises(NotSentError):
            await client.post(url.replace("http:", "https:"), {})


async def test_a_certificate_that_nobody_vouches_for_was_never_sent(
    client: HttpClient, self_signed: ssl.SSLContext
) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=self_signed)
    async with server:
        with pytest.raises(NotSentError, match="certificate is not trusted"):
            await client.post(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", {})


@pytest.mark.parametrize(
    ("url", "at"),
    [
        ("no address", ""),
        ("ftp://127.0.0.1/", " at 127.0.0.1"),
        ("http://", ""),
        ("http://[::1", ""),
    ],
)
async def test_what_is_no_address_was_never_sent(client: HttpClient, url: str, at: str) -> None:
    with pytest.raises(NotSentError) as caught:
        await client.get(url)
    assert str(caught.value) == f"It can't be reached{at}: this is no address"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(ECONNRESET, "x"), "connection reset by peer"),
        (OSError(99_999, "x"), "the connection failed"),
        (OSError(), "the connection failed"),
        (ValueError(), "the connection failed"),
    ],
)
def test_why_a_connection_failed_is_said_as_the_system_says_it(error: Exception, reason: str) -> None:
    assert _reason(error) == reason


# What is sent


async def _echo(request: web.Request) -> web.Response:
    return web.json_response({"headers": dict(request.headers), "body": await request.text()})


async def test_a_post_is_json_on_a_connection_of_its_own(client: HttpClient) -> None:
    async with serving(_echo) as url:
        answer = (await client.post(f"{url}/x", {"prompt": "кот"})).json()
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["Connection"] == "close"
    assert answer["headers"]["Accept-Encoding"] == "identity"
    assert answer["headers"]["X-Key"] == "sk-1"
    assert "Cookie" not in answer["headers"]
    assert answer["body"] == '{"prompt": "\\u043a\\u043e\\u0442"}'


async def test_no_connection_is_used_twice(client: HttpClient) -> None:
    callers = []

    async def count(request: web.Request) -> web.Response:
        callers.append(request.transport.get_extra_info("peername") if request.transport else None)
        return web.Response()

    async with serving(count) as url:
        for _ in range(3):
            await client.get(url)
    assert len(set(callers)) == 3


async def test_a_redirect_is_not_followed(client: HttpClient) -> None:
    paths = []

    async def elsewhere(request: web.Request) -> web.Response:
        paths.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with serving(elsewhere) as url:
        answer = await client.post(f"{url}/here", {})
    assert paths == ["/here"]
    assert type(answer.error()) is AccessRefusedError


# What comes back


async def test_an_answer_may_be_30_mb_and_not_a_byte_more(client: HttpClient) -> None:
    size = MAX_ANSWER

    async def long(_: web.Request) -> web.Response:
        return web.Response(body=bytes(size))

    async with serving(long) as url:
        assert len((await client.get(url)).body) == MAX_ANSWER
        size += 1
        with pytest.raises(BadAnswerError, match=r"^It answered with more than 30 MB$"):
            await client.get(url)


async def test_a_packed_bomb_is_not_unpacked(client: HttpClient) -> None:
    async def bomb(_: web.Request) -> web.Response:
        response = web.Response(body=bytes(200_000_000), zlib_executor_size=1 << 30)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with serving(bomb) as url:
        with pytest.raises((BadAnswerError, FateUnknownError)):
            await client.get(url)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (301, AccessRefusedError),
        (308, AccessRefusedError),
        (400, BadAnswerError),
        (401, AccessRefusedError),
        (402, AccessRefusedError),
        (403, AccessRefusedError),
        (404, AccessRefusedError),
        (405, BadAnswerError),
        (408, FateUnknownError),
        (413, BadAnswerError),
        (418, BadAnswerError),
        (422, BadAnswerError),
        (429, RateLimitedError),
        (500, FateUnknownError),
        (502, FateUnknownError),
        (524, FateUnknownError),
        (599, FateUnknownError),
    ],
)
def test_a_status_has_its_meaning(status: int, meaning: type[ProviderError]) -> None:
    answer = Answer(provider="It", status=status, body=b'{"error": "key sk-1"}', secrets=("sk-1",))
    with pytest.raises(ProviderError, match=f"It .*HTTP {status}") as caught:
        answer.raise_for_status()
    assert type(caught.value) is meaning
    assert "sk-1" not in str(caught.value)
    assert "sk-1" not in repr(answer)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_raises_nothing(status: int) -> None:
    Answer(provider="It", status=status, body=b"").raise_for_status()


async def test_what_is_not_json_is_named(client: HttpClient) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    async with serving(page) as url:
        answer = await client.get(url)
    with pytest.raises(BadAnswerError, match=r"^It answered with 6 bytes of text/html, not with JSON$"):
        answer.json()
    with pytest.raises(BadAnswerError, match=r"^It answered with 1 bytes of no type, not with JSON$"):
        Answer(provider="It", status=200, body=b"<").json()
    with pytest.raises(BadAnswerError, match=r"^It answered with nothing$"):
        Answer(provider="It", status=200, body=b"").json()
    for part in (b",", b"[", b"{"):
        with pytest.raises(BadAnswerError, match=r"^It answered with JSON of too many parts$"):
            Answer(provider="It", status=200, body=part * (MAX_VALUES + 1)).json()
    most = f"[{'0,' * (MAX_VALUES - 1)}0]".encode()
    assert len(Answer(provider="It", status=200, body=most).json()) == MAX_VALUES


async def test_an_answer_tells_no_message_its_secrets(client: HttpClient) -> None:
    async def complain(_: web.Request) -> web.Response:
        return web.json_response({"error": "key sk-1"}, status=400, headers={"Retry-After": " 7 "})

    async with serving(complain) as url:
        answer = await client.get(url)
    assert str(answer.error()) == 'It does not take the request (HTTP 400): "key …"'
    assert (answer.retry_after, answer.content_type, answer.secrets) == (7, "application/json", ("sk-1",))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": " 7 "}, 7),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Tue, 24 Nov 2026 09:01:30 GMT"}, 90),
        ({"Retry-After": "Tue, 24 Nov 2026 08:00:00 GMT"}, 0),
        ({"Retry-After": "Tue, 24 Nov 2026 09:01:30 -0000"}, None),
        ({"Retry-After": "Tue, 24 Nov 2026 09:01:30 GMT", "Date": "Tue, 24 Nov 2026 09:01:00 GMT"}, 30),
        ({"Retry-After": "Tue, 24 Nov 2026 09:01:30 GMT", "Date": "today"}, 90),
    ],
)
def test_when_to_come_back_is_a_number_or_a_date_of_the_providers_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert _retry_after(headers, datetime(2026, 11, 24, 9, tzinfo=UTC)) == seconds


async def test_who_takes_a_request_and_says_nothing_is_waited_for_so_long(context: ProviderContext) -> None:
    async def dawdle(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    client = HttpClient(context, provider="It", timeout=0.25)
    async with serving(dawdle) as url:
        with pytest.raises(
            FateUnknownError, match=r"^It took the request and did not answer within 0\.25 s$"
        ):
            await client.get(url)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (b"220 smtp.example.com ESMTP\r\n", " and answered with what is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123", ", and its answer did not arrive whole"),
        (b"", ", then the connection broke before its answer came"),
    ],
)
async def test_an_answer_that_is_none_leaves_the_fate_unknown(
    client: HttpClient, said: bytes, means: str
) -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    async with server:
        with pytest.raises(FateUnknownError) as caught:
            await client.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", {})
    assert str(caught.value) == f"It took the request{means}"
