"""All pictures: found, looked through, added to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from playwright.async_api import expect

from imageserver.models import PUSHED
from tests import pictures
from tests.page.gallery import CAT, LIGHTHOUSE, PROMPTS, WOOD, names, put_by_hand, stored, tiles
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Request

    from tests.page.site import Site
    from tests.page.visiting import Visits

MANY = "image_amount_min: 15000\nimage_amount_max: 20000"
SMALL = "image_amount_min: 1\nimage_amount_max: 2\noriginal_image_amount_min: 8\noriginal_image_amount_max: 9"
NODES = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let count = 0;
  while (walker.nextNode()) count += 1;
  return count;
}"""
DROP = """async ({ name, bytes }) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector("main").dispatchEvent(
      new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


# Looking


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("way", ["token", "ingress"])
async def test_all_pictures_are_there_the_newest_first(
    site: Site,
    visit: Visits,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
    way: Literal["token", "ingress"],
) -> None:
    made = await stored(site, *PROMPTS * 10)
    await site.house.server.store.set_favourite(made[-2].id, favourite=True)
    page = await visit("pictures", size=size, scheme=scheme, way=way)
    await expect(tiles(page).first).to_have_accessible_name(WOOD)
    assert (await names(page))[:4] == [WOOD, f"{CAT}. Favourite", LIGHTHOUSE, WOOD]
    await expect(page.get_by_role("status").filter(has_text="30 pictures")).to_be_visible()
    seen = page.locator("af-pictures-grid img")
    await expect(seen.nth(11)).to_be_visible()
    loaded = "() => [...document.querySelectorAll('af-pictures-grid img')].every(one => one.naturalWidth > 0)"
    await page.wait_for_function(loaded)
    assert await seen.first.get_attribute("alt") == WOOD
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await screenshot(page, f"pictures-{size[0]}-{scheme}-{way}")


@pytest.mark.parametrize("options", [MANY], ids=["many"])
async def test_of_ten_thousand_only_those_in_sight_are_there(
    site: Site, visit: Visits, tmp_path: Path
) -> None:
    await put_by_hand(site, tmp_path, 10_000)
    page = await visit("pictures")
    await expect(page.get_by_text("10,000 pictures")).to_be_visible()
    await tiles(page).first.focus()
    await page.keyboard.press("End")
    last = page.locator("[aria-posinset='10000']")
    await expect(last.get_by_role("link")).to_be_focused()
    await expect(last).to_have_attribute("aria-setsize", "10000")
    await expect(last.locator("img")).to_be_visible()
    assert await page.locator("af-pictures-grid li").count() < 80
    await page.keyboard.press("Home")
    await expect(page.locator("[aria-posinset='1']").get_by_role("link")).to_be_focused()
    await expect(last).to_have_count(0)
    for part in (0.2, 0.4, 0.6, 0.8):
        await page.evaluate("part => scrollTo(0, part * document.documentElement.scrollHeight)", part)
        await expect(page.locator("af-pictures-grid img").nth(20)).to_be_visible()
        assert await page.locator("af-pictures-grid li").count() < 80
    assert await page.evaluate(NODES) < 2_500, "comments and texts too"


async def test_arrows_go_through_the_grid_which_is_one_tab_stop(site: Site, visit: Visits) -> None:
    await stored(site, *PROMPTS * 8)
    page = await visit("pictures")
    await expect(page.locator("af-pictures-grid [tabindex='0']")).to_have_count(1)
    await tiles(page).first.focus()
    at = page.locator("a:focus")
    steps = {"ArrowRight": "1", "ArrowDown": "7", "ArrowLeft": "6", "End": "23", "Home": "0"}
    for key, place in steps.items():
        await page.keyboard.press(key)
        await expect(at).to_have_attribute("data-index", place)
    await expect(at).to_have_attribute("tabindex", "0")
    await expect(page.locator("af-pictures-grid [tabindex='0']")).to_have_count(1)
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.locator(".picture-prompt")).to_have_text(CAT)
    await page.keyboard.press("Escape")
    await expect(at).to_have_attribute("data-index", "1")


# Looking for


async def test_words_of_prompts_find_pictures(site: Site, visit: Visits) -> None:
    await stored(site, *PROMPTS)
    page = await visit("pictures")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - it marks its handlers
    search = page.get_by_role("searchbox", name="Search in prompts")
    await search.press_sequentially("STORM canvas")
    await expect(tiles(page)).to_have_count(1)
    assert await names(page) == [LIGHTHOUSE]
    searches = [request for request in asked if "search" in request.url]
    assert len(searches) < len("STORM canvas"), "not for each letter"
    assert not any("storm" in request.url.lower() for request in asked)
    await search.fill("storm cat")
    await expect(page.get_by_role("heading", name="Nothing was found")).to_be_visible()
    await screenshot(page, "pictures-nothing")
    await page.get_by_role("button", name="Show all pictures").click()
    await expect(tiles(page)).to_have_count(3)
    await expect(search).to_have_value("")


async def test_pictures_are_narrowed_by_maker_and_favourites_and_put_into_order(
    site: Site, visit: Visits
) -> None:
    made = await stored(site, *PROMPTS)
    await stored(site, "", provider=PUSHED)
    await site.house.server.store.set_favourite(made[0].id, favourite=True)
    page = await visit("pictures")
    await expect(tiles(page)).to_have_count(4)
    await page.get_by_label("Order").select_option("Oldest first")
    await expect(tiles(page).first).to_have_accessible_name(f"{LIGHTHOUSE}. Favourite")
    await page.get_by_label("Who made it").select_option("Sent by hand")
    await expect(tiles(page)).to_have_count(1)
    await page.get_by_label("Who made it").select_option("Scripted ydArt")
    await expect(tiles(page)).to_have_count(3)
    favourites = page.get_by_role("button", name="Favourites")
    await favourites.click()
    await expect(tiles(page)).to_have_count(1)
    await expect(favourites).to_have_attribute("aria-pressed", "true")
    await favourites.click()
    await expect(tiles(page)).to_have_count(3)


@pytest.mark.parametrize("options", [SMALL], ids=["small"])
async def test_the_archive_holds_what_frames_are_not_shown_any_more(site: Site, visit: Visits) -> None:
    await stored(site, *PROMPTS, size=(640, 960))
    count = (await site.house.server.store.summary()).archived
    assert count
    page = await visit("pictures")
    await expect(tiles(page)).to_have_count(3)
    await page.get_by_role("button", name="Archive").click()
    await expect(tiles(page)).to_have_count(count)
    assert (await names(page))[-1] == f"{LIGHTHOUSE}. Archive"


@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
async def test_where_there_is_nothing_it_is_said_what_to_do(site: Site, visit: Visits, language: str) -> None:
    page = await visit("pictures", language=language, size=PHONE)
    title = {"en-GB": "There are no pictures yet", "ru-RU": "Картинок пока нет"}[language]
    await expect(page.get_by_role("heading", name=title)).to_be_visible()
    await screenshot(page, f"pictures-none-{language}")
    await stored(site, CAT)
    await page.reload()
    await page.get_by_role("button", name={"en-GB": "Favourites", "ru-RU": "Избранное"}[language]).click()
    none = {"en-GB": "No favourites yet", "ru-RU": "В избранном пока пусто"}[language]
    await expect(page.get_by_role("heading", name=none)).to_be_visible()
    everything = {"en-GB": "Show all pictures", "ru-RU": "Показать все"}[language]
    await page.get_by_role("button", name=everything).click()
    await expect(tiles(page)).to_have_count(1)


# What others do


async def test_what_is_made_changed_and_deleted_elsewhere_is_seen(site: Site, visit: Visits) -> None:
    made = await stored(site, *PROMPTS)
    page = await visit("pictures")
    await expect(tiles(page)).to_have_count(3)
    await site.house.see()
    await expect(tiles(page)).to_have_count(4)
    await site.house.server.store.set_favourite(made[1].id, favourite=True)
    await expect(page.get_by_role("link", name=f"{CAT}. Favourite")).to_be_visible()
    await site.house.server.store.delete(made[2].id)
    await expect(tiles(page)).to_have_count(3)
    await site.house.server.store.restore(made[2].id)
    await expect(tiles(page)).to_have_count(4)


async def test_new_pictures_wait_above_while_one_reads_below(site: Site, visit: Visits) -> None:
    made = await stored(site, *PROMPTS * 20)
    page = await visit("pictures", size=PHONE)
    await expect(tiles(page).first).to_be_visible()
    await page.evaluate("scrollTo(0, 900)")
    seen = page.locator("[data-index='20']")
    await expect(seen).to_be_visible()
    before = await seen.get_attribute("href")
    await site.house.see()
    new = page.get_by_role("button", name="1 new picture")
    await expect(new).to_be_visible()
    assert await seen.get_attribute("href") == before
    await screenshot(page, "pictures-new-above")
    await new.click()
    await expect(page.get_by_text("61 pictures")).to_be_visible()
    await expect(new).to_have_count(0)
    await expect(page.locator("[data-index='1']")).to_have_attribute("href", f"#/picture/{made[-1].id}")


async def test_what_was_looked_for_while_the_server_was_away_is_found_once_it_is_back(
    site: Site, visit: Visits
) -> None:
    visit.forgive("ERR_|Failed to load")
    await stored(site, *PROMPTS)
    page = await visit("pictures")
    await expect(tiles(page)).to_have_count(3)
    await site.stop()
    await page.get_by_role("searchbox").fill("storm")
    await expect(page.get_by_text("No connection to the server")).to_be_visible()
    await expect(tiles(page)).to_have_count(3)
    await site.start()
    await expect(tiles(page)).to_have_count(1, timeout=20_000)


# Adding


async def test_files_are_added_and_each_says_what_became_of_it(
    site: Site, visit: Visits, tmp_path: Path
) -> None:
    files = {
        "mountain.jpeg": pictures.jpeg(),
        "lake.png": pictures.png(),
        "notes.jpeg": b"no picture at all",
    }
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    visit.forgive("415|422")
    page = await visit("pictures")
    await page.locator("input[type=file]").set_input_files([tmp_path / name for name in files])
    dialog = page.locator("af-pictures-upload af-dialog")
    await expect(dialog.get_by_role("radio", name="Keep them")).to_be_checked()
    await screenshot(page, "pictures-upload")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_role("listitem").filter(has_text="mountain")).to_contain_text("Done")
    refused = dialog.get_by_role("listitem").filter(has_text="notes")
    await expect(refused).to_contain_text("JPEG, PNG")
    await screenshot(page, "pictures-upload-done")
    await dialog.get_by_role("button", name="Close").last.click()
    await expect(tiles(page)).to_have_count(2)
    assert (await site.house.server.store.summary()).pictures == 2


async def test_a_dropped_file_can_be_shown_once(site: Site, visit: Visits) -> None:
    page = await visit("pictures", size=PHONE)
    await page.evaluate(DROP, {"name": "today.jpeg", "bytes": list(pictures.jpeg(seed=3))})
    dialog = page.locator("af-pictures-upload af-dialog")
    await dialog.get_by_role("radio", name="Show them once").check()
    await screenshot(page, "pictures-drop-phone")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="1 picture will be shown next")).to_be_visible()
    content = await site.house.see()
    assert content.passing is not None
    assert (await site.house.server.store.summary()).pictures == 0
