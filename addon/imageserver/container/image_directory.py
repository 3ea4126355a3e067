"""Where the pictures go, decided while a place can still be made for them."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..exceptions import UnreadableFileError
from ..files import yaml_text
from ..settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..places import Places
    from .container_places import ContainerPlaces
    from .volumes import Volumes

_LOGGER = logging.getLogger(__name__)


def named(places: Places) -> Path | None:
    """Return the directory that a flag or the options name; of options that are wrong the server tells."""
    if places.images is not None:
        return places.images
    try:
        options = yaml_text.load(places.options.read_bytes())
    except (OSError, UnreadableFileError):
        return None
    written = options.get("image_path") if isinstance(options, dict) else None
    return Path(written.strip()) if isinstance(written, str) and written.strip() else None


def of_docker(named: Path | None) -> Path:
    """Return the image directory of a container that its user runs."""
    return named or Path(Settings().image_path)


def of_app(named: Path | None, *, places: ContainerPlaces, volumes: Volumes) -> Path:
    """Return the image directory of an app.

    It is the usual one unless another is named in which pictures last, and in which an app may write: its
    profile (`apparmor.txt`) lets it write nowhere else.
    """
    if named is None or not volumes.keep(places.pictures):
        return named or places.pictures
    if not volumes.keep(named):
        reason = "would be gone with the next update of the app"
    elif not _is_inside(named, (places.pictures, places.config, places.data)):
        reason = "can't be written by the app"
    else:
        return named
    _LOGGER.error(
        "Pictures in %s %s, so they are kept in %s: let image_path name that, or a directory in it",
        named,
        reason,
        places.pictures,
    )
    return places.pictures


def _is_inside(path: Path, directories: Iterable[Path]) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(os.path.realpath(directory)) for directory in directories)
