"""A client of the management API that holds every answer against the API's description."""

from __future__ import annotations

import json as json_module
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from aiohttp.test_utils import TestClient, TestServer

from imageserver.web.api import management_application
from tests.houses import House, open_house
from tests.openapi_document import document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from ipaddress import IPv4Address
    from pathlib import Path

    from aiohttp import ClientResponse, web

    from imageserver.providers.base import ImageProvider
    from imageserver.web.event_stream import StreamLimits
    from imageserver.web.request_body import BodyLimits
    from tests.manual_clock import ManualClock

    type Browser = TestClient[web.Request, web.Application]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json_module.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        return self.status, self.json["error"]["code"]

    @property
    def message(self) -> str:
        return str(self.json["error"]["message"])

    @property
    def mistakes(self) -> dict[str, str]:
        return {entry["path"]: entry["message"] for entry in self.json["error"]["details"]}


class Api:
    """Asks with the right token, unless told otherwise."""

    def __init__(self, house: House, browser: Browser) -> None:
        self.house = house
        self.server = house.server
        self.clock = house.clock
        self.browser = browser

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, json: Any = None) -> Answer:
        return await self.ask("POST", path, json=json)

    async def put(self, path: str, json: Any = None) -> Answer:
        return await self.ask("PUT", path, json=json)

    async def patch(self, path: str, json: Any = None) -> Answer:
        return await self.ask("PATCH", path, json=json)

    async def delete(self, path: str) -> Answer:
        return await self.ask("DELETE", path)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Answer:
        """Ask, and hold the answer against the description."""
        url = self.url(path)
        sent = {"Authorization": f"Bearer {token or self.server.installation.token}", **(headers or {})}
        named = {name.replace("_", "-"): value for name, value in sent.items()}
        body = None if data is None else BytesIO(data)
        async with self.browser.request(method, url, json=json, data=body, headers=named) as response:
            answer = await _taken(response)
        content_type = answer.headers.get("Content-Type", "").partition(";")[0]
        document().check_answer(
            method, url, status=answer.status, content_type=content_type, body=answer.body
        )
        if json is not None and answer.status < 300:
            assert document().accepts(method, url, json), f"{method} {url} took what is not described: {json}"
        return answer

    @staticmethod
    def url(path: str) -> str:
        """Paths are those below `/api/v1`, unless they begin with a dot: `./healthz`."""
        return path.removeprefix(".") if path.startswith(".") else f"/api/v1{path}"


async def _taken(response: ClientResponse) -> Answer:
    return Answer(response.status, response.headers, await response.read())


@asynccontextmanager
async def open_api(
    root: Path,
    *adapters: type[ImageProvider],
    clock: ManualClock,
    options: str = "",
    ingress: IPv4Address | None = None,
    bodies: BodyLimits | None = None,
    streams: StreamLimits | None = None,
) -> AsyncIterator[Api]:
    """Open a whole server and a client of its management API."""
    async with open_house(root, adapters, clock=clock, options=options) as house:
        application = management_application(house.server, ingress=ingress, bodies=bodies, streams=streams)
        async with TestClient(TestServer(application)) as browser:
            yield Api(house, browser)


def routes_of(application: web.Application) -> Sequence[tuple[str, str]]:
    """Name the method and path of everything that an application answers by itself."""
    return [
        (route.method, resource.canonical)
        for resource in application.router.resources()
        for route in resource
        if route.method not in {"*", "HEAD"}
    ]
