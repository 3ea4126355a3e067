"""What stands between a listener and the handlers: who may come in, limits, and errors as answers."""

from __future__ import annotations

import asyncio
import logging
import math
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, hdrs, web

from ..exceptions import (
    BadRequestError,
    ForbiddenError,
    ImageServerError,
    NoMemoryError,
    NotFoundError,
    RequestError,
    TooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
)
from .refusal_log import RefusalLog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from ipaddress import IPv4Address

    from aiohttp.typedefs import Handler, Middleware

    from ..settings import Network

_LOGGER = logging.getLogger(__name__)

SERVER = "ImageServer"

MAX_BODY = 16 * 1024
TOO_LARGE = f"The body is over {MAX_BODY // 1024} KiB"
BODY_SECONDS = 10.0

_STRANGERS_REMEMBERED = 1000

_AT_HOME = (
    ".local", ".internal", ".lan", ".home", ".localdomain", ".localhost", ".home.arpa", ".fritz.box",
)  # fmt: skip
"""How names end that only routers give."""

_OF_STRANGERS = (NotFoundError, ForbiddenError, UnauthorizedError, TooManyRequestsError)
"""Errors that are nobody's fault here; who may come in says once what is worth knowing."""

_OF_CONNECTIONS = (ConnectionError, ssl.SSLError)
"""With TLS, a client that goes in the middle of its body looks like a broken record."""


# Errors become answers


@dataclass(frozen=True, slots=True)
class Refusal:
    """What went wrong, as a client is told.

    Attributes:
        mistakes: Each single mistake, as path and message.
    """

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    mistakes: tuple[tuple[str, str], ...] = ()


class RefusalBody(Protocol):
    """Writes an error down as the clients of an application are told it."""

    def __call__(self, refusal: Refusal) -> bytes:
        """Return a body of JSON."""


REFUSAL_BODY = web.AppKey("refusal_body", RefusalBody)
"""For what is answered before an application has seen it."""


def answer_errors(body: Callable[[Refusal], bytes]) -> Middleware:
    """Answer whatever goes wrong behind this with JSON, and keep the connection.

    aiohttp's own answers to errors are plain text, and close the connection with the answer: a frame
    misses an answer that comes together with the end of its connection.
    """
    log = RefusalLog()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - the edge: whatever happened, the client is answered
            if isinstance(error, _OF_CONNECTIONS) and has_left(request):
                _LOGGER.debug("%s left before its answer: %s", request.remote, error)
                return web.Response()  # nobody is there to read it
            refusal = _refusal(request, error, log)
            if request.writer.output_size and request.transport is not None:
                request.transport.abort()  # half an answer can't be taken back
            return web.Response(
                status=refusal.status,
                headers=refusal.headers,
                body=body(refusal),
                content_type="application/json",
            )

    return middleware


def tell_what_lasts(settled: Callable[[], Awaitable[None]]) -> Middleware:
    """Let what an answer tells be on the disk before it leaves: a crash takes nothing back."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:  # a stream sees to that itself
            await settled()
        return response

    return middleware


def has_left(request: web.BaseRequest) -> bool:
    """Tell whether the client closed its connection, which frames do as soon as they have what they need."""
    return request.transport is None or request.transport.is_closing() or request.remote is None


def _refusal(request: web.Request, error: Exception, log: RefusalLog) -> Refusal:
    where = f"{request.method} {request.rel_url.raw_path}"
    if isinstance(error, web.HTTPException):
        return _of_http(error)
    if isinstance(error, web.RequestPayloadError):
        error = BadRequestError("The body is broken")
    if isinstance(error, MemoryError):
        error = NoMemoryError("There is too little memory for this at the moment")
    if not isinstance(error, ImageServerError):
        _LOGGER.error("%s from %s failed", where, request.remote, exc_info=error)
        return Refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR, ImageServerError.code, "Internal error: the log says more"
        )
    said = f"{where} from {request.remote} refused: {error}"
    if isinstance(error, _OF_STRANGERS):
        _LOGGER.debug("%s", said)
    else:
        log.tell(str(request.remote), said)
    headers: dict[str, str] = {}
    if isinstance(error, TooManyRequestsError):
        headers[hdrs.RETRY_AFTER] = str(math.ceil(error.retry_after))
    mistakes = error.mistakes if isinstance(error, RequestError) else ()
    return Refusal(
        error.status,
        error.code,
        str(error),
        headers,
        tuple((mistake.path, mistake.message) for mistake in mistakes),
    )


def _of_http(error: web.HTTPException) -> Refusal:
    codes = {404: NotFoundError.code, 413: TooLargeError.code}
    headers = {str(name): value for name, value in error.headers.items() if name == hdrs.ALLOW}
    code = codes.get(error.status, error.reason.replace(" ", ""))
    return Refusal(error.status, code, _text_of(error), headers)


def _text_of(error: web.HTTPException) -> str:
    match error:
        case web.HTTPMethodNotAllowed():
            return f"{error.method} is not possible here, but {', '.join(sorted(error.allowed_methods))}"
        case web.HTTPRequestTimeout():
            return "The body did not come in time"
        case web.HTTPRequestEntityTooLarge():
            return TOO_LARGE
        case _:
            return error.reason


# Who may come in


def address_of(request: web.BaseRequest) -> IPv4Address | IPv6Address:
    """Return the client's address; an IPv4 address that came over an IPv6 socket is IPv4 again.

    Raises:
        ConnectionResetError: It had left before its connection began, and nobody knows who it was.
    """
    if request.remote is None:
        raise ConnectionResetError
    address = ip_address(request.remote)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def only_from(networks: Callable[[], Iterable[Network]]) -> Middleware:
    """Refuse clients outside these networks, which may change while the server runs."""
    strangers: set[IPv4Address | IPv6Address] = set()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        address = address_of(request)
        if any(address in network for network in networks()):
            strangers.discard(address)
            return await handler(request)
        if address not in strangers and len(strangers) < _STRANGERS_REMEMBERED:
            strangers.add(address)
            _LOGGER.warning("%s is refused: it is outside frame_networks", address)
        raise ForbiddenError("Your address is outside frame_networks")

    return middleware


@web.middleware
async def refuse_foreign_origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a page of another site sends: whatever somebody in the house opens could spend money."""
    # Not `request.host`: where no client says whom it speaks to, that asks the DNS, and everybody waits.
    host = request.headers.get(hdrs.HOST, "")
    if not all(_is_own(origin, host) for origin in request.headers.getall(hdrs.ORIGIN, ())):
        raise ForbiddenError("Pages of other sites may not ask here")
    return await handler(request)


