from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import (
    PictureError,
    PromptError,
    StartError,
    StoreError,
    TooManyRequestsError,
    UnavailableError,
)
from imageserver.metrics import RequestKind
from imageserver.models import OperationKind, OperationStatus, PromptText, Protocol
from imageserver.web import wire
from imageserver.web.connections import Limits
from tests.server.web.frame_desk import LOOPBACK, Desk, Start, open_desk
from tests.server.web.raw_client import connected
from tests.simulators.frame import FirmwareError, Frame, RefusedError
from tests.tls import server_tls

if TYPE_CHECKING:
    import ssl

    from imageserver.models import Operation

START, ADD = "/operation/start", "/prompt/add"


async def at_once(_: float) -> None: ...


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(params=["https", "http"])
def tls(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    return server_tls() if request.param == "https" else None


# As a frame goes through it


@pytest.mark.parametrize(
    ("kind", "prompt", "start"),
    [
        ("auto", None, Start(OperationKind.AUTO, LOOPBACK, Protocol.HTTPS, None)),
        ("old", None, Start(OperationKind.OLD, LOOPBACK, Protocol.HTTPS, None)),
        ("ydart", None, Start(OperationKind.DIRECT, LOOPBACK, Protocol.HTTPS, None)),
        ("ydart", "кошка", Start(OperationKind.DIRECT, LOOPBACK, Protocol.HTTPS, PromptText("кошка"))),
    ],
)
async def test_a_frame_gets_what_it_asks_for(desk: Desk, kind: str, prompt: str | None, start: Start) -> None:
    async with open_desk(desk, tls=server_tls()) as port:
        shown = await Frame(LOOPBACK, port, sleep=at_once).show(kind, prompt)
    assert shown.jpeg == desk.image
    assert shown.polls == 1
    assert desk.starts == [start]
    assert desk.delivered_ids == [shown.id]


async def test_a_frame_polls_until_the_picture_is_there(desk: Desk, tls: ssl.SSLContext | None) -> None:
    desk.pending_polls = 2
    async with open_desk(desk, tls=tls) as port:
        shown = await Frame(LOOPBACK, port, tls=tls is not None, sleep=at_once).show()
    assert (shown.polls, shown.jpeg) == (3, desk.image)
    assert desk.starts[0].protocol is (Protocol.HTTPS if tls else Protocol.HTTP)
    assert desk.delivered_ids == [shown.id]


async def test_a_result_can_be_fetched_again(desk: Desk) -> None:
    async with open_desk(desk) as port:
        frame = Frame(LOOPBACK, port, tls=False, sleep=at_once)
        first = await frame.show()
        assert (await frame.poll(first.id)).picture == desk.image + wire.TAIL
    assert desk.delivered_ids == [first.id, first.id]


async def test_frames_are_told_apart_by_their_addresses(desk: Desk) -> None:
    async with open_desk(desk) as port:
        for address in ("127.0.0.21", "127.0.0.22"):
            await Frame(LOOPBACK, port, tls=False, source=address).start()
    assert [start.frame for start in desk.starts] == ["127.0.0.21", "127.0.0.22"]


async def test_nobody_passes_for_another_frame(desk: Desk) -> None:
    forged = {"X_Forwarded_For": "192.168.1.5", "X_Real_IP": "192.168.1.5", "Forwarded": "for=192.168.1.5"}
    async with open_desk(desk) as port, connected(port) as client:
        await client.ask("POST", START, '{"type":"auto"}', **forged)
    assert [start.frame for start in desk.starts] == [LOOPBACK]


async def test_an_operation_that_failed_ends_for_the_frame(desk: Desk) -> None:
    desk.ending = ("ContentRefused", "YandexART refuses this prompt")
    async with open_desk(desk) as port:
        shown = await Frame(LOOPBACK, port, tls=False, sleep=at_once).show("ydart")
    assert shown.error == {"code": "ContentRefused", "message": "YandexART refuses this prompt"}
    assert desk.delivered_ids == []


async def test_an_operation_that_nobody_knows_ends_for_the_frame(desk: Desk) -> None:
    async with open_desk(desk) as port:
        result = await Frame(LOOPBACK, port, tls=False).poll("i1732423423")
    assert result.error == {"code": "NotFound", "message": "No such operation: ask for a new picture"}


@pytest.mark.parametrize("error", [StoreError("/images can't be read"), PictureError("it is broken")])
async def test_a_result_that_can_not_be_read_ends_for_the_frame(desk: Desk, error: Exception) -> None:
    async with open_desk(desk) as port:
        frame = Frame(LOOPBACK, port, tls=False, sleep=at_once)
        operation_id = await frame.start()
        desk.error = error
        assert (await frame.poll(operation_id)).status == "error"
        desk.error = None
        assert (await frame.show()).jpeg == desk.image


async def test_a_picture_that_is_gone_ends_for_the_frame(desk: Desk) -> None:
    desk.image = b""
    async with open_desk(desk) as port:
        shown = await Frame(LOOPBACK, port, tls=False, sleep=at_once).show()
    assert shown.error == {"code": "NotFound", "message": "The picture is gone"}
    assert desk.delivered_ids == []


@pytest.mark.parametrize(
    ("error", "status"), [(UnavailableError("The server stops"), 503), (RuntimeError("a bug"), 500)]
)
async def test_a_frame_asks_again_where_that_may_help(desk: Desk, error: Exception, status: int) -> None:
    async with open_desk(desk) as port:
        frame = Frame(LOOPBACK, port, tls=False, sleep=at_once)
        operation_id = await frame.start()
        desk.error = error
        with pytest.raises(FirmwareError, match=f"{status}: polls every 30 s"):
            await frame.poll(operation_id)
        desk.error = None
        assert (await frame.poll(operation_id)).status == "done"


async def test_a_start_that_can_not_be_met_says_why(desk: Desk) -> None:
    desk.error = StartError("No provider is ready: ydArt is over its daily limit of 200")
    async with open_desk(desk) as port:
        with pytest.raises(RefusedError, match="400 StartError: No provider is ready: ydArt is over"):
            await Frame(LOOPBACK, port, tls=False).start("ydart")


async def test_a_prompt_is_added(desk: Desk) -> None:
    async with open_desk(desk) as port:
        await Frame(LOOPBACK, port, tls=False, source="127.0.0.21").add('кошка "Мурка"')
        async with connected(port) as client:
            answer = await client.ask("POST", ADD, '{"prompt":"a","negative":"b"}')
    assert (answer.status, answer.body) == (201, b'{"status":"done","error":null}')
    assert desk.prompts == [
        (PromptText('кошка "Мурка"'), "127.0.0.21"),
        (PromptText("a", "b"), LOOPBACK),
    ]


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (PromptError("This prompt is there already"), "400 PromptError: This prompt is there already"),
        (TooManyRequestsError("20 prompts a day", retry_after=3600), "429 TooManyRequests: 20 prompts a day"),
    ],
)
async def test_a_prompt_that_is_not_taken_is_answered(desk: Desk, error: Exception, refusal: str) -> None:
    desk.error = error
    async with open_desk(desk) as port:
        with pytest.raises(RefusedError, match=refusal):
            await Frame(LOOPBACK, port, tls=False).add("кошка")


