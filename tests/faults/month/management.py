"""The management API as the integration and a Prometheus ask it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import ClientConnectionError, ClientPayloadError, ClientSession, ClientTimeout, TCPConnector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.month.server_in_time import ServerInTime

FOR_EVER = ClientTimeout(total=None)


class Management:
    """Asks with the token."""

    def __init__(self, server: ServerInTime, session: ClientSession) -> None:
        self._server = server
        self._session = session
        self.events: Counter[str] = Counter()
        self.streams = 0
        self._last_id: str | None = None

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        data: bytes | None = None,
        wanted: tuple[int, ...] = (200, 201, 202),
    ) -> Any:
        """Ask, and return what the JSON says; text and bytes as bytes.

        Raises:
            AssertionError: The answer has another status.
        """
        async with self._session.request(
            method, self._url(path), json=body, data=data, headers=self._headers()
        ) as answer:
            content = await answer.read()
            assert answer.status in wanted, f"{method} {path}: {answer.status} {content[:200]!r}"
            return json.loads(content) if answer.content_type == "application/json" else content

    async def follow(self) -> None:
        """Follow the events for ever, coming back after each end as the integration does."""
        while True:
            try:
                await self._follow_once()
            except (ClientConnectionError, ClientPayloadError, FileNotFoundError):
                await asyncio.sleep(0.05)  # the server is being started again, in a time of its own

    async def _follow_once(self) -> None:
        headers = self._headers() | ({"Last-Event-ID": self._last_id} if self._last_id else {})
        url = self._url("/api/v1/events")
        async with self._session.get(url, headers=headers, timeout=FOR_EVER) as answer:
            assert answer.status == 200, await answer.text()
            self.streams += 1
            async for line in answer.content:
                if line.startswith(b"event: "):
                    self.events[line[7:].strip().decode()] += 1
                elif line.startswith(b"id: "):
                    self._last_id = line[4:].strip().decode()

    def _url(self, path: str) -> str:
        return f"https://127.0.0.1:{self._server.api_port}{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._server.token}"}


@asynccontextmanager
async def management_of(server: ServerInTime) -> AsyncIterator[Management]:
    """Somebody with the token."""
    connector = TCPConnector(ssl=False, force_close=True)
    async with ClientSession(connector=connector, read_bufsize=1 << 22) as session:
        yield Management(server, session)


def samples(text: str) -> dict[str, float]:
    """Return Prometheus' figures by name and labels."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found