def under_own_name(handler: Handler, *, names: Callable[[], Iterable[str]]) -> Handler:
    """Answer only who calls the server by a name that is its own.

    Whoever owns another name can point it at an address in the house, and a page of his that somebody has
    opened then reads the answers: a browser takes them for his own, and names no origin.

    Args:
        handler: Answers.
        names: Those that a person has given it.
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        host = request.headers.get(hdrs.HOST, "")
        if not _is_home(host, names()):
            raise ForbiddenError("Open this page by an address, or name the host in server_addresses")
        return await handler(request)

    return guarded


def _is_home(host: str, names: Iterable[str]) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return not host or _is_at_home(name) or name in {own.lower() for own in names}


def _is_own(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.netloc.lower() == host.lower() and _is_at_home(parts.hostname or "")
    except ValueError:
        return False


def _is_at_home(name: str) -> bool:
    """Tell whether a name can't be one of the public DNS, which its owner may point at any address."""
    try:
        ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_AT_HOME)
    return True


# Limits


async def read_body(request: web.Request, *, seconds: float = BODY_SECONDS, invited: bool = False) -> bytes:
    """Return a request's body; one that says that it is too large is refused before it is read.

    The application's `client_max_size` has to be MAX_BODY, for bodies that do not say.

    Args:
        request: Whose body it is.
        seconds: How long it may take.
        invited: Answer `Expect: 100-continue`, which no frame may be.
    """
    if (request.content_length or 0) > MAX_BODY:
        raise TooLargeError(TOO_LARGE)
    if invited:
        await invite(request)
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None


async def invite(request: web.Request) -> None:
    """Tell a client that waits for leave to send its body that the body is wanted."""
    expected = request.headers.get(hdrs.EXPECT, "").lower()
    if expected == "100-continue" and request.version >= HttpVersion11 and request.can_read_body:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # nothing of the answer is sent by that


# Routes and headers


async def without_interim(_: web.Request) -> None:
    """Pass over `Expect: 100-continue`: a frame takes an interim answer for the final one.

    aiohttp would answer before anything is known of the request; who reads a body says when it is wanted.
    """


def add_routes(application: web.Application, path: str, handlers: Mapping[str, Handler]) -> None:
    """Add a path with a handler for each of its methods; other methods are told which there are."""
    allowed = ", ".join((*handlers, "OPTIONS"))

    async def other(request: web.Request) -> web.StreamResponse:
        if request.method == hdrs.METH_OPTIONS:
            return web.Response(status=HTTPStatus.NO_CONTENT, headers={hdrs.ALLOW: allowed})
        raise web.HTTPMethodNotAllowed(request.method, allowed.split(", "))

    resource = application.router.add_resource(path)
    for method, handler in (*handlers.items(), ("*", other)):
        resource.add_route(method, handler, expect_handler=without_interim)


def close_routes(application: web.Application) -> None:
    """Answer every path that was not added; to be called after the last `add_routes`."""

    async def nothing(_: web.Request) -> web.StreamResponse:
        raise NotFoundError("There is no such path")

    application.router.add_route("*", "/{path:(?s:.*)}", nothing, expect_handler=without_interim)


async def name_server(_: web.Request, response: web.StreamResponse) -> None:
    """Say what answers, without telling versions; a signal for `on_response_prepare`."""
    response.headers[hdrs.SERVER] = SERVER
