"""What a person changed through the API against what the file says, in a server as its user runs it."""

from __future__ import annotations

import signal
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.processes import READY, ServerProcess, run_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(90)

THRESHOLD, LIMIT, ENABLED = "image_generate_threshold", "providers.lim.daily_limit", "providers.lim.enabled"


class Person:
    """Asks the API of a running server, and edits its file."""

    def __init__(self, root: Path, server: ServerProcess, session: aiohttp.ClientSession) -> None:
        self._options = root / "data" / "options.yml"
        self._server = server
        self._session = session

    async def change(self, path: str, **values: Any) -> None:
        async with self._session.patch(self._url(path), json=values) as response:
            assert response.status == 200, await response.text()

    async def held(self) -> dict[str, tuple[Any, str]]:
        """Return what holds and where it comes from."""
        async with self._session.get(self._url("settings")) as response:
            settings = (await response.json())["settings"]
        changeable = {"paused", THRESHOLD, LIMIT, ENABLED}
        return {
            entry["path"]: (entry["value"], entry["source"])
            for entry in settings
            if entry["path"] in changeable
        }

    async def write(self, options: str) -> None:
        """Edit the file and send SIGHUP; returns when it was read."""
        self._options.write_text(options)
        before = sum("were read again" in line for line in self._server.log)
        self._server.process.send_signal(signal.SIGHUP)
        while sum("were read again" in line for line in self._server.log) == before:
            await self._server.next_line()

    def _url(self, path: str) -> str:
        return f"https://127.0.0.1:{self._server.api_port}/api/v1/{path}"


@asynccontextmanager
async def living(root: Path, options: str | None = None) -> AsyncIterator[Person]:
    async with run_server(root, options=options) as server:
        await server.said(READY)
        tls = ssl.create_default_context(cafile=str(root / "data" / "tls" / "server.pem"))
        headers = {"Authorization": f"Bearer {(root / 'data' / 'api_token').read_text()}"}
        async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(ssl=tls)) as session:
            yield Person(root, server, session)
        assert await server.stop() == 0


async def test_a_change_holds_until_the_file_says_something_else_about_that_very_option(
    tmp_path: Path,
) -> None:
    async with living(tmp_path, f"{THRESHOLD}: 10\nproviders: {{lim: {{daily_limit: 7}}}}") as person:
        await person.change("settings", paused=True, image_generate_threshold=60)
        await person.change("providers/lim", daily_limit=3, enabled=False)
        changed = {
            "paused": (True, "run_time"),
            THRESHOLD: (60, "run_time"),
            LIMIT: (3, "run_time"),
            ENABLED: (False, "run_time"),
        }
        assert await person.held() == changed
        await person.write(f"{THRESHOLD}: 10\nprompts_amount: 5\nproviders: {{lim: {{daily_limit: 7}}}}")
        assert await person.held() == changed, "another option's change is not theirs"
        await person.write(f"{THRESHOLD}: 20\nproviders: {{lim: {{daily_limit: 7}}}}")
        assert await person.held() == changed | {THRESHOLD: (20, "file")}
    async with living(tmp_path) as person:
        assert await person.held() == changed | {THRESHOLD: (20, "file")}, "a restart is no change"
        await person.write(f"{THRESHOLD}: 10\nproviders: {{lim: {{daily_limit: 9}}}}")
        assert await person.held() == changed | {THRESHOLD: (10, "file"), LIMIT: (9, "file")}
        await person.write("disabled_providers: [lim]")
        assert await person.held() == {
            "paused": (True, "run_time"),
            THRESHOLD: (10, "default"),
            LIMIT: (0, "default"),
            ENABLED: (False, "file"),
        }
        await person.change("settings", paused=False)
    (tmp_path / "data" / "options.yml").write_text("")
    async with living(tmp_path) as person:
        assert await person.held() == {
            "paused": (False, "default"),
            THRESHOLD: (10, "default"),
            LIMIT: (0, "default"),
            ENABLED: (True, "default"),
        }
