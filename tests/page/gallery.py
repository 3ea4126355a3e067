"""Stored pictures, and how they are seen on the page."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imageserver.models import PromptText
from tests import pictures

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Locator, Page

    from imageserver.models import Picture
    from tests.page.site import Site

LIGHTHOUSE = "A lighthouse in a storm, oil on canvas"
CAT = "A cat that sleeps among geraniums, watercolour"
WOOD = "Осенний лес в тумане, плёночная фотография"
PROMPTS = (LIGHTHOUSE, CAT, WOOD)


async def stored(
    site: Site,
    *prompts: str,
    provider: str = "ydArt",
    negative: str | None = None,
    size: tuple[int, int] = (320, 480),
) -> list[Picture]:
    """Store a picture for each prompt, a second after the one before; the last one is the newest."""
    made = []
    for prompt in prompts:
        site.clock.shift += 1
        picture = await site.house.server.store.add(
            pictures.jpeg(*size, seed=int(site.clock.shift) % 12),
            provider=provider,
            text=PromptText(prompt, negative) if prompt else None,
            asked_at=site.clock.now(),
            picture_name=f"{provider}-{site.clock.shift:.0f}",
        )
        made.append(picture)
    return made


async def put_by_hand(site: Site, root: Path, count: int) -> None:
    """Drop files into the rotation; a dozen different ones, so that it takes a second."""
    folder = root / "images" / "scalable"
    for number in range(count):
        path = folder / f"f{number:05}.jpeg"
        if number < 12:
            path.write_bytes(pictures.jpeg(seed=number))
        else:
            os.link(folder / f"f{number % 12:05}.jpeg", path)
    await site.house.server.store.scan()


def tiles(page: Page) -> Locator:
    """Find the pictures of the grid that are there."""
    return page.locator("af-pictures-grid").get_by_role("link")


async def names(page: Page) -> list[str]:
    """Say what a screen reader says of them."""
    return [await tile.get_attribute("aria-label") or "" for tile in await tiles(page).all()]
