"""A server that says what a test lets it say, from what a real one said: for what no real one ever does."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.conftest import RealServer


@dataclass(slots=True)
class Puppet:
    """What it says.

    Attributes:
        info: Answers `/info`; the next three do the same below their own names.
        first: What each stream begins with.
        served: Where it is.
        url: How it is reached, if that is another way.
        asked: The paths that were asked for, in order.
        asked_at: When, by the loop's clock.
        go_on: Unset, it holds the next snapshot back.
        is_deaf: Whether a stream ends behind what it begins with.
        streams: Those that are open.
    """

    info: dict[str, Any]
    status: dict[str, Any]
    settings: dict[str, Any]
    prompts: dict[str, Any]
    first: bytes
    served: str = ""
    url: str = ""
    is_deaf: bool = False
    asked: list[str] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    streams: list[asyncio.Queue[bytes]] = field(default_factory=list)

    @property
    def entry_data(self) -> dict[str, Any]:
        return {"url": self.url, "token": "any", "verify_ssl": True}

    @property
    def port(self) -> int:
        return int(self.served.rpartition(":")[2])

    def cut(self) -> None:
        """End all streams; new ones are begun."""
        for stream in self.streams:
            stream.put_nowait(b"")
        self.streams.clear()

    def say(self, name: str, data: object, number: int = 2) -> None:
        """Tell all streams of an event."""
        for stream in self.streams:
            stream.put_nowait(event(name, data, number))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer anything."""
        what = request.path.removeprefix("/api/v1/")
        self.asked.append(what)
        self.asked_at.append(asyncio.get_running_loop().time())
        if what == "status":
            said = web.json_response(self.status)
            await self.go_on.wait()
            return said
        if what != "events":
            return web.json_response(getattr(self, what))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(self.first)
        if not self.is_deaf:
            stream: asyncio.Queue[bytes] = asyncio.Queue()
            self.streams.append(stream)
            while piece := await stream.get():
                await response.write(piece)
        return response


def event(name: str, data: object, number: int = 1) -> bytes:
    """Return an event as it goes over the wire."""
    return f"id: a-{number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


@asynccontextmanager
async def open_puppet(server: RealServer) -> AsyncIterator[Puppet]:
    """Serve what a real server says now, until the test lets it say something else."""
    loop = asyncio.get_running_loop()
    info, status, settings, prompts = [
        await loop.run_in_executor(None, server.ask, f"/api/v1/{what}")
        for what in ("info", "status", "settings", "prompts")
    ]
    puppet = Puppet(info, status, settings, prompts, event("status", status))
    application = web.Application()
    application.router.add_get("/{path:.*}", puppet.answer)
    async with TestServer(application) as served:
        puppet.url = puppet.served = str(served.make_url("")).rstrip("/")
        puppet.go_on.set()
        yield puppet
        puppet.cut()
