"""AUTOMATIC1111's API, as far as the example in `docs/providers.md` uses it."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from tests.simulators.drawn import draw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class StableDiffusionSimulator:
    """An HTTP server, from `async with` to its end.

    Attributes:
        asked: The body of each request.
        status: Of every answer.
    """

    def __init__(self, *, host: str = "127.0.0.1") -> None:
        self._host = host
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        app = web.Application()
        app.router.add_post("/sdapi/v1/txt2img", self._draw)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._runner.addresses[0][1]}"

    async def _draw(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(body)
        if self.status != 200:
            return web.json_response({"detail": "CUDA out of memory"}, status=self.status)
        picture = draw(body["prompt"], body["width"], body["height"], picture_format="PNG")
        return web.json_response({"images": [base64.b64encode(picture).decode()], "info": "{}"})


@asynccontextmanager
async def contract_settings(_: Path) -> AsyncIterator[list[dict[str, Any]]]:
    """Settings with which the contract test asks the adapter."""
    async with StableDiffusionSimulator() as simulator:
        yield [{"address": simulator.url}]
