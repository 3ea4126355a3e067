"""What a person should know about the disk that the pictures are on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..exceptions import StoreError

if TYPE_CHECKING:
    from ..problems import Problems

UNREADABLE = "store_unreadable"
UNWRITABLE = "store_unwritable"


class StoreHealth:
    """Says once that the picture directory can't be read or written, and once that it can again."""

    def __init__(self, *, image_dir: Path, problems: Problems) -> None:
        self._image_dir = image_dir
        self._problems = problems

    def unreadable(self, why: str) -> StoreError:
        """Report that the pictures are out of reach; return the error to raise."""
        text = f"The pictures in {self._image_dir} can't be read: {why}"
        self._problems.report(
            UNREADABLE,
            f"{text}.",
            remedy="Mount the disk or mend its rights; what is known of the pictures is kept. If they were"
            " removed on purpose, make the empty folders original and scalable there.",
        )
        return StoreError(text)

    def readable(self) -> None:
        """Note that the pictures can be read."""
        self._problems.resolve(UNREADABLE)

    def unwritable(self, why: OSError) -> StoreError:
        """Report that nothing can be stored; return the error to raise."""
        where = Path(why.filename).parent if why.filename else self._image_dir
        text = f"Pictures can't be written to {where}: {why.strerror or why}"
        remedy = "Make room on the disk, or its folders writable."
        self._problems.report(UNWRITABLE, f"{text}.", remedy=remedy)
        return StoreError(text)

    def writable(self) -> None:
        """Note that something was stored."""
        self._problems.resolve(UNWRITABLE)
