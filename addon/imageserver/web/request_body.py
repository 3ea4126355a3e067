"""What a request of the management API brings: JSON, query parameters, or a picture."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from aiohttp import web

from ..exceptions import TooLargeError, UnprocessableError, UnsupportedTypeError
from ..imaging.imaging import MAX_BYTES
from .body_room import BodyRoom
from .fields import Fields
from .json_object import read_object
from .middleware import BODY_SECONDS, invite, read_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ..models import Json

JSON_TYPE = "application/json"
PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "application/octet-stream"})
"""What a picture may be declared as; what it is, its bytes say."""
_PICTURES_AT_ONCE = MAX_BYTES + 4 * 1024 * 1024
"""Bytes: a picture of the largest size, and beside it one as they usually are."""
_LEAST = _PICTURES_AT_ONCE // 8
"""Bytes that a small picture counts for, so that a crowd of them does not stand before what frames need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """How long bodies may take.

    Attributes:
        json_seconds: For the whole of a JSON body.
        pause_seconds: Between two pieces of a picture.
        room_seconds: That a picture may wait for others to be finished.
    """

    json_seconds: float = BODY_SECONDS
    pause_seconds: float = BODY_SECONDS
    room_seconds: float = 60.0


LIMITS = web.AppKey("body_limits", BodyLimits)
_ROOM = web.AppKey("body_room", BodyRoom)


def limit_bodies(application: web.Application, limits: BodyLimits) -> None:
    """Let an application's bodies take this long, and pictures no more memory than there is for them."""
    application[LIMITS] = limits
    application[_ROOM] = BodyRoom(size=_PICTURES_AT_ONCE, patience=limits.room_seconds)


async def read_json[T](request: web.Request, build: Callable[[Fields], T], *, optional: bool = False) -> T:
    """Return what `build` makes of a JSON body; no body is an empty object where that is allowed.

    Raises:
        BadRequestError: It is no JSON, or something in it is wrong: every mistake is named.
        TooLargeError, UnsupportedTypeError: As they say.
    """
    body = await read_body(request, seconds=request.app[LIMITS].json_seconds, invited=True)
    if not body and optional:
        return _built({}, build)
    # Forms of other sites can't send this type, so none of them acts in the name of who is logged in.
    if request.content_type != JSON_TYPE:
        raise UnsupportedTypeError(f"The body is {request.content_type}; it has to be {JSON_TYPE}")
    return _built(read_object(body), build)


def read_query[T](request: web.Request, build: Callable[[Fields], T]) -> T:
    """Return what `build` makes of the query's parameters.

    Raises:
        BadRequestError: Something in it is wrong: every mistake is named.
    """
    return _built({name: _scalar(value) for name, value in request.query.items()}, build)


@asynccontextmanager
async def read_picture(request: web.Request) -> AsyncIterator[bytes]:
    """Read a picture's bytes, unopened, and hold room for them for as long as the block lasts.

    Raises:
        TooLargeError, TooManyRequestsError, UnsupportedTypeError, UnprocessableError: As they say.
    """
    if request.content_type not in PICTURE_TYPES:
        raise UnsupportedTypeError(f"The body is {request.content_type}; it has to be JPEG, PNG or WebP")
    if (request.content_length or 0) > MAX_BYTES:
        raise _too_large()
    async with request.app[_ROOM].hold(max(request.content_length or MAX_BYTES, _LEAST)):
        await invite(request)
        body = await _read_pieces(request)
        if not body:
            raise UnprocessableError("The body is empty")
        yield body


async def _read_pieces(request: web.Request) -> bytes:
    body = BytesIO()  # gives what it holds without a copy
    pause = request.app[LIMITS].pause_seconds
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(pause) as patience:
            async for piece in request.content.iter_any():
                patience.reschedule(loop.time() + pause)
                if body.tell() + len(piece) > MAX_BYTES:
                    raise _too_large()
                body.write(piece)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return body.getvalue()


def _built[T](values: dict[str, Json], build: Callable[[Fields], T]) -> T:
    fields = Fields(values)
    built = build(fields)
    fields.finish()
    return built


def _scalar(text: str) -> Json:
    if text in {"true", "false"}:
        return text == "true"
    if text.isascii() and text.isdecimal() and len(text) <= len(str(2**31)):
        return int(text)
    return text


def _too_large() -> TooLargeError:
    return TooLargeError(f"The picture is over {MAX_BYTES // 1024 // 1024} MB")
