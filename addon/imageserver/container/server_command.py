"""The command that becomes the server: what the user gave, and what was decided on the way to it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import arguments as command_line

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from ..arguments import Arguments


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """Flags and environment; what is decided stands after the user's flags, and so goes before them."""

    flags: list[str]
    environment: dict[str, str]

    def assume(self, flag: str, directory: Path) -> None:
        """Let a directory be used where the user names none."""
        variable = command_line.variable_of(flag)
        self.environment[variable] = self.environment.get(variable) or str(directory)

    def decide(self, flag: str, directory: Path) -> None:
        """Let a directory be used, whatever the user named."""
        self.flags.extend((flag, str(directory)))

    def arguments(self) -> Arguments:
        """Return what the server will make of it.

        Raises:
            SystemExit: It makes no sense, or asks for the help or the version.
        """
        return command_line.parse(self.flags, self.environment)

    def execute(self) -> NoReturn:
        """Become the server."""
        command = [sys.executable, "-P", "-m", "imageserver", *self.flags]
        os.execve(sys.executable, command, self.environment)  # noqa: S606 - no shell is wanted