@pytest.mark.parametrize("path", [START, ADD])
async def test_a_prompt_too_long_for_the_frame_buys_nothing(desk: Desk, path: str) -> None:
    async with open_desk(desk) as port:
        frame = Frame(LOOPBACK, port, tls=False)
        with pytest.raises(RefusedError, match="400 PromptError: prompt too long for the frame"):
            await (frame.start("ydart", "ы" * 600) if path == START else frame.add("ы" * 600))
    assert (desk.starts, desk.prompts) == ([], [])


async def test_many_frames_come_at_once(desk: Desk) -> None:
    async with open_desk(desk, tls=server_tls()) as port:
        frames = [Frame(LOOPBACK, port, source=f"127.0.1.{number}", sleep=at_once) for number in range(1, 17)]
        shown = await asyncio.gather(*(frame.show() for frame in frames))
    assert {len(picture.jpeg or b"") for picture in shown} == {len(desk.image)}
    assert len({picture.id for picture in shown}) == 16


class ReadyDesk(Desk):
    """Has the picture before the start is answered."""

    async def start(
        self, kind: OperationKind, *, frame: str, protocol: Protocol, text: PromptText | None
    ) -> Operation:
        operation = await super().start(kind, frame=frame, protocol=protocol, text=text)
        return replace(operation, status=OperationStatus.DONE)


