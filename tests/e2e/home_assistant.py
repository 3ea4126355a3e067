"""Home Assistant as a person runs it: a process of its own, asked through its REST and WebSocket API."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import ClientConnectionError, ClientSession

from tests.e2e.supervisor import CORE_TOKEN
from tests.e2e.waiting import until_found
from tests.processes import ROOT, free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiohttp import ClientWebSocketResponse

CONFIGURATION = """\
homeassistant:
  name: Home
  latitude: 52.0
  longitude: 5.0
  elevation: 0
  unit_system: metric
  time_zone: UTC
  country: NL
  currency: EUR
automation: !include automations.yaml
frontend:
history:
logbook:
media_source:
supervised:
  address: {supervisor}
"""

DONE_BEFORE = ["core_config"]
"""Of the onboarding: this step adds a weather service and a radio, which would ask the internet."""

_USER = {"name": "Anna", "username": "anna", "password": "made-up-password", "language": "en"}


_LISTENER = {
    "server_host": ["127.0.0.1"],
    "cors_allowed_origins": [],
    "login_attempts_threshold": -1,
    "ip_ban_enabled": False,
    "ssl_profile": "modern",
    "use_x_frame_options": True,
    "created_at": "2026-01-01T00:00:00+00:00",
    "error": None,
    "error_message": None,
}


_EVERYBODY_HEARS = "which has not been tested by Home Assistant"
"""Whoever has an integration that is none of Home Assistant's own."""


class RefusedError(Exception):
    """Home Assistant said no."""


@dataclass
class HomeAssistant:
    """A running Home Assistant with one person in it.

    Attributes:
        url: Where it answers.
        tokens: Of the person, as the browser keeps them.
    """

    url: str
    tokens: Mapping[str, Any]
    session: ClientSession
    log_file: Path
    _socket: ClientWebSocketResponse
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked: int = 0

    def complaints(self, text: str = "") -> list[str]:
        """Return the lines of its log that hold `text` and are about something wrong with us."""
        lines = self.log_file.read_text().splitlines()
        loud = [line for line in lines if re.search(r" (WARNING|ERROR|CRITICAL) .*aiframes", line)]
        of_tracebacks = [line for line in lines if "/custom_components/aiframes/" in line]
        return [line for line in loud + of_tracebacks if text in line and _EVERYBODY_HEARS not in line]

    async def rest(self, method: str, path: str, body: object = None) -> Any:
        """Ask below `/api/`.

        Raises:
            RefusedError: With the answer.
        """
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        url = f"{self.url}/api/{path}"
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
            if not answer.ok:
                raise RefusedError(f"{method} {path}: {answer.status} {text}")
            return json.loads(text) if answer.content_type == "application/json" else text

    async def ask(self, kind: str, **fields: object) -> Any:
        """Send a command to the WebSocket.

        Raises:
            RefusedError: With the answer.
        """
        async with self._lock:
            self._asked += 1
            await self._socket.send_json({"id": self._asked, "type": kind, **fields})
            answer = await self._socket.receive_json(timeout=30)
        if not answer["success"]:
            raise RefusedError(f"{kind}: {answer['error']}")
        return answer["result"]

    async def act(self, action: str, **data: object) -> dict[str, Any]:
        """Perform an action, and return its response."""
        path = f"services/{action.replace('.', '/')}?return_response"
        found: dict[str, Any] = (await self.rest("POST", path, data))["service_response"]
        return found

    async def state(self, entity_id: str) -> dict[str, Any]:
        """Return an entity's state and attributes."""
        found: dict[str, Any] = await self.rest("GET", f"states/{entity_id}")
        return found

    async def entities(self, entry_id: str) -> list[dict[str, Any]]:
        """Return the entities of a config entry, as the registry has them."""
        entities = await self.ask("config/entity_registry/list")
        return [one for one in entities if one["config_entry_id"] == entry_id]

    async def devices(self, entry_id: str) -> list[dict[str, Any]]:
        """Return the devices of a config entry, the server's first."""
        devices = await self.ask("config/device_registry/list")
        mine = [one for one in devices if entry_id in one["config_entries"]]
        return sorted(mine, key=lambda device: device["via_device_id"] is not None)

    async def entries(self) -> list[dict[str, Any]]:
        """Return our config entries."""
        found: list[dict[str, Any]] = await self.ask("config_entries/get", domain="aiframes")
        return found

    async def app(self) -> dict[str, Any]:
        """Return the config entry of the app."""
        return next(entry for entry in await self.entries() if entry["source"] == "hassio")

    async def flows(self) -> list[dict[str, Any]]:
        """Return our config flows that wait for a person."""
        found = await self.ask("config_entries/flow/progress")
        return [flow for flow in found if flow["handler"] == "aiframes"]


