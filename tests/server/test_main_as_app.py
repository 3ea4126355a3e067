"""The server as Home Assistant's app: a process of its own, and a Supervisor that it talks to."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import TestServer

from tests.processes import READY, ServerProcess, run_server
from tests.server.web.raw_client import connected
from tests.simulators.frame import Frame
from tests.simulators.supervisor import SupervisorSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

pytestmark = pytest.mark.timeout(60)

TOKEN = "made-up-token-of-the-supervisor"
CONFIG: dict[str, Any] = {
    "name": "AIFrames ImageServer",
    "slug": "aiframes",
    "version": "2.0.0",
    "discovery": ["aiframes"],
}


@asynccontextmanager
async def supervised(
    root: Path,
    *flags: str,
    options: str | None = None,
    discovery: tuple[str, ...] = ("aiframes",),
    fault: str | None = None,
) -> AsyncIterator[tuple[ServerProcess, SupervisorSimulator]]:
    """Run a server as an app whose HTTPS is published as 18099, and whose plain HTTP is not."""
    simulator = SupervisorSimulator(config={**CONFIG, "discovery": list(discovery)}, token=TOKEN)
    simulator.fault = fault
    async with TestServer(simulator.application()) as supervisor:
        environment = {
            "SUPERVISOR_TOKEN": TOKEN,
            "SUPERVISOR_API": str(supervisor.make_url("")).rstrip("/"),
        }
        async with run_server(root, *flags, options=options, environment=environment) as server:
            simulator.network = {f"{server.https_port}/tcp": 18099, f"{server.http_port}/tcp": None}
            yield server, simulator


async def until(condition: Callable[[], object]) -> None:
    """Wait for another process: only a look now and then tells."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - another process tells by no event of ours
            await asyncio.sleep(0.02)


async def pushed(simulator: SupervisorSimulator, count: int) -> dict[str, Any]:
    """Return what Home Assistant was told the last of so many times."""
    await until(lambda: len(simulator.pushed) >= count)
    return simulator.pushed[count - 1]


async def no_wait(_: float) -> None:
    await asyncio.sleep(0.05)


async def test_home_assistant_learns_where_the_server_is_at_each_start_and_each_new_token(
    tmp_path: Path,
) -> None:
    starts = []
    for _ in range(2):
        async with supervised(tmp_path) as (server, simulator):
            await server.said("Home Assistant was told")
            (message,) = simulator.pushed
            token = (tmp_path / "data" / "api_token").read_text()
            assert message["service"] == "aiframes"
            starts.append(message["config"])
            assert starts[-1].keys() == {"host", "port", "token", "installation_id", "started_at"}
            assert (starts[-1]["host"], starts[-1]["port"]) == (socket.gethostname(), server.api_port)
            async with connected(server.api_port) as client:
                headers = {"Authorization": f"Bearer {starts[-1]['token']}"}
                info = (await client.ask("GET", "/api/v1/info", **headers)).json
                assert starts[-1]["installation_id"] == info["installation_id"]
                renewed = (await client.ask("POST", "/api/v1/token", **headers)).json["token"]
            again = await pushed(simulator, 2)
            assert again["config"] == {**starts[-1], "token": renewed}
            assert again["uuid"] == message["uuid"]
            assert await server.stop() == 0
        for secret in (TOKEN, token, renewed):
            assert secret not in "\n".join(server.log)
    first, second = starts
    assert first["installation_id"] == second["installation_id"]
    assert datetime.fromisoformat(first["started_at"]) < datetime.fromisoformat(second["started_at"])


async def test_people_are_told_the_ports_that_home_assistant_publishes(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (server, _):
        await server.said("Frames that speak HTTPS: port 18099 of this Home Assistant")
        await server.said("Frames that speak plain HTTP: switched off in the app's Network settings")
        async with connected(server.https_port) as client:
            client.send("POST", "/operation/start", '{"type":"auto"}')
            assert await client.is_ended()
        async with connected(server.http_port) as client:
            page = (await client.ask("GET", "/")).body.decode()
        assert "A frame at 127.0.0.1 speaks plain HTTP to port 18099" in page
        assert "Switch the port for plain HTTP on in the app&#x27;s Network settings" in page


async def test_a_silent_supervisor_delays_neither_frames_nor_the_end(tmp_path: Path) -> None:
    async with supervised(tmp_path, fault="slow") as (server, simulator):
        await until(lambda: simulator.asked)
        shown = await Frame("127.0.0.1", server.https_port, tls=True, sleep=no_wait).show()
        assert shown.image is not None
        await server.said(f"Frames that speak HTTPS: port {server.https_port} of this Home Assistant")
        await server.said(READY)
        async with asyncio.timeout(5):
            assert await server.stop() == 0
    assert not [line for line in server.log if " ERROR " in line or " WARNING " in line]


async def test_a_refusal_is_one_line_and_frames_are_served(tmp_path: Path) -> None:
    async with supervised(tmp_path, discovery=("mqtt",)) as (server, _):
        await server.said("Home Assistant can't discover this server")
        assert (await Frame("127.0.0.1", server.https_port, tls=True, sleep=no_wait).show()).image is not None
        assert await server.stop() == 0
    assert len([line for line in server.log if " ERROR " in line]) == 1


async def test_a_supervisor_that_repeats_secrets_does_not_bring_them_into_the_log(tmp_path: Path) -> None:
    async with supervised(tmp_path, fault="echo", options="log_level: debug") as (server, _):
        assert "***" in await server.said("Home Assistant can't discover this server")
        assert await server.stop() == 0
    assert TOKEN not in "\n".join(server.log)


@pytest.mark.parametrize(
    ("own", "said", "held"),
    [
        (False, "Options: those of the app's Configuration tab", "made_by_the_app"),
        (True, "/options.yml; those of the app's Configuration tab are not used", "written_by_me"),
    ],
)
async def test_it_says_whose_options_hold(tmp_path: Path, *, own: bool, said: str, held: str) -> None:
    (tmp_path / "config").mkdir()
    if own:
        (tmp_path / "config" / "options.yml").write_text("written_by_me: 1\n")
    flags = ("--config-dir", str(tmp_path / "config"))
    async with supervised(tmp_path, *flags, options="made_by_the_app: 1\n") as (server, _):
        await server.said(said)
        await server.said(READY)
        assert await server.stop() == 0
    (warning,) = [line for line in server.log if " WARNING " in line]
    assert held in warning, "its unknown key is complained of"
