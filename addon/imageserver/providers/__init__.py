"""The sources of new pictures: one file each, one line each in `ADAPTERS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import user_written
from .builtin import Builtin
from .local_folder import LocalFolder
from .yandex_art import YandexArt

if TYPE_CHECKING:
    from pathlib import Path

    from ..exceptions import Mistake
    from .base import ImageProvider

ADAPTERS: tuple[type[ImageProvider], ...] = (YandexArt, LocalFolder, Builtin)


def user_adapters(directory: Path) -> tuple[list[type[ImageProvider]], list[Mistake]]:
    """Load the adapters that a user wrote; blocks, and runs their files: at start only.

    Args:
        directory: `<config>/providers`; it need not exist.

    Returns:
        The adapters, and what is wrong with the files that are none, each with the file's name.
    """
    return user_written.load(directory, built_in=ADAPTERS)
