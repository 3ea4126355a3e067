"""Ports, and the lifetime of what is served at them.

Sockets are accepted here and not by asyncio's server, which keeps to itself what is needed here: which
client failed to speak TLS and how, how many connections there are; and it has one certificate for ever.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

from aiohttp import web

from ..exceptions import SettingsError
from .connections import Connections, Limits
from .middleware import REFUSAL_BODY
from .reserve import Reserve

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from .middleware import Refusal

_LOGGER = logging.getLogger(__name__)

_BACKLOG = 128
"""With fewer, a crowd of frames has to wait for TCP's next try, seconds later."""
_AT_A_TIME = 16
"""Connections accepted in one turn of the event loop: with one, who comes after a crowd waits long."""


class Listener:
    """A port at which an application is reached."""

    def __init__(
        self,
        *,
        host: str | None,
        port: int,
        option: str,
        tls: Callable[[], ssl.SSLContext] | None = None,
        on_plain_http: Callable[[str], None] | None = None,
    ) -> None:
        """Describe a listener; `serving` opens it.

        Args:
            host: Address or name; None for all addresses of the machine.
            port: 0 for any that is free.
            option: The flag by which a user sets the port, for messages.
            tls: Gives the context for each new connection; None for plain HTTP.
            on_plain_http: Is told the address of a client that speaks plain HTTP to a TLS port.
        """
        self._host = host
        self._port = port
        self._option = option
        self._tls = tls
        self._on_plain_http = on_plain_http
        self._sockets: list[socket.socket] = []

    @property
    def port(self) -> int:
        """The port; while it is open, the one that was free."""
        return int(self._sockets[0].getsockname()[1]) if self._sockets else self._port

    @asynccontextmanager
    async def open(self, connections: Connections, reserve: Reserve) -> AsyncIterator[None]:
        """Accept connections for as long as the block lasts.

        Raises:
            SettingsError: The port or the address can't be used.
        """
        self._sockets = await self._bind()
        tasks = [asyncio.create_task(self._accept(sock, connections, reserve)) for sock in self._sockets]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for sock in self._sockets:
                sock.close()
            self._sockets = []

    async def _bind(self) -> list[socket.socket]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        except (OSError, UnicodeError) as error:
            raise self._unusable(error) from error
        opened: list[socket.socket] = []
        for family, address in sorted({(family, sockaddr[0]) for family, _, _, _, sockaddr in found}):
            port = opened[0].getsockname()[1] if opened else self._port
            try:
                sock = socket.create_server((str(address), port), family=family, backlog=_BACKLOG)
            except OSError as error:
                if opened and error.errno in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
                    continue  # a machine without IPv6
                for other in opened:
                    other.close()
                raise self._unusable(error) from error
            sock.setblocking(False)
            opened.append(sock)
        return opened

    def _unusable(self, error: Exception) -> SettingsError:
        number = error.errno if isinstance(error, OSError) else None
        if number == errno.EADDRINUSE:
            return SettingsError(
                f"Port {self._port} is taken: end what uses it, or choose another one with {self._option}"
            )
        if number == errno.EACCES:
            return SettingsError(
                f"Port {self._port} is not allowed: choose one over 1023 with {self._option}"
            )
        return SettingsError(f"{self._host} is no address of this machine: choose another one with --host")

    async def _accept(self, listening: socket.socket, connections: Connections, reserve: Reserve) -> None:
        loop = asyncio.get_running_loop()
        failing = False
        for number in count(1):
            try:
                sock, peer = await loop.sock_accept(listening)
            except ConnectionError:
                continue  # it has gone again
            except OSError as error:
                if reserve.give_up(error, port=self.port):
                    continue
                if not failing:
                    _LOGGER.warning("Port %s takes no connections for the moment: %s", self.port, error)
                failing = True
                await asyncio.sleep(connections.limits.pause_seconds)
                continue
            failing = False
            tls = self._tls() if self._tls else None
            connections.take(sock, peer[0], tls=tls, on_plain_http=self._on_plain_http)
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)  # a flood of connections leaves room for other work


def _plain(refusal: Refusal) -> bytes:
    return refusal.message.encode()


@asynccontextmanager
async def serving(
    application: web.Application, *listeners: Listener, limits: Limits | None = None
) -> AsyncIterator[None]:
    """Serve an application for as long as the block lasts; running answers finish then.

    Streams that never end by themselves have to be ended in the application's `on_shutdown`.

    Raises:
        SettingsError: A port or an address can't be used.
    """
    limits = limits or Limits()
    runner = web.AppRunner(application, shutdown_timeout=limits.answer_seconds)
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        assert runner.server is not None  # noqa: S101 - it is there after setup
        refusal_body = application.get(REFUSAL_BODY, _plain)
        connections = Connections(runner.server, limits=limits, refusal_body=refusal_body)
        stack.push_async_callback(connections.close)
        reserve = Reserve(retry_seconds=limits.pause_seconds)
        stack.callback(reserve.close)
        for listener in listeners:
            await stack.enter_async_context(listener.open(connections, reserve))
        yield
