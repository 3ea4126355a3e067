"""Pictures of the pages for the documentation, taken where a test has just brought them about.

scripts/test tests/e2e --pictures docs/pictures
"""

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

MARGIN = 24
"""Pixels around an element."""


class Pictures:
    """Keeps pictures in a folder, or does not."""

    def __init__(self, folder: Path | None) -> None:
        """Take none without a folder."""
        self._folder = folder

    async def take(self, page: Page, name: str, *, of: Locator | None = None, height: int = 0) -> None:
        """Keep what a page shows, or less of it.

        Args:
            page: The page.
            name: The picture's, without what it ends in.
            of: One element, with a little around it.
            height: So many pixels of the page, from its top.
        """
        if self._folder is None:
            return
        clip = None
        if of is not None:
            clip = await _around(of)
        elif height and page.viewport_size:
            clip = FloatRect(x=0, y=0, width=page.viewport_size["width"], height=height)
        await page.mouse.move(0, 0)  # nothing is to look as if it were pointed at
        shot = await page.screenshot(clip=clip, animations="disabled", caret="hide")
        picture = _small(shot)
        assert len(picture) <= LARGEST, f"{name} has {len(picture)} bytes"
        (self._folder / f"home-assistant-{name}.png").write_bytes(picture)


async def _around(element: Locator) -> FloatRect:
    box = await element.bounding_box()
    assert box is not None
    return FloatRect(
        x=box["x"] - MARGIN,
        y=box["y"] - MARGIN,
        width=box["width"] + 2 * MARGIN,
        height=box["height"] + 2 * MARGIN,
    )


def _small(png: bytes) -> bytes:
    """Keep as many colours as the eye can tell apart."""
    with Image.open(BytesIO(png)) as image:
        output = BytesIO()
        image.convert("RGB").quantize(256).save(output, "PNG", optimize=True)
    return output.getvalue()
