"""What a frame may call. Parse, call, answer: the bytes are in `wire.py`, the deciding is behind the desk."""

from __future__ import annotations

import typing
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from ..exceptions import ImageServerError, UnavailableError
from ..metrics import RequestKind
from ..models import OperationKind, OperationStatus, Protocol
from . import pieces, wire
from .middleware import (
    BODY_SECONDS,
    MAX_BODY,
    REFUSAL_BODY,
    add_routes,
    address_of,
    answer_errors,
    close_routes,
    name_server,
    only_from,
    read_body,
    refuse_foreign_origins,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aiohttp.typedefs import Handler

    from ..models import Operation, PromptText
    from ..settings import Network
    from .middleware import Refusal

_START_KINDS = {
    OperationKind.AUTO: RequestKind.START_AUTO,
    OperationKind.OLD: RequestKind.START_OLD,
    OperationKind.DIRECT: RequestKind.START_DIRECT,
}


class Result(typing.Protocol):
    """An operation and, once it is done, its picture."""

    @property
    def operation(self) -> Operation:
        """As it stands."""

    @property
    def image(self) -> bytes | None:
        """A JPEG for the frame."""


class FrameDesk(typing.Protocol):
    """What a frame's requests need of the server."""

    async def start(
        self, kind: OperationKind, *, frame: str, protocol: Protocol, text: PromptText | None
    ) -> Operation:
        """Begin an operation; it never waits for a provider."""

    def get(self, operation_id: str) -> Operation:
        """Return an operation; NotFoundError where there is none."""

    async def result(self, operation_id: str) -> Result:
        """Return an operation with its picture, within a second; NotFoundError where there is none."""

    def delivered(self, operation_id: str) -> None:
        """Note that a picture was written wholly."""

    def not_delivered(self) -> None:
        """Note that a frame left before its picture was written wholly."""

    async def add_prompt(self, text: PromptText, *, frame: str) -> None:
        """Keep a prompt."""

    def count(self, kind: RequestKind, *, success: bool) -> None:
        """Count a frame's request."""


_DESK = web.AppKey("desk", FrameDesk)
_BODY_SECONDS = web.AppKey("body_seconds", float)


def frame_application(
    *,
    desk: FrameDesk,
    networks: Callable[[], Iterable[Network]],
    page: Handler,
    body_seconds: float = BODY_SECONDS,
) -> web.Application:
    """Make the application behind the frames' listeners.

    Args:
        desk: Does what is asked.
        networks: Who may come in, now.
        page: Answers `GET /`, for people.
        body_seconds: How long a body may take.
    """
    application = web.Application(
        middlewares=[answer_errors(_error), only_from(networks), refuse_foreign_origins],
        client_max_size=MAX_BODY,
    )
    application[REFUSAL_BODY] = _error
    application[_DESK] = desk
    application[_BODY_SECONDS] = body_seconds
    application.on_response_prepare.append(name_server)
    add_routes(application, "/operation/start", {"POST": _start})
    add_routes(application, "/operation/status/{id}", {"GET": _status, "HEAD": _status})
    add_routes(application, "/operation/result/{id}", {"GET": _result, "HEAD": _result})
    add_routes(application, "/prompt/add", {"POST": _add_prompt})
    add_routes(application, "/", {"GET": page, "HEAD": page})
    close_routes(application)
    return application


async def _start(request: web.Request) -> web.StreamResponse:
    desk = request.app[_DESK]
    with _counted(desk) as counted:
        wanted = wire.read_start(await _body(request))
        counted.kind = _START_KINDS[wanted.kind]
        operation = await desk.start(
            wanted.kind,
            frame=str(address_of(request)),
            protocol=Protocol.HTTPS if request.secure else Protocol.HTTP,
            text=wanted.text,
        )
    return _json(wire.started(operation))


async def _status(request: web.Request) -> web.StreamResponse:
    desk, operation_id = request.app[_DESK], request.match_info["id"]
    with _counted(desk, RequestKind.STATUS) as counted:
        try:
            operation = desk.get(operation_id)
        except ImageServerError as error:
            counted.success = False
            return _json(wire.failed_status(operation_id, error))
        counted.success = operation.status is not OperationStatus.ERROR
        return _json(wire.status(operation))


async def _result(request: web.Request) -> web.StreamResponse:
    desk, operation_id = request.app[_DESK], request.match_info["id"]
    with _counted(desk, RequestKind.RESULT) as counted:
        try:
            result = await desk.result(operation_id)
        except UnavailableError:
            raise
        except ImageServerError as error:
            counted.success = False
            return _json(wire.failed_result(operation_id, error))
        status = result.operation.status
        counted.success = status is not OperationStatus.ERROR
        body = wire.result(result.operation, result.image)
        if status is not OperationStatus.DONE or not result.image or request.method == "HEAD":
            return _json(body)
        return await _deliver(request, body)


async def _deliver(request: web.Request, body: bytes) -> web.StreamResponse:
    desk = request.app[_DESK]
    size = pieces.piece_size(request.query.get("chunk_size"), tls=request.secure)
    try:
        response = await pieces.send(request, body, size=size)
    except ConnectionError:
        desk.not_delivered()
        raise
    desk.delivered(request.match_info["id"])
    return response


async def _add_prompt(request: web.Request) -> web.StreamResponse:
    desk = request.app[_DESK]
    with _counted(desk) as counted:
        text = wire.read_prompt(await _body(request))
        counted.kind = RequestKind.PROMPT_ADD
        await desk.add_prompt(text, frame=str(address_of(request)))
    return _json(wire.prompt_added(), status=201)


@dataclass(slots=True)
class _Counted:
    kind: RequestKind
    success: bool = True


@contextmanager
def _counted(desk: FrameDesk, kind: RequestKind = RequestKind.MALFORMED) -> Iterator[_Counted]:
    """Count a request as what it turns out to be."""
    counted = _Counted(kind)
    try:
        yield counted
    except BaseException:
        counted.success = False
        raise
    finally:
        desk.count(counted.kind, success=counted.success)


async def _body(request: web.Request) -> bytes:
    return await read_body(request, seconds=request.app[_BODY_SECONDS])


def _json(body: bytes, *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")


def _error(refusal: Refusal) -> bytes:
    return wire.error(refusal.code, refusal.message, refusal.status)
