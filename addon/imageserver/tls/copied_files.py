"""Copies of the user's certificate and key, for a server that may not read the files themselves.

Whoever starts the server makes them (`container/key_files.py`), and notes beside them where they come from.
The server tells of files that were replaced since, and of those that could not be used.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .origin import Origin

if TYPE_CHECKING:
    from pathlib import Path

    from ..problems import Problems


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
