"""What is to be run inside a container, as it is handed to `inside.py`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Self

from tests.app.rehearsal.kernel import Capability

GO = b"!"
"""Follows the order, once whoever gave it is ready."""

ENGINES_CAPABILITIES = tuple(sorted(Capability))


class MountKind(StrEnum):
    """What is mounted."""

    BIND = "bind"
    """A directory or a file of the host."""
    TMPFS = "tmpfs"
    """A file system in memory."""
    SYS = "sysfs"
    """What the kernel tells."""
    DEVICES = "devices"
    """The few that every container has."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """One mount.

    Attributes:
        target: Its place in the container.
        source: What of the host; of `tmpfs`, with what it begins.
        options: For `tmpfs`, as `size=4m`.
    """

    target: str
    kind: MountKind = MountKind.BIND
    source: str = ""
    read_only: bool = False
    options: str = ""


@dataclass(frozen=True, slots=True)
class NewRoot:
    """The file system of a container that is made for this command.

    Attributes:
        tree: The image's files.
        stage: An empty directory of the host, used out of its sight; empty: the tree itself is written to,
            as it is built.
    """

    tree: str
    mounts: tuple[Mounted, ...]
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command and where it runs: with `new_root`, or with one of the open files.

    Attributes:
        user: Number of the user and of the group.
        network: Open file of a network namespace; None = the host's.
        mounts: Open file of a mount namespace that was made before: the same container once more.
        process: Open file of a process (pidfd): beside it, in the container that runs.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    directory: str = "/"
    user: tuple[int, int] = (0, 0)
    capabilities: tuple[int, ...] = ENGINES_CAPABILITIES
    hostname: str = ""
    network: int | None = None
    new_root: NewRoot | None = None
    mounts: int | None = None
    process: int | None = None

    @property
    def open_files(self) -> tuple[int, ...]:
        """What the program has to inherit."""
        return tuple(number for number in (self.network, self.mounts, self.process) if number is not None)

    def to_line(self) -> bytes:
        """Return it as the program reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read what `to_line` wrote."""
        found = json.loads(line)
        for name in ("command", "user", "capabilities"):
            found[name] = tuple(found[name])
        if (root := found["new_root"]) is not None:
            mounts = tuple(Mounted(**{**one, "kind": MountKind(one["kind"])}) for one in root["mounts"])
            found["new_root"] = NewRoot(tree=root["tree"], stage=root["stage"], mounts=mounts)
        return cls(**found)
