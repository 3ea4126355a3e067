"""Runs a command as the first process of a container that lacks all but these tests want.

It has processes and mounts of its own, and any user may run the interpreter there. The first line of output
names the first process as the host counts it; all else is the command's, and so is the exit code.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be run.

    Attributes:
        stage: An empty directory.
        volumes: Directories that something is to be mounted at: themselves.
        read_only: The same, for nobody to write.
    """

    command: list[str]
    environment: dict[str, str]
    stage: str
    volumes: list[str]
    read_only: list[str]

    def to_json(self) -> str:
        """Return it as the program takes it."""
        return json.dumps(asdict(self))


def main() -> int:
    """Carry an order out."""
    order = Order(**json.loads(sys.argv[1]))
    os.unshare(os.CLONE_NEWNS | os.CLONE_NEWPID)
    child = os.fork()
    if child == 0:
        _furnish(order)
        os.execvpe(order.command[0], order.command, order.environment)  # noqa: S606 - no shell is wanted
    sys.stdout.write(f"{child}\n")
    sys.stdout.flush()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _furnish(order: Order) -> None:
    _mount("--make-rprivate", "/")
    _mount("-t", "proc", "proc", "/proc")
    _open_the_way(Path(sys.base_prefix).resolve(), Path(order.stage))
    for directory in (*order.volumes, *order.read_only):
        _mount("--bind", directory, directory)
    for directory in order.read_only:
        _mount("-o", "remount,bind,ro", directory)


def _open_the_way(path: Path, stage: Path) -> None:
    """Let everybody come to a directory that is below one that is closed, by hiding all else in that."""
    closed = next(
        (above for above in reversed(path.parents) if not above.stat().st_mode & stat.S_IXOTH), None
    )
    if closed is not None:
        (stage / path.relative_to(closed)).mkdir(parents=True, exist_ok=True)
        _mount("--bind", str(path), str(stage / path.relative_to(closed)))
        _mount("--rbind", str(stage), str(closed))


def _mount(*words: str) -> None:
    subprocess.run(("mount", *words), check=True)  # noqa: S603, S607 - a test's


if __name__ == "__main__":
    sys.exit(main())
