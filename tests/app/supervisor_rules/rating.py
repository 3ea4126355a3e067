"""The security rating that the store shows, from 1 to 8.

Supervisor: apps/utils.py, rating_security. (Its documentation still says that 6 is the best.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

BEST = 8
WORST = 1
PLAIN = 5
"""Of an app that asks for nothing and offers nothing."""

DANGEROUS = {
    "BPF",
    "CHECKPOINT_RESTORE",
    "DAC_READ_SEARCH",
    "NET_ADMIN",
    "NET_RAW",
    "PERFMON",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
}
"""Capabilities that cost a point, once for all of them."""

_ROLES = {"manager": -1, "admin": -2}


def rate(config: Mapping[str, Any], *, has_profile: bool) -> int:
    """Return the rating of an app.

    Args:
        config: Its config.yaml.
        has_profile: Whether its own AppArmor profile is loaded: it brings one, and it is installed.
    """
    if config.get("docker_api") or config.get("full_access"):
        return WORST
    points = PLAIN + _login(config) + _rights(config) + _host(config)
    if not config.get("apparmor", True):
        points -= 1
    elif has_profile:
        points += 1
    return max(WORST, min(BEST, points))


def _login(config: Mapping[str, Any]) -> int:
    if config.get("ingress"):
        return 2
    return 1 if config.get("auth_api") else 0


def _rights(config: Mapping[str, Any]) -> int:
    dangerous = DANGEROUS & set(config.get("privileged", ())) or config.get("kernel_modules")
    return (-1 if dangerous else 0) + _ROLES.get(config.get("hassio_role", "default"), 0)


def _host(config: Mapping[str, Any]) -> int:
    points = 0
    if config.get("host_network"):
        points -= 1
    if config.get("host_pid"):
        points -= 2
    if config.get("host_uts") and "SYS_ADMIN" in config.get("privileged", ()):
        points -= 1
    return points
