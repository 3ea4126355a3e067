from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from tests.page.site import Site
    from tests.page.visiting import Visits


@pytest.mark.parametrize(("size", "scheme", "language"), [(PHONE, "dark", "ru-RU"), (DESK, "light", "en-GB")])
async def test_every_setting_is_there_with_where_it_comes_from(
    visit: Visits, size: tuple[int, int], scheme: str, language: str
) -> None:
    page = await visit("settings", size=size, scheme=scheme, language=language)  # type: ignore[arg-type]
    await expect(page.get_by_text("iframe_image_parameters.fit_mode")).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) <= 0
    await screenshot(page, f"settings-{size[0]}-{scheme}", whole=True)


@pytest.mark.parametrize("options", ["prompts_amount: 7"])
async def test_what_the_file_says_is_told_from_a_default(visit: Visits) -> None:
    page = await visit("settings")
    rows = page.locator(".settings-list > div")
    await expect(rows.filter(has_text="prompts_amount")).to_contain_text("options")
    await expect(rows.filter(has_text="prompts_amount")).to_contain_text("7")
    await expect(rows.filter(has_text="log_level")).to_contain_text("default")


async def test_pausing_and_the_interval_are_changed_here_and_seen_elsewhere(
    site: Site, visit: Visits
) -> None:
    page, other = await visit("settings"), await visit("settings")
    await page.get_by_role("switch").click()
    await expect(other.get_by_role("switch")).not_to_be_checked()
    await page.get_by_label("Minutes between two new pictures").fill("45")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved")).to_be_visible()
    await expect(other.get_by_label("Minutes between two new pictures")).to_have_value("45")
    changed = other.locator(".settings-list > div").filter(has_text="image_generate_threshold").first
    await expect(changed).to_contain_text("changed here")
    assert site.house.server.settings.image_generate_threshold == 45


async def test_the_token_is_shown_on_demand_only(site: Site, visit: Visits) -> None:
    page = await visit("settings")
    assert site.token not in await page.content()
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("input[readonly]")).to_have_value(site.token)
    await page.get_by_role("button", name="Hide").click()
    await expect(page.locator("input[readonly]")).to_have_count(0)


async def test_a_renewed_token_goes_on_opening_the_door_of_who_renewed_it(site: Site, visit: Visits) -> None:
    page = await visit("settings")
    before = site.token
    await page.get_by_role("button", name="Make a new one").click()
    await page.locator("af-dialog").get_by_role("button", name="Make a new one").click()
    await expect(page.get_by_text("There is a new token")).to_be_visible()
    assert site.token != before
    await expect(page.locator("input[readonly]")).to_have_value(site.token)
    await page.get_by_role("switch").click()
    await expect(page.get_by_role("switch")).not_to_be_checked()


async def test_who_thinks_twice_keeps_the_token(site: Site, visit: Visits) -> None:
    page = await visit("settings")
    before = site.token
    await page.get_by_role("button", name="Make a new one").click()
    await page.locator("af-dialog").get_by_role("button", name="Cancel").click()
    await expect(page.locator("af-dialog")).to_have_count(0)
    assert site.token == before
