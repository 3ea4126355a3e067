"""Answers: JSON, and pictures that a browser may keep."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import ETag, hdrs, web

if TYPE_CHECKING:
    from ...models import Json
    from ..middleware import Refusal


def json_answer(value: Json, *, status: int = HTTPStatus.OK) -> web.Response:
    """Answer with JSON."""
    return web.Response(status=status, body=encode(value), content_type="application/json")


def nothing() -> web.Response:
    """Answer that it is done."""
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def picture_answer(request: web.Request, image: bytes, *, fresh_seconds: int = 0) -> web.Response:
    """Answer with a JPEG, or with the news that it is the one that the client has.

    Args:
        request: Says what the client has.
        image: The JPEG.
        fresh_seconds: How long the client need not ask again.
    """
    tag = (await asyncio.to_thread(sha256, image)).hexdigest()[:32]
    known = request.if_none_match or ()
    if any(entry.value in {tag, "*"} for entry in known):
        response = web.Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = web.Response(body=image, content_type="image/jpeg")
    response.etag = ETag(tag)
    freshness = f"max-age={fresh_seconds}" if fresh_seconds else "no-cache"
    response.headers[hdrs.CACHE_CONTROL] = f"private, {freshness}"
    return response


def encode_refusal(refusal: Refusal) -> bytes:
    """Return an error as clients are told it."""
    error: dict[str, Json] = {"code": refusal.code, "message": refusal.message}
    if refusal.mistakes:
        error["details"] = [{"path": path, "message": message} for path, message in refusal.mistakes]
    return encode({"error": error})


def encode(value: Json) -> bytes:
    """Return JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
