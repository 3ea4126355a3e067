"""Where the files of deleted pictures wait: `.deleted/<id>/` of the picture directory, for a day.

A folder has its name only while all of its files are in it; on the way in or out it is called
`<id>.moving`. So whatever cuts a move short, the next start sees that it did, and which files are where.
Everything here blocks and belongs into a thread.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from ..files.atomic import sync_directory
from . import pictures
from .picture_files import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from ..models import Picture
    from .picture_files import PictureFiles
    from .pictures import Entry

FOLDER = ".deleted"
MOVING = ".moving"

type Move = tuple[Place, str, Path]
"""A file of the store, and where it is while its folder is moving."""


class DeletedFiles:
    """Takes files away, brings them back, and removes them in the end."""

    def __init__(self, files: PictureFiles) -> None:
        self._files = files
        self._folder = files.image_dir / FOLDER

    def take_away(self, picture: Picture) -> None:
        """Take a picture's files out of the store.

        Raises:
            OSError: One can't be moved; then all are where they were.
        """
        try:
            self._take(picture, self._moves(picture))
        except OSError:
            with suppress(OSError):
                self.bring_back(picture)
                self.brought_back(picture.id)
            raise

    def bring_back(self, picture: Picture) -> frozenset[Place]:
        """Bring a picture's files back, and return which there are; `brought_back` or `keep` has to follow.

        Raises:
            FileExistsError: Another file has taken the name of one.
            OSError: One can't be moved; in both cases none is.
        """
        if self._waiting(picture.id).exists():
            self._waiting(picture.id).replace(self._moving(picture.id))
        moved: list[Move] = []
        try:
            for place, name, buried in self._moves(picture):
                if self._files.move_in(buried, place, name):
                    moved.append((place, name, buried))
        except OSError:
            self._take(picture, moved)
            raise
        return frozenset(place for place, _, _ in moved)

    def brought_back(self, picture_id: int) -> None:
        """Clear away the folder of files that were brought back."""
        folder = self._moving(picture_id)
        for empty in (*(folder / self._files.directory(place).name for place in Place), folder):
            with suppress(OSError):
                empty.rmdir()

    def keep(self, picture: Picture, places: frozenset[Place]) -> None:
        """Take away again what was brought back in vain."""
        self._take(picture, [move for move in self._moves(picture) if move[0] in places])

    def finish(self, entry: Entry) -> None:
        """Take away what is left of a deleted picture in the store, where a crash has cut a move short."""
        picture = entry.picture
        if self._waiting(picture.id).exists():
            return  # What lies in the store now is of a later day: somebody has put it back by hand.
        moves = self._moves(picture)
        left = [move for move in moves if self._files.stamp(move[0], move[1]) == entry.stamp(move[0])]
        if left or self._moving(picture.id).exists():
            self._take(picture, left)

    def moving(self) -> list[int]:
        """Return the pictures whose files were on their way when the server ended."""
        stems = [path.name.removesuffix(MOVING) for path in self._folder.glob(f"*{MOVING}")]
        return [int(stem) for stem in stems if stem.isdecimal()]

    def before(self, end: datetime) -> Iterator[int]:
        """Yield the pictures whose folders were last changed before."""
        if self._folder.is_dir():
            for path in tuple(self._folder.iterdir()):
                stem = path.name.removesuffix(MOVING)
                if stem.isdecimal() and path.lstat().st_mtime < end.timestamp():
                    yield int(stem)

    def remove(self, picture_id: int) -> None:
        """Remove a picture's files for good."""
        for folder in (self._waiting(picture_id), self._moving(picture_id)):
            if folder.exists():
                shutil.rmtree(folder)

    def _take(self, picture: Picture, moves: Sequence[Move]) -> None:
        waiting, moving = self._waiting(picture.id), self._moving(picture.id)
        if waiting.exists():
            waiting.replace(moving)
        moving.mkdir(parents=True, exist_ok=True)
        self._files.remove(Place.CACHE, pictures.cache_name(picture.id))
        for place, name, buried in moves:
            self._files.move_out(place, name, buried)
        moving.replace(waiting)
        for directory in (waiting, self._folder, self._folder.parent):
            sync_directory(directory)

    def _moves(self, picture: Picture) -> list[Move]:
        folder = self._moving(picture.id)
        named = [(place, pictures.file_name(picture, place)) for place in (Place.ORIGINAL, Place.SCALED)]
        return [
            (place, name, folder / self._files.directory(place).name / name)
            for place, name in named
            if name is not None
        ]

    def _waiting(self, picture_id: int) -> Path:
        return self._folder / str(picture_id)

    def _moving(self, picture_id: int) -> Path:
        return self._folder / f"{picture_id}{MOVING}"
