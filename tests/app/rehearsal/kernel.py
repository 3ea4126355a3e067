"""What the kernel offers containers and Python's library leaves out: mounts, and the set of capabilities."""

from __future__ import annotations

import ctypes
import os
from enum import IntEnum, IntFlag
from pathlib import Path

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_DETACH = 2
_DROP_FROM_BOUNDING_SET = 24
_HIGHEST = Path("/proc/sys/kernel/cap_last_cap")


class Mount(IntFlag):
    """Of `mount(2)`."""

    READ_ONLY = 1
    NO_SUID = 2
    NO_DEVICES = 4
    NO_PROGRAMS = 8
    AGAIN = 32
    BIND = 4096
    WITH_ALL_BELOW = 16384
    PRIVATE = 1 << 18


class Capability(IntEnum):
    """Those that a container engine leaves to root, unless told otherwise."""

    CHOWN = 0
    DAC_OVERRIDE = 1
    FOWNER = 3
    FSETID = 4
    KILL = 5
    SETGID = 6
    SETUID = 7
    SETPCAP = 8
    NET_BIND_SERVICE = 10
    NET_RAW = 13
    SYS_CHROOT = 18
    MKNOD = 27
    AUDIT_WRITE = 29
    SETFCAP = 31


_PLAINLY = Mount(0)


def mount(source: str, target: str, kind: str = "", flags: Mount = _PLAINLY, options: str = "") -> None:
    """Mount something.

    Raises:
        OSError: The kernel said no.
    """
    texts = [text.encode() for text in (source, target, kind, options)]
    _check(_LIBRARY.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]), target)


def bind(source: str, target: str, *, read_only: bool = False) -> None:
    """Show a directory or a file, and what is mounted below it, at a second place."""
    mount(source, target, flags=Mount.BIND | Mount.WITH_ALL_BELOW)
    if read_only:
        mount(source, target, flags=Mount.BIND | Mount.AGAIN | Mount.READ_ONLY)


def make_root(directory: str) -> None:
    """Let this mount namespace begin at a directory that something is mounted at, and forget all outside."""
    os.chdir(directory)
    _check(_LIBRARY.pivot_root(b".", b"."), directory)
    _check(_LIBRARY.umount2(b".", _DETACH), directory)
    os.chdir("/")


def unmount(target: str) -> None:
    """Undo a mount."""
    _check(_LIBRARY.umount2(target.encode(), _DETACH), target)


def known_capabilities() -> range:
    """Return the numbers of all that this kernel knows."""
    return range(int(_HIGHEST.read_text()) + 1)


def keep_only(capabilities: frozenset[int], known: range) -> None:
    """Give all others up for ever; what is kept, root has again after the next `exec`."""
    for number in known:
        if number not in capabilities:
            _check(_LIBRARY.prctl(_DROP_FROM_BOUNDING_SET, number, 0, 0, 0), f"capability {number}")


def _check(result: int, subject: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), subject)
