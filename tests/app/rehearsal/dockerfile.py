"""Reads a Dockerfile; what is not known here is an error, so that nothing is passed over in silence."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CONTINUED = re.compile(r"\\[ \t]*$")
_VARIABLE = re.compile(r"\\\$|\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
_DURATION = re.compile(r"(\d+)(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60}
_SHELL = ("/bin/sh", "-c")


class DockerfileError(Exception):
    """A line can't be carried out here."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command, with the variables that hold for it."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: str


@dataclass(frozen=True, slots=True)
class Copy:
    """From the build context into the image."""

    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How the engine finds out whether the container is well; times in seconds."""

    command: tuple[str, ...]
    interval: float = 30
    timeout: float = 30
    start_period: float = 0
    start_interval: float = 5
    retries: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an image says about how it is run."""

    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: frozenset[int] = frozenset()
    entry: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    directory: str = "/"
    user: tuple[int, int] = (0, 0)
    stop_signal: str = "SIGTERM"
    health_check: HealthCheck | None = None


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What is to be done, in order, and what the image says in the end."""

    base: str
    steps: tuple[Run | Copy, ...]
    config: Config


def parse(text: str, *, base: Config, arguments: Mapping[str, str] | None = None) -> Dockerfile:
    """Read a Dockerfile.

    Args:
        text: What it says.
        base: What the base image says.
        arguments: Build arguments that were given.

    Raises:
        DockerfileError: It says something that is not known here.
    """
    reader = _Reader(base, arguments or {})
    for keyword, rest in _instructions(text):
        known = getattr(reader, f"do_{keyword.lower()}", None)
        if known is None:
            raise DockerfileError(f"{keyword} is not known here")
        if keyword != "FROM" and not reader.base:
            raise DockerfileError(f"{keyword} stands before FROM")
        known(rest)
    return Dockerfile(reader.base, tuple(reader.steps), reader.config)


class _Reader:
    def __init__(self, base: Config, arguments: Mapping[str, str]) -> None:
        self.base = ""
        self.steps: list[Run | Copy] = []
        self.config = base
        self._given = arguments
        self._arguments: dict[str, str] = {}

    def do_from(self, rest: str) -> None:
        if self.base:
            raise DockerfileError("A second FROM is not known here")
        self.base = rest

    def do_arg(self, rest: str) -> None:
        name, _, default = rest.partition("=")
        self._arguments[name] = self._given.get(name, self._fill(default))

    def do_env(self, rest: str) -> None:
        self.config = replace(self.config, environment={**self.config.environment, **self._pairs(rest)})

    def do_label(self, rest: str) -> None:
        self.config = replace(self.config, labels={**self.config.labels, **self._pairs(rest)})

    def do_run(self, rest: str) -> None:
        _no_flags("RUN", rest)
        if rest.startswith("<<"):
            raise DockerfileError("RUN with a here-document is not known here")
        variables = {**self._arguments, **self.config.environment}
        self.steps.append(Run(_command(rest), variables, self.config.directory))

    def do_copy(self, rest: str) -> None:
        _no_flags("COPY", rest)
        words = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
        *sources, target = [self._fill(str(word)) for word in words]
        if not sources or any(mark in source for source in sources for mark in "*?["):
            raise DockerfileError(f"COPY {rest} is not known here: name files and directories")
        self.steps.append(Copy(tuple(sources), self._path(target)))

    def do_workdir(self, rest: str) -> None:
        self.config = replace(self.config, directory=self._path(self._fill(rest)))

    def do_user(self, rest: str) -> None:
        user, _, group = self._fill(rest).partition(":")
        if not user.isdecimal() or not (group or "0").isdecimal():
            raise DockerfileError(f"USER {rest} is not known here: give numbers")
        self.config = replace(self.config, user=(int(user), int(group or 0)))

    def do_expose(self, rest: str) -> None:
        ports = {int(port.removesuffix("/tcp")) for port in self._fill(rest).split()}
        self.config = replace(self.config, ports=self.config.ports | ports)

    def do_stopsignal(self, rest: str) -> None:
        self.config = replace(self.config, stop_signal=rest)

    def do_entrypoint(self, rest: str) -> None:
        self.config = replace(self.config, entry=_command(rest), command=())

    def do_cmd(self, rest: str) -> None:
        self.config = replace(self.config, command=_command(rest))

    def do_healthcheck(self, rest: str) -> None:
        flags, _, command = rest.partition("CMD ")
        if rest.strip() == "NONE":
            self.config = replace(self.config, health_check=None)
            return
        given: dict[str, Any] = {}
        for flag in flags.split():
            name, _, value = flag.removeprefix("--").replace("-", "_").partition("=")
            if name not in HealthCheck.__slots__ or not value:
                raise DockerfileError(f"HEALTHCHECK {flag} is not known here")
            given[name] = int(value) if name == "retries" else _seconds(value)
        check = HealthCheck(_command(command.strip()))
        self.config = replace(self.config, health_check=replace(check, **given))

    def _path(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.config.directory.rstrip('/')}/{path}"

    def _pairs(self, rest: str) -> dict[str, str]:
        words = shlex.split(rest)
        if any("=" not in word for word in words):
            raise DockerfileError(f"{rest}: write NAME=VALUE")
        return {name: self._fill(value) for name, _, value in (word.partition("=") for word in words)}

    def _fill(self, text: str) -> str:
        known = {**self._arguments, **self.config.environment}

        def value(match: re.Match[str]) -> str:
            if match[0].startswith("\\"):
                return "$"
            return known.get(match[1] or match[3]) or match[2] or ""

        return _VARIABLE.sub(value, text)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    gathered = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#") or (gathered and not line.strip()):
            continue  # comments and empty lines do not end an instruction
        gathered += _CONTINUED.sub("", line)
        if _CONTINUED.search(line):
            continue
        if gathered.strip():
            keyword, _, rest = gathered.strip().partition(" ")
            yield keyword.upper(), rest.strip()
        gathered = ""
    if gathered.strip():
        raise DockerfileError(f"{gathered!r} is not finished")


def _command(rest: str) -> tuple[str, ...]:
    if rest.startswith("["):
        return tuple(str(word) for word in json.loads(rest))
    return (*_SHELL, rest)


def _no_flags(keyword: str, rest: str) -> None:
    if rest.startswith("--"):
        raise DockerfileError(f"{keyword} {rest.split(maxsplit=1)[0]} is not known here")


def _seconds(text: str) -> float:
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise DockerfileError(f"{text} is no duration")
    return float(sum(int(number) * _SECONDS[unit] for number, unit in parts))
