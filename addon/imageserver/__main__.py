"""Flags and environment -> settings -> a server -> its listeners -> until a signal says stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack
from ipaddress import ip_address
from random import Random
from typing import TYPE_CHECKING

from . import arguments as command_line
from .exceptions import ImageServerError, SettingsError
from .generations.provider_set import ProviderSet
from .installation import TOKEN_FILE
from .log import log as logs
from .providers import ADAPTERS, user_adapters
from .server import load_options, open_server
from .timing.clock import SystemClock
from .timing.jobs import Job, Jobs
from .timing.time_zone import local_zone
from .tls.certificates import Certificates
from .web.api import management_application
from .web.frame import frame_application
from .web.frame_desk import ServersFrameDesk
from .web.listeners import Listener, serving
from .web.status_page import status_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from .arguments import Arguments
    from .exceptions import Mistake
    from .options.options import Loaded
    from .server import Server

_LOGGER = logging.getLogger(__name__)

INGRESS = ip_address("172.30.32.2")
"""Where the Supervisor's ingress speaks from; only it has this address, and only inside an app."""

CERTIFICATE_SECONDS = 60


def main() -> int:
    """Run the server, or check its configuration; returns the exit code."""
    arguments = command_line.parse(sys.argv[1:], os.environ)
    if arguments.check:
        return check(arguments)
    return asyncio.run(run(arguments, os.environ))


def check(arguments: Arguments) -> int:
    """Say everything that is wrong with the configuration; 1 if there is anything."""
    try:
        _, loaded, unusable = _configuration(arguments)
    except SettingsError as error:
        print(error)
        return 1
    for warning in loaded.warnings:
        print(f"warning: {warning}")
    mistakes = (*loaded.mistakes, *unusable)
    for mistake in mistakes:
        print(f"mistake: {mistake}")
    print(f"Mistakes: {len(mistakes)}, warnings: {len(loaded.warnings)}")
    return 1 if mistakes else 0


async def run(arguments: Arguments, environment: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code."""
    signals = _Signals()
    zone = local_zone(environment)
    log = logs.setup(log_dir=arguments.places.log, zone=zone.zone)
    clock = SystemClock(zone.zone)
    try:
        _LOGGER.info(zone.describe(clock.now()))
        if zone.ignored:
            _LOGGER.warning(zone.ignored)
        arguments.places.data.mkdir(parents=True, exist_ok=True)
        provider_set, loaded, unusable = await asyncio.to_thread(_configuration, arguments)
        log.hide(loaded.secrets)
        log.set_level(loaded.settings.log_level)
        for mistake in unusable:
            _LOGGER.error("%s", mistake)
        async with open_server(
            places=arguments.places,
            clock=clock,
            random=Random(),
            log=log,
            loaded=loaded,
            provider_set=provider_set,
        ) as server:
            await _serve(server, arguments, signals, as_app="SUPERVISOR_TOKEN" in environment)
        _LOGGER.info("Stopped")
    except (ImageServerError, OSError) as error:
        _LOGGER.error("The server can't run: %s", error)  # noqa: TRY400 - a sentence, not a traceback
        return 1
    finally:
        log.close()
    return 0


def _configuration(arguments: Arguments) -> tuple[ProviderSet, Loaded, list[Mistake]]:
    adapters, unusable = user_adapters(arguments.places.user_providers)
    provider_set = ProviderSet((*ADAPTERS, *adapters))
    return provider_set, load_options(arguments.places, provider_set), unusable


async def _serve(server: Server, arguments: Arguments, signals: _Signals, *, as_app: bool) -> None:
    async with AsyncExitStack() as stack:
        certificates = await _certificates(server, stack)
        desk = ServersFrameDesk(server)
        frames, management = _listeners(desk, arguments, certificates, as_app=as_app)
        frame_app = frame_application(
            desk=desk,
            networks=lambda: server.settings.frame_networks,
            page=status_page(server),
        )
        management_app = management_application(server, ingress=INGRESS if as_app else None)
        await _open(stack, frame_app, frames)
        await _open(stack, management_app, management)
        await server.welcome()
        _tell_addresses(arguments, as_app=as_app)
        await signals.until_stopped(server)
        _LOGGER.info("Stopping")


async def _certificates(server: Server, stack: AsyncExitStack) -> Certificates:
    certificates = Certificates(
        cert_dir=server.places.certificates,
        own_dir=server.places.tls,
        addresses=lambda: server.settings.server_addresses,
        clock=server.clock,
        problems=server.problems,
    )
    await certificates.open()
    jobs = Jobs(clock=server.clock)
    stack.push_async_callback(jobs.close)
    jobs.replace([Job("renew certificate", seconds=CERTIFICATE_SECONDS, action=certificates.refresh)])
    return certificates


def _listeners(
    desk: ServersFrameDesk, arguments: Arguments, certificates: Certificates, *, as_app: bool
) -> tuple[list[Listener], list[Listener]]:
    def plain_http(address: str) -> None:
        desk.spoke_plain_http(address, port=arguments.port, http_port=arguments.http_port)

    host, context = arguments.host, certificates.context
    https = Listener(host=host, port=arguments.port, option="--port", tls=context, on_plain_http=plain_http)
    http = Listener(host=host, port=arguments.http_port, option="--http-port")
    management = Listener(
        host=host, port=arguments.api_port, option="--api-port", tls=None if as_app else context
    )
    frames = [listener for listener in (https, http) if listener.port]
    return frames, [management] if management.port else []


async def _open(stack: AsyncExitStack, application: web.Application, listeners: list[Listener]) -> None:
    if listeners:
        await stack.enter_async_context(serving(application, *listeners))


def _tell_addresses(arguments: Arguments, *, as_app: bool) -> None:
    host = arguments.host or "this machine's address"
    page = None
    if arguments.port:
        page = f"https://{host}:{arguments.port}"
        _LOGGER.info("Frames that speak HTTPS: %s", page)
    if arguments.http_port:
        page = f"http://{host}:{arguments.http_port}"
        _LOGGER.info("Frames that speak plain HTTP: %s", page)
    if arguments.api_port:
        address = f"{'http' if as_app else 'https'}://{host}:{arguments.api_port}"
        _LOGGER.info("Management: %s, with the token in %s", address, arguments.places.data / TOKEN_FILE)
    if page:
        _LOGGER.info("To see what it does, open %s in a browser", page)


class _Signals:
    """Takes signals from the first moment on: one that comes while the server starts is not lost."""

    def __init__(self) -> None:
        self._stopped = asyncio.Event()
        self._reloads: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stopped.set)
        loop.add_signal_handler(signal.SIGINT, self._stopped.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)

    async def until_stopped(self, server: Server) -> None:
        """Reload the server as often as asked, until it is to stop."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload, server)
        await self._stopped.wait()

    def _reload(self, server: Server) -> None:
        task = asyncio.create_task(server.reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)


if __name__ == "__main__":
    sys.exit(main())
