"""Who may use the management API: people that Home Assistant has let in, and who has the token."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import hdrs

from ..exceptions import TooManyRequestsError, UnauthorizedError
from .attempts import Attempts
from .middleware import address_of
from .refusal_log import RefusalLog

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from aiohttp import web
    from aiohttp.typedefs import Handler

    from ..installation import Installation
    from ..timing.clock import Clock


class Access:
    """Stands before each handler that is not for everyone."""

    def __init__(
        self, *, installation: Installation, clock: Clock, ingress: IPv4Address | IPv6Address | None
    ) -> None:
        """Stand at one door.

        Args:
            installation: Keeps the token.
            clock: For holding answers back.
            ingress: Who asks from this address needs no token; None where there is no ingress, since
                the address could be anybody's then.
        """
        self._installation = installation
        self._clock = clock
        self._ingress = ingress
        self._attempts = Attempts()
        self._log = RefusalLog(now=clock.monotonic)

    def guard(self, handler: Handler) -> Handler:
        """Return a handler that answers only those who may come in."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            await self._admit(request)
            return await handler(request)

        return guarded

    async def _admit(self, request: web.Request) -> None:
        address = address_of(request)
        if address == self._ingress:
            return
        token = _bearer(request)
        if token is None:
            raise UnauthorizedError("A token is needed: Authorization: Bearer <token>")
        if not self._installation.accepts(token):
            await self._refuse(str(address))

    async def _refuse(self, address: str) -> None:
        delay = self._attempts.begin(address, self._clock.monotonic())
        if delay is None:
            raise TooManyRequestsError("Too many wrong tokens", retry_after=Attempts.LONGEST)
        try:
            await self._clock.sleep(delay)
        finally:
            self._attempts.end(address)
        self._log.tell(address, f"{address} came with a wrong token", level=logging.WARNING)
        raise UnauthorizedError("The token is wrong")


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
