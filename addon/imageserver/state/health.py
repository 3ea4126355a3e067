"""What a person should know about the disk that the state is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..problems import Problems

UNWRITABLE = "state_unwritable"


class StateHealth:
    """Says once that nothing can be written down, and once that it can again."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def unwritable(self, why: str) -> None:
        """Report that the disk takes nothing."""
        self._problems.report(
            UNWRITABLE,
            f"Nothing can be written down: {why}.",
            remedy="Make room on the disk, or the data directory writable.",
        )

    def writable(self) -> None:
        """Note that it does again."""
        self._problems.resolve(UNWRITABLE)
