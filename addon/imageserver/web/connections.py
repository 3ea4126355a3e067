"""The connections of one application, from the accepted socket until they are aiohttp's."""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web
from aiohttp.http import HttpProcessingError

from ..exceptions import BadRequestError
from .giving_way import Guest, Standing, is_full, makes_room
from .middleware import SERVER, Refusal

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine

    from .middleware import RefusalBody

_LOGGER = logging.getLogger(__name__)

NO_HTTP = Refusal(400, BadRequestError.code, "That is not HTTP, or its head is over 8 KiB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What connections may take.

    Attributes:
        idle_seconds: Without a whole request head: silent from the beginning, or between requests.
        handshake_seconds: For the beginning of TLS.
        goodbye_seconds: For the end of TLS, and for the rest of a body that nobody wants.
        answer_seconds: For running answers when the server stops; aiohttp may take it twice.
        connections: At once; with more, somebody gives way.
        connections_of_one: Of these, from one address; 64 frames behind one router have had 100, some of
            them on their way out.
        pause_seconds: Until the next try where the system has no descriptor or memory left.
    """

    idle_seconds: float = 10.0
    handshake_seconds: float = 10.0
    goodbye_seconds: float = 2.0
    answer_seconds: float = 1.0
    connections: int = 250
    connections_of_one: int = 160
    pause_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class _Arriving:
    """Who is accepted, and not yet the application's."""

    sock: socket.socket
    address: str
    beginning: Coroutine[Any, Any, None]


class Connections:
    """Takes accepted sockets to the application, within limits."""

    def __init__(self, server: web.Server, *, limits: Limits, refusal_body: RefusalBody) -> None:
        self.limits = limits
        self._server = server
        self._no_http = refusal_body(NO_HTTP)
        self._arriving: dict[asyncio.Task[None], _Arriving] = {}

    def take(
        self,
        sock: socket.socket,
        address: str,
        *,
        tls: ssl.SSLContext | None,
        on_plain_http: Callable[[str], None] | None,
    ) -> None:
        """Begin a connection; where there are too many, one that keeps us waiting ends, or it does itself."""
        if not self._has_room(address):
            sock.close()
            return
        beginning = self._begin(sock, address, tls, on_plain_http)
        task = asyncio.create_task(beginning)
        self._arriving[task] = _Arriving(sock, address, beginning)
        task.add_done_callback(self._arriving.pop)

    async def close(self) -> None:
        """Turn away who has not come in yet; the others are the application's."""
        arriving = list(self._arriving)
        for task in arriving:
            self._send_away(task)
        await asyncio.gather(*arriving, return_exceptions=True)

    def _has_room(self, address: str) -> bool:
        limits, guests = self.limits, self._guests()
        of_one = limits.connections_of_one
        if not is_full(guests, address, connections=limits.connections, connections_of_one=of_one):
            return True
        leaving = makes_room(guests, address, connections_of_one=of_one)
        if leaving is None:
            _LOGGER.debug("A connection from %s is one too many", address)
            return False
        _LOGGER.debug("A connection from %s gives way to one from %s", leaving.address, address)
        leaving.leave()
        return True

    def _guests(self) -> list[Guest]:
        """Return who is there, without those who were told to leave."""
        guests = [
            connection.as_guest()
            for connection in self._server.connections
            if isinstance(connection, _Connection) and connection.transport is not None
        ]
        guests += [
            Guest(
                address=arriving.address,
                standing=Standing.NEVER_ASKED,
                leave=partial(self._send_away, task),
            )
            for task, arriving in self._arriving.items()
            if not task.cancelling()
        ]
        return guests

    def _send_away(self, task: asyncio.Task[None]) -> None:
        arriving = self._arriving[task]
        if getcoroutinestate(arriving.beginning) == CORO_CREATED:
            arriving.sock.close()  # what never begins can't do it
        task.cancel()

    async def _begin(
        self,
        sock: socket.socket,
        address: str,
        tls: ssl.SSLContext | None,
        on_plain_http: Callable[[str], None] | None,
    ) -> None:
        limits = self.limits
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                sock,
                ssl=tls,
                ssl_handshake_timeout=limits.handshake_seconds if tls else None,
                ssl_shutdown_timeout=limits.goodbye_seconds if tls else None,
            )
        except OSError as error:
            _LOGGER.debug("The TLS handshake with %s failed: %s", address, error)
            if isinstance(error, ssl.SSLError) and error.reason == "HTTP_REQUEST" and on_plain_http:
                on_plain_http(address)

    def _protocol(self) -> web.RequestHandler:
        return _Connection(
            self._server,
            no_http=self._no_http,
            loop=asyncio.get_running_loop(),
            # Counts from the first moment of a connection, and anew from each answer.
            keepalive_timeout=self.limits.idle_seconds,
            lingering_time=self.limits.goodbye_seconds,
            access_log=None,  # its documented way to have none
            auto_decompress=False,  # a small body stays small
        )


class _Connection(web.RequestHandler):
    """Answers what is not HTTP quietly, and in our form; knows what it is waiting for."""

    __slots__ = ("_no_http",)

    def __init__(self, server: web.Server, *, no_http: bytes, **options: Any) -> None:
        super().__init__(server, **options)
        self._no_http = no_http

    def as_guest(self) -> Guest:
        """Tell what it is doing, from what aiohttp itself ends idle connections by."""
        peer = self.peername
        return Guest(
            address=peer[0] if isinstance(peer, tuple) else "",
            standing=self._standing(),
            leave=self._leave,
        )

    def _standing(self) -> Standing:
        if self.transport is not None and self.transport.get_write_buffer_size():
            return Standing.RECEIVING
        if self._messages:
            return Standing.WORKED_FOR
        if self._request_in_progress:
            request = self._current_request
            sending = request is not None and not request.content.is_eof()
            return Standing.SENDING if sending else Standing.WORKED_FOR
        if self._waiter is None:
            return Standing.SENDING  # the rest of a body that nobody wants
        return Standing.BETWEEN_REQUESTS if self._request_count else Standing.NEVER_ASKED

    def _leave(self) -> None:
        transport = self.transport
        self.force_close()
        if transport is not None:
            transport.abort()  # closed alone, it would stay until its answer is taken

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        _LOGGER.debug("%s does not speak HTTP: %r", request.remote, exc)
        response = web.Response(
            status=NO_HTTP.status,
            headers={hdrs.SERVER: SERVER},
            body=self._no_http,
            content_type="application/json",
        )
        response.force_close()
        return response
