"""The server that Home Assistant talks to, and what it keeps on its disk."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, Self

from aiohttp import ClientSession, TCPConnector

from tests.processes import READY, ServerProcess, free_ports, run_server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROMPTS = """\
prompts:
  - idx: 1
    prompt: A lighthouse by the sea at sunset
  - idx: 2
    prompt: Mountains in the first snow
  - idx: 3
    prompt: A meadow full of wild flowers
"""


class ImageServer:
    """A server, from `async with` to its end; it can be killed and started again in between.

    Attributes:
        root: Where its directories are.
    """

    def __init__(self, root: Path, *, environment: Mapping[str, str] | None = None) -> None:
        """Write its prompts.

        Args:
            root: See the class.
            environment: That of an app, to be one.
        """
        self.root = root
        self._environment = dict(environment or {})
        self._ports = free_ports(3)
        self._running = AsyncExitStack()
        self._process: ServerProcess | None = None
        self._reader: asyncio.Task[None] | None = None
        self.prompts_file.parent.mkdir(parents=True)
        self.prompts_file.write_text(PROMPTS)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            await self._end(signal.SIGTERM)

    @property
    def url(self) -> str:
        """Where its management answers."""
        return f"{'http' if self._environment else 'https'}://127.0.0.1:{self._ports[2]}"

    @property
    def frames_port(self) -> int:
        """Where frames ask, by HTTPS."""
        return self._ports[0]

    @property
    def token(self) -> str:
        """By which management is open."""
        return (self.root / "data" / "api_token").read_text()

    @property
    def prompts_file(self) -> Path:
        """Where it keeps the prompts."""
        return self.root / "data" / "prompts.yaml"

    async def start(self) -> None:
        """Start it; it has a picture then."""
        run = run_server(self.root, environment=self._environment, ports=self._ports)
        self._process = await self._running.enter_async_context(run)
        await self._process.said(READY)
        self._reader = asyncio.create_task(_read_on(self._process))

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        assert self._reader is not None
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        assert await self._process.stop(number) == (0 if number is signal.SIGTERM else -number)
        await self._running.aclose()
        self._process = None

    async def get(self, path: str) -> Any:
        """Ask its management past Home Assistant; returns bytes where the answer is no JSON."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            ClientSession(connector=TCPConnector(ssl=False)) as session,
            session.get(f"{self.url}/api/v1/{path}", headers=headers) as answer,
        ):
            answer.raise_for_status()
            body = await answer.read()
        return json.loads(body) if answer.content_type == "application/json" else body

    async def last_picture(self) -> dict[str, Any]:
        """Return the picture that was made last."""
        found: dict[str, Any] = (await self.get("status"))["last_picture"]
        return found


async def _read_on(process: ServerProcess) -> None:
    """Read the log for ever: who lets it lie stops the server once the pipe is full."""
    while True:
        with suppress(TimeoutError):
            await process.next_line()
