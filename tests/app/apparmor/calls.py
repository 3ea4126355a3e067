"""Reads what strace wrote: system calls, their arguments and what came of them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|0x[0-9a-f]+|\?)(?P<rest>.*)")
_NO_CALL = re.compile(r"\+\+\+ |--- |\w+\(.* <unfinished \.\.\.>$|<\.\.\. \w+ resumed>")
_DESCRIPTOR = re.compile(r"(?:AT_FDCWD|\d+)?<(?P<path>/.*)>(?:\(deleted\))?")
_OPENING, _CLOSING = "([{", ")]}"


class TraceError(Exception):
    """A line that is not understood."""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that is over."""

    name: str
    arguments: tuple[str, ...]
    succeeded: bool
    given: str | None
    """The path of the descriptor that it returned."""
    line: str

    def path(self, number: int) -> str:
        """Return an argument that is a path, or a descriptor's path, with nothing resolved.

        Raises:
            TraceError: It is relative to what strace does not say.
        """
        said = self.arguments[number]
        if path := descriptor_path(said):
            return path
        path = _unescaped(said.removeprefix('"').removesuffix('"'))
        if not path.startswith("/"):
            base = descriptor_path(self.arguments[number - 1]) if number else None
            if base is None:
                raise TraceError(f"Relative to what? {self.line}")
            path = os.path.join(base, path)  # noqa: PTH118 - a dot at its end may matter
        return path


def read_calls(directory: Path, *, outside: str | None = None) -> Iterator[Call]:
    """Read the files that `strace -ff -y` left in a directory, each the life of one thread.

    Args:
        directory: Where they are.
        outside: In the command of a program that puts containers together: what it does is left out, and
            its child's doings up to the container's own command.

    Raises:
        TraceError: A line is not understood.
    """
    for file in sorted(directory.iterdir()):
        calls = [call for call in map(_call, file.read_text().splitlines()) if call is not None]
        programs = [number for number, call in enumerate(calls) if call.name == "execve" and call.succeeded]
        if outside is None or not programs:
            yield from calls
        elif outside not in calls[programs[0]].line:
            yield from calls[programs[0] :]


def descriptor_path(said: str) -> str | None:
    """Return the path behind `7</data/state.db>`; None for a socket, a pipe, or no descriptor."""
    found = _DESCRIPTOR.fullmatch(said)
    return _unescaped(found["path"]) if found else None


def _call(line: str) -> Call | None:
    found = _CALL.fullmatch(line)
    if found is None:
        if _NO_CALL.match(line):
            return None
        raise TraceError(f"Not understood: {line}")
    succeeded = found["result"] != "?" and not found["result"].startswith("-")
    given = descriptor_path(found["rest"].split(" ", 1)[0])
    return Call(found["name"], tuple(_split(found["arguments"])), succeeded, given, line)


def _split(arguments: str) -> Iterator[str]:
    """Split at the commas that are in no string and no structure."""
    begin = depth = 0
    quoted = escaped = False
    for at, sign in enumerate(arguments):
        if quoted:
            quoted = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            quoted = True
        elif sign == "," and not depth:
            yield arguments[begin:at].strip()
            begin = at + 1
        else:
            depth += (sign in _OPENING) - (sign in _CLOSING)
    yield arguments[begin:].strip()


def _unescaped(said: str) -> str:
    return said.encode().decode("unicode_escape").encode("latin-1").decode()
