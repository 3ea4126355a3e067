"""One picture, large: what is known of it, and what can be done with it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.async_api import expect

from imageserver.exceptions import ContentRefusedError
from imageserver.models import OperationKind
from tests.houses import FRAME, OTHER_FRAME
from tests.page.gallery import CAT, LIGHTHOUSE, PROMPTS, WOOD, stored, tiles
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.page.site import Site
    from tests.page.visiting import Visits


def prompt(page: Page) -> Locator:
    return page.locator(".picture-prompt")


async def until_seen(page: Page) -> None:
    seen = "() => document.querySelector('.picture-large img')?.naturalWidth > 0"
    await page.wait_for_function(seen)


# What is known


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
async def test_everything_that_is_known_of_a_picture_is_told(
    site: Site,
    visit: Visits,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    (picture,) = await stored(site, LIGHTHOUSE, negative="people, text", size=(640, 960))
    await site.house.server.store.set_favourite(picture.id, favourite=True)
    await site.house.see(OperationKind.OLD)
    site.house.server.frames.rename(FRAME, "Kitchen")
    page = await visit(f"picture/{picture.id}", size=size, scheme=scheme, language=language)
    await until_seen(page)
    await expect(prompt(page)).to_have_text(LIGHTHOUSE)
    side = page.locator(".picture-side")
    for text in ("people, text", "Scripted ydArt", "640 × 960", "2026", picture.stem, "Kitchen"):
        await expect(side).to_contain_text(text)
    assert await page.locator(".picture-large img").get_attribute("alt") == LIGHTHOUSE
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await screenshot(page, f"picture-{size[0]}-{scheme}-{language}", whole=True)


async def test_each_showing_is_counted_while_one_looks(site: Site, visit: Visits) -> None:
    (picture,) = await stored(site, CAT)
    page = await visit(f"picture/{picture.id}")
    await expect(page.get_by_text("0 times")).to_be_visible()
    for times in ("1 time", "2 times"):
        await site.house.see(OperationKind.OLD)
        await expect(page.locator(".picture-showings").get_by_text(FRAME)).to_be_visible()
        await expect(page.locator(".picture-showings")).to_contain_text(times)


async def test_one_goes_through_the_pictures_by_keys_and_buttons_and_back(site: Site, visit: Visits) -> None:
    await stored(site, *PROMPTS * 30)
    page = await visit("pictures")
    await page.get_by_label("Search").fill("cat")
    await expect(page.get_by_text("30 pictures")).to_be_visible()
    await page.evaluate("scrollTo(0, 700)")
    await page.locator("[data-index='20']").click()
    await expect(page.get_by_text("21 of 30")).to_be_visible()
    await expect(prompt(page)).to_have_text(CAT)
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_text("22 of 30")).to_be_visible()
    await page.get_by_role("button", name="Previous picture").click()
    await expect(page.get_by_text("21 of 30")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_text("20 of 30")).to_be_visible()
    await page.go_back()
    await expect(page.locator("a:focus")).to_have_attribute("data-index", "20")
    assert await page.evaluate("scrollY") > 0
    await expect(page.get_by_label("Search")).to_have_value("cat")


async def test_a_picture_that_is_come_to_by_its_address_has_its_neighbours(site: Site, visit: Visits) -> None:
    made = await stored(site, *PROMPTS * 80)
    page = await visit(f"picture/{made[19].id}", size=PHONE)
    await expect(page.get_by_text("221 of 240")).to_be_visible()
    await page.get_by_role("button", name="Next picture").click()
    await expect(page.get_by_text("222 of 240")).to_be_visible()
    await expect(page).to_have_url(f"{site.url}#/picture/{made[18].id}")


# What can be done


async def test_a_favourite_is_one_on_every_page(site: Site, visit: Visits) -> None:
    (picture,) = await stored(site, CAT)
    pages = [await visit(f"picture/{picture.id}") for _ in range(2)]
    hearts = [page.get_by_role("button", name="Favourite") for page in pages]
    await hearts[0].click()
    for heart in hearts:
        await expect(heart).to_have_attribute("aria-pressed", "true")
    assert (await site.house.server.store.get(picture.id)).favourite


async def test_a_deleted_picture_comes_back(site: Site, visit: Visits) -> None:
    made = await stored(site, *PROMPTS)
    page = await visit("pictures")
    await tiles(page).nth(1).click()
    await page.get_by_role("button", name="Delete").click()
    await expect(prompt(page)).to_have_text(LIGHTHOUSE)
    await expect(page.get_by_text("2 of 2")).to_be_visible()
    assert (await site.house.server.store.get(made[1].id)).deleted_at
    await screenshot(page, "picture-deleted")
    await page.get_by_role("button", name="Undo").click()
    await expect(prompt(page)).to_have_text(CAT)
    await expect(page.get_by_text("2 of 3")).to_be_visible()
    assert not (await site.house.server.store.get(made[1].id)).deleted_at


async def test_the_last_picture_that_is_deleted_leaves_an_empty_gallery(site: Site, visit: Visits) -> None:
    await stored(site, CAT)
    page = await visit("pictures")
    await tiles(page).click()
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="There are no pictures yet")).to_be_visible()


async def test_what_is_deleted_elsewhere_can_be_brought_back_here(site: Site, visit: Visits) -> None:
    (picture,) = await stored(site, CAT)
    page = await visit(f"picture/{picture.id}")
    await until_seen(page)
    await site.house.server.store.delete(picture.id)
    await page.get_by_role("button", name="Bring it back").click()
    await until_seen(page)
    assert not (await site.house.server.store.get(picture.id)).deleted_at


@pytest.mark.parametrize("way", ["token", "ingress"])
async def test_the_original_is_downloaded(
    site: Site, visit: Visits, way: Literal["token", "ingress"]
) -> None:
    (picture,) = await stored(site, CAT, size=(640, 960))
    page = await visit(f"picture/{picture.id}", way=way)
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download").click()
    download = await waiting.value
    assert download.suggested_filename == f"{picture.stem}.jpeg"
    original = await site.house.server.store.original(picture.id)
    assert await asyncio.to_thread(Path(await download.path()).read_bytes) == original


async def test_a_picture_is_shown_on_the_frame_that_is_chosen(site: Site, visit: Visits) -> None:
    made = await stored(site, *PROMPTS)
    for frame in (FRAME, OTHER_FRAME):
        await site.house.see(OperationKind.OLD, frame=frame)
    site.house.server.frames.rename(OTHER_FRAME, "Kitchen")
    page = await visit(f"picture/{made[0].id}", size=PHONE)
    await page.get_by_role("button", name="Show on a frame").click()
    await screenshot(page, "picture-frames")
    await page.get_by_role("button", name="Kitchen").click()
    await expect(page.get_by_text("Kitchen will show it next")).to_be_visible()
    assert (await site.house.see(frame=OTHER_FRAME)).picture_id == made[0].id


async def test_where_there_is_one_frame_nothing_is_asked(site: Site, visit: Visits) -> None:
    made = await stored(site, *PROMPTS)
    await site.house.see(OperationKind.OLD)
    page = await visit(f"picture/{made[1].id}")
    await page.get_by_role("button", name="Show on a frame").click()
    await expect(page.get_by_text("The next frame that asks will show it")).to_be_visible()
    assert (await site.house.see()).picture_id == made[1].id


async def test_another_picture_is_made_with_the_same_prompt(site: Site, visit: Visits) -> None:
    (picture,) = await stored(site, WOOD, negative="люди")
    page = await visit(f"picture/{picture.id}")
    await page.get_by_role("button", name="Make another").click()
    await page.get_by_role("button", name="Look", exact=True).click()
    await expect(page.get_by_text("1 of 2")).to_be_visible()
    await expect(prompt(page)).to_have_text(WOOD)
    (asked,) = site.script.asked
    assert (asked.prompt, asked.negative) == (WOOD, "люди")


async def test_a_prompt_that_is_refused_says_why(site: Site, visit: Visits) -> None:
    (picture,) = await stored(site, CAT)
    site.script.answers.append(ContentRefusedError("No cats"))
    page = await visit(f"picture/{picture.id}")
    await page.get_by_role("button", name="Make another").click()
    await expect(page.get_by_text("No cats")).to_be_visible()


async def test_a_prompt_is_kept_in_the_book_and_taken_out_again(site: Site, visit: Visits) -> None:
    (picture,) = await stored(site, CAT)
    book = site.house.server.prompts
    before = len(book.all())
    page = await visit(f"picture/{picture.id}")
    await page.get_by_role("button", name="Add to prompts").click()
    await expect(page.get_by_text("Added to the prompts")).to_be_visible()
    assert book.all()[-1].prompt == CAT
    await page.get_by_role("button", name="Undo").click()
    await site.house.until(lambda: len(book.all()) == before)


async def test_a_picture_that_is_not_there_leads_to_those_that_are(site: Site, visit: Visits) -> None:
    visit.forgive("404")
    await stored(site, CAT)
    page = await visit("picture/99")
    await expect(page.get_by_role("heading", name="This picture is no longer there")).to_be_visible()
    await page.get_by_role("link", name="To all pictures").click()
    await expect(tiles(page)).to_have_count(1)
