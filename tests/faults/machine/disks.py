"""Disks of a machine's own: small, in a mount namespace that outlives the server. Only root can have them."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

SIZE = "3m"
MISSING = [tool for tool in ("unshare", "nsenter", "mount") if shutil.which(tool) is None]
UNAVAILABLE = (
    "only root can mount disks" if os.geteuid() else f"{', '.join(MISSING)} is missing" if MISSING else ""
)
FILLER = "filler"

_MOUNT = 'for folder; do mount -t tmpfs -o size={size},mode=755 tmpfs "$folder" || exit; done; echo; exec cat'


@dataclass(frozen=True, slots=True)
class Disks:
    """Folders that are disks.

    Attributes:
        holder: The process whose namespace they are in.
    """

    holder: int

    @property
    def under(self) -> Sequence[str]:
        """What runs a server with these disks."""
        return ["nsenter", f"--target={self.holder}", "--mount", "--wdns=/", "--"]

    def seen(self, folder: Path) -> Path:
        """Return where a folder is seen from outside."""
        return Path(f"/proc/{self.holder}/root{folder}")

    def fill(self, folder: Path) -> None:
        """Leave no room."""
        path = self.seen(folder) / FILLER
        with path.open("ab", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def make_room(self, folder: Path) -> None:
        """Undo `fill`."""
        (self.seen(folder) / FILLER).unlink()

    async def remount(self, folder: Path, how: str) -> None:
        """Make a disk `ro` or `rw`."""
        mount = await asyncio.create_subprocess_exec(
            *self.under, "mount", "-o", f"remount,{how}", str(folder)
        )
        assert await mount.wait() == 0


@asynccontextmanager
async def disks(*folders: Path) -> AsyncIterator[Disks]:
    """Make each folder a disk for as long as the block lasts."""
    for folder in folders:
        folder.mkdir(exist_ok=True)
    script = ("sh", "-c", _MOUNT.format(size=SIZE), "sh")
    holder = await asyncio.create_subprocess_exec(
        *("unshare", "--mount", "--propagation", "private", *script),
        *map(str, folders),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert await holder.stdout.readline() == b"\n", "the disks could not be mounted"
        yield Disks(holder.pid)
    finally:
        holder.stdin.close()
        await holder.wait()
