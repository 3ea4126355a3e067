"""`/operations`: what is under way, what was, and a new picture because a person wants it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from ...exceptions import NotFoundError
from ...models import OperationKind, OperationStatus, PromptText
from .. import representations
from ..request_body import read_json, read_query
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web

    from ...models import Json, Operation
    from ...server import Server
    from ..fields import Fields

LONGEST_WAIT = 120.0
LISTED, MOST_LISTED = 50, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    text: PromptText | None
    provider: str | None
    show: bool
    frame: str | None
    wait_seconds: float | None

    @classmethod
    def of(cls, fields: Fields) -> _Start:
        prompt, negative = fields.text("prompt"), fields.text("negative", may_be_blank=True)
        if negative is not None and "prompt" not in fields:
            fields.wrong("negative", "needs a prompt beside it")
        show, frame = fields.flag("show"), fields.text("frame", maximum=100)
        if show is False and frame is not None:
            fields.wrong("frame", "is not shown the picture, since show is false")
        return cls(
            text=None if prompt is None else PromptText(prompt, negative),
            provider=fields.text("provider", maximum=100),
            show=show is not False,
            frame=frame,
            wait_seconds=fields.number("wait", minimum=0, maximum=LONGEST_WAIT),
        )


async def start_operation(request: web.Request) -> web.Response:
    """Ask a provider for a picture now; with `wait`, answer when it is there."""
    server = request.app[SERVER]
    wanted = await read_json(request, _Start.of, optional=True)
    if wanted.frame is not None:
        server.frames.get(wanted.frame)
    operation = await server.operations.start(
        OperationKind.FORCED,
        frame=wanted.frame,
        text=wanted.text,
        provider=wanted.provider,
        show=wanted.show,
    )
    if wanted.wait_seconds:
        operation = await server.operations.wait(operation.id, wanted.wait_seconds)
    pending = operation.status is OperationStatus.PENDING
    return json_answer(
        await described(server, operation), status=HTTPStatus.ACCEPTED if pending else HTTPStatus.OK
    )


async def list_operations(request: web.Request) -> web.Response:
    """Answer with the newest operations, and the newest requests to providers."""
    server = request.app[SERVER]
    limit = read_query(request, _limit)
    operations = server.operations.all()[:limit]
    generations = await server.generations.newest(limit)
    return json_answer(
        {
            "operations": [await described(server, operation) for operation in operations],
            "generations": [representations.generation(generation) for generation in generations],
        }
    )


async def get_operation(request: web.Request) -> web.Response:
    """Answer with one operation."""
    server = request.app[SERVER]
    return json_answer(await described(server, server.operations.get(request.match_info["id"])))


async def described(server: Server, operation: Operation) -> dict[str, Json]:
    """Describe an operation together with its request to a provider."""
    generation = None
    if operation.generation_id is not None:
        with suppress(NotFoundError):
            generation = await server.generations.get(operation.generation_id)
    return representations.operation(operation, generation)


def _limit(fields: Fields) -> int:
    limit = fields.integer("limit", minimum=1, maximum=MOST_LISTED)
    return LISTED if limit is None else limit


ROUTES = {
    "/operations": {"GET": list_operations, "POST": start_operation},
    "/operations/{id}": {"GET": get_operation},
}
