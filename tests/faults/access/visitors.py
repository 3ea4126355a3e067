"""Who comes to a door, from where, and with what in hand."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from .asking import HERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from .asking import Headers

INGRESS = "172.30.32.2"
INGRESS_PATH = ("X-Ingress-Path", "/api/hassio_ingress/abc")
_ADDRESSES = count(256)

FORGED = (
    ("X-Forwarded-For", INGRESS),
    ("X-Real-IP", INGRESS),
    ("Forwarded", f"for={INGRESS};proto=https"),
    ("X-Client-IP", INGRESS),
    ("True-Client-IP", INGRESS),
    ("CF-Connecting-IP", INGRESS),
    ("X-Remote-User-Id", "admin"),
    ("X-Remote-User-Name", "admin"),
    ("X-Hass-Source", "core.ingress"),
    INGRESS_PATH,
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who asks.

    Attributes:
        headers: What is said, by the token that is right.
        source: Where it comes from; None for an address that nobody else has: wrong tokens are slowed down
            by their address.
        query: What is written behind each path, by the token.
        host: Whom it believes to speak to.
    """

    name: str
    headers: Callable[[str], Headers] = lambda _: ()
    source: str | None = HERE
    query: Callable[[str], str] = lambda _: ""
    host: str = HERE

    def address(self) -> str:
        """Return where the next request comes from."""
        if self.source is not None:
            return self.source
        number = next(_ADDRESSES)
        return f"127.{1 + number // 65_536}.{number // 256 % 256}.{number % 256}"


def _basic(token: str) -> str:
    return f"Basic {base64.b64encode(f'user:{token}'.encode()).decode()}"


VISITORS: tuple[Visitor, ...] = (
    Visitor("nobody"),
    Visitor("nobody, for a foreign host", host="evil.example"),
    Visitor("a page of another site", lambda _: (("Origin", "http://evil.example"),)),
    Visitor("a rebound page", lambda _: (("Origin", "http://evil.example"),), host="evil.example"),
    Visitor("a wrong token", lambda token: (("Authorization", f"Bearer {token[::-1]}"),), source=None),
    Visitor("half the token", lambda token: (("Authorization", f"Bearer {token[:20]}"),), source=None),
    Visitor("an empty token", lambda _: (("Authorization", "Bearer "),), source=None),
    Visitor("the token as Basic", lambda token: (("Authorization", _basic(token)),)),
    Visitor("the token without a scheme", lambda token: (("Authorization", token),)),
    Visitor("the token in a cookie", lambda token: (("Cookie", f"token={token}; api_token={token}"),)),
    Visitor(
        "the token in other headers", lambda token: (("X-Api-Key", token), ("X-Supervisor-Token", token))
    ),
    Visitor("the token in the query", query=lambda token: f"?token={token}&access_token={token}"),
    Visitor("forged headers", lambda _: FORGED),
    Visitor("forged headers in a frame's place", lambda _: FORGED, source="192.168.50.21"),
    Visitor("forged twice", lambda _: (("X-Forwarded-For", HERE), ("X-Forwarded-For", INGRESS))),
    Visitor("Home Assistant's own address", source="172.30.32.1"),
    Visitor("the Supervisor's DNS", source="172.30.32.3"),
    Visitor("outside frame_networks", source="203.0.113.9"),
    Visitor("ingress", lambda _: (INGRESS_PATH,), source=INGRESS),
    Visitor("ingress with a wrong token", lambda _: (("Authorization", "Wrong"),), source=INGRESS),
    Visitor("the right token", lambda token: (("Authorization", f"Bearer {token}"),)),
    Visitor(
        "the right token from outside",
        lambda token: (("Authorization", f"Bearer {token}"),),
        source="203.0.113.9",
    ),
    Visitor(
        "the right token after wrong ones",
        lambda token: (("Authorization", "Bearer wrong"), ("Authorization", f"Bearer {token}")),
        source=None,
    ),
)
