"""What of a container's files lasts longer than the container: what lies on something mounted."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MOUNT_POINT, _AFTER_OPTIONAL_FIELDS = 4, " - "
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_PASSING = frozenset({"tmpfs", "ramfs", "proc", "sysfs", "devtmpfs", "devpts", "mqueue", "cgroup", "cgroup2"})
"""Kinds of file systems that are in memory."""


class Volumes:
    """The mounts of this process, by the directories where they are."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds

    @classmethod
    def read(cls, mounts: Path) -> Self:
        """Read what the kernel tells; where it tells nothing, everything is taken to last."""
        try:
            lines = mounts.read_bytes().splitlines()
        except OSError:
            return cls({})
        return cls(dict(map(_mount, lines)))

    def keep(self, path: Path) -> bool:
        """Tell whether what is put there lasts; the path need not exist."""
        if not self._kinds:
            return True
        place = os.path.realpath(path)
        while place != "/":
            if place in self._kinds:
                return self._kinds[place] not in _PASSING
            place = os.path.dirname(place)  # noqa: PTH120 - of text that realpath has made
        return False


def _mount(line: bytes) -> tuple[str, str]:
    """Return where a mount is, and the kind of its file system."""
    before, _, after = os.fsdecode(line).partition(_AFTER_OPTIONAL_FIELDS)
    escaped = os.fsencode(before.split()[_MOUNT_POINT])
    point = _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), escaped)
    return os.fsdecode(point), after.split()[0]
