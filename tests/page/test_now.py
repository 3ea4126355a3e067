from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.houses import FRAME, OTHER_FRAME
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from tests.page.site import Site
    from tests.page.visiting import Visits


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("way", ["token", "ingress"])
async def test_each_frame_is_there_with_what_it_shows(site: Site, visit: Visits, size, scheme, way) -> None:
    await site.house.see()
    await site.house.see(frame=OTHER_FRAME)
    site.house.server.frames.rename(FRAME, "Кухня")
    page = await visit("now", size=size, scheme=scheme, way=way, language="ru-RU")
    await expect(page.get_by_role("heading", name="Кухня")).to_be_visible()
    await page.wait_for_timeout(500)
    await screenshot(page, f"now-{size[0]}-{scheme}-{way}", whole=True)
