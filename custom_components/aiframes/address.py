"""Where a server is, as people type it and as the client wants it."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address
from typing import Final

from yarl import URL

DEFAULT_PORT: Final = 8097


def normal_url(text: str) -> str:
    """Return the address of a management API in full.

    `192.168.1.5`, `host:8097` and `https://host:8097/` are understood. Without a scheme it is HTTPS; without
    a port it is the usual one, unless there is a path, which only a proxy has.

    Raises:
        ValueError: It is no such address.
    """
    text = text.strip()
    with suppress(ValueError):
        text = f"[{IPv6Address(text)}]"
    url = URL(text if "://" in text else f"https://{text}")
    if url.scheme not in {"http", "https"} or url.host is None or url.user or url.password:
        raise ValueError(f"{url.scheme}: no address of a server")
    if any(character.isspace() for character in url.host):
        raise ValueError("A host's name has no spaces")
    host = f"[{url.host}]" if ":" in url.host else url.host
    path = url.path.rstrip("/")
    port = url.explicit_port or (None if path else DEFAULT_PORT)
    return f"{url.scheme}://{host}{f':{port}' if port else ''}{path}"
