from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.async_api import expect

from imageserver.exceptions import AccessRefusedError, ContentRefusedError
from imageserver.models import OperationKind
from tests.houses import FRAME, OTHER_FRAME
from tests.page.visiting import DESK, PHONE, screenshot
from tests.simulators.frame_panel import on_panel

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.page.site import Site
    from tests.page.visiting import Visits

_NOW = datetime.now(UTC)
NIGHT = (
    f"sleep_time: [{{time_range: {{start_time: '{_NOW - timedelta(hours=2):%H:%M}',"
    f" end_time: '{_NOW + timedelta(hours=2):%H:%M}'}}}}]"
)
SHOWN_PIXELS = (
    "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"
)


def frame_card(page: Page, name: str) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=name))


async def until_drawn(page: Page, count: int = 1) -> None:
    """Wait until panels show pictures: a canvas that nobody has drawn on is 300 by 150."""
    await page.wait_for_function(
        "count => [...document.querySelectorAll('af-panel canvas')]"
        ".filter(canvas => canvas.height === 480).length >= count",
        arg=count,
    )


# Frames


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("way", ["token", "ingress"])
async def test_each_frame_is_there_with_what_it_shows(
    site: Site, visit: Visits, size: tuple[int, int], scheme: str, way: str
) -> None:
    await site.house.see()
    await site.house.see(frame=OTHER_FRAME)
    site.house.server.frames.rename(FRAME, "Кухня")
    page = await visit("now", size=size, scheme=scheme, way=way, language="ru-RU")  # type: ignore[arg-type]
    await expect(frame_card(page, "Кухня")).to_contain_text("test")
    await expect(frame_card(page, OTHER_FRAME)).to_contain_text("1 картинка")
    await until_drawn(page, 2)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert await page.evaluate(fits), "nothing has to be scrolled to the side"
    await screenshot(page, f"now-{size[0]}-{scheme}-{way}", whole=True)


async def test_the_panel_shows_the_colours_that_the_frame_can_show(site: Site, visit: Visits) -> None:
    content = await site.house.see()
    page = await visit("now")
    await until_drawn(page)
    shown = bytes(await page.locator("af-panel canvas").evaluate(SHOWN_PIXELS))
    seen = Image.frombytes("RGBA", (320, 480), shown).convert("RGB")
    sent = Image.open(BytesIO(await site.house.server.gallery.jpeg(content))).convert("RGB")
    assert on_panel(sent).tobytes() != sent.tobytes()
    assert seen.tobytes() == on_panel(sent).tobytes()


async def test_a_frame_that_gets_another_picture_is_seen_at_once(site: Site, visit: Visits) -> None:
    await site.house.see()
    page = await visit("now")
    await until_drawn(page)
    before = await page.locator("af-panel canvas").evaluate(SHOWN_PIXELS)
    operation = await site.house.ask(OperationKind.FORCED)
    await site.house.ended(operation)
    await site.house.see()
    await page.wait_for_function(
        "before => { const now = (" + SHOWN_PIXELS + ")(document.querySelector('af-panel canvas'));"
        " return now.length === before.length && now.some((value, at) => value !== before[at]); }",
        arg=before,
    )


async def test_a_frame_that_keeps_its_time_says_when_it_asks_next(site: Site, visit: Visits) -> None:
    for ago in (1200, 600, 10):
        site.clock.shift = -ago
        await site.house.see()
    site.clock.shift = 0
    page = await visit("now")
    await expect(frame_card(page, FRAME)).to_contain_text("Asks nextabout ")
    assert await page.locator(".now-frame .chip.warn").count() == 0


async def test_a_frame_that_does_not_come_is_late(site: Site, visit: Visits) -> None:
    for ago in (7800, 7200, 6600):
        site.clock.shift = -ago
        await site.house.see()
    site.clock.shift = 0
    page = await visit("now")
    await expect(page.locator(".now-frame .chip.warn")).to_contain_text("late, expected")
    await screenshot(page, "now-late")


async def test_a_frame_is_named_and_its_old_name_taken_away(site: Site, visit: Visits) -> None:
    await site.house.see()
    page, other = await visit("now"), await visit("now")
    await page.get_by_role("button", name=f"Name and details of {FRAME}").click()
    dialog = page.get_by_role("dialog", name=FRAME)
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await screenshot(page, "now-frame-dialog")
    await page.keyboard.type("Kitchen <b>&amp;")
    await page.keyboard.press("Enter")
    for one in (page, other):
        await expect(one.get_by_role("heading", name="Kitchen <b>&amp;", level=3)).to_be_visible()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("button", name="Name and details of Kitchen")).to_be_focused()

    await page.keyboard.press("Enter")
    await page.get_by_label("Name", exact=True).fill("")
    await page.get_by_role("button", name="Save").click()
    for one in (page, other):
        await expect(one.get_by_role("heading", name=FRAME, level=3)).to_be_visible()


async def test_a_dialog_that_is_escaped_changes_nothing(site: Site, visit: Visits) -> None:
    await site.house.see()
    page = await visit("now")
    edit = page.get_by_role("button", name=f"Name and details of {FRAME}")
    await edit.click()
    await page.keyboard.type("Kitchen")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(edit).to_be_focused()
    assert site.house.server.frames.get(FRAME).name is None


