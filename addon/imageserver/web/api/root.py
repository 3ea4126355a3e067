"""What stands at the root: is the server well, its figures for Prometheus, and the API's description."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from ...exceptions import ImageServerError, UnavailableError
from ...status import take_status
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from ...server import Server

DESCRIPTION = Path(__file__).parent.parent / "openapi.yaml"

_IN_THE_WAY = frozenset({"store_unreadable"})
"""Problems that leave nothing to show but a card that says so."""


async def get_health(request: web.Request) -> web.Response:
    """Answer whether frames can be served; everybody may ask."""
    await _check(request.app[SERVER])
    return json_answer({"status": "ok"})


async def get_metrics(request: web.Request) -> web.Response:
    """Answer with every figure, for Prometheus."""
    from .. import prometheus  # noqa: PLC0415 - its library takes 1.3 MB, for those alone who have a Prometheus

    server = request.app[SERVER]
    status = await take_status(server)
    body = await asyncio.to_thread(prometheus.exposition, status, server.frames.all())
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: prometheus.CONTENT_TYPE})


async def get_description(_: web.Request) -> web.Response:
    """Answer with the description of this API."""
    return web.Response(
        body=await asyncio.to_thread(DESCRIPTION.read_bytes), content_type="application/yaml", charset="utf-8"
    )


async def _check(server: Server) -> None:
    for problem in server.problems.all():
        if problem.code in _IN_THE_WAY:
            raise UnavailableError(f"{problem.text} {problem.remedy}")
    try:
        await server.store.has_any()
    except ImageServerError as error:
        raise UnavailableError(f"Pictures can't be served: {error}") from error
