"""What may stand at a server's address instead of the server, and how it fails."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


def info(api_version: int) -> dict[str, Any]:
    """Return what a server of some version says of itself; only the version is for everyone to read."""
    return {"api_version": api_version, "installation_id": "of-another-time", "version": "99"}


def refusal(code: str, message: str) -> dict[str, Any]:
    """Return an error as the API says it."""
    return {"error": {"code": code, "message": message}}


@asynccontextmanager
async def stranger(
    answer: str | Mapping[str, Any] = "<html>Wi-Fi of the hotel</html>", *, status: int = 200
) -> AsyncIterator[str]:
    """Answer everything with the same page, or JSON; yields the address."""

    async def say(_: web.Request) -> web.Response:
        if isinstance(answer, str):
            return web.Response(text=answer, content_type="text/html", status=status)
        return web.Response(text=json.dumps(answer), content_type="application/json", status=status)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", say)
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")
