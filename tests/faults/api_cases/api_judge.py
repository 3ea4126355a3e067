"""Whether an answer of the management API is one that its description promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.faults.api_cases.made_cases import NOTHING
from tests.openapi_document import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.api_cases.asking import Answer
    from tests.faults.api_cases.made_cases import Made

_JSON = "application/json"


def faults(request: Made, answer: Answer) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    body = (request.body or b"")[:300]
    where = f"{request.method} {request.target[:200]} {request.headers} {body!r} -> {answer.status}"
    if answer.status >= 500 and not (answer.status == 503 and request.path == "/healthz"):
        yield f"{where}: {answer.body[:300]!r}"
        return
    try:
        document().check_answer(
            request.method,
            request.target,
            status=answer.status,
            content_type=answer.content_type,
            body=answer.body,
        )
        if answer.status >= 400 and request.method != "HEAD":
            document().check_refusal(answer.status, answer.body)
    except (AssertionError, ValueError) as error:
        yield f"{where}: {error}"
        return
    yield from _acceptance_faults(where, request, answer)


def _acceptance_faults(where: str, request: Made, answer: Answer) -> Iterator[str]:
    """Compare what is taken with what the description lets a client send."""
    is_json = request.headers.get("Content-Type") == _JSON and request.value is not NOTHING
    described = (request.method, request.path) in document().routes()
    taken = described and is_json and answer.status < 400
    if taken and not document().accepts(request.method, request.path, request.value):
        yield f"{where}: taken, although it is not described"
    if described and request.as_described and _code(answer) == "BadRequest" and not _is_known(request):
        yield f"{where}: refused, although it is described: {answer.body[:300].decode()}"


def _is_known(request: Made) -> bool:
    """Whether parameters do not fit each other, which only words can describe."""
    return request.path == "/api/v1/images" and "frame=" in request.target


def _code(answer: Answer) -> str | None:
    if answer.status != 400:
        return None
    return str(json.loads(answer.body)["error"]["code"])
