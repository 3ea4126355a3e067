"""From system calls to what AppArmor is asked about them.

Only calls that succeeded count: a file that is not there is refused by nobody. What the kernel asks on its
own is not seen: whether root may pass over a file's mode, for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tests.app.apparmor.calls import descriptor_path
from tests.app.apparmor.needs import Kind, Need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.app.apparmor.calls import Call

LOWEST_FREE_PORT = 1024

_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_SOCKET_PATH = re.compile(r'sun_path="(/[^"]*)"')
_LOCKS = ("F_SETLK", "F_SETLKW", "F_OFD_SETLK", "F_OFD_SETLKW")


def needs_of(calls: Iterable[Call], *, root: Path = Path("/")) -> list[Need]:
    """Return what traced processes need, each once.

    Args:
        calls: What they did.
        root: Where the files are that they had at `/`: their links are followed there.
    """
    found: dict[Need, None] = {}
    for call in calls:
        if call.succeeded and call.name in _NEEDS:
            found |= dict.fromkeys(_NEEDS[call.name](_Seen(call, root)))
    return sorted(_directories_named(found))


def _directories_named(needs: Iterable[Need]) -> Iterator[Need]:
    """Put a slash behind what has something below it, as AppArmor does behind every directory."""
    files = [need for need in needs if need.kind is Kind.FILE]
    directories = {str(parent) for need in files for parent in PurePosixPath(need.name).parents}
    for need in needs:
        is_directory = need.kind is Kind.FILE and need.name in directories and need.name != "/"
        yield replace(need, name=f"{need.name}/") if is_directory else need


@dataclass(frozen=True, slots=True)
class _Seen:
    """A call, and what can be said of it."""

    call: Call
    root: Path

    def file(self, path: str, perms: str, *, is_directory: bool = False) -> Need:
        slash = "/" if is_directory and not path.endswith("/") else ""
        return Need(Kind.FILE, path + slash, perms, seen=self.call.line)

    def other(self, kind: Kind, name: str) -> Need:
        return Need(kind, name, seen=self.call.line)

    def followed(self, number: int) -> str:
        """Return the path that an argument leads to."""
        return _followed(self.call.path(number), self.root)

    def entry(self, number: int) -> str:
        """Return an argument's path where a link at its end is itself meant."""
        path = PurePosixPath(self.call.path(number))
        return str(PurePosixPath(_followed(str(path.parent), self.root)) / path.name)


def _followed(path: str, root: Path) -> str:
    """Follow links as a process does whose `/` is `root`."""
    found, parts = PurePosixPath("/"), list(PurePosixPath(path).parts[1:])
    while parts:
        part = parts.pop(0)
        step = found.parent if part == ".." else found / part
        here = root / step.relative_to("/")
        if not here.is_symlink():
            found = step
            continue
        link = here.readlink().parts
        if link[0] == "/":
            found, link = PurePosixPath("/"), link[1:]
        parts = [*link, *parts]
    return str(found)


type _Reader = Callable[[_Seen], Iterator[Need]]


def _open(seen: _Seen) -> Iterator[Need]:
    flags = set(re.findall(r"O_[A-Z]+", ",".join(seen.call.arguments[1:])))
    if seen.call.given is None or "O_PATH" in flags:
        return
    writes = flags & {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"}
    perms = ("" if "O_WRONLY" in flags else "r") + ("w" if writes else "")
    yield seen.file(seen.call.given, perms, is_directory="O_DIRECTORY" in flags)


def _execute(path: int) -> _Reader:
    return lambda seen: iter([seen.file(seen.followed(path), "x")])


def _map(seen: _Seen) -> Iterator[Need]:
    path = descriptor_path(seen.call.arguments[4])
    if path is not None and "PROT_EXEC" in seen.call.arguments[2]:
        yield seen.file(path, "m")


def _lock(seen: _Seen) -> Iterator[Need]:
    path = descriptor_path(seen.call.arguments[0])
    if path is not None and (seen.call.name == "flock" or seen.call.arguments[1] in _LOCKS):
        yield seen.file(path, "k")


def _entries(*paths: tuple[int, str], capability: str | None = None) -> _Reader:
    def needs(seen: _Seen) -> Iterator[Need]:
        is_directory = "dir" in seen.call.name or "AT_REMOVEDIR" in seen.call.arguments[-1]
        for number, perms in paths:
            yield seen.file(seen.entry(number), perms, is_directory=is_directory)
        if capability:
            yield seen.other(Kind.CAPABILITY, capability)

    return needs


def _attribute(path: int, capability: str | None = None) -> _Reader:
    def needs(seen: _Seen) -> Iterator[Need]:
        yield seen.file(seen.followed(path), "w")
        if capability:
            yield seen.other(Kind.CAPABILITY, capability)

    return needs


def _capability(name: str) -> _Reader:
    return lambda seen: iter([seen.other(Kind.CAPABILITY, name)])


def _control(seen: _Seen) -> Iterator[Need]:
    if seen.call.arguments[0] == "PR_CAPBSET_DROP":
        yield seen.other(Kind.CAPABILITY, "setpcap")


def _signal(seen: _Seen) -> Iterator[Need]:
    yield seen.other(Kind.SIGNAL, "send")


def _socket(seen: _Seen) -> Iterator[Need]:
    family = seen.call.arguments[0].removeprefix("AF_").lower()
    kind = seen.call.arguments[1].split("|", 1)[0].removeprefix("SOCK_").lower()
    yield seen.other(Kind.NETWORK, f"{family} {kind}")


def _address(seen: _Seen) -> Iterator[Need]:
    if path := _SOCKET_PATH.search(seen.call.line):
        yield seen.file(path[1], "rw")
    port = _PORT.search(seen.call.line)
    if seen.call.name == "bind" and port and 0 < int(port[1]) < LOWEST_FREE_PORT:
        yield seen.other(Kind.CAPABILITY, "net_bind_service")


_READERS: dict[str, _Reader] = {
    "open openat openat2 creat": _open,
    "execve": _execute(0),
    "execveat": _execute(1),
    "mmap": _map,
    "fcntl flock": _lock,
    "unlink mknod mkdir rmdir": _entries((0, "w")),
    "unlinkat mknodat mkdirat symlink": _entries((1, "w")),
    "symlinkat": _entries((2, "w")),
    "rename": _entries((0, "rw"), (1, "w")),
    "renameat renameat2": _entries((1, "rw"), (3, "w")),
    "link": _entries((1, "l")),
    "linkat": _entries((3, "l")),
    "chmod fchmod truncate ftruncate": _attribute(0),
    "fchmodat fchmodat2": _attribute(1),
    "chown fchown": _attribute(0, "chown"),
    "lchown": _entries((0, "w"), capability="chown"),
    "fchownat": _entries((1, "w"), capability="chown"),
    "setuid setreuid setresuid setfsuid": _capability("setuid"),
    "setgid setregid setresgid setfsgid setgroups": _capability("setgid"),
    "chroot": _capability("sys_chroot"),
    "mount umount2 pivot_root setns unshare": _capability("sys_admin"),
    "ptrace": _capability("sys_ptrace"),
    "prctl": _control,
    "kill tkill tgkill rt_sigqueueinfo pidfd_send_signal": _signal,
    "socket socketpair": _socket,
    "bind connect": _address,
}

_NEEDS = {name: reader for names, reader in _READERS.items() for name in names.split()}

TRACED = ",".join(f"?{name}" for name in _NEEDS)
"""What strace has to look at; a machine may not know each name."""
