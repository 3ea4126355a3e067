"""What every path of the management API does alike."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import ForbiddenError, ImageServerError
from imageserver.imaging import imaging
from imageserver.web.request_body import BodyLimits
from tests import pictures
from tests.adapters import Script, scripted
from tests.api_client import open_api, routes_of
from tests.openapi_document import document
from tests.server.web.raw_client import connected

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api_client import Api
    from tests.manual_clock import ManualClock

QUICK = BodyLimits(json_seconds=0.05, pause_seconds=0.05)


def errors_of_all_kinds(base: type[ImageServerError] = ImageServerError) -> list[type[ImageServerError]]:
    return [base, *(error for child in base.__subclasses__() for error in errors_of_all_kinds(child))]


def port(api: Api) -> int:
    assert api.browser.port is not None
    return api.browser.port


def bearer(api: Api) -> str:
    return f"Bearer {api.server.installation.token}"


@pytest.mark.parametrize(
    "path", ["./nowhere", "/nowhere", "/images/1/2/3", "./api/v2/info", "./operation/start", "./index.html"]
)
async def test_an_unknown_path_is_not_found(api: Api, path: str) -> None:
    assert (await api.get(path)).error == (404, "NotFound")
    assert (await api.post(path, {})).error == (404, "NotFound")


async def test_another_method_is_told_which_there_are(api: Api) -> None:
    answer = await api.delete("/prompts")
    assert answer.error == (405, "MethodNotAllowed")
    options = await api.ask("OPTIONS", "/prompts")
    assert (options.status, options.body) == (204, b"")
    for headers in (answer.headers, options.headers):
        allowed = {method.strip() for method in headers["Allow"].split(",")}
        assert allowed == {"GET", "POST", "HEAD", "OPTIONS"}
    assert "Access-Control-Allow-Origin" not in options.headers


async def test_the_head_of_everything_that_can_be_read_can_be_asked_for(api: Api) -> None:
    application = api.browser.app
    assert application is not None
    for method, path in routes_of(application):
        if method == "GET" and "{" not in path and not path.endswith("/events"):
            answer = await api.ask("HEAD", f".{path}")
            assert (answer.status, answer.body) == (200, b""), path
    assert (await api.ask("HEAD", "/events")).status == 405


async def test_no_answer_is_taken_for_what_it_is_not_or_kept(api: Api) -> None:
    for path in ("/info", "/nowhere", "./metrics", "./healthz"):
        answer = await api.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "ImageServer"


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b'{"paused":true}', "text/plain", (415, "UnsupportedType")),
        (b"paused=true", "application/x-www-form-urlencoded", (415, "UnsupportedType")),
        (b"{", "application/json", (400, "BadRequest")),
        (b"[]", "application/json", (400, "BadRequest")),
        (b'{"paused":true,"paused":false}', "application/json", (400, "BadRequest")),
        (b'{"paused":"\xff"}', "application/json", (400, "BadRequest")),
        (b"", "application/json", (400, "BadRequest")),
        (b'{"paused":true,"x":"' + b"a" * 16384 + b'"}', "application/json", (413, "TooLarge")),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    api: Api, body: bytes, kind: str, error: tuple[int, str]
) -> None:
    answer = await api.ask("PATCH", "/settings", data=body, headers={"Content-Type": kind})
    assert answer.error == error
    assert (await api.patch("/settings", {"paused": True})).status == 200


@pytest.mark.parametrize(
    ("path", "kind", "length"),
    [
        ("/api/v1/settings", "application/json", 16 * 1024 + 1),
        ("/api/v1/images", "image/jpeg", imaging.MAX_BYTES + 1),
    ],
)
async def test_a_body_that_says_that_it_is_too_large_is_refused_before_it_is_read(
    api: Api, path: str, kind: str, length: int
) -> None:
    method = "PATCH" if path.endswith("settings") else "POST"
    async with connected(port(api)) as client:
        client.send(method, path, Content_Length=str(length), Content_Type=kind, Authorization=bearer(api))
        answer = await client.answer()
    assert answer.error == (413, "TooLarge")


@pytest.mark.parametrize(
    ("path", "kind", "pieces"),
    [("/api/v1/operations", "application/json", 17), ("/api/v1/images", "image/jpeg", 20 * 1024 + 1)],
)
async def test_a_body_that_does_not_say_its_length_is_cut_off(
    api: Api, path: str, kind: str, pieces: int
) -> None:
    async with connected(port(api)) as client:
        client.send("POST", path, Transfer_Encoding="chunked", Content_Type=kind, Authorization=bearer(api))
        for _ in range(pieces):
            client.writer.write(b"400\r\n" + b"\xff" * 1024 + b"\r\n")
        answer = await client.answer()
    assert answer.error == (413, "TooLarge")


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/operations", "application/json"), ("/api/v1/images", "image/jpeg")]
)
async def test_a_body_that_does_not_come_is_not_waited_for(
    tmp_path: Path, clock: ManualClock, path: str, kind: str
) -> None:
    async with open_api(tmp_path, scripted(Script()), clock=clock, bodies=QUICK) as api:
        async with connected(port(api)) as client:
            client.send("POST", path, Content_Length="100", Content_Type=kind, Authorization=bearer(api))
            client.writer.write(b"{")
            answer = await client.answer()
        assert answer.error == (408, "RequestTimeout")
        assert (await api.post("/operations", {"wait": 30})).status == 200


async def test_a_picture_may_come_slowly_as_long_as_it_comes(tmp_path: Path, clock: ManualClock) -> None:
    patient = BodyLimits(json_seconds=0.05, pause_seconds=5)
    async with open_api(tmp_path, scripted(Script()), clock=clock, bodies=patient) as api:
        async with connected(port(api)) as client:
            image = b"no picture"
            client.send(
                "POST",
                "/api/v1/images",
                Content_Length=str(len(image)),
                Content_Type="image/jpeg",
                Authorization=bearer(api),
            )
            for byte in image:
                client.writer.write(bytes([byte]))
                await client.writer.drain()
            answer = await client.answer()
        assert answer.error == (422, "PictureError")


@pytest.mark.parametrize(
    ("path", "kind", "body", "status"),
    [
        ("/api/v1/images", "image/jpeg", pictures.jpeg(), 201),
        ("/api/v1/prompts", "application/json", b'{"prompt":"a"}', 201),
        ("/api/v1/prompts", "application/json", b'{"prompt":5}', 400),
    ],
)
async def test_who_waits_for_leave_to_send_a_body_gets_it(
    api: Api, path: str, kind: str, body: bytes, status: int
) -> None:
    headers = {"Content_Type": kind, "Authorization": bearer(api), "Expect": "100-continue"}
    async with connected(port(api)) as client:
        client.send("POST", path, Content_Length=str(len(body)), **headers)
        leave = await client.answer(head_only=True)
        assert (leave.status, leave.headers) == (100, {})
        client.writer.write(body)
        assert (await client.answer()).status == status
        assert (await client.ask("GET", "/healthz", Expect="100-continue")).status == 200


@pytest.mark.parametrize(
    ("path", "headers", "error"),
    [
        ("/api/v1/images", {"Authorization": "Bearer wrong"}, (401, "Unauthorized")),
        ("/api/v1/images", {"Content_Length": str(imaging.MAX_BYTES + 1)}, (413, "TooLarge")),
        ("/api/v1/images", {"Content_Type": "text/plain"}, (415, "UnsupportedType")),
        ("/api/v1/prompts", {"Content_Length": str(16 * 1024 + 1)}, (413, "TooLarge")),
        ("/api/v1/nowhere", {}, (404, "NotFound")),
    ],
)
async def test_nobody_gets_leave_to_send_what_is_refused_anyway(
    api: Api, path: str, headers: dict[str, str], error: tuple[int, str]
) -> None:
    usual = {"Content_Length": "100", "Content_Type": "image/jpeg", "Authorization": bearer(api)}
    async with connected(port(api)) as client:
        client.send("POST", path, **(usual | headers), Expect="100-continue")
        assert (await client.answer()).error == error


async def test_a_fault_of_the_server_is_told_without_details_and_logged_with_all(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    del api.server.frames._frames
    answer = await api.get("/frames")
    assert answer.error == (500, ImageServerError.code)
    assert "_frames" not in answer.message
    assert "_frames" in caplog.text


async def test_a_client_that_leaves_is_no_error(
    api: Api, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.held.clear()
    async with connected(port(api)) as client:
        body = json.dumps({"wait": 30})
        client.send(
            "POST",
            "/api/v1/operations",
            body,
            Content_Type="application/json",
            Authorization=bearer(api),
        )
        while not script.asked:
            await api.get("/info")
    script.held.set()
    await api.house.rest()
    assert (await api.get("/info")).status == 200
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_every_path_refuses_as_it_is_described(api: Api) -> None:
    for method, path in document().routes():
        url = re.sub(r"\{\w+\}", "1", path)
        token = {"Authorization": bearer(api)}
        text = {"Content-Type": "text/plain"}
        refused = [("TRACE", token, {405})]
        refused += [(method, {}, {401})] if path not in {"/", "/healthz", "/page/{path}"} else []
        refused += [(method, token | text, {404, 415})] if method in {"PUT", "PATCH"} else []
        for asked, headers, statuses in refused:
            data = b"no JSON" if asked in {"PUT", "PATCH"} else None
            async with api.browser.request(asked, url, headers=headers, data=data) as response:
                assert response.status in statuses, f"{asked} {url}"
                document().check_refusal(response.status, await response.read())


@pytest.mark.parametrize(
    "status", sorted({error.status for error in errors_of_all_kinds()} - {ForbiddenError.status})
)
async def test_every_status_of_an_error_is_explained(status: int) -> None:
    document().check_refusal(status, b'{"error":{"code":"Some","message":"some"}}')


async def test_the_api_is_described_as_it_is(api: Api) -> None:
    answer = await api.get("/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
    application = api.browser.app
    assert application is not None
    assert set(routes_of(application)) == document().routes()