async def test_a_frame_is_forgotten_after_a_question(site: Site, visit: Visits) -> None:
    await site.house.see()
    page = await visit("now")
    await page.get_by_role("button", name=f"Name and details of {FRAME}").click()
    await page.get_by_role("button", name="Forget this frame").click()
    question = page.get_by_role("dialog", name=f"Forget {FRAME}?")
    await expect(question).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()
    await expect(question).to_be_hidden()
    await page.get_by_role("button", name="Forget this frame").click()
    await page.locator(".dialog-buttons .alarm").click()
    await expect(page.get_by_text("No frame has asked yet")).to_be_visible()
    assert site.house.server.frames.all() == []


# Making a picture


async def test_a_picture_is_made_and_followed_to_the_frame(site: Site, visit: Visits) -> None:
    await site.house.see()
    page, other = await visit("now"), await visit("now", size=PHONE, language="ru-RU", scheme="dark")
    site.script.held.clear()
    await page.get_by_role("button", name="Make a picture now").click()
    said = page.locator("af-now-making [role=status]")
    await expect(said).to_have_text("Scripted ydArt is asked for a picture")
    await expect(page.get_by_role("progressbar", name="How far the picture is")).to_be_visible()
    await expect(page.locator(".now-sentence")).to_have_text("A new picture is being made")
    await expect(other.locator("af-now-making article")).to_contain_text("Scripted ydArt")
    await screenshot(page, "now-making-desk")
    await screenshot(other, "now-making-phone")

    site.script.held.set()
    await expect(said).to_have_text("The picture is ready: the next frame that asks shows it")
    await expect(page.locator(".now-making-picture img")).to_be_visible()
    await screenshot(page, "now-made-desk")
    await site.house.see()
    await expect(said).to_have_text(f"{FRAME} shows the new picture")
    await expect(other.locator("af-now-making [role=status]")).to_have_text(
        f"{FRAME}: новая картинка уже на экране"
    )
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.locator("af-now-making article")).to_have_count(0)


async def test_a_picture_that_does_not_come_says_why(site: Site, visit: Visits) -> None:
    site.script.answers.append(ContentRefusedError("It looks like a logo"))
    page = await visit("now", language="ru-RU")
    await page.get_by_role("button", name="Создать картинку").click()
    said = page.locator("af-now-making [role=status]")
    await expect(said).to_have_text(
        "Картинки не будет. Провайдер отказался от этого промпта: It looks like a logo"
    )
    await screenshot(page, "now-failed")


@pytest.mark.parametrize("options", ["providers: {ydArt: {daily_limit: 1}}"])
async def test_what_is_left_today_is_told_and_a_limit_is_kept(visit: Visits) -> None:
    page = await visit("now")
    await expect(page.locator(".now-provider")).to_contain_text("1 picture of 1 left")
    await page.get_by_role("button", name="Make a picture now").click()
    await expect(page.locator(".now-provider")).to_contain_text("0 pictures of 1 left")
    visit.forgive("400")
    await page.get_by_role("button", name="Make a picture now").click()
    await expect(page.locator(".toast.alarm")).to_be_visible()
    await screenshot(page, "now-limit")


# The state


async def test_pause_is_switched_on_every_page_at_once(site: Site, visit: Visits) -> None:
    page, other = await visit("now"), await visit("now", language="ru-RU")
    switch = page.get_by_role("switch", name="Pause")
    await expect(switch).not_to_be_checked()
    await switch.press("Space")
    await expect(switch).to_be_checked()
    await expect(page.locator(".now-sentence")).to_have_text(
        "Paused: stored pictures are shown, no new ones are made"
    )
    await expect(other.get_by_role("switch", name="Пауза")).to_be_checked()
    assert site.house.server.overrides.paused
    await other.get_by_role("switch", name="Пауза").click()
    await expect(switch).not_to_be_checked()


@pytest.mark.parametrize("options", [NIGHT])
async def test_sleep_is_told_with_its_end(visit: Visits) -> None:
    page = await visit("now", scheme="dark")
    await expect(page.locator(".now-sentence")).to_contain_text("Asleep until")
    await screenshot(page, "now-asleep")


async def test_a_problem_says_what_to_do_in_the_readers_language(site: Site, visit: Visits) -> None:
    site.script.answers.append(AccessRefusedError("The key is unknown"))
    await site.house.ended(await site.house.ask())
    english, russian = await visit("now"), await visit("now", size=PHONE, language="ru-RU")
    problem = english.locator(".now-problem")
    await expect(problem).to_contain_text("Scripted ydArt is switched off: The key is unknown")
    await expect(problem).to_contain_text("Mend its credentials, rights, balance or settings")
    problem = russian.locator(".now-problem")
    await expect(problem).to_contain_text("Scripted ydArt: доступ закрыт")
    await expect(problem).to_contain_text("Исправьте ключ, права, баланс или настройки")
    await expect(problem.get_by_text("The key is unknown")).to_be_hidden()
    await problem.get_by_text("Сообщение сервера").click()
    await expect(problem.get_by_text("The key is unknown")).to_be_visible()
    await screenshot(english, "now-problem-desk")
    await screenshot(russian, "now-problem-phone", whole=True)
    await english.get_by_role("button", name="It is mended: retry").press("Enter")
    await expect(english.locator(".now-problem")).to_have_count(0)
