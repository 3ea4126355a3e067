from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING

import pytest

from custom_components.aiframes.api import (
    CannotConnectError,
    EventStream,
    ImageServerClient,
    ImageServerError,
    Limits,
    NotAnImageServerError,
    NotTrustedError,
    PictureQuery,
    TokenRefusedError,
    UnsupportedVersionError,
)
from tests.contract.impostors import answer, impostor
from tests.processes import free_ports
from tests.server.web.frame_desk import Desk, open_desk
from tests.tls import server_tls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

TOKEN = "canary-of-a-token"

INFO = {
    "installation_id": "1",
    "version": "2.0.0",
    "api_version": 1,
    "started_at": "2026-11-24T09:00:00.000+00:00",
}


LIMITS = Limits(body_bytes=1000, picture_bytes=1000)


def client_of(session: ClientSession, url: str, *, token: str = TOKEN) -> ImageServerClient:
    return ImageServerClient(session=session, url=url, token=token, limits=LIMITS)


async def _follow(client: ImageServerClient) -> None:
    async for _ in EventStream(client).follow():
        pass


WAYS: dict[str, Callable[[ImageServerClient], Awaitable[object]]] = {
    "json": lambda client: client.info(),
    "picture": lambda client: client.original("1"),
    "nothing": lambda client: client.forget_frame("1"),
    "sent": lambda client: client.push_image(b"picture"),
    "stream": _follow,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "said",
    [
        answer(200, "<html>Log in", kind="text/html"),
        answer(200, kind="text/plain"),
        answer(302, "", "Location: /login"),
        answer(301, "", "Location: https://elsewhere.invalid/api/v1/info"),
        answer(304),
        answer(401, "<html>Log in", "WWW-Authenticate: Basic", kind="text/html"),
        answer(403, "{}"),
        answer(404, '{"message": "404: Not Found"}'),
        answer(404, '{"error": "no such page"}'),
        answer(500, "x" * 2000),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n",
    ],
)
async def test_what_answers_something_else_is_no_image_server(
    session: ClientSession, said: bytes, way: str
) -> None:
    async with impostor(said) as found:
        with pytest.raises(NotAnImageServerError) as caught:
            await WAYS[way](client_of(session, found.url))
    assert len(found.heads) == 1, "it is asked once, and nobody is followed elsewhere"
    assert TOKEN not in told(caught.value)


def told(error: BaseException | None) -> str:
    """Return all that an error and those before it can say of themselves."""
    text = ""
    while error is not None:
        text += repr(error) + str(error) + repr(error.__dict__)
        text += "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return text


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        json.dumps({**INFO, "api_version": "1"}),
        json.dumps({**INFO, "started_at": "today"}),
        json.dumps({**INFO, "installation_id": None}),
        json.dumps({**INFO, "more": "x" * 1000}),
    ],
)
async def test_json_of_somebody_else_is_no_answer(session: ClientSession, body: str) -> None:
    async with impostor(answer(200, body)) as found:
        with pytest.raises(NotAnImageServerError):
            await client_of(session, found.url).info()


async def test_an_answer_without_an_end_is_not_taken(session: ClientSession) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with impostor(endless + b"400\r\n" + b"x" * 1024 + b"\r\n", hangs_up=False) as found:
        with pytest.raises(NotAnImageServerError, match="more than 1000 bytes"):
            await client_of(session, found.url).original("1")


async def test_an_event_without_an_end_is_not_taken(session: ClientSession) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: " + b"x" * 1000
    async with impostor(said, hangs_up=False) as found:
        with pytest.raises(NotAnImageServerError, match="more than 1000 bytes"):
            await _follow(client_of(session, found.url))


