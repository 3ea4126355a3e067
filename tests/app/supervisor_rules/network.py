"""Which ports of an app are reached, and from where.

Supervisor: docker/app.py (ports), apps/app.py (ingress_port), api/discovery.py (set_discovery).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

INGRESS_PORT = 8099
"""Of an app that names none."""


def published(config: Mapping[str, Any], changed: Mapping[str, int | None] | None = None) -> dict[str, int]:
    """Return the host's port for each of the container's that the user has not switched off."""
    ports = {**config.get("ports", {}), **(changed or {})}
    return {port: host for port, host in ports.items() if host}


def ingress_port(config: Mapping[str, Any]) -> int | None:
    """Return the port in the container that the Supervisor asks for the page."""
    port: int = config.get("ingress_port", INGRESS_PORT)
    return port if config.get("ingress") else None


def may_announce(config: Mapping[str, Any], service: str) -> bool:
    """Whether the app may be discovered as this; else the Supervisor answers 403."""
    return service in config.get("discovery", ())
