"""Whether an answer to a frame is of the frozen wire's shape, to the last byte."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING

from imageserver.web.wire import MESSAGE_BYTES
from tests.simulators.frame_json import ResultReader, document
from tests.simulators.frame_panel import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.api_cases.asking import Answer
    from tests.faults.api_cases.made_cases import Made

_ID = rb'"id":"[0-9A-Za-z-]{1,40}"'
_TEXT = rb'(?P<message>[^"\\\x00-\x1f]+)'
_FINE = rb'"status":"(?:pending|done)","error":null'
_FAILED = rb'"status":"error","error":\{"code":"[A-Za-z]+","message":"' + _TEXT + rb'"\}'
_STATE = rb"\{" + _ID + rb",(?:" + _FINE + rb"|" + _FAILED + rb")"

SHAPES = {
    "start": rb"\{" + _ID + rb',"status":"pending","error":null\}',
    "status": _STATE + rb"\}",
    "result": _STATE + rb',"response":\{"image":"(?P<image>[A-Za-z0-9+/]*=*)"\}\}',
    "added": rb'\{"status":"done","error":null\}',
    "refused": rb'\{"error":\{"code":"[A-Za-z]+","message":"' + _TEXT + rb'","dev_message":"[A-Za-z ]+"\}\}',
}

_ANSWERS = {
    ("POST", "/operation/start"): (200, "start"),
    ("GET", "/operation/status/{id}"): (200, "status"),
    ("GET", "/operation/result/{id}"): (200, "result"),
    ("POST", "/prompt/add"): (201, "added"),
}
_REFUSALS = {400, 403, 404, 405, 408, 413}


def faults(request: Made, answer: Answer) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    where = f"{request.method} {request.target[:200]!r} {(request.body or b'')[:200]!r} -> {answer.status}"
    if request.method in {"HEAD", "OPTIONS"}:
        if answer.body or answer.status not in {200, 204, 400, 404, 405}:
            yield f"{where}: {answer.body[:200]!r}"
        return
    if answer.content_type != "application/json":
        yield f"{where} is {answer.content_type}"
    if "close" in answer.headers.get("connection", "").lower() and answer.status != 413:
        yield f"{where} ends the connection"
    good, shape = _ANSWERS.get((request.method, request.path), (0, "refused"))
    if answer.status != good:
        shape = "refused"
        if answer.status not in _REFUSALS:
            yield f"{where} is no status for a frame"
    yield from _shape_faults(where, shape, answer.body)
    if request.method == "GET" and answer.status != good and answer.status != 404:  # noqa: PLR1714 - two reasons
        yield f"{where}: a poll that fails is repeated for ever"


def _shape_faults(where: str, shape: str, body: bytes) -> Iterator[str]:
    match = re.fullmatch(SHAPES[shape], body)
    if match is None:
        yield f"{where} is not of the shape {shape}: {body[:300]!r}"
        return
    groups = match.groupdict()
    if len(groups.get("message") or b"") > MESSAGE_BYTES:
        yield f"{where} has a message that is too long: {body[:300]!r}"
    if shape == "result":
        result = is_read_as_picture(body)
        if result != (groups["image"] != b""):
            yield f"{where} is read otherwise by a frame: {body[:300]!r}"
        if groups["image"]:
            decode(b64decode(groups["image"]))
    elif shape != "status":  # which frames never ask for
        document(body)


def is_read_as_picture(body: bytes) -> bool:
    """Read a result as a frame does; whether it has a picture."""
    pieces = [body]

    async def more() -> bytes:
        return pieces.pop() if pieces else b""

    reading = ResultReader(more).read()
    try:
        reading.send(None)
    except StopIteration as end:
        return end.value.picture is not None
    finally:
        reading.close()
    raise AssertionError("it waits for nothing")
