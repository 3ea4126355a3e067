"""What the server of this container was started with, for programs that are run beside it.

They have the container's environment, but not the flags; the first process has those. Its environment, with
what the entry has added, is not theirs to read.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from .. import arguments as command_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..arguments import Arguments

COMMAND_LINE = Path("/proc/1/cmdline")

_PACKAGE = __name__.partition(".")[0]
_MODULES = frozenset({_PACKAGE, f"{_PACKAGE}.container"})


def servers_arguments(environment: Mapping[str, str], command: Path = COMMAND_LINE) -> Arguments:
    """Return the server's arguments; an `init` may stand before it, and the entry may still be at work.

    Raises:
        SystemExit: They make no sense.
    """
    try:
        words = [os.fsdecode(word) for word in command.read_bytes().split(b"\0")[:-1]]
    except OSError:
        words = []
    for position, (option, module) in enumerate(pairwise(words)):
        if option == "-m" and module in _MODULES:
            return command_line.parse(words[position + 2 :], environment)
    return command_line.parse([], environment)
