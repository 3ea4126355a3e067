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
        self._away: str | None = None
        self._misread = False
        self._unwritable: dict[bool, str] = {}

    @property
    def away(self) -> str | None:
        """Why the whole directory is out of reach; None where it is not."""
        return self._away

    def unreadable(self, why: str) -> StoreError:
        """Report that the pictures are out of reach; return the error to raise."""
        self._away = why
        return self._tell_unreadable(why)

    def readable(self) -> None:
        """Note that the directory can be looked through."""
        self._away = None
        if not self._misread:
            self._problems.resolve(UNREADABLE)

    def misread(self, why: str) -> StoreError:
        """Report that no file can be read, though the directory is there; return the error to raise."""
        self._misread = True
        return self._tell_unreadable(why)

    def read(self) -> None:
        """Note that a file was read."""
        if self._misread:
            self._misread = False
            self._problems.resolve(UNREADABLE)

    def unwritable(self, why: OSError) -> StoreError:
        """Report that nothing can be stored; return the error to raise."""
        where = Path(why.filename).parent if why.filename else self._image_dir
        text = f"Pictures can't be written to {where}: {why.strerror or why}"
        self._unwritable.setdefault(self._is_ours(where), text)
        self._tell_unwritable()
        return StoreError(text)

    def writable(self, where: Path) -> None:
        """Note that something was written: to the picture directory, or beside it."""
        if self._unwritable.pop(self._is_ours(where), None) is None:
            return
        if self._unwritable:
            self._tell_unwritable()
        else:
            self._problems.resolve(UNWRITABLE)

    def _is_ours(self, where: Path) -> bool:
        return where.is_relative_to(self._image_dir)

    def _tell_unreadable(self, why: str) -> StoreError:
        text = f"The pictures in {self._image_dir} can't be read: {why}"
        self._problems.report(
            UNREADABLE,
            f"{text}.",
            remedy="Mount the disk or mend its rights; what is known of the pictures is kept. If they were"
            " removed on purpose, make the empty folders original and scalable there.",
        )
        return StoreError(text)

    def _tell_unwritable(self) -> None:
        """One directory at a time: two in turns would fill the log."""
        text = next(iter(self._unwritable.values()))
        remedy = "Make room on the disk, or its folders writable."
        self._problems.report(UNWRITABLE, f"{text}.", remedy=remedy)
