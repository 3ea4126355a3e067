"""The management API: what the integration, the page and scripts call."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from ...server import new_id
from ..access import Access
from ..event_stream import EventStream, StreamLimits
from ..middleware import (
    MAX_BODY,
    REFUSAL_BODY,
    add_routes,
    answer_errors,
    close_routes,
    name_server,
    tell_what_lasts,
)
from ..page import page
from ..request_body import BodyLimits, limit_bodies
from . import (
    events,
    frames,
    history,
    images,
    info,
    log,
    operations,
    prompts,
    providers,
    root,
    settings,
    status,
    token,
)
from .answers import encode_refusal
from .keys import SERVER, STREAM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Address, IPv6Address

    from aiohttp.typedefs import Handler

    from ...server import Server

PREFIX = "/api/v1"

_RESOURCES = (
    info, status, events, operations, prompts, images, frames, providers, settings, history, log, token,
)  # fmt: skip


_OPEN = {"/healthz": root.get_health, "/": page.get_index, "/page/{path:.+}": page.get_file}
"""What needs no token, by its path."""


def management_application(
    server: Server,
    *,
    ingress: IPv4Address | IPv6Address | None,
    bodies: BodyLimits | None = None,
    streams: StreamLimits | None = None,
) -> web.Application:
    """Make the application behind the management listener.

    Args:
        server: Does what is asked.
        ingress: Who asks from here is a user that Home Assistant has authenticated; None where the
            server does not run as an app, so that anybody could have that address.
        bodies: How long bodies may take.
        streams: What event streams may take.
    """
    application = web.Application(
        middlewares=[answer_errors(encode_refusal), tell_what_lasts(server.settled)], client_max_size=MAX_BODY
    )
    application[REFUSAL_BODY] = encode_refusal
    application[SERVER] = server
    limit_bodies(application, bodies or BodyLimits())
    application[STREAM] = stream = EventStream(
        events=server.events,
        clock=server.clock,
        snapshot=partial(status.snapshot, server),
        describe=partial(events.describe, server),
        settled=server.settled,
        boot=new_id(),
        limits=streams or StreamLimits(),
    )
    application.on_shutdown.append(stream.close)
    application.on_response_prepare.append(name_server)
    application.on_response_prepare.append(_guard_content)
    for path, handler in _OPEN.items():
        add_routes(application, path, _with_head({"GET": handler}))
    access = Access(installation=server.installation, clock=server.clock, ingress=ingress)
    for path, handlers in _guarded_routes().items():
        guarded = {method: access.guard(handler) for method, handler in _with_head(handlers).items()}
        add_routes(application, path, guarded)
    close_routes(application)
    return application


def _guarded_routes() -> Mapping[str, Mapping[str, Handler]]:
    routes: dict[str, Mapping[str, Handler]] = {
        "/metrics": {"GET": root.get_metrics},
        f"{PREFIX}/openapi.yaml": {"GET": root.get_description},
    }
    for resource in _RESOURCES:
        routes |= {PREFIX + path: handlers for path, handlers in resource.ROUTES.items()}
    return routes


def _with_head(handlers: Mapping[str, Handler]) -> Mapping[str, Handler]:
    """Let everything that can be read be asked for its head alone, but what never ends."""
    readable = handlers.get(hdrs.METH_GET)
    if readable is None or readable is events.follow:
        return handlers
    return {hdrs.METH_HEAD: readable, **handlers}


async def _guard_content(_: web.Request, response: web.StreamResponse) -> None:
    """Let browsers take no answer for what it is not, and keep none that does not say so."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if response.status == HTTPStatus.UNAUTHORIZED:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
