from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from imageserver.exceptions import AccessRefusedError
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.page.site import Site
    from tests.page.visiting import Visits

CODE = "ydArt"


def card(page: Page) -> Locator:
    return page.locator("af-numbers-provider")


async def to_the_side(page: Page) -> int:
    width: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


@pytest.mark.parametrize(("size", "scheme", "language"), [(PHONE, "dark", "ru-RU"), (DESK, "light", "en-GB")])
async def test_today_and_yesterday_come_first(
    site: Site, visit: Visits, size: tuple[int, int], scheme: str, language: str
) -> None:
    await site.house.see()
    page = await visit("numbers", size=size, scheme=scheme, language=language)  # type: ignore[arg-type]
    first = card(page).locator("dd").first
    await expect(first).to_have_text("1")
    names = page.get_by_role("heading", level=2)
    await expect(names.first).to_have_text(re.compile("ydArt"))
    assert await to_the_side(page) <= 0
    await screenshot(page, f"numbers-{size[0]}-{scheme}", whole=True)


async def test_every_figure_of_the_old_page_is_there_and_stays_true(site: Site, visit: Visits) -> None:
    await site.house.see()
    page = await visit("numbers")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Pictures sent"))
    await expect(row.get_by_role("cell").first).to_have_text("1")
    for name in ("All requests", "A picture, whichever", "Not understood"):
        await expect(page.get_by_role("rowheader", name=name)).to_be_visible()
    await expect(page.get_by_text("Pictures that frames are shown")).to_be_visible()

    await site.house.see()

    await expect(row.get_by_role("cell").first).to_have_text("2", timeout=20_000)


async def test_charts_are_tables_too(site: Site, visit: Visits) -> None:
    await site.house.see()
    page = await visit("numbers")
    figure = page.get_by_role("figure").filter(has_text="Pictures made a day")
    await expect(figure.locator("svg rect")).to_have_count(30)
    await figure.get_by_text("As a table").click()
    await expect(figure.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(["1"])
    await expect(figure.get_by_role("row")).to_have_count(31)


async def test_the_cost_guard_can_be_set(site: Site, visit: Visits) -> None:
    page, other = await visit("numbers"), await visit("numbers")
    await card(page).get_by_label("Requests a day, at most").fill("5")
    await card(page).get_by_role("button", name="Save").click()
    await expect(card(page)).to_contain_text("0 of 5 requests used today, 5 left")
    await expect(card(other)).to_contain_text("0 of 5 requests used today, 5 left")
    assert site.house.server.settings.providers[CODE].daily_limit == 5
    await site.house.see()
    await expect(card(page)).to_contain_text("1 of 5 requests used today, 4 left")


async def test_a_provider_is_switched_off_and_on_in_both_windows(site: Site, visit: Visits) -> None:
    page, other = await visit("numbers"), await visit("numbers")
    await card(page).get_by_role("switch").click()
    await expect(card(other).get_by_role("switch")).not_to_be_checked()
    await expect(card(other)).to_contain_text("switched off in the settings")
    assert not site.house.server.settings.providers[CODE].enabled
    await card(other).get_by_role("switch").click()
    await expect(card(page).get_by_role("switch")).to_be_checked()


async def test_what_went_wrong_is_said_and_can_be_tried_again(site: Site, visit: Visits) -> None:
    site.script.answers.append(AccessRefusedError("The key is not known"))
    await site.house.see()
    page = await visit("numbers")
    await expect(card(page)).to_contain_text("The key is not known")
    await card(page).get_by_role("button", name="Try again now").click()
    await expect(page.get_by_text("may be asked again")).to_be_visible()
    await expect(card(page).get_by_role("button", name="Try again now")).to_have_count(0)
