"""A note beside copies of a certificate and its key: where they come from, and why there may be none.

Whoever starts the server writes it, and loads little; the server reads it (`copied_files.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..files.atomic import atomic_write

NAME = "origin.json"

type Stamp = tuple[int, int, int]
"""What changes whenever a file does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where copies come from.

    Attributes:
        certificate: The user's file.
        key: The user's file.
        stamps: Of both, when they were copied; None for one that was not there.
        problem: Why there are no copies, as a sentence; None where there are.
    """

    certificate: Path
    key: Path
    stamps: tuple[Stamp | None, ...]
    problem: str | None

    @classmethod
    def read(cls, directory: Path) -> Self | None:
        """Return what is noted beside copies; None where nothing is, or nothing that makes sense."""
        try:
            found = json.loads((directory / NAME).read_bytes())
            return cls(
                certificate=Path(found["certificate"]),
                key=Path(found["key"]),
                stamps=tuple(stamp if stamp is None else tuple(stamp) for stamp in found["stamps"]),
                problem=found["problem"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, directory: Path) -> None:
        """Note it beside the copies.

        Raises:
            OSError: The disk said no.
        """
        noted = {
            "certificate": str(self.certificate),
            "key": str(self.key),
            "stamps": self.stamps,
            "problem": self.problem,
        }
        atomic_write(directory / NAME, json.dumps(noted).encode())

    def is_outdated(self) -> bool:
        """Tell whether a file was replaced; one that can't be seen at the moment was not. Blocking."""
        now = (stamp_of(self.certificate), stamp_of(self.key))
        return any(new is not None and new != old for new, old in zip(now, self.stamps, strict=True))


def stamp_of(file: Path) -> Stamp | None:
    """Return a file's stamp; None for one that is not there, or can't be seen. Blocking."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
