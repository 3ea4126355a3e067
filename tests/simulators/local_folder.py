"""A folder of pictures, as `lim` is given one."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.simulators.drawn import draw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def fill(folder: Path, *, count: int = 3) -> None:
    """Put pictures of different kinds and sizes there."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        picture_format = ("JPEG", "PNG", "WEBP")[number % 3]
        picture = draw(f"picture {number}", 320 + 40 * number, 480, picture_format=picture_format)
        (folder / f"{number}.{picture_format}").write_bytes(picture)


@asynccontextmanager
async def contract_settings(directory: Path) -> AsyncIterator[list[dict[str, Any]]]:
    """Settings with which the contract test asks the adapter."""
    folder = directory / "photos"
    fill(folder)
    yield [{"local_image_folder": str(folder)}]
    shutil.rmtree(folder)
