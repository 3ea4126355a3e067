"""A few hundred made requests, the same ones each time; the program tries 12,000."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.faults.api_cases import api_judge, frame_judge, rubbish
from tests.faults.api_cases.asking import Answer
from tests.faults.api_cases.campaign import run
from tests.faults.api_cases.made_cases import NOTHING, Made
from tests.faults.api_cases.rubbish import Said

if TYPE_CHECKING:
    from pathlib import Path

JSON = {"content-type": "application/json"}
START = Made(
    "POST",
    "/operation/start",
    "/operation/start",
    {},
    b'{"type":"auto"}',
    {"type": "auto"},
    0,
    as_described=True,
)
RESULT = replace(START, method="GET", path="/operation/result/{id}", target="/operation/result/1", body=None)
INFO = Made("GET", "/api/v1/info", "/api/v1/info", {}, None, NOTHING, 0, as_described=True)


@pytest.mark.timeout(120)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
async def test_whatever_is_asked_is_answered_as_described(tmp_path: Path) -> None:
    found = await run(tmp_path, management=100, frames=60, rubbish=20, start=1, slow=10)
    assert found.wrong == []
    assert found.cases == {"api": 100, "frames": 60, "rubbish": 20}
    assert {"api 200", "api 400", "api 404", "frames 200", "frames 400"} <= found.statuses.keys()


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (START, 200, b'{"id":"a","status":"done","error":null}'),
        (START, 200, b'{"status":"pending","id":"a","error":null}'),
        (START, 500, b'{"error":{"code":"InternalError","message":"a","dev_message":"b"}}'),
        (START, 400, b'{"error":{"code":"BadRequest","message":"","dev_message":"Bad Request"}}'),
        (START, 400, b'{"error":{"code":"BadRequest","message":"' + b"a" * 61 + b'","dev_message":"b"}}'),
        (RESULT, 200, b'{"id":"a","status":"done","error":null}'),
        (RESULT, 400, b'{"error":{"code":"BadRequest","message":"a","dev_message":"b"}}'),
    ],
)
def test_an_answer_that_frames_do_not_know_is_a_fault(request_: Made, status: int, body: bytes) -> None:
    assert list(frame_judge.faults(request_, Answer(status, JSON, body, 0.1)))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"version":"1"}'),
        (201, b"{}"),
        (500, b'{"error":{"code":"InternalError","message":"a"}}'),
        (503, b'{"error":{"code":"StoreError","message":"a"}}'),
        (400, b'{"error":{"code":"BadRequest","message":"a"}}'),
        (418, b'{"error":{"code":"BadRequest","message":"a"}}'),
        (404, b"<html>"),
    ],
)
def test_an_answer_that_is_not_described_is_a_fault(status: int, body: bytes) -> None:
    assert list(api_judge.faults(INFO, Answer(status, JSON, body, 0.1)))


@pytest.mark.parametrize(
    ("data", "ended"),
    [
        (b"", False),
        (b"Bad Request", True),
        (b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", True),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno", True),
    ],
)
def test_an_answer_to_rubbish_in_another_form_is_a_fault(data: bytes, *, ended: bool) -> None:
    assert list(rubbish.faults(b"GET", Said(data, ended=ended)))