async def test_an_event_that_is_no_json_is_no_event(session: ClientSession) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: status\ndata: {\n\n"
    async with impostor(said, hangs_up=False) as found:
        with pytest.raises(NotAnImageServerError):
            await _follow(client_of(session, found.url))


@pytest.mark.parametrize("version", [0, 2, 10])
async def test_a_server_of_another_version_is_told_apart(session: ClientSession, version: int) -> None:
    said = json.dumps({"api_version": version, "all": "else is different"})
    async with impostor(answer(200, said)) as found:
        with pytest.raises(UnsupportedVersionError) as caught:
            await client_of(session, found.url).info()
    assert caught.value.api_version == version


async def test_a_newer_server_of_this_version_may_say_more(session: ClientSession) -> None:
    async with impostor(answer(200, json.dumps({**INFO, "more": 1}))) as found:
        assert (await client_of(session, found.url).info()).installation_id == "1"


async def test_the_frames_listener_is_not_the_management_api(session: ClientSession) -> None:
    async with open_desk(Desk()) as port:
        with pytest.raises(NotAnImageServerError, match="frames' port"):
            await client_of(session, f"http://127.0.0.1:{port}").info()


# Nobody there


@pytest.mark.parametrize("way", WAYS)
async def test_where_nobody_listens_there_is_no_connection(session: ClientSession, way: str) -> None:
    (port,) = free_ports(1)
    with pytest.raises(CannotConnectError) as caught:
        await WAYS[way](client_of(session, f"http://127.0.0.1:{port}"))
    assert TOKEN not in told(caught.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200", b"HTTP/1.1 500 No\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\nx"],
)
async def test_an_answer_that_is_cut_off_is_none(session: ClientSession, way: str, said: bytes) -> None:
    async with impostor(said) as found:
        with pytest.raises(CannotConnectError) as caught:
            await WAYS[way](client_of(session, found.url))
    assert TOKEN not in told(caught.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_proxy_that_finds_no_server_says_that_it_is_away(
    session: ClientSession, way: str, status: int
) -> None:
    async with impostor(answer(status, "<html>Bad gateway", kind="text/html")) as found:
        with pytest.raises(CannotConnectError):
            await WAYS[way](client_of(session, found.url))


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "/",
        "http://",
        "ftp://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://name.invalid",
        "http://a name/",
        "http://me:secret@127.0.0.1:1",
        "http://" + "a" * 300,
    ],
)
async def test_an_address_that_is_none_can_not_be_reached(session: ClientSession, url: str) -> None:
    with pytest.raises(CannotConnectError) as caught:
        await client_of(session, url).info()
    assert TOKEN not in told(caught.value)


async def test_a_certificate_that_nobody_vouches_for_is_no_connection(session: ClientSession) -> None:
    async with open_desk(Desk(), tls=server_tls()) as port:
        with pytest.raises(NotTrustedError):
            await client_of(session, f"https://127.0.0.1:{port}").info()


async def test_plain_http_to_a_port_of_tls_is_no_connection_or_no_server(session: ClientSession) -> None:
    async with open_desk(Desk(), tls=server_tls()) as port:
        with pytest.raises(ImageServerError):
            await client_of(session, f"http://127.0.0.1:{port}").info()


# What is sent


@pytest.mark.parametrize("token", ["a\nb", "a\r\nX-More: 1", "a\0b", "\udcff"])
async def test_a_token_that_can_be_none_is_not_even_sent(session: ClientSession, token: str) -> None:
    async with impostor() as found:
        with pytest.raises(TokenRefusedError):
            await client_of(session, found.url, token=token).info()
    assert found.heads == []


@pytest.mark.parametrize("path", ["", "/", "/behind/a/proxy", "/behind/a/proxy/"])
async def test_an_address_may_have_a_path(session: ClientSession, path: str) -> None:
    async with impostor(answer(200, json.dumps(INFO))) as found:
        await client_of(session, found.url + path).info()
    assert found.heads[0].startswith(f"GET {path.rstrip('/')}/api/v1/info HTTP/1.1\r\n")


async def test_texts_of_people_stand_in_no_address(session: ClientSession) -> None:
    async with impostor(answer(200, "{}")) as found:
        client = client_of(session, found.url)
        for asking in (
            client.generate(prompt="кошка secret", negative="secret"),
            client.add_prompt(prompt="secret"),
            client.preview_prompt(prompt="secret"),
            client.rename_frame("1", "secret"),
            client.search_images(PictureQuery(text="secret")),
        ):
            with pytest.raises(NotAnImageServerError):
                await asking
    assert [head for head in found.heads if "secret" in head] == []


async def test_a_client_does_not_show_its_token(session: ClientSession) -> None:
    client = client_of(session, "http://127.0.0.1")
    assert TOKEN not in repr(client) + repr(EventStream(client)) + repr(vars(client))
