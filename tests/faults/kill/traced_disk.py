"""What a disk holds after a power cut, by the system calls that were traced until then.

What was written and not synced is gone; so is a name that was given or taken away, until its directory is
synced. That a directory was made lasts with the first file that is synced in it, as on every journaling file
system; a move is there or not, never half, and what befell one file lasts in the order in which it did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CALLS = (
    *("openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat", "renameat2"),
    *("unlink", "unlinkat"),
)
FLAGS = ("-D", "-f", "-y", "-xx", "--seccomp-bpf", "-s", "30000000", "-e", f"trace={','.join(CALLS)}")
"""Of strace, whose output is read here."""

NEVER_SYNCED = "-shm"
"""SQLite makes it anew."""

_UNFINISHED = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
_CALL = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)(?:<(?:\\x[0-9a-f]{2})*>)?(?: .*)?")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_PATH = re.compile(r"(?:\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")


@dataclass
class _File:
    data: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


@dataclass(frozen=True)
class _Naming:
    """A name that is given to a file, or taken away from one."""

    name: str
    file: _File | None
    before: str | None = None

    def is_of(self, directory: str) -> bool:
        """Whether it lasts once this directory is synced: one of its two, or one that was moved with it."""
        directories = {_parent(name) for name in (self.name, self.before) if name is not None}
        above = {str(parent) for path in directories for parent in PurePosixPath(path).parents}
        return directory in directories or (self.before is not None and directory in above)


class TracedDisk:
    """Follows a trace."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._files: dict[str, _File] = {}
        self._lasting: dict[str, _File] = {}
        self._waiting: list[_Naming] = []
        self._half: dict[str, str] = {}

    def follow(self, lines: Iterable[str]) -> None:
        """Do what was done."""
        for line in lines:
            whole = self._whole(line.rstrip("\n"))
            match = None if whole is None else _CALL.fullmatch(whole)
            if match is not None and int(match[3]) >= 0:
                self._do(match[1], match[2], int(match[3]))

    def put(self, target: Path) -> None:
        """Write down what is left, below another root."""
        for name, file in self._lasting.items():
            path = target / PurePosixPath(name).relative_to(self._root)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.synced)

    def _whole(self, line: str) -> str | None:
        """Put the two halves of a call together, between which another thread did something."""
        if half := _UNFINISHED.fullmatch(line):
            self._half[half[1]] = f"{half[1]} {half[2]}"
            return None
        if rest := _RESUMED.fullmatch(line):
            return self._half.pop(rest[1], "") + rest[2]
        return line

    def _do(self, call: str, arguments: str, result: int) -> None:
        names = [_decoded(text) for text in _PATH.findall(arguments)]
        texts = _TEXT.findall(arguments)
        if call.startswith("rename"):
            self._rename(*self._named(names, texts))
        elif call.startswith("unlink"):
            (name,) = self._named(names, texts)
            self._forget(name)
        elif call == "openat":
            (name,) = self._named(names, texts)
            self._open(name, arguments)
        elif names and self._is_ours(names[0]):
            self._write(call, names[0], texts, arguments, result)

    def _write(self, call: str, name: str, texts: list[str], arguments: str, result: int) -> None:
        if call in {"fsync", "fdatasync"}:
            self._sync(name)
            return
        file = self._files.get(name)
        if file is None:
            return
        if call == "ftruncate":
            size = int(arguments.rpartition(", ")[2])
            del file.data[size:]
            file.data.extend(bytes(size - len(file.data)))
            return
        data = bytes.fromhex(texts[0].replace("\\x", ""))[:result]
        at = int(arguments.rpartition(", ")[2]) if call == "pwrite64" else len(file.data)
        file.data.extend(bytes(max(0, at - len(file.data))))
        file.data[at : at + len(data)] = data

    def _open(self, name: str, arguments: str) -> None:
        if not self._is_ours(name):
            return
        if "O_CREAT" in arguments and name not in self._files:
            file = self._files[name] = _File()
            self._waiting.append(_Naming(name, file))
        elif "O_TRUNC" in arguments and name in self._files:
            self._files[name].data.clear()

    def _rename(self, before: str, after: str) -> None:
        if not self._is_ours(before):
            return
        for name in [name for name in self._files if name == before or name.startswith(f"{before}/")]:
            to = after + name.removeprefix(before)
            self._files[to] = self._files.pop(name)
            self._waiting.append(_Naming(to, self._files[to], name))

    def _forget(self, name: str) -> None:
        if self._files.pop(name, None) is not None:
            self._waiting.append(_Naming(name, None))

    def _sync(self, name: str) -> None:
        if name in self._files:
            self._files[name].synced = bytes(self._files[name].data)
            return
        waiting, self._waiting = self._waiting, []
        touched = [id(naming.file) for naming in waiting if naming.is_of(name) and naming.file is not None]
        for naming in waiting:
            if not naming.is_of(name) and id(naming.file) not in touched:
                self._waiting.append(naming)
                continue
            if naming.before is not None:
                self._lasting.pop(naming.before, None)
            if naming.file is None:
                self._lasting.pop(naming.name, None)
            else:
                self._lasting[naming.name] = naming.file

    def _named(self, names: list[str], texts: list[str]) -> list[str]:
        paths = [_decoded(text) for text in texts]
        bases = names if len(names) == len(paths) else [""] * len(paths)
        return [str(PurePosixPath(base) / path) for base, path in zip(bases, paths, strict=True)]

    def _is_ours(self, name: str) -> bool:
        return name.startswith(f"{self._root}/") and not name.endswith(NEVER_SYNCED)


def _decoded(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode()


def _parent(name: str) -> str:
    return str(PurePosixPath(name).parent)
