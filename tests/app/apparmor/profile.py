"""Reads an AppArmor profile and answers what it allows.

Only what our profile is written in: one rule a line, nothing included, no profile in the profile. Whatever
else stands there is refused, so that no rule goes unseen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tests.app.apparmor.globs import compile_glob
from tests.app.apparmor.needs import Kind, Need

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = re.compile(r"profile (?P<name>\S+)(?: flags=\((?P<flags>[\w,]+)\))? \{")
_CAPABILITY = re.compile(r"capability (?P<name>[a-z_]+)")
_NETWORK = re.compile(r"network (?P<family>[a-z0-9]+) (?P<type>[a-z]+)")
_SIGNAL = re.compile(r"signal \((?P<way>send|receive)\)(?: peer=@\{profile_name\})?")
_FILE = re.compile(r"(?P<glob>/\S+) (?P<perms>[rwakml]*(?:ix)?[rwakml]*)")


class ProfileError(Exception):
    """A line that is not understood."""


@dataclass(frozen=True, slots=True)
class FileRule:
    """Which paths may be used for what."""

    paths: re.Pattern[str]
    perms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is allowed; all else is not."""

    name: str
    flags: frozenset[str]
    files: tuple[FileRule, ...]
    others: frozenset[Need]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a profile.

        Raises:
            ProfileError: Something is not understood.
        """
        lines = list(_statements(text))
        head = _HEAD.fullmatch(lines[0]) if lines else None
        if head is None or lines[-1] != "}":
            raise ProfileError("It begins with no profile's head, or ends with no brace")
        files: list[FileRule] = []
        others: set[Need] = set()
        for line in lines[1:-1]:
            rule = _rule(line)
            if isinstance(rule, FileRule):
                files.append(rule)
            else:
                others.add(rule)
        flags = frozenset((head["flags"] or "").split(","))
        return cls(head["name"], flags, tuple(files), frozenset(others))

    def allows(self, need: Need) -> bool:
        """Answer whether a need is met."""
        if need.kind is Kind.FILE:
            return set(need.perms) <= self.permissions(need.name)
        return Need(need.kind, need.name) in self.others

    def permissions(self, path: str) -> frozenset[str]:
        """Return all that may be done with a path."""
        met = [rule.perms for rule in self.files if rule.paths.fullmatch(path)]
        return frozenset().union(*met)


def _statements(text: str) -> Iterator[str]:
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#include") or (stripped and not stripped.startswith("#")):
            yield stripped


def _rule(line: str) -> FileRule | Need:
    rule = line.removesuffix(",")
    if rule == line:
        raise ProfileError(f"No comma ends: {line}")
    if found := _CAPABILITY.fullmatch(rule):
        return Need(Kind.CAPABILITY, found["name"])
    if found := _NETWORK.fullmatch(rule):
        return Need(Kind.NETWORK, f"{found['family']} {found['type']}")
    if found := _SIGNAL.fullmatch(rule):
        return Need(Kind.SIGNAL, found["way"])
    found = _FILE.fullmatch(rule)
    if found is None or not found["perms"]:
        raise ProfileError(f"Not understood: {line}")
    perms = set(found["perms"]) - {"i"}
    return FileRule(compile_glob(found["glob"]), frozenset(perms | ({"a"} if "w" in perms else set())))