async def test_a_start_is_pending_also_where_the_picture_is_ready() -> None:
    async with open_desk(ReadyDesk()) as port, connected(port) as client:
        assert (await client.ask("POST", START, '{"type":"old"}')).json["status"] == "pending"


# As others may come


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_a_body_is_json_whatever_it_is_called(desk: Desk, content_type: str) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        answer = await client.ask("POST", START, '{"type":"old"}', Content_Type=content_type)
    assert answer.status == 200


@pytest.mark.parametrize(("path", "body"), [(START, '{"type":"old"}'), (ADD, '{"prompt":"a"}')])
async def test_a_frame_is_never_sent_an_interim_answer(desk: Desk, path: str, body: str) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        answer = await client.ask("POST", path, body, Expect="100-continue")
        assert answer.status in {200, 201}
        assert (await client.ask("GET", "/", Expect="100-continue")).status == 200


async def test_answers_are_golden_on_the_wire(desk: Desk) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        started = await client.ask("POST", START, '{"type":"auto"}')
        operation = desk.operations[started.json["id"]]
        status = await client.ask("GET", f"/operation/status/{operation.id}")
        unknown = await client.ask("GET", "/operation/status/nobody")
    assert (started.status, started.body) == (200, wire.started(operation))
    assert (status.status, status.body) == (200, wire.status(operation))
    assert (unknown.status, unknown.json["status"], unknown.json["error"]["code"]) == (
        200,
        "error",
        "NotFound",
    )
    for answer in (started, status, unknown):
        assert answer.headers["Content-Type"] == "application/json"
        assert set(answer.headers) == {"Content-Type", "Content-Length", "Date", "Server"}
        assert answer.headers["Server"] == "ImageServer"


async def test_the_page_is_for_people(desk: Desk) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        assert b"<title>ImageServer" in (await client.ask("GET", "/")).body
        assert (await client.ask("HEAD", "/")).status == 200
        assert (await client.ask("POST", "/", "{}")).error == (405, "MethodNotAllowed")
    assert not desk.counted


async def test_a_head_tells_the_size_and_delivers_nothing(desk: Desk) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        operation_id = (await client.ask("POST", START, '{"type":"old"}')).json["id"]
        result = await client.ask("HEAD", f"/operation/result/{operation_id}")
        assert result.status == 200
        assert int(result.headers["Content-Length"]) > len(desk.image)
        assert (await client.ask("HEAD", f"/operation/status/{operation_id}")).status == 200
    assert desk.delivered_ids == []


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", START, 405, {"POST", "OPTIONS"}),
        ("PUT", "/operation/result/x", 405, {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/operation/status/x", 405, {"GET", "HEAD", "OPTIONS"}),
        ("OPTIONS", START, 204, {"POST", "OPTIONS"}),
        ("OPTIONS", "/prompt/add", 204, {"POST", "OPTIONS"}),
        ("GET", "/operation/start/", 404, None),
        ("GET", "/operation/result/", 404, None),
        ("GET", "/operation/result/a/b", 404, None),
        ("GET", "//operation/start", 404, None),
        ("GET", "/api/v1/status", 404, None),
        ("GET", "/metrics", 404, None),
        ("GET", "/healthz", 404, None),
        ("GET", "/../../etc/passwd", 404, None),
    ],
)
async def test_other_methods_and_paths_are_refused(
    desk: Desk, method: str, path: str, status: int, allow: set[str] | None
) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        answer = await client.ask(method, path)
        assert answer.status == status
        if allow is not None:
            assert set(answer.headers["Allow"].replace(",", " ").split()) == allow
        if status != 204:
            assert answer.error[0] == status
        assert (await client.ask("POST", START, '{"type":"old"}')).status == 200
    assert desk.counted.total() == 1


