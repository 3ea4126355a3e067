"""Every route there is, taken from the applications that the server runs: a new one can't be forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from imageserver.web.api import management_application
from imageserver.web.frame import frame_application

if TYPE_CHECKING:
    from aiohttp import web

    from imageserver.server import Server
    from imageserver.web.frame_desk import ServersFrameDesk

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
FOR_EVERYBODY = frozenset({"/", "/healthz", "/page/{path}"})
"""What the management listener answers without a token."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, with names in braces."""

    method: str
    path: str

    @property
    def is_open(self) -> bool:
        """Whether everybody may ask."""
        return self.path in FOR_EVERYBODY

    def at(self, value: str = "1") -> str:
        """Return the path with a value for each name."""
        return re.sub(r"\{\w+\}", lambda _: value, self.path)


class _Anything:
    """Stands for a server whose routes are asked for, and nothing else."""

    def __getattr__(self, name: str) -> _Anything:
        return self

    def __call__(self, *_: object, **__: object) -> _Anything:
        return self


@cache
def management_routes() -> tuple[Route, ...]:
    """Return those of the management listener."""
    server: Server = _Anything()  # type: ignore[assignment]
    return _routes(management_application(server, ingress=None))


@cache
def frame_routes() -> tuple[Route, ...]:
    """Return those of the frames' listeners."""

    async def page(_: web.Request) -> web.StreamResponse:
        raise AssertionError

    desk: ServersFrameDesk = _Anything()  # type: ignore[assignment]
    return _routes(frame_application(desk=desk, networks=tuple, page=page))


def _routes(application: web.Application) -> tuple[Route, ...]:
    return tuple(
        Route(route.method, re.sub(r"\{(\w+)[^}]*\}", r"{\1}", resource.canonical))
        for resource in application.router.resources()
        for route in resource
        if route.method != "*"
    )
