"""A whole server on loopback and the client that talks to it; what the server answers is noted."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.test_utils import TestServer

from custom_components.aiframes.api import ImageServerClient
from imageserver.web.api import management_application
from tests.houses import House, open_house
from tests.openapi_document import raw_document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp import ClientSession
    from aiohttp.typedefs import Handler, Middleware

    from custom_components.aiframes.api import Limits
    from imageserver.models import Operation
    from imageserver.providers.base import ImageProvider
    from imageserver.web.event_stream import StreamLimits
    from tests.manual_clock import ManualClock


@dataclass(slots=True)
class Exchange:
    """What the server was asked, by the name in its description, and what it answered.

    Attributes:
        body: None before the answer, and where it has no body of its own, as a stream.
    """

    operation_id: str
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A server, its client, and what went between them."""

    house: House
    client: ImageServerClient
    session: ClientSession
    url: str
    port: int
    exchanges: list[Exchange]

    def another_client(
        self, *, url: str | None = None, token: str | None = None, limits: Limits | None = None
    ) -> ImageServerClient:
        return ImageServerClient(
            session=self.session,
            url=url or self.url,
            token=token or self.house.server.installation.token,
            limits=limits,
        )

    async def see(self) -> Operation:
        """Let a frame ask for a picture and fetch it, however long that takes."""
        operation = await self.house.ended(await self.house.ask())
        await self.house.shown(operation)
        return operation


@asynccontextmanager
async def run(
    root: Path,
    *adapters: type[ImageProvider],
    clock: ManualClock,
    session: ClientSession,
    options: str = "",
    port: int | None = None,
    streams: StreamLimits | None = None,
) -> AsyncIterator[Running]:
    """Open a server below `root`; the same root again is a restart."""
    exchanges: list[Exchange] = []
    async with open_house(root, adapters, clock=clock, options=options) as house:
        application = management_application(house.server, ingress=None, streams=streams)
        application.middlewares.append(_noting(exchanges))
        async with TestServer(application, port=port) as test_server:
            url = str(test_server.make_url("")).rstrip("/")
            client = ImageServerClient(session=session, url=url, token=house.server.installation.token)
            assert test_server.port is not None
            yield Running(house, client, session, url, test_server.port, exchanges)


def _noting(exchanges: list[Exchange]) -> Middleware:
    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        described = raw_document()["paths"].get(resource.canonical if resource else "", {})
        exchange = Exchange(described.get(request.method.lower(), {}).get("operationId", "nothing"))
        exchanges.append(exchange)
        response = await handler(request)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            exchange.body = response.body
        return response

    return note
