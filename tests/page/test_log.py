from __future__ import annotations

import logging
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from imageserver.log.log import setup
from tests.page.visiting import PHONE, screenshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.page.site import Site
    from tests.page.visiting import Visits

LOGGER = logging.getLogger("imageserver.store")


@pytest.fixture(autouse=True)
def _logged(site: Site, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Log as the running server does."""
    caplog.set_level(logging.INFO)
    site.house.server.log = log = setup(secrets=[site.token], stream=StringIO())
    yield
    log.close()


async def test_the_newest_lines_come_first_as_text(site: Site, visit: Visits) -> None:
    await site.house.see()
    page = await visit("log", size=PHONE)
    lines = page.locator(".log-lines li")
    await expect(lines.first).to_be_visible()
    times = await lines.locator("time").evaluate_all("all => all.map(one => one.dateTime)")
    assert times == sorted(times, reverse=True)
    await screenshot(page, "log-390-light", whole=True)


async def test_lines_below_a_level_are_left_out(site: Site, visit: Visits) -> None:
    await site.house.see()
    LOGGER.warning("<b>The disk</b> is nearly full")
    page = await visit("log")
    lines = page.locator(".log-lines li")
    await page.get_by_label("Show").select_option("WARNING")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("<b>The disk</b> is nearly full")
    await page.get_by_label("Show").select_option("ERROR")
    await expect(page.get_by_text("There is nothing of this kind.")).to_be_visible()


async def test_what_happens_meanwhile_appears(site: Site, visit: Visits) -> None:
    page = await visit("log")
    await site.house.see()
    await expect(page.locator(".log-lines")).to_contain_text("made picture")


async def test_no_secret_is_in_it(site: Site, visit: Visits) -> None:
    LOGGER.warning("Somebody wrote %s", site.token)
    page = await visit("log")
    await expect(page.locator(".log-lines")).to_contain_text("Somebody wrote")
    assert site.token not in await page.content()
