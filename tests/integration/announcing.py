"""A server that is an app: it tells a simulated Supervisor of itself, and Home Assistant hears of it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp.test_utils import TestServer
from homeassistant.config_entries import SOURCE_HASSIO
from homeassistant.helpers.service_info.hassio import HassioServiceInfo

from tests.integration.conftest import DOMAIN
from tests.processes import ServerProcess, run_server
from tests.simulators.supervisor import SupervisorSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from homeassistant.config_entries import ConfigFlowResult
    from homeassistant.core import HomeAssistant

SLUG = "local_aiframes"
NAME = "AIFrames ImageServer"
PATIENCE = 40.0
SUPERVISOR_TOKEN = "made-up-token-of-the-supervisor"


@dataclass(frozen=True, slots=True)
class App:
    """A running app."""

    process: ServerProcess
    simulator: SupervisorSimulator
    root: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.process.api_port}"

    @property
    def token(self) -> str:
        return (self.root / "data" / "api_token").read_text()

    async def message(self, count: int = 1, **others: Any) -> HassioServiceInfo:
        """Return what it told the last of so many times, but at an address of this machine."""
        async with asyncio.timeout(PATIENCE):
            while len(self.simulator.pushed) < count:  # noqa: ASYNC110 - another process tells in its own time
                await asyncio.sleep(0.02)
        config = {**self.simulator.pushed[count - 1]["config"], "host": "127.0.0.1", **others}
        return HassioServiceInfo(config=config, name=NAME, slug=SLUG, uuid="5b2c1e")


@asynccontextmanager
async def run_app(root: Path) -> AsyncIterator[App]:
    """Run a server as an app; the same root again is a restart."""
    config = {"name": NAME, "slug": "aiframes", "version": "2.0.0", "discovery": ["aiframes"]}
    simulator = SupervisorSimulator(config=config, token=SUPERVISOR_TOKEN)
    async with TestServer(simulator.application()) as supervisor:
        environment = {
            "SUPERVISOR_TOKEN": SUPERVISOR_TOKEN,
            "SUPERVISOR_API": str(supervisor.make_url("")).rstrip("/"),
        }
        async with run_server(root, environment=environment) as process:
            yield App(process, simulator, root)


async def discover(hass: HomeAssistant, message: HassioServiceInfo) -> ConfigFlowResult:
    """Let Home Assistant hear of a server, as its part for the Supervisor does."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_HASSIO}, data=message)
