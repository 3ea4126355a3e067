"""A real server on loopback, as a browser comes to it: directly with the token, or through ingress."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from aiohttp import web

from imageserver.providers.base import Capabilities
from imageserver.web.api import management_application
from tests.adapters import Script, scripted
from tests.houses import House, open_house
from tests.manual_clock import ManualClock
from tests.page.ingress import open_ingress
from tests.processes import free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from imageserver.web.event_stream import StreamLimits

LOOPBACK = "127.0.0.1"


class RunningClock(ManualClock):
    """The machine's clock, since a browser's own runs as well.

    Attributes:
        shift: Seconds that the server is ahead, for what lies in the past.
    """

    shift = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.shift)

    def monotonic(self) -> float:
        return time.monotonic() + self.shift

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Site:
    """A server with its page.

    Attributes:
        script: What the provider does.
        url: Where the page is for who has the token.
        ingress: Where it is in Home Assistant.
    """

    house: House
    clock: RunningClock
    script: Script
    url: str
    ingress: str
    ports: tuple[int, int]
    streams: StreamLimits | None = None
    _runners: list[web.AppRunner] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.house.server.installation.token

    async def start(self) -> None:
        """Listen: for people with the token, and for the ingress, which comes by a door of its own."""
        for port, ingress in zip(self.ports, (None, IPv4Address(LOOPBACK)), strict=True):
            application = management_application(self.house.server, ingress=ingress, streams=self.streams)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, LOOPBACK, port).start()
            self._runners.append(runner)

    async def stop(self) -> None:
        """Listen no more: every connection ends."""
        while self._runners:
            await self._runners.pop().cleanup()


@asynccontextmanager
async def open_site(
    root: Path, *, options: str = "", streams: StreamLimits | None = None
) -> AsyncIterator[Site]:
    """Open a server below `root` with a provider that does as its script says."""
    script = Script()
    provider = scripted(script, capabilities=Capabilities(negative=True, max_prompt_length=500))
    clock = RunningClock()
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(root, [provider], clock=clock, options=options))
        direct, inner = free_ports(2)
        ingress = await stack.enter_async_context(open_ingress(f"http://{LOOPBACK}:{inner}"))
        site = Site(house, clock, script, f"http://{LOOPBACK}:{direct}/", ingress, (direct, inner), streams)
        stack.push_async_callback(site.stop)
        await site.start()
        yield site