@asynccontextmanager
async def run_home_assistant(root: Path, *, supervisor: str) -> AsyncIterator[HomeAssistant]:
    """Start a new Home Assistant, go through its onboarding, and stop it at the end, which must go well."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    _furnish(root, port=port, supervisor=supervisor)
    log_file = root / "log"
    with log_file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(Path(sys.executable).with_name("hass"), "--config", root, "--skip-pip", "--log-no-color"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            env=_environment(),
            start_new_session=True,
        )
    try:
        async with ClientSession() as session:
            await until_found(lambda: _listens(session, url, process, log_file))
            tokens = await _onboard(session, url)
            async with session.ws_connect(f"{url}/api/websocket", max_msg_size=0) as socket:
                await socket.receive_json()
                await socket.send_json({"type": "auth", "access_token": tokens["access_token"]})
                assert (await socket.receive_json())["type"] == "auth_ok"
                home = HomeAssistant(url, tokens, session, log_file, socket)
                await until_found(lambda: _runs(home))
                yield home
        process.terminate()
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _environment() -> dict[str, str]:
    # What we import from here is not what it shall import.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**own, "SUPERVISOR_TOKEN": CORE_TOKEN}


def _furnish(root: Path, *, port: int, supervisor: str) -> None:
    components = root / "custom_components"
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "custom_components" / "aiframes", components / "aiframes", ignore=without)
    shutil.copytree(Path(__file__).with_name("supervised"), components / "supervised", ignore=without)
    (root / "configuration.yaml").write_text(CONFIGURATION.format(supervisor=supervisor))
    (root / "automations.yaml").write_text("[]")
    listener = {**_LISTENER, "server_port": port}
    _store(root, "http", 2, {"stable": listener, "pending": None, "yaml_migration_done": True}, minor=2)
    _store(root, "onboarding", 4, {"done": DONE_BEFORE})


def _store(root: Path, key: str, version: int, data: Mapping[str, Any], *, minor: int = 1) -> None:
    """Leave something where Home Assistant keeps what was set in its pages."""
    file = root / ".storage" / key
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"version": version, "minor_version": minor, "key": key, "data": data}))


async def _listens(
    session: ClientSession, url: str, process: asyncio.subprocess.Process, log_file: Path
) -> bool:
    assert process.returncode is None, f"It ended: {_end_of(log_file)}"
    try:
        async with session.get(f"{url}/api/onboarding") as answer:
            return answer.status == HTTPStatus.OK
    except ClientConnectionError:
        return False


def _end_of(log_file: Path) -> str:
    return log_file.read_text()[-2000:]


async def _runs(home: HomeAssistant) -> bool:
    return bool((await home.rest("GET", "config"))["state"] == "RUNNING")


async def _onboard(session: ClientSession, url: str) -> dict[str, Any]:
    """Be the first person; returns the tokens."""
    client = {"client_id": f"{url}/"}
    person = await _post(session, f"{url}/api/onboarding/users", json={**_USER, **client})
    grant = {"grant_type": "authorization_code", "code": person["auth_code"], **client}
    tokens: dict[str, Any] = await _post(session, f"{url}/auth/token", data=grant)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    await _post(session, f"{url}/api/onboarding/analytics", headers=headers)
    back = {**client, "redirect_uri": f"{url}/?auth_callback=1"}
    await _post(session, f"{url}/api/onboarding/integration", headers=headers, json=back)
    return tokens


async def _post(session: ClientSession, url: str, **options: Any) -> Any:
    async with session.post(url, **options) as answer:
        assert answer.ok, f"{url}: {answer.status} {await answer.text()}"
        return await answer.json()
