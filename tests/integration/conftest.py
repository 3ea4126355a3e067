"""A real Home Assistant core with our integration, and a real server in a process of its own."""

from __future__ import annotations

import json
import ssl
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

# Before all else of ours, or the plugin's package of the same name hides it.
from custom_components.aiframes import coordinator
from tests.processes import READY, ServerProcess, run_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from homeassistant.core import HomeAssistant

DOMAIN = "aiframes"


@dataclass(frozen=True, slots=True)
class RealServer:
    """The server that Home Assistant talks to: the real command, drawing its own pictures."""

    process: ServerProcess
    root: Path

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.process.api_port}"

    @property
    def token(self) -> str:
        return (self.root / "data" / "api_token").read_text()

    @property
    def installation_id(self) -> str:
        return str(self.ask("/api/v1/info")["installation_id"])

    @property
    def entry_data(self) -> dict[str, Any]:
        return {"url": self.url, "token": self.token, "verify_ssl": False}

    def ask(self, path: str, body: object = None, *, method: str | None = None) -> dict[str, Any]:
        """Ask the management API past Home Assistant; blocks for as long as the answer takes."""
        request = urllib.request.Request(  # noqa: S310 - this machine
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:  # noqa: S310 - as above
            found: dict[str, Any] = json.loads(answer.read() or "{}")
        return found


@pytest.fixture(autouse=True)
def _ours(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Let Home Assistant find our integration, and everybody talk to this machine."""


@pytest.fixture
def options() -> str | None:
    """The server's `options.yml`; a test that needs another one overrides this."""
    return None


@pytest.fixture
async def server(tmp_path: Path, options: str | None) -> AsyncIterator[RealServer]:
    """A running server that has drawn its first picture."""
    async with run_server(tmp_path, options=options) as process:
        await process.said(READY)
        yield RealServer(process, tmp_path)


@pytest.fixture
def entry(hass: HomeAssistant, server: RealServer) -> MockConfigEntry:
    """The server's config entry, known to Home Assistant and not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="AIFrames ImageServer",
        unique_id=server.installation_id,
        data=server.entry_data,
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> AsyncIterator[MockConfigEntry]:
    """The same, set up; unloaded at the end, which must leave nothing behind."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    if entry.state.recoverable:
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for long between two tries: what is tested is the order of things."""
    monkeypatch.setattr(coordinator, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(coordinator, "LONGEST_PAUSE", 0.2)
