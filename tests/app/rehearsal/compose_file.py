"""Reads docker-compose.yml; what is not known here is an error, so that nothing is passed over in silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.app.rehearsal.published_ports import Published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")
_ALL = "0.0.0.0"  # noqa: S104 - what the engine takes where no address is named
_WITHOUT_EFFECT = {"build", "image", "restart"}


class ComposeError(Exception):
    """The file can't be carried out here."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A directory or file of the host in the container."""

    source: str
    target: str
    read_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a container is to be run.

    Attributes:
        grace: Seconds between asking it to stop and killing it.
    """

    ports: tuple[Published, ...]
    volumes: tuple[Volume, ...]
    environment: Mapping[str, str]
    user: tuple[int, int] | None
    grace: float


def load(file: Path, name: str) -> dict[str, Any]:
    """Return a service as it is written."""
    return dict(yaml.safe_load(file.read_text("utf-8"))["services"][name])


def read(
    file: Path, name: str, *, variables: Mapping[str, str], override: Mapping[str, Any] | None = None
) -> Service:
    """Read a service.

    Args:
        file: docker-compose.yml.
        name: The service's.
        variables: The environment of who runs `docker compose`.
        override: What a user changes in the file.

    Raises:
        ComposeError: It can't be carried out here.
    """
    service = {**load(file, name), **(override or {})}
    found = Service(
        ports=tuple(_port(_fill(port, variables)) for port in service.pop("ports", [])),
        volumes=tuple(_volume(_fill(volume, variables)) for volume in service.pop("volumes", [])),
        environment={
            key: _fill(str(value), variables) for key, value in service.pop("environment", {}).items()
        },
        user=_user(service.pop("user", None)),
        grace=_seconds(service.pop("stop_grace_period", "10s")),
    )
    if unknown := service.keys() - _WITHOUT_EFFECT:
        raise ComposeError(f"{', '.join(sorted(unknown))}: not known here")
    return found


def _fill(text: str, variables: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match["name"] is None:
            return "$"
        known = variables.get(match["name"], "")
        if not known and match["kind"] == "?":
            raise ComposeError(f"{match['name']} {match['rest'] or 'is missing'}")
        return known or (match["rest"] if match["kind"] == "-" else "")

    return _VARIABLE.sub(value, text)


def _port(text: str) -> Published:
    *address, host, inside = text.rsplit(":", 2)
    return Published(int(host), int(inside), at=address[0] if address else _ALL)


def _volume(text: str) -> Volume:
    source, target, *mode = text.split(":")
    if mode not in ([], ["ro"], ["rw"]) or not source.startswith("/"):
        raise ComposeError(f"volume {text}: not known here")
    return Volume(source, target, mode == ["ro"])


def _user(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    user, _, group = text.partition(":")
    return int(user), int(group or 0)


def _seconds(text: str) -> float:
    if not (match := re.fullmatch(r"(\d+)s", text)):
        raise ComposeError(f"stop_grace_period {text}: give seconds")
    return float(match[1])
