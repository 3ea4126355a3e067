"""The way from a browser through Home Assistant and its Supervisor to an app's page, in one step.

Facts: homeassistant/components/hassio/ingress.py; supervisor/api/ingress.py, api/middleware/security.py.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web
from multidict import CIMultiDict

from tests.app.rehearsal.network import MACHINE, SUPERVISORS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

PORT = 8123
SUPERVISOR = SUPERVISORS.others[0]

USER = {
    "X-Remote-User-Id": "0123456789abcdef0123456789abcdef",
    "X-Remote-User-Name": "maxim",
    "X-Remote-User-Display-Name": "Максим",
}

_SUSPICIOUS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"proc/self/environ",
        r"<.*script.*>",
        r"\.\./",
        r"[a-z0-9_]=/[a-z0-9_.]+/",
        r"union.*select.*\(",
        r"union.*all.*select",
        r"concat.*\(",
    )
]
_SENT_ANEW = {"content-length", "content-encoding", "transfer-encoding", "accept-encoding"}
_ANSWERED_ANEW = {"transfer-encoding", "content-length", "content-type", "content-encoding"}
_BUFFERED = 4_194_000
_WITHOUT_BODY = {204, 304}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingress:
    """One app's.

    Attributes:
        token: By which its page is known; not a secret of the app's.
        port: Where the page is inside.
        streams: Bodies of POST are passed on as they come.
    """

    token: str
    port: int
    streams: bool

    @property
    def path(self) -> str:
        """What stands before each path of the page."""
        return f"/api/hassio_ingress/{self.token}"

    @property
    def url(self) -> str:
        """Where a browser finds the page."""
        return f"http://{MACHINE}:{PORT}{self.path}/"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Let browsers in for as long as the block lasts."""
        connector = TCPConnector(local_addr=(SUPERVISOR, 0), force_close=True)
        async with ClientSession(connector=connector, auto_decompress=True) as session:
            app = web.Application(client_max_size=16 * 1024**2)
            app.router.add_route("*", f"{self.path}/{{path:.*}}", _Passage(self, session).take)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            try:
                await web.TCPSite(runner, MACHINE, PORT).start()
                yield
            finally:
                await runner.cleanup()


class _Passage:
    def __init__(self, ingress: Ingress, session: ClientSession) -> None:
        self._ingress = ingress
        self._session = session

    async def take(self, request: web.Request) -> web.StreamResponse:
        if any(_is_suspicious(text) for text in (request.path, request.query_string)):
            raise web.HTTPBadRequest
        whole = not (self._ingress.streams and request.method == "POST")
        url = f"http://{SUPERVISORS.container.ip}:{self._ingress.port}/{request.match_info['path']}"
        try:
            async with self._session.request(
                request.method,
                url,
                headers=self._headers(request),
                params=request.query,
                data=await request.read() if whole else request.content,
                allow_redirects=False,
                timeout=ClientTimeout(total=None),
                skip_auto_headers={"Content-Type", "Accept-Encoding", "User-Agent"},
            ) as answer:
                headers = CIMultiDict(_but(answer.headers.items(), _ANSWERED_ANEW))
                # What stands behind the type, as the charset, is lost on this way.
                kind = answer.headers.get("Content-Type", "application/octet-stream").partition(";")[0]
                if request.method == "HEAD" or answer.status in _WITHOUT_BODY:
                    return web.Response(status=answer.status, headers=headers)
                if int(answer.headers.get("Content-Length", _BUFFERED)) < _BUFFERED:
                    body = await answer.read()
                    return web.Response(status=answer.status, headers=headers, content_type=kind, body=body)
                response = web.StreamResponse(status=answer.status, headers=headers)
                response.content_type = kind
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await response.write(piece)
                return response
        except ClientError as error:
            raise web.HTTPBadGateway from error

    def _headers(self, request: web.Request) -> CIMultiDict[str]:
        ours = {name.lower() for name in USER} | {"x-supervisor-token", "x-hassio-key"}
        headers = CIMultiDict(_but(request.headers.items(), _SENT_ANEW | ours))
        headers.update(USER)
        headers["X-Ingress-Path"] = self._ingress.path
        headers["X-Hass-Source"] = "core.ingress"
        headers["X-Forwarded-For"] = f"{request.remote}, {SUPERVISORS.gateway}"
        headers["X-Forwarded-Host"] = request.host
        headers["X-Forwarded-Proto"] = request.scheme
        return headers


def _but(headers: Iterable[tuple[str, str]], names: set[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in names]


def _is_suspicious(text: str) -> bool:
    while (plain := unquote(text)) != text:
        text = plain
    return any(pattern.search(text) for pattern in _SUSPICIOUS)
