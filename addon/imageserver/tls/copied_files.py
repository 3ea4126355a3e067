"""Copies of the user's certificate and key, for a server that may not read the files themselves.

Whoever starts the server makes them (`container/key_files.py`), and notes beside them where they come from.
The server tells of files that were replaced since, and of those that could not be used.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..files.atomic import atomic_write

if TYPE_CHECKING:
    from ..problems import Problems

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


class CopiedFiles:
    """Looks after the copies in a directory; where none were made there is nothing to look after."""

    def __init__(self, *, directory: Path, problems: Problems) -> None:
        self._directory = directory
        self._problems = problems
        self._origin: Origin | None = None

    def certificate(self) -> Path | None:
        """Return the user's file that was copied; None where none was."""
        return None if self._origin is None else self._origin.certificate

    async def open(self) -> None:
        """Learn where the copies come from; new ones are made only before the server starts."""
        self._origin = await asyncio.to_thread(Origin.read, self._directory)
        await self.look()

    async def look(self) -> None:
        """Tell what has become of the user's files."""
        if self._origin is None:
            return
        if self._origin.problem is not None:
            self._problems.report(
                "certificate_refused",
                f"The certificate can't be used: {self._origin.problem}.",
                remedy="Until then frames are shown one that the server made. "
                "Mend it, then restart the app (or the container).",
            )
        elif await asyncio.to_thread(self._origin.is_outdated):
            self._problems.report(
                "certificate_copied",
                f"{self._origin.certificate}, or its key, was replaced; the one before is still in use.",
                remedy="Restart the app (or the container): both are read at its start.",
            )
        else:
            self._problems.resolve("certificate_copied")


def stamp_of(file: Path) -> Stamp | None:
    """Return a file's stamp; None for one that is not there, or can't be seen. Blocking."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
