"""What can fail below a server, each as a block: the fault lasts as long as the block does."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import shutil
import sqlite3
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.machine.shim import Call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from tests.faults.machine.machine import Machine

    type Fault = Callable[[Machine], AbstractAsyncContextManager[None]]

YEAR = 365 * 24 * 3600


@asynccontextmanager
async def full(machine: Machine, *, folder: str) -> AsyncIterator[None]:
    """A disk has no byte left."""
    assert machine.disks is not None
    machine.disks.fill(machine.root / folder)
    yield
    machine.disks.make_room(machine.root / folder)


@asynccontextmanager
async def read_only(machine: Machine, *, folder: str) -> AsyncIterator[None]:
    """A disk is mounted read-only."""
    assert machine.disks is not None
    await machine.disks.remount(machine.root / folder, "ro")
    yield
    await machine.disks.remount(machine.root / folder, "rw")


@asynccontextmanager
async def forbidden(machine: Machine, *, folders: tuple[str, ...], mode: int) -> AsyncIterator[None]:
    """Folders have lost their rights; means nothing to root."""
    paths = [machine.root / folder for folder in folders]
    before = [path.stat().st_mode for path in paths]
    for path in paths:
        path.chmod(mode)
    yield
    for path, was in zip(paths, before, strict=True):
        path.chmod(was)


@asynccontextmanager
async def gone(machine: Machine, *, folder: str) -> AsyncIterator[None]:
    """A folder is not there; what is made in its place meanwhile is not looked at."""
    path = machine.root / folder
    away = path.with_name(f"{folder}.away")
    path.rename(away)
    yield
    shutil.rmtree(path, ignore_errors=True)
    away.rename(path)


@asynccontextmanager
async def broken(
    machine: Machine, *, folder: str, calls: tuple[Call, ...], error: int
) -> AsyncIterator[None]:
    """Calls fail for the files of a folder."""
    machine.shim.fail(error, *calls, below=machine.root / folder)
    yield
    machine.shim.heal()


@asynccontextmanager
async def locked(machine: Machine) -> AsyncIterator[None]:
    """Another process writes into the database, and does not end."""
    other = sqlite3.connect(machine.root / "data" / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@asynccontextmanager
async def limited(machine: Machine, *, limit: int, to: Callable[[int], int]) -> AsyncIterator[None]:
    """A limit of the system's is reached."""
    before = resource.prlimit(machine.pid, limit)
    resource.prlimit(machine.pid, limit, (to(machine.pid), before[1]))
    yield
    with suppress(ProcessLookupError):  # it was stopped in the middle of it
        resource.prlimit(machine.pid, limit, before)


def open_files(pid: int) -> int:
    """Return how many descriptors leave none."""
    return max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 1  # noqa: PTH208 - names alone


def memory_in_use(pid: int) -> int:
    """Return how many bytes of addresses leave hardly any."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    return pages * resource.getpagesize() + (1 << 20)


@asynccontextmanager
async def without_threads(machine: Machine) -> AsyncIterator[None]:
    """No thread can be started."""
    machine.shim.fail(errno.EAGAIN, Call.THREAD, below=machine.root)
    yield
    machine.shim.heal()


@asynccontextmanager
async def clock_off(machine: Machine, *, by: int) -> AsyncIterator[None]:
    """The wall clock is wrong."""
    machine.shim.set_clock(by)
    await asyncio.sleep(0)
    yield
    machine.shim.set_clock(0)


DISKS = {
    "images: full": partial(full, folder="images"),
    "data: full": partial(full, folder="data"),
    "config: full": partial(full, folder="config"),
    "images: mounted read-only": partial(read_only, folder="images"),
    "config: mounted read-only": partial(read_only, folder="config"),
}
"""These need disks, so root."""

RIGHTS = {
    "images: no right to write": partial(
        forbidden, folders=("images", "images/original", "images/scalable"), mode=0o555
    ),
    "images: no right to read": partial(forbidden, folders=("images",), mode=0o000),
    "data: no right to write": partial(forbidden, folders=("data",), mode=0o555),
    "config: no right to write": partial(forbidden, folders=("config",), mode=0o555),
}
"""These need a server that is not root."""

EIO, EROFS = errno.EIO, errno.EROFS
FAULTS: Mapping[str, Fault] = {
    **DISKS,
    **RIGHTS,
    "images: gone": partial(gone, folder="images"),
    "data: gone": partial(gone, folder="data"),
    "config: gone": partial(gone, folder="config"),
    "certs: gone": partial(gone, folder="certs"),
    "log: gone": partial(gone, folder="log"),
    "images: EIO on read": partial(broken, folder="images", calls=(Call.READ,), error=EIO),
    "images: EIO on write": partial(broken, folder="images", calls=(Call.WRITE,), error=EIO),
    "images: EIO on fsync": partial(broken, folder="images", calls=(Call.SYNC,), error=EIO),
    "images: EIO on rename": partial(broken, folder="images", calls=(Call.RENAME,), error=EIO),
    "data: EIO on read": partial(broken, folder="data", calls=(Call.READ,), error=EIO),
    "data: EIO on write": partial(broken, folder="data", calls=(Call.WRITE,), error=EIO),
    "data: EIO on fsync": partial(broken, folder="data", calls=(Call.SYNC,), error=EIO),
    "data: read-only": partial(
        broken, folder="data", calls=(Call.WRITE, Call.CHANGE, Call.RENAME), error=EROFS
    ),
    "config: EIO on read": partial(broken, folder="config", calls=(Call.READ,), error=EIO),
    "config: EIO on rename": partial(broken, folder="config", calls=(Call.RENAME,), error=EIO),
    "database: locked": locked,
    "no file can be opened": partial(limited, limit=resource.RLIMIT_NOFILE, to=open_files),
    "no memory": partial(limited, limit=resource.RLIMIT_AS, to=memory_in_use),
    "no thread can be started": without_threads,
    "clock: a year ahead": partial(clock_off, by=YEAR),
    "clock: a year behind": partial(clock_off, by=-YEAR),
}
