"""A running server, and the doors that one can come to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from imageserver.web.attempts import Attempts
from tests.processes import PATIENCE, run_server

from .asking import Line, ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from tests.processes import ServerProcess

    from .asking import Reply
    from .visitors import Visitor

NONSENSE = b'{"nonsense": 1}'
"""A body that changes nothing: unknown keys are mistakes."""


@dataclass(frozen=True, slots=True)
class House:
    """A running server, and where its token is."""

    process: ServerProcess
    data: Path
    management_tls: bool

    @property
    def token(self) -> str:
        """Return the token that holds now: a visitor who comes in may have renewed it."""
        return (self.data / "api_token").read_text().strip()

    async def up(self) -> None:
        """Wait until the server answers."""
        port, tls = self.process.api_port, self.management_tls
        async with asyncio.timeout(5 * PATIENCE):
            while not (await ask(port, "GET", "/healthz", tls=tls)).status:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)

    def line(self, door: str, source: str) -> Line:
        """Come to a door."""
        port, tls = {
            "frames http": (self.process.http_port, False),
            "guarded at the frames": (self.process.http_port, False),
            "frames https": (self.process.https_port, True),
        }.get(door, (self.process.api_port, self.management_tls))
        return Line(port, tls=tls, source=source)

    async def ask(self, line: Line, visitor: Visitor, method: str, path: str) -> Reply:
        """Let a visitor ask."""
        token = self.token
        return await line.ask(
            method,
            path + visitor.query(token),
            headers=visitor.headers(token),
            body=None if method in {"GET", "HEAD"} else NONSENSE,
            host=visitor.host,
        )

    async def answers(self, door: str, visitor: Visitor, asked: Iterable[tuple[str, str]]) -> list[Reply]:
        """Let a visitor ask one thing after the other, from a new address before it is slowed down."""
        replies = []
        asked = list(asked)
        at_once = Attempts.FREE if visitor.source is None else len(asked)
        for some in batched(asked, at_once, strict=False):
            line = self.line(door, visitor.address())
            try:
                replies += [await self.ask(line, visitor, method, path) for method, path in some]
            finally:
                line.hang_up()
        return replies


@asynccontextmanager
async def running(root: Path, *, as_app: bool) -> AsyncIterator[House]:
    """Run a server, as an app or on its own, at all addresses."""
    await asyncio.to_thread(root.mkdir, exist_ok=True)
    supervisor = {"SUPERVISOR_TOKEN": "s" * 40, "SUPERVISOR_API": "http://127.0.0.1:9"} if as_app else {}
    async with run_server(root, "--host", "", environment=supervisor) as process:
        house = House(process, root / "data", management_tls=not as_app)
        await house.up()
        yield house
