"""A provider that repeats every secret it is sent, and leads elsewhere; and what lies in wait there."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

REDIRECTS = (301, 302, 303, 307, 308)
WAYS = (
    "echo 401", "echo 400", "echo 500", "echo 200", "page", "address", "file address", *map(str, REDIRECTS),
)  # fmt: skip


class Treacherous:
    """Two HTTP servers, from `async with` to their end.

    Attributes:
        way: How the next request is answered; see `WAYS`.
        asked: What the provider was asked, as method and path.
        trapped: What came to the other address, where nobody should be led.
    """

    def __init__(self) -> None:
        self.way = WAYS[0]
        self.asked: list[str] = []
        self.trapped: list[str] = []
        self._runners = [self._runner(self._answer), self._runner(self._trap)]

    async def __aenter__(self) -> Self:
        for runner in self._runners:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for runner in self._runners:
            await runner.cleanup()

    @property
    def url(self) -> str:
        """The `base_url` of the provider."""
        return self._url(0)

    @property
    def trap(self) -> str:
        """Where it leads."""
        return self._url(1)

    def _url(self, number: int) -> str:
        return f"http://127.0.0.1:{self._runners[number].addresses[0][1]}"

    @staticmethod
    def _runner(handler: Any) -> web.AppRunner:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", handler)
        return web.AppRunner(application, access_log=None)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        said = _said(request.headers)
        kind, _, more = self.way.partition(" ")
        if kind == "echo":
            body = {"error": {"message": said, "code": said, "type": said, "details": [said]}, "id": said}
            return web.json_response(body, status=int(more))
        if kind == "page":
            return web.Response(text=f"<h1>{html.escape(said)}</h1>", content_type="text/html")
        if self.way == "address":
            return web.json_response({"data": [{"url": f"{self.trap}/picture.jpeg", "b64_json": ""}]})
        if self.way == "file address":
            return web.json_response({"data": [{"url": "file:///etc/passwd", "b64_json": None}]})
        return web.json_response(
            {"error": {"message": said}},
            status=int(kind),
            headers={"Location": f"{self.trap}/elsewhere?{said}"[:200]},
        )

    async def _trap(self, request: web.Request) -> web.Response:
        self.trapped.append(f"{request.method} {request.path_qs} {dict(request.headers)}")
        return web.json_response({})


def _said(headers: Mapping[str, str]) -> str:
    return " ".join(f"{name}: {value};" for name, value in headers.items())
