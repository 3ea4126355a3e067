"""Pictures of the pages for the documentation, taken where a test has just brought them about."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image
from playwright.async_api import FloatRect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Locator, Page

LARGEST = 200_000
"""Bytes of one."""


class Pictures:
    """Keeps pictures in a folder, or does not."""

    def __init__(self, folder: Path | None) -> None:
        """Take none without a folder."""
        self._folder = folder

    async def take(self, page: Page, name: str, *, of: Locator | None = None, margin: int = 0) -> None:
        """Keep what a page shows, or one element of it with so many pixels around it."""
        if self._folder is None:
            return
        clip = None
        if of is not None:
            box = await of.bounding_box()
            assert box is not None
            clip = FloatRect(
                x=box["x"] - margin,
                y=box["y"] - margin,
                width=box["width"] + 2 * margin,
                height=box["height"] + 2 * margin,
            )
        shot = await page.screenshot(clip=clip, animations="disabled", caret="hide")
        picture = _small(shot)
        assert len(picture) <= LARGEST, f"{name} has {len(picture)} bytes"
        (self._folder / f"{name}.png").write_bytes(picture)


def _small(png: bytes) -> bytes:
    """Keep as many colours as the eye can tell apart."""
    with Image.open(BytesIO(png)) as image:
        output = BytesIO()
        image.convert("RGB").quantize(256).save(output, "PNG", optimize=True)
    return output.getvalue()
