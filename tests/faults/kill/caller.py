"""A client of a server's management API, which may die under its hands."""

from __future__ import annotations

import json as json_module
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.processes import ServerProcess

SECONDS = 60.0
"""What is looked at here is what holds, not how soon: that is the matter of tests/bench."""


class CutError(Exception):
    """The server went away before it had answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json_module.loads(self.body)


class Caller:
    """Asks with the token that is in its file."""

    def __init__(self, server: ServerProcess, root: Path) -> None:
        self._url = f"https://127.0.0.1:{server.api_port}"
        self._token_file = root / "data" / "api_token"
        self.token = self._token_file.read_text()
        self._session = ClientSession(
            connector=TCPConnector(ssl=False, force_close=True), timeout=ClientTimeout(total=SECONDS)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def ask(
        self, method: str, path: str, json: Any = None, *, data: bytes | None = None, token: str | None = None
    ) -> Answer:
        """Ask below /api/v1, or with a dot in front at the root.

        Raises:
            CutError: There was no whole answer.
        """
        url = self._url + (path[1:] if path.startswith(".") else f"/api/v1{path}")
        answer = await self._asked(method, url, json, data, token or self.token)
        if answer.status == HTTPStatus.UNAUTHORIZED and token is None:  # somebody has renewed it meanwhile
            self.token = self._token_file.read_text()
            answer = await self._asked(method, url, json, data, self.token)
        return answer

    async def events(self) -> AsyncIterator[tuple[str, Any]]:
        """Follow the server's events, each as its name and what it holds.

        Raises:
            CutError: The stream has ended.
        """
        url, name = f"{self._url}/api/v1/events", ""
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with self._session.get(url, headers=headers, timeout=ClientTimeout()) as stream:
                async for line in stream.content:
                    key, _, value = line.decode().rstrip("\n").partition(": ")
                    if key == "event":
                        name = value
                    elif key == "data":
                        yield name, json_module.loads(value)
        except (ClientError, OSError, ValueError) as error:
            raise CutError(f"the events: {error}") from error
        raise CutError("the events ended")

    async def _asked(self, method: str, url: str, json: Any, data: bytes | None, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with self._session.request(method, url, json=json, data=data, headers=headers) as answer:
                return Answer(answer.status, await answer.read())
        except (ClientError, OSError) as error:
            raise CutError(f"{method} {url}: {error}") from error
