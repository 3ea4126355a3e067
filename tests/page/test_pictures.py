from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from imageserver.models import PromptText
from tests import pictures
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from playwright.async_api import Page

    from imageserver.models import Picture
    from tests.page.site import Site
    from tests.page.visiting import Visits

LIGHTHOUSE = "A lighthouse in a storm, oil on canvas, seen from the sea"
CAT = "A cat that sleeps on a windowsill among geraniums, watercolour"
WOOD = "Осенний лес в тумане, мягкий утренний свет, плёночная фотография"
PROMPTS = (LIGHTHOUSE, CAT, WOOD)


async def stored(
    site: Site,
    *prompts: str,
    provider: str = "ydArt",
    negative: str | None = None,
    size: tuple[int, int] = (320, 480),
) -> list[Picture]:
    """Store a picture for each prompt, the last one is the newest."""
    made = []
    for number, prompt in enumerate(prompts):
        site.clock.shift += 1
        picture = await site.house.server.store.add(
            pictures.jpeg(*size, seed=number),
            provider=provider,
            text=PromptText(prompt, negative),
            asked_at=site.clock.now(),
            picture_name=f"{provider}-{site.clock.shift:.0f}",
        )
        made.append(picture)
    return made


def tiles(page: Page):
    return page.get_by_role("list", name="Pictures").get_by_role("link")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_pictures_are_there_the_newest_first(site: Site, visit: Visits, size, scheme) -> None:
    made = await stored(site, *(PROMPTS * 20))
    for one in made[::7]:
        await site.house.server.store.set_favourite(one.id, True)
    page = await visit("pictures", size=size, scheme=scheme)
    await expect(tiles(page).first).to_be_visible()
    await page.wait_for_function("() => document.querySelectorAll('.pictures-grid img').length > 8")
    await screenshot(page, f"pictures-{size[0]}-{scheme}")
    await tiles(page).nth(1).click()
    await page.wait_for_function("() => document.querySelector('.picture-large img')?.complete")
    await screenshot(page, f"picture-{size[0]}-{scheme}")
    await screenshot(page, f"picture-{size[0]}-{scheme}-whole", whole=True)
