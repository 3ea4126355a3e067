"""Where the pictures go, decided while a place can still be made for them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from ..exceptions import UnreadableFileError
from ..files import yaml_text
from ..settings import Settings

if TYPE_CHECKING:
    from ..places import Places
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


def of_app(named: Path | None, *, pictures: Path, volumes: Volumes) -> Path:
    """Return the image directory of an app: another than `pictures` only where pictures last."""
    if named is None or volumes.keep(named) or not volumes.keep(pictures):
        return named or pictures
    _LOGGER.error(
        "Pictures in %s would be gone with the next update of the app, so they are kept in %s: "
        "let image_path name that, or a directory in it",
        named,
        pictures,
    )
    return pictures
