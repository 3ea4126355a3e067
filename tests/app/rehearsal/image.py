"""Builds an image as `docker build` does, from the Dockerfile, into a directory."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.app.rehearsal import base_image, dockerfile
from tests.app.rehearsal.build_context import BuildContext
from tests.app.rehearsal.dockerfile import DockerfileError
from tests.app.rehearsal.order import GO, Mounted, MountKind, NewRoot, Order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.app.rehearsal.dockerfile import Config, Run

ROOT = Path(__file__).parents[3]
INSIDE = (sys.executable, "-P", "-m", "tests.app.rehearsal.inside")
"""The program that runs an `Order`; its environment is `ENVIRONMENT`."""

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
_BUILD_TOOLS = "/run/build"
_UV = f"{_BUILD_TOOLS}/uv"
_CACHE = f"{_BUILD_TOOLS}/cache"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True, slots=True)
class Image:
    """What containers are made of.

    Attributes:
        tree: The files.
        mounts: What of the host belongs to it.
        stage: An empty directory that containers are put together in, out of each other's sight.
    """

    tree: Path
    mounts: tuple[Mounted, ...]
    stage: Path
    config: Config


def built_once(context: Path, shared: Path) -> Image:
    """Build an image, or wait for the process that builds it and use the same."""
    with (shared / "image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / "image.done"
        if not done.exists():
            shutil.rmtree(shared / "image", ignore_errors=True)  # of a build that failed
        image = build(context, shared / "image", only_read=done.exists())
        done.touch()
    return image


def build(
    context: Path, folder: Path, *, arguments: Mapping[str, str] | None = None, only_read: bool = False
) -> Image:
    """Carry a Dockerfile out.

    Args:
        context: The directory with the Dockerfile.
        folder: Where the image is put.
        arguments: Build arguments.
        only_read: It was carried out there already.

    Raises:
        DockerfileError: It can't be carried out.
    """
    text = (context / "Dockerfile").read_text("utf-8")
    read = dockerfile.parse(text, base=base_image.CONFIG, arguments=arguments)
    tree, stage, mounted = folder / "tree", folder / "stage", folder / "mounts.json"
    if not only_read:
        tree.mkdir(parents=True)
        stage.mkdir()
        tree.chmod(0o755)
        mounts = base_image.make(tree, read.base)
        files = BuildContext(context)
        for step in read.steps:
            if isinstance(step, dockerfile.Copy):
                files.copy(step, tree)
            else:
                _run(step, tree, mounts)
        (tree / _BUILD_TOOLS.lstrip("/")).rmdir()
        mounted.write_text(json.dumps([one.target for one in mounts]))
    targets = json.loads(mounted.read_text())
    mounts = tuple(Mounted(target, source=target, read_only=True) for target in targets)
    return Image(tree, mounts, stage, read.config)


def _run(step: Run, tree: Path, mounts: tuple[Mounted, ...]) -> None:
    root = NewRoot(str(tree), (*mounts, *_build_mounts()))
    order = Order(
        command=step.command,
        environment={**dict(_of_uv()), **step.environment, "HOME": "/root"},
        directory=step.directory,
        new_root=root,
    )
    with subprocess.Popen(  # noqa: S603 - the tests' own program
        INSIDE, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(order.to_line() + GO)
        process.stdin.flush()
        output = process.stdout.read().decode(errors="replace")
        code = process.wait()
    if code != 0:
        raise DockerfileError(f"RUN {step.command[-1]} ended with {code}:\n{output}")


def _build_mounts() -> list[Mounted]:
    """Return what a build has and a container has not: the network's names, and uv with its cache."""
    find = '. "$1"; find_uv; printf %s "$uv"'
    uv = _output("bash", "-c", find, "bash", str(ROOT / "scripts" / "environment"))
    cache = _output(uv, "cache", "dir")
    Path(cache).mkdir(parents=True, exist_ok=True)
    return [
        Mounted("/dev", MountKind.DEVICES),
        Mounted(_BUILD_TOOLS, MountKind.TMPFS),
        Mounted(_UV, source=uv, read_only=True),
        Mounted(_CACHE, source=cache),
        Mounted("/etc/resolv.conf", source="/etc/resolv.conf", read_only=True),
    ]


def _of_uv() -> Iterator[tuple[str, str]]:
    """Find what the machine says about reaching a package index."""
    for name, value in os.environ.items():
        if name.upper().startswith(("UV_", "SSL_")) or name.upper().endswith("_PROXY"):
            yield name, value
    if _CERTIFICATES.exists():
        yield "UV_SYSTEM_CERTS", "true"  # as scripts/environment has it
    yield from {"UV": _UV, "UV_CACHE_DIR": _CACHE, "UV_PYTHON_DOWNLOADS": "never"}.items()


def _output(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()  # noqa: S603 - ours
