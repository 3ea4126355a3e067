"""How much is stored."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Numbers of pictures.

    Attributes:
        pictures: Which frames are shown.
        archived: Only in the archive.
        originals: With a file of full size.
        unreadable: Files that can't be shown.
        deleted: Whose deletion can be undone.
        size_bytes: On the disk.
    """

    pictures: int
    archived: int
    favourites: int
    originals: int
    unreadable: int
    deleted: int
    size_bytes: int
