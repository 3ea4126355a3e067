"""The simulated frame is as hard to please as the firmware: each case was measured with the real client."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests import pictures
from tests.simulators import frame as program
from tests.simulators.frame import FirmwareError, Frame, RefusedError
from tests.simulators.frame_http import Generation
from tests.simulators.frame_json import document
from tests.simulators.frame_line import MAX_RECORD
from tests.simulators.frame_panel import decode, on_panel
from tests.tls import server_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

ZEROS = bytes(512)
STARTED = b'{"id":"a1","status":"pending","error":null}'


def picture(jpeg: bytes, tail: bytes = ZEROS) -> str:
    return base64.b64encode(jpeg + tail).decode()


GOOD = picture(pictures.jpeg())


def done(image: str = GOOD, *, error: str = "null") -> bytes:
    return f'{{"id":"a1","status":"done","error":{error},"response":{{"image":"{image}"}}}}'.encode()


def plain(body: bytes, status: str = "200 OK", head: str = "Content-Length: {}\r\n") -> bytes:
    return f"HTTP/1.1 {status}\r\n{head.format(len(body))}\r\n".encode() + body


def chunked(body: bytes, size: int = 505, form: str = "{:x}") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(form.format(len(piece)).encode() + b"\r\n" + piece + b"\r\n" for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


class Script:
    """A server that gives the same bytes to whatever is asked, and notes it."""

    def __init__(self, answer: bytes, *, ends: bool) -> None:
        self.answer = answer
        self.ends = ends
        self.listens = True
        self.piece = MAX_RECORD
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.listens:
                self.requests.append(await self._request(reader))
            for at in range(0, len(self.answer), self.piece):
                writer.write(self.answer[at : at + self.piece])
            if not self.ends:
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
        return head + await reader.readexactly(int(length or 0))


@asynccontextmanager
async def scripted(
    answer: bytes, *, ends: bool = False, tls: ssl.SSLContext | None = None, patience: float = 2.0
) -> AsyncIterator[tuple[Frame, Script]]:
    async def at_once(_: float) -> None: ...

    script = Script(answer, ends=ends)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield Frame("127.0.0.1", port, tls=tls is not None, sleep=at_once, patience=patience), script


async def polled(answer: bytes, *, ends: bool = False, patience: float = 2.0) -> str:
    """What the firmware makes of a result: its status, or what goes wrong."""
    async with scripted(answer, ends=ends, patience=patience) as (frame, _):
        try:
            result = await frame.poll("a1")
            if result.picture is not None:
                decode(result.picture)
        except FirmwareError as error:
            return str(error)
        return result.status


# What it asks


async def test_it_asks_as_the_firmware_does() -> None:
    async with scripted(plain(STARTED)) as (frame, script):
        assert await frame.start("ydart", 'кошка "Мурка"') == "a1"
        await frame.start("auto")
    body = '{"type": "ydart", "prompt": "кошка \\"Мурка\\""}'.encode()
    assert script.requests[0] == (
        b"POST /operation/start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Accept: */*\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    assert script.requests[1].endswith(b'\r\n\r\n{"type": "auto"}')


async def test_it_sends_a_long_prompt_as_null() -> None:
    async with scripted(plain(STARTED)) as (frame, script):
        await frame.start("ydart", "ы" * 495)
        await frame.start("ydart", "ы" * 496)
        await frame.add("ы" * 496)
    assert [json.loads(request.partition(b"\r\n\r\n")[2])["prompt"] for request in script.requests] == [
        "ы" * 495,
        None,
        None,
    ]


async def test_it_waits_thirty_seconds_before_each_poll() -> None:
    waits: list[float] = []
    async with scripted(plain(STARTED)) as (frame, _):

        async def wait(seconds: float) -> None:
            waits.append(seconds)

        frame._sleep = wait
        with pytest.raises(FirmwareError, match="still pending after 3 polls"):
            await frame.show(polls=3)
    assert waits == [30, 30, 30]


# The head of an answer


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("Content-Length: {}\r\n", "pending"),
        ("content-length: {}\r\n", "1.0.19: Response not exists"),
        ("CONTENT-LENGTH: {}\r\n", "1.0.19: Response not exists"),
        ("Content-length: {}\r\n", "Response not exists"),
        ("Content-Length:{}\r\n", "1.0.19: Response not exists"),
        ("Content-Length:  {}\r\n", "1.0.19: Response not exists"),
        ("Content-Length: 0\r\n", "Response not exists"),
        ("", "Response not exists"),
        ("X-Filler: " + "x" * 9000 + "\r\nContent-Length: {}\r\n", "pending"),
        ("Content-Length: " + "0" * 140 + "{}\r\n", "1.0.19: Response not exists"),
        ("Connection: close\r\nContent-Length: {}\r\n", "pending"),
    ],
    ids=lambda value: value[:40],
)
async def test_headers_are_spelled_as_both_generations_need_them(head: str, problem: str) -> None:
    assert problem in await polled(plain(STARTED, head=head))


async def test_a_new_library_alone_is_less_strict() -> None:
    async with scripted(plain(STARTED, head="content-length:  {}\r\n")) as (frame, _):
        frame._generations = (Generation.NEW,)
        assert (await frame.poll("a1")).status == "pending"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (plain(STARTED, "100 Continue"), "takes 100 for the answer"),
        (plain(STARTED, "404 Not Found"), "404: polls every 30 s for ever"),
        (plain(STARTED, "422 Unprocessable Entity"), "422: polls every 30 s for ever"),
        (plain(STARTED).replace(b"\r\n", b"\n"), "a line without carriage return"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "no answer"),
        (plain(STARTED)[:60], "the connection ended too early"),
        (chunked(STARTED), "pending"),
        (chunked(STARTED, form="{:08X}"), "pending"),
        (chunked(STARTED, form="{:09x}"), "a chunk's size of 10 characters"),
        (chunked(STARTED, form="{:x};a=b"), "pending"),
        (chunked(STARTED).replace(b"2b\r\n", b"29\r\n"), "a chunk longer than it said"),
        (chunked(done(), 1), "done"),
        (chunked(done()), "done"),
        (chunked(done(), 16384), "done"),
        (plain(done()), "done"),
    ],
    ids=lambda value: str(value[:50]),
)
async def test_answers_are_framed_as_the_firmware_needs_them(answer: bytes, problem: str) -> None:
    assert problem in await polled(answer, ends=len(answer) == 60)


async def test_an_end_together_with_a_short_answer_loses_it() -> None:
    async with scripted(plain(STARTED), ends=True) as (frame, _):
        with pytest.raises(FirmwareError, match="ended with the answer"):
            await frame.start()


async def test_silence_is_not_waited_for() -> None:
    assert "no byte for 0.05 s" in await polled(b"", patience=0.05)
    assert "no byte for 0.05 s" in await polled(chunked(done())[:9000], patience=0.05)


async def test_nobody_there_is_said() -> None:
    async with scripted(b"") as (frame, _):
        pass
    with pytest.raises(FirmwareError, match="not connected"):
        await frame.start()


# Small answers


@pytest.mark.parametrize(
    ("room", "rest"),
    [
        (149, {}),
        (127, {"error": None}),
        (127, {"error": {}}),
        (80, {"error": {"code": "", "message": ""}}),
    ],
)
def test_an_answer_has_to_fit_its_document(room: int, rest: dict[str, object]) -> None:
    def answer(length: int) -> bytes:
        return json.dumps({"id": "i" * length, "status": "pending", "unwanted": "x" * 3000, **rest}).encode()

    assert len(document(answer(room))["id"]) == room
    with pytest.raises(FirmwareError, match="NoMemory"):
        document(answer(room + 1))


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b'{"status":"pending"}', "operation ID unknown"),
        (b'{"id":"a1"}', "no status"),
        (b'{"id":"a1","status":"error"}', "no status"),
        (b"[]", "no JSON object"),
        (b"<html>", "no JSON"),
    ],
)
async def test_a_start_needs_an_id_and_a_status(answer: bytes, problem: str) -> None:
    async with scripted(plain(answer)) as (frame, _):
        with pytest.raises(FirmwareError, match=problem):
            await frame.start()


async def test_a_refusal_is_understood() -> None:
    body = b'{"error":{"code":"StartError","message":"no provider","dev_message":"Bad Request"}}'
    async with scripted(plain(body, "400 Bad Request")) as (frame, _):
        with pytest.raises(RefusedError, match="400 StartError: no provider"):
            await frame.start("ydart")


async def test_a_number_may_be_an_id() -> None:
    async with scripted(plain(b'{"status":"pending","id":17}', "201 Created")) as (frame, _):
        assert await frame.start() == "17"


# Results


@pytest.mark.parametrize(
    "body",
    [
        done(),
        done().replace(b'","', b'",\r\n\t "').replace(b'":', b'" : '),
        done(error='{"code":"E","message":"m"}'),
        done(error="{}"),
        done(error="[]"),
        done(error='""'),
        done(error="false"),
        done().replace(b'"error":null,', b""),
        done().replace(b'{"id"', b'{"n":5,"b":true,"s":"text","id"'),
        done().replace(b'{"image"', b'{"size":"320x480","image"'),
        done().rstrip(b'"}=') + b'"}}',
    ],
    ids=range(11),
)  # fmt: skip
async def test_results_may_vary_where_the_firmware_does_not_mind(body: bytes) -> None:
    assert await polled(chunked(body)) == "done"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"id":"a1","response":{"image":"x"},"status":"done"}', "response before status"),
        (done(error='{"code":"","message":""}'), "Key not found"),
        (done(error='{"code":"a \\"b\\""}'), "an escape"),
        (done(""), "empty picture: crash"),
        (done("data:image/jpeg;base64," + GOOD), "no plain base64: crash"),
        (done(GOOD.replace("/", "\\/")), "no plain base64: crash"),
        (done(GOOD.replace("/", "_")), "no plain base64: crash"),
        (done("\n" + GOOD), "broken base64: jpg error"),
        (done(picture(b"<html>")), "no JPEG: the search for its beginning crashes"),
        (b'{"id":"a1","status":"done","response":null}', "done without a picture"),
        (b'{"id":"a1","status":"done"}', "done without a picture"),
        (b'{"id":"a1"}', "no status: polls for ever"),
        (b"[]", "no JSON object"),
        (b"{}", "no status: polls for ever"),
        (b"{id:1}", "'i' where a key should be"),
        (b'{"id"}', "a key without a value"),
        (b'{"status":5}', "no string where one should be"),
    ],
)
async def test_what_the_firmware_can_not_read_fails(body: bytes, problem: str) -> None:
    assert problem in await polled(chunked(body))


@pytest.mark.parametrize("status", ["pending", "Done", "processing", ""])
async def test_any_other_status_is_polled_again(status: str) -> None:
    assert await polled(plain(b'{"id":"a1","status":"%b"' % status.encode())) == status


async def test_an_error_ends_an_operation() -> None:
    body = b'{"id":"a1","status":"error","error":{"code":"E","message":"m"},"response":{"image":""}}'
    async with scripted(plain(body)) as (frame, _):
        result = await frame.poll("a1")
    assert result.error == {"code": "E", "message": "m"}
    assert (result.status, result.picture) == ("error", None)


async def test_a_cut_result_is_no_picture() -> None:
    answer = chunked(done())
    assert "ended too early" in await polled(answer[: len(answer) // 2], ends=True)


# Pictures


@pytest.mark.parametrize(
    "jpeg",
    [
        pictures.jpeg(),
        pictures.jpeg(sampling="4:2:0"),
        pictures.jpeg(sampling="4:2:2"),
        pictures.jpeg(restart_rows=1),
        pictures.gray_jpeg(),
    ],
    ids=["4:4:4", "4:2:0", "4:2:2", "restart markers", "gray"],
)
def test_baseline_pictures_are_shown(jpeg: bytes) -> None:
    kept, image = decode(jpeg + ZEROS)
    assert kept == jpeg
    assert image.size == (320, 480)


@pytest.mark.parametrize(
    ("jpeg", "problem"),
    [
        (pictures.jpeg(progressive=True), "not baseline"),
        (pictures.with_arithmetic_marker(pictures.jpeg()), "not baseline"),
        (pictures.cmyk_jpeg(), "not 8 bit with one or three components"),
        (pictures.rgb_jpeg(), "not YCbCr"),
        (pictures.separate_scans_jpeg(), "not interleaved"),
        (pictures.with_wide_tables(pictures.jpeg()), "a 16 bit table"),
        (pictures.with_fill_bytes(pictures.jpeg()), "a fill byte"),
        (pictures.with_long_segment(pictures.jpeg()), "a table that does not fit"),
        (pictures.jpeg().replace(b"\x01\x11\x00\x02", b"\x01\x41\x00\x02", 1), "a sampling other than"),
        (pictures.without_end_marker(pictures.jpeg()), "no end"),
        (pictures.cut(pictures.jpeg()), "no end"),
        (pictures.jpeg(319, 480), r"a picture of \(319, 480\)"),
        (pictures.jpeg(480, 320), r"a picture of \(480, 320\)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pictures_that_the_decoder_can_not_read_fail(jpeg: bytes, problem: str) -> None:
    with pytest.raises(FirmwareError, match=problem):
        decode(jpeg + ZEROS)


def test_a_picture_cut_in_its_head_fails() -> None:
    with pytest.raises(FirmwareError, match="cut off"):
        decode(pictures.jpeg()[:200])


@pytest.mark.parametrize("tail", [b"", bytes(511), b"\x01" + bytes(511)], ids=["none", "short", "not zero"])
def test_zero_bytes_have_to_follow_a_picture(tail: bytes) -> None:
    with pytest.raises(FirmwareError, match="reads past its buffer"):
        decode(pictures.jpeg() + tail)


def test_a_screen_of_another_size_is_served_too() -> None:
    assert decode(pictures.jpeg(240, 320) + ZEROS, (240, 320))[1].size == (240, 320)


def test_the_panel_cuts_colours_to_five_six_and_five_bits() -> None:
    image = Image.new("RGB", (4, 1))
    for at, value in enumerate((0, 7, 200, 255)):
        image.putpixel((at, 0), (value, value, value))
    shown = [on_panel(image).getpixel((at, 0)) for at in range(4)]
    assert shown == [(0, 0, 0), (0, 4, 0), (205, 202, 205), (255, 255, 255)]


# TLS


async def test_it_speaks_tls_and_counts_records() -> None:
    async with scripted(plain(STARTED), tls=server_tls()) as (frame, _):
        assert await frame.start() == "a1"
    assert frame.records == [len(plain(STARTED))]
    assert frame.largest_record == len(plain(STARTED))


@pytest.mark.parametrize(("size", "fits"), [(MAX_RECORD, True), (MAX_RECORD + 1, False)])
async def test_a_record_has_to_fit_the_buffer(size: int, *, fits: bool) -> None:
    head = "X-Filler: {}\r\nContent-Length: {{}}\r\n"
    filler = size - len(plain(STARTED, head=head.format("")))
    async with scripted(plain(STARTED, head=head.format("x" * filler)), tls=server_tls()) as (frame, script):
        script.piece = size
        if fits:
            assert await frame.start() == "a1"
        else:
            with pytest.raises(FirmwareError, match="761 bytes: BR_ERR_TOO_LARGE"):
                await frame.start()


async def test_a_server_without_tls_is_no_server() -> None:
    async with scripted(plain(STARTED), ends=True) as (frame, script):
        script.listens = False
        frame._tls = True
        with pytest.raises(FirmwareError, match="no TLS: WRONG_VERSION_NUMBER"):
            await frame.start()


# The program


async def test_as_a_program_it_prints_and_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "panel.png"
    async with scripted(plain(done())) as (frame, _):
        address = ("127.0.0.1", str(frame._port))
        assert await program.main([*address, "next", "--plain", "--wait", "0", "--save", str(saved)]) == 0
        assert await program.main([*address, "add", "кошка", "--plain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Operation a1: 320x480, ")
    assert lines[-1] == "The prompt was added"
    with Image.open(saved) as image:
        assert (image.format, image.size) == ("PNG", (320, 480))


async def test_as_a_program_it_says_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    body = b'{"error":{"code":"StartError","message":"no provider","dev_message":"Bad Request"}}'
    async with scripted(plain(body, "400 Bad Request")) as (frame, _):
        assert await program.main(["127.0.0.1", str(frame._port), "generate", "--plain"]) == 1
    assert capsys.readouterr().err == "RefusedError: 400 StartError: no provider\n"
