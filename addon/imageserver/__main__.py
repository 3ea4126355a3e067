"""Flags and environment -> settings -> a server -> its listeners -> until a signal says stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack
from ipaddress import ip_address
from random import Random
from typing import TYPE_CHECKING

import aiohttp

from . import arguments as command_line
from .exceptions import ImageServerError, SettingsError
from .generations.provider_set import ProviderSet, tell_unusable
from .log import log as logs
from .providers import ADAPTERS, user_adapters
from .server import load_options, open_server
from .supervisor import BASE_URL, Announcer, Supervisor
from .threads import FOR_FILES, Threads
from .timing.clock import SystemClock
from .timing.jobs import Job, Jobs
from .timing.time_zone import local_zone
from .tls.certificates import Certificates
from .tls.connection_memory import take_small_buffers
from .web.api import management_application
from .web.frame import frame_application
from .web.frame_desk import ServersFrameDesk
from .web.listeners import Listener, serving
from .web.middleware import under_own_name
from .web.status_page import status_page
from .whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from aiohttp import web

    from .arguments import Arguments
    from .exceptions import Mistake
    from .models import Json
    from .options.options import Loaded
    from .places import Places
    from .server import Server
    from .supervisor import Ports
from .timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

INGRESS = ip_address("172.30.32.2")
"""Where the Supervisor's ingress speaks from; only it has this address, and only inside an app."""

CERTIFICATE_SECONDS = 60


def main() -> int:
    """Run the server, or check its configuration; returns the exit code."""
    arguments = command_line.parse(sys.argv[1:], os.environ)
    if arguments.check:
        return check(arguments)
    runner = asyncio.Runner()
    try:
        return runner.run(run(arguments, os.environ))
    finally:
        with contextlib.suppress(RuntimeError):  # it ends threads with one more, if there is one
            runner.close()


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


async def run(
    arguments: Arguments,
    environment: Mapping[str, str],
    *,
    new_clock: Callable[[tzinfo], Clock] = SystemClock,
) -> int:
    """Serve until SIGTERM or SIGINT, by a clock for the local time zone; returns the exit code."""
    signals = _Signals()
    asyncio.get_running_loop().set_default_executor(Threads(FOR_FILES, name="files"))
    zone = local_zone(environment)
    log = logs.setup(log_dir=arguments.places.log, zone=zone.zone)
    clock = new_clock(zone.zone)
    try:
        log.hide((environment.get("SUPERVISOR_TOKEN", ""),))
        _LOGGER.info(zone.describe(clock.now()))
        if zone.ignored:
            _LOGGER.warning(zone.ignored)
        arguments.places.data.mkdir(parents=True, exist_ok=True)
        provider_set, loaded, unusable = await asyncio.to_thread(_configuration, arguments)
        log.hide(loaded.secrets)
        log.set_level(loaded.settings.log_level)
        async with open_server(
            places=arguments.places,
            clock=clock,
            random=Random(),
            log=log,
            loaded=loaded,
            provider_set=provider_set,
        ) as server:
            tell_unusable(server.problems, unusable)
            await _serve(server, arguments, environment, signals)
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


async def _serve(
    server: Server, arguments: Arguments, environment: Mapping[str, str], signals: _Signals
) -> None:
    as_app = bool(environment.get("SUPERVISOR_TOKEN"))
    whereabouts = Whereabouts(arguments=arguments, app_host=socket.gethostname() if as_app else None)
    _tell_options(arguments.places, as_app=as_app)
    async with AsyncExitStack() as stack:
        certificates = await _certificates(server, stack)
        desk = ServersFrameDesk(server)
        frames, management = _listeners(desk, arguments, certificates, whereabouts)
        frame_app = frame_application(
            desk=desk,
            networks=lambda: server.settings.frame_networks,
            page=under_own_name(status_page(server), names=lambda: server.loaded.settings.server_addresses),
        )
        management_app = management_application(server, ingress=INGRESS if as_app else None)
        await _open(stack, frame_app, frames)
        await _open(stack, management_app, management)
        await server.welcome()
        if as_app and management:
            await _announce(server, whereabouts, environment, stack)
        else:
            whereabouts.tell()
        await signals.until_stopped(server)
        _LOGGER.info("Stopping")


def _tell_options(places: Places, *, as_app: bool) -> None:
    if not as_app:
        none = "" if places.options.exists() else "the defaults, since there is no "
        _LOGGER.info("Options: %s%s", none, places.options)
    elif places.options.parent == places.data:
        _LOGGER.info("Options: those of the app's Configuration tab")
    else:
        _LOGGER.info("Options: %s; those of the app's Configuration tab are not used", places.options)


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
    desk: ServersFrameDesk, arguments: Arguments, certificates: Certificates, whereabouts: Whereabouts
) -> tuple[list[Listener], list[Listener]]:
    def plain_http(address: str) -> None:
        desk.spoke_plain_http(
            address,
            port=whereabouts.https_port or arguments.port,
            http_port=whereabouts.http_port,
            as_app=whereabouts.as_app,
        )

    take_small_buffers()
    host, context = arguments.host, certificates.context
    https = Listener(host=host, port=arguments.port, option="--port", tls=context, on_plain_http=plain_http)
    http = Listener(host=host, port=arguments.http_port, option="--http-port")
    management = Listener(
        host=host,
        port=arguments.api_port,
        option="--api-port",
        tls=None if whereabouts.as_app else context,
    )
    frames = [listener for listener in (https, http) if listener.port]
    return frames, [management] if management.port else []


async def _open(stack: AsyncExitStack, application: web.Application, listeners: list[Listener]) -> None:
    if listeners:
        await stack.enter_async_context(serving(application, *listeners))


async def _announce(
    server: Server, whereabouts: Whereabouts, environment: Mapping[str, str], stack: AsyncExitStack
) -> None:
    session = await stack.enter_async_context(
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True), cookie_jar=aiohttp.DummyCookieJar()
        )
    )

    def on_ports(ports: Ports | None) -> None:
        whereabouts.learn(ports)
        whereabouts.tell()

    def config() -> Mapping[str, Json]:
        return {
            "host": whereabouts.app_host,
            "port": whereabouts.api_port,
            "token": server.installation.token,
            "installation_id": server.installation.id,
            # What Home Assistant was told already is not passed on again: each start is something new.
            "started_at": server.started_at.isoformat(),
        }

    announcer = Announcer(
        supervisor=Supervisor(
            session=session,
            token=environment["SUPERVISOR_TOKEN"],
            base_url=environment.get("SUPERVISOR_API") or BASE_URL,
        ),
        clock=server.clock,
        config=config,
        on_ports=on_ports,
    )
    server.installation.on_token.append(lambda _: announcer.announce_again())
    stack.push_async_callback(announcer.close)
    announcer.start()


class _Signals:
    """Takes signals from the first moment on: one that comes while the server starts is not lost."""

    def __init__(self) -> None:
        self._stopped = asyncio.Event()
        self._reloads: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stopped.set)
        loop.add_signal_handler(signal.SIGINT, self._stopped.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
        # The container's entry has held them back; without it nothing has.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})

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
