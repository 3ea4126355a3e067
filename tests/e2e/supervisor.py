"""A Supervisor between the app and Home Assistant, for what the two tell each other through it.

Towards the app it is the one of `tests/simulators`. Home Assistant asks it what apps have announced, and is
told when an app announces itself anew.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import yaml
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.processes import ROOT
from tests.simulators.supervisor import SupervisorSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

APP_TOKEN = "made-up-token-of-the-app"
CORE_TOKEN = "made-up-token-of-home-assistant"
ADDRESS = "127.0.0.1"
"""Of the app: its host name is known to the Supervisor's own name server alone."""

_INSTALLED: Mapping[str, Any] = {
    "advanced": False,
    "apparmor": "profile",
    "arch": ["aarch64", "amd64"],
    "audio": False,
    "audio_input": None,
    "audio_output": None,
    "auth_api": False,
    "auto_update": False,
    "available": True,
    "boot": "auto",
    "boot_config": "auto",
    "build": False,
    "changelog": True,
    "detached": False,
    "devices": [],
    "devicetree": False,
    "dns": [],
    "docker_api": False,
    "documentation": True,
    "full_access": False,
    "gpio": False,
    "hassio_api": False,
    "hassio_role": "default",
    "homeassistant": None,
    "host_dbus": False,
    "host_ipc": False,
    "host_pid": False,
    "host_uts": False,
    "icon": True,
    "ingress_panel": True,
    "kernel_modules": False,
    "logo": True,
    "long_description": None,
    "machine": [],
    "privileged": [],
    "protected": True,
    "rating": 8,
    "repository": "local",
    "schema": [],
    "services": [],
    "signed": False,
    "stage": "stable",
    "startup": "application",
    "stdin": False,
    "system_managed": False,
    "system_managed_config_entry": None,
    "translations": {},
    "uart": False,
    "udev": False,
    "update_available": False,
    "url": None,
    "usb": False,
    "video": False,
    "watchdog": False,
    "webui": None,
}
"""What Home Assistant reads of an app, and we have nothing to say about."""


class Supervisor:
    """One Supervisor with one app.

    Attributes:
        simulator: What the app sees of it.
    """

    def __init__(self, *, simulator: SupervisorSimulator, app_url: str, app: Mapping[str, Any]) -> None:
        """Know the app.

        Args:
            simulator: See the class.
            app_url: Where the simulator answers.
            app: What the app's config.yaml says.
        """
        self.simulator = simulator
        self._app_url = app_url
        self._app = app

    @property
    def environment(self) -> dict[str, str]:
        """What the app finds in its environment."""
        return {"SUPERVISOR_TOKEN": APP_TOKEN, "SUPERVISOR_API": self._app_url}

    async def tell_of_messages(self, tell: Callable[[str], Awaitable[object]]) -> None:
        """Tell Home Assistant the id of each message from now on, for ever."""
        told = len(self.simulator.pushed)
        while True:
            while len(self.simulator.pushed) == told:  # noqa: ASYNC110 - it is asked by no event of ours
                await asyncio.sleep(0.05)
            await tell(self.simulator.pushed[told]["uuid"])
            told += 1

    def application(self) -> web.Application:
        """Return what Home Assistant sees."""
        app = web.Application(middlewares=[_for_home_assistant])
        app.add_routes(
            [
                web.get("/discovery", self._messages),
                web.get("/discovery/{uuid}", self._message),
                web.get("/addons/{slug}/info", self._app_info),
            ]
        )
        return app

    def _known(self) -> dict[str, dict[str, Any]]:
        """Return the messages by their ids, of several with one id the latest."""
        return {
            message["uuid"]: {**message, "config": {**message["config"], "host": ADDRESS}}
            for message in self.simulator.pushed
        }

    async def _messages(self, _: web.Request) -> web.Response:
        return _ok({"discovery": list(self._known().values()), "services": {}})

    async def _message(self, request: web.Request) -> web.Response:
        message = self._known().get(request.match_info["uuid"].replace("-", ""))
        if message is None:
            unknown = {"result": "error", "message": "Discovery message not found"}
            return web.json_response(unknown, status=404)
        return _ok(message)

    async def _app_info(self, _: web.Request) -> web.Response:
        headers = {"Authorization": f"Bearer {APP_TOKEN}"}
        async with (
            ClientSession() as session,
            session.get(f"{self._app_url}/addons/self/info", headers=headers) as answer,
        ):
            seen_by_the_app = (await answer.json())["data"]
        told = {
            "description": self._app["description"],
            "startup": self._app.get("startup", "application"),
            "version_latest": self._app["version"],
        }
        return _ok({**_INSTALLED, **told, **seen_by_the_app})


@asynccontextmanager
async def open_supervisor() -> AsyncIterator[tuple[Supervisor, str]]:
    """Install the app; returns the Supervisor, and at which host and port Home Assistant finds it."""
    config = yaml.safe_load((ROOT / "addon" / "config.yaml").read_text())
    simulator = SupervisorSimulator(config=config, token=APP_TOKEN)
    async with TestServer(simulator.application()) as app_side:
        app_url = str(app_side.make_url("")).rstrip("/")
        supervisor = Supervisor(simulator=simulator, app_url=app_url, app=config)
        async with TestServer(supervisor.application()) as core_side:
            yield supervisor, f"{core_side.host}:{core_side.port}"


@web.middleware
async def _for_home_assistant(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {CORE_TOKEN}":
        raise web.HTTPForbidden
    return await handler(request)


def _ok(data: Mapping[str, Any]) -> web.Response:
    return web.json_response({"result": "ok", "data": data})
