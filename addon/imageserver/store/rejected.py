"""The last pictures that came broken: paid for, so kept for a person to look at."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..files.atomic import atomic_write

if TYPE_CHECKING:
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)

KEPT = 10


def keep_rejected(directory: Path, name: str, image: bytes) -> None:
    """Keep the bytes under a name, and only the last few of all; blocks, and never fails."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        atomic_write(directory / name, image)
        by_age = sorted(directory.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for path in by_age[:-KEPT]:
            path.unlink()
    except OSError as error:
        _LOGGER.debug("The broken picture %s is not kept: %s", name, error)
