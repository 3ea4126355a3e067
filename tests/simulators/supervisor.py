"""The Supervisor's REST API as one app sees it: no more is open to it, and refusals are the real ones.

    python -m tests.simulators.supervisor --config addon/config.yaml --token secret --port 8301

An app reaches it under the address in `SUPERVISOR_API`. `fault` breaks every answer from then on:

    refuse    the connection is reset before anything is answered
    drop      ... in the middle of the answer
    slow      nothing is answered before the simulator ends
    503       the Supervisor can't for the moment
    starting  the Supervisor has not started up yet: its API answers, but with 400
    nonsense  200, with a page that is none of the Supervisor's
    echo      400, with all that was sent
    flood     100 MB
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import yaml
from aiohttp import ClientError, ClientSession, web

from tests.simulators.manners import Answerer, Manner

if TYPE_CHECKING:
    from collections.abc import Mapping

_MANNERS = {
    "refuse": Manner.RESET_BEFORE,
    "drop": Manner.RESET_DURING,
    "slow": Manner.SILENCE,
    "flood": Manner.FLOOD,
}
FAULTS = (*_MANNERS, "503", "starting", "nonsense", "echo")

_OPEN = re.compile(r"/addons/self/(?!security|update)[^/]+|/addons/self/options/config|/info|/discovery.*")
"""What an app may ask for without any right of its own."""

_CORE = re.compile(r"/core/api/.*")
_SETTINGS = {"boot", "network", "auto_update", "ingress_panel", "watchdog", "options"}

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SupervisorSimulator:
    """One Supervisor with one app.

    Attributes:
        pushed: What Home Assistant was told to discover, in order, each with its config.
        asked: Every request, as `POST /discovery`, also those that were refused.
        fault: See the module; None = it works.
        network: The published port of each port of the app; None = not published.
        options: As the user has set them, over the defaults of the app's config.
        token: By which the app is known; the Supervisor makes a new one at each start.
        state: Of the app: `startup` until its container is healthy, then `started`.
        ip_address: Of the app's container.
        core: The address of a Home Assistant behind `/core/api/`; None = it does not run.
        on_restart: Is called when the app asks for its own restart.
    """

    def __init__(
        self, *, config: Mapping[str, Any], token: str, network: Mapping[str, int | None] | None = None
    ) -> None:
        """Install an app.

        Args:
            config: What its `config.yaml` says.
            token: By which the app is known.
            network: What the user has changed in its Network settings.
        """
        self.pushed: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.fault: str | None = None
        self.network: dict[str, int | None] = {**config.get("ports", {}), **(network or {})}
        self.options: dict[str, Any] = {}
        self.state = "started"
        self.ip_address = "172.30.33.5"
        self.core: str | None = None
        self.on_restart: Callable[[], Awaitable[None]] | None = None
        self._config = config
        self.token = token
        self._slug = f"local_{config['slug']}"
        self._messages: dict[str, dict[str, Any]] = {}
        self._answerer = Answerer()

    @property
    def hostname(self) -> str:
        """The app's name in the Supervisor's network."""
        return self._slug.replace("_", "-")

    def application(self) -> web.Application:
        """Return the API, ready to be served or mounted."""
        app = web.Application(middlewares=[self._faults, self._security], client_max_size=16 * 1024**2)
        app.add_routes(
            [
                web.get("/info", self._info),
                web.get("/addons/self/info", self._app_info),
                web.post("/addons/self/options", self._set_options),
                web.get("/addons/self/options/config", self._options_config),
                web.post("/addons/self/restart", self._restart),
                web.post("/discovery", self._discover),
                web.get("/discovery", self._for_home_assistant_only),
                web.get("/discovery/{uuid}", self._for_home_assistant_only),
                web.delete("/discovery/{uuid}", self._retract),
                web.route("*", "/core/api/{path:.*}", self._ask_core),
            ]
        )
        app.on_shutdown.append(self._close)
        return app

    @web.middleware
    async def _faults(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        match self.fault:
            case fault if fault in _MANNERS:
                half = b'{"result": "ok", "data": {"network": {}}}'
                return await self._answerer.answer(request, half, manner=_MANNERS[fault])
            case "503":
                return _error("Supervisor is busy", status=503)
            case "starting":
                return _error("System is not ready with state: setup")
            case "nonsense":
                return web.Response(text="<html>Wi-Fi of the hotel</html>", content_type="text/html")
            case "echo":
                return _error(f"Got {dict(request.headers)} {await request.text()}")
        return await handler(request)

    @web.middleware
    async def _security(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if _CORE.fullmatch(request.path):  # the proxy looks at the token itself
            return await handler(request)
        token = _token(request)
        if not token:
            raise web.HTTPUnauthorized
        if token != self.token or not _OPEN.fullmatch(request.path):
            raise web.HTTPForbidden
        return await handler(request)

    async def _info(self, _: web.Request) -> web.Response:
        return _ok(
            {
                "supervisor": "2026.08.0",
                "homeassistant": "2026.11.0",
                "hassos": None,
                "hostname": "homeassistant",
                "state": "running",
                "arch": "amd64",
                "supported": True,
                "channel": "stable",
                "logging": "info",
                "timezone": "Europe/Moscow",
            }
        )

    async def _app_info(self, _: web.Request) -> web.Response:
        ingress = f"/api/hassio_ingress/{self._slug}" if self._config.get("ingress") else None
        return _ok(
            {
                "name": self._config["name"],
                "slug": self._slug,
                "hostname": self.hostname,
                "version": self._config["version"],
                "state": self.state,
                "options": self._merged_options(),
                "network": dict(self.network) or None,
                "network_description": self._config.get("ports_description"),
                "host_network": False,
                "ip_address": self.ip_address,
                "discovery": list(self._config.get("discovery", [])),
                "ingress": ingress is not None,
                "ingress_entry": ingress,
                "ingress_url": f"{ingress}/" if ingress else None,
                "ingress_port": self._config.get("ingress_port", 8099) if ingress else None,
                "homeassistant_api": bool(self._config.get("homeassistant_api")),
            }
        )

    async def _set_options(self, request: web.Request) -> web.Response:
        body = await request.json()
        for unknown in body.keys() - _SETTINGS:
            return _error(f"extra keys not allowed @ data['{unknown}']. Got {body[unknown]!r}")
        if "options" in body:
            self.options = body["options"] or {}
        if "network" in body:
            changed = body["network"] or {}
            self.network = {
                port: changed.get(port, host) for port, host in self._config.get("ports", {}).items()
            }
        return _ok()

    async def _options_config(self, _: web.Request) -> web.Response:
        return _ok(self._merged_options())

    def _merged_options(self) -> dict[str, Any]:
        return _merged(self._config.get("options", {}), self.options)

    async def _restart(self, _: web.Request) -> web.Response:
        if self.on_restart is not None:
            await self.on_restart()
        return _ok()

    async def _discover(self, request: web.Request) -> web.Response:
        body = await request.json()
        for unknown in body.keys() - {"service", "config"}:
            return _error(f"extra keys not allowed @ data['{unknown}']. Got {body[unknown]!r}")
        service, config = body.get("service"), body.get("config")
        if not isinstance(service, str):
            return _error(f"expected str for dictionary value @ data['service']. Got {service!r}")
        if not isinstance(config, dict):
            return _error(f"expected a dictionary for dictionary value @ data['config']. Got {config!r}")
        if service not in self._config.get("discovery", []):
            return _error("Apps must list services they provide via discovery in their config!", status=403)
        known = next((one for one in self._messages.values() if one["service"] == service), None)
        if known is not None and known["config"] == config:
            return _ok({"uuid": known["uuid"]})
        uuid = known["uuid"] if known else uuid4().hex
        message = {"addon": self._slug, "service": service, "uuid": uuid, "config": config}
        self._messages[uuid] = message
        self.pushed.append(message)
        return _ok({"uuid": uuid})

    async def _retract(self, request: web.Request) -> web.Response:
        if self._messages.pop(request.match_info["uuid"], None) is None:
            return _error("Discovery message not found", status=404)
        return _ok()

    async def _for_home_assistant_only(self, _: web.Request) -> web.Response:
        raise web.HTTPUnauthorized

    async def _ask_core(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if path.startswith(("hassio/", "hassio_")):
            raise web.HTTPForbidden
        if _token(request) != self.token or not self._config.get("homeassistant_api"):
            raise web.HTTPUnauthorized
        if self.core is None:
            raise web.HTTPBadGateway
        try:
            async with (
                ClientSession() as session,
                session.request(
                    request.method, f"{self.core}/api/{path}", params=request.query, data=await request.read()
                ) as answer,
            ):
                return web.Response(
                    status=answer.status, body=await answer.read(), content_type=answer.content_type
                )
        except ClientError as error:
            raise web.HTTPBadGateway from error

    async def _close(self, _: web.Application) -> None:
        self._answerer.close()


def _token(request: web.Request) -> str:
    """The old headers come first, as they do there."""
    headers = request.headers
    authorization = headers.get("Authorization", "")
    return headers.get("X-Supervisor-Token") or headers.get("X-Hassio-Key") or authorization.split(" ")[-1]


def _ok(data: Mapping[str, Any] | None = None) -> web.Response:
    return web.json_response({"result": "ok", "data": data or {}})


def _error(message: str, *, status: int = 400) -> web.Response:
    return web.json_response({"result": "error", "message": message}, status=status)


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Merge as the Supervisor does: dicts deep, lists as a whole."""
    merged = dict(defaults)
    for key, value in own.items():
        known = merged.get(key)
        merged[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


async def _run(arguments: argparse.Namespace) -> None:
    config = yaml.safe_load(arguments.config.read_text("utf-8"))
    simulator = SupervisorSimulator(config=config, token=arguments.token)
    simulator.fault = arguments.fault
    simulator.core = arguments.core
    runner = web.AppRunner(simulator.application(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, arguments.host, arguments.port).start()
    print(f"SUPERVISOR_API=http://{arguments.host}:{arguments.port}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators.supervisor", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--config", type=Path, required=True, help="the app's config.yaml")
    parser.add_argument("--token", required=True, help="the app's SUPERVISOR_TOKEN")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8301)
    parser.add_argument("--core", help="address of a Home Assistant, without /api")
    parser.add_argument("--fault", choices=FAULTS)
    try:
        asyncio.run(_run(parser.parse_args()))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