async def test_ids_are_never_more_than_names(desk: Desk) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        for path in ("..%2F..%2Fetc%2Fpasswd", "%00", "%22%3E%3Cscript%3E", "x" * 4000):
            for what in ("result", "status"):
                answer = await client.ask("GET", f"/operation/{what}/{path}")
                assert (answer.status, answer.json["id"]) == (200, "unknown")


# What is counted


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "success"),
    [
        ("POST", START, '{"type":"auto"}', RequestKind.START_AUTO, True),
        ("POST", START, '{"type":"old"}', RequestKind.START_OLD, True),
        ("POST", START, '{"type":"ydart"}', RequestKind.START_DIRECT, True),
        ("POST", START, "{}", RequestKind.MALFORMED, False),
        ("POST", START, '{"type":"ydart","prompt":null}', RequestKind.MALFORMED, False),
        ("POST", START, " " * 20_000, RequestKind.MALFORMED, False),
        ("POST", ADD, '{"prompt":"a"}', RequestKind.PROMPT_ADD, True),
        ("POST", ADD, "[]", RequestKind.MALFORMED, False),
        ("GET", "/operation/status/nobody", None, RequestKind.STATUS, False),
        ("GET", "/operation/result/nobody", None, RequestKind.RESULT, False),
    ],
)
async def test_each_request_is_counted_once_as_what_it_is(
    desk: Desk, method: str, path: str, body: str | None, kind: RequestKind, *, success: bool
) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        await client.ask(method, path, body)
    assert dict(desk.counted) == {(kind, success): 1}


async def test_a_body_that_does_not_come_counts_as_malformed(desk: Desk) -> None:
    limits = Limits(goodbye_seconds=0.05)
    async with open_desk(desk, body_seconds=0.05, limits=limits) as port, connected(port) as client:
        client.send("POST", START, b'{"type":', Content_Length="15")
        assert (await client.answer()).error == (408, "RequestTimeout")
    assert dict(desk.counted) == {(RequestKind.MALFORMED, False): 1}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", START),
        ("POST", ADD),
        ("GET", "/operation/result/x"),
        ("GET", "/operation/status/x"),
        ("GET", "/"),
    ],
)
async def test_who_may_not_come_in_is_refused_and_not_counted(desk: Desk, method: str, path: str) -> None:
    body = '{"type":"ydart","prompt":"a"}' if method == "POST" else None
    async with open_desk(desk, networks=()) as port, connected(port) as client:
        assert (await client.ask(method, path, body)).error == (403, "Forbidden")
    async with open_desk(desk) as port, connected(port) as client:
        answer = await client.ask(method, path, body, Origin="http://evil.example")
        assert answer.error == (403, "Forbidden")
    assert (desk.starts, desk.prompts, dict(desk.counted)) == ([], [], {})


async def test_what_is_not_http_is_not_counted(desk: Desk) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        client.writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert (await client.answer()).status == 400
    assert not desk.counted


async def test_refused_starts_and_failed_operations_are_counted_as_errors(desk: Desk) -> None:
    async with open_desk(desk) as port, connected(port) as client:
        operation_id = (await client.ask("POST", START, '{"type":"ydart"}')).json["id"]
        await client.ask("GET", f"/operation/status/{operation_id}")
        desk.error = StartError("no")
        await client.ask("POST", START, '{"type":"ydart"}')
        await client.ask("GET", f"/operation/result/{operation_id}")
        desk.error, desk.ending = None, ("ProviderError", "no picture")
        await client.ask("GET", f"/operation/result/{operation_id}")
        await client.ask("GET", f"/operation/status/{operation_id}")
    assert dict(desk.counted) == {
        (RequestKind.START_DIRECT, True): 1,
        (RequestKind.START_DIRECT, False): 1,
        (RequestKind.STATUS, True): 1,
        (RequestKind.STATUS, False): 1,
        (RequestKind.RESULT, False): 2,
    }
