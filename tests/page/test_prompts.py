"""The prompt book as people use it; what `prompts.yaml` says afterwards is what counts."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from imageserver.exceptions import ContentRefusedError
from imageserver.prompts.prompt import PromptChanges, PromptSettings
from tests.houses import FRAME
from tests.page.prompt_book import FOX, HARBOUR, STYLES, TOWN, fill, in_order, kept, texts, toast
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from playwright.async_api import Route

    from tests.page.site import Site
    from tests.page.visiting import Visits


@pytest.fixture
async def book(site: Site) -> Site:
    await fill(site)
    return site


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [(PHONE, "light", "ru-RU"), (DESK, "dark", "ru-RU"), (DESK, "light", "en-GB"), (PHONE, "dark", "en-GB")],
)
async def test_the_book_is_shown_in_its_order(
    book: Site, visit: Visits, size: tuple[int, int], scheme: str, language: str
) -> None:
    prompt = await book.house.server.prompts.add("A clock tower at [[time of day]], [[ Style ]]")
    await book.house.server.prompts.edit(
        book.house.server.prompts.all()[1].id, changes=PromptChanges(enabled=False)
    )
    await book.house.server.prompts.refuse(
        prompt.prompt.id, provider="ydArt", reason="It may not be drawn: code 3"
    )
    page = await visit("prompts", size=size, scheme=scheme, language=language)  # type: ignore[arg-type]
    await in_order(page, HARBOUR, FOX, TOWN, prompt.prompt.prompt)
    await page.locator("af-prompts-card").nth(2).locator("button[aria-expanded]").click()
    await expect(page.locator(".prompts-examples li").first).to_be_visible()
    await screenshot(page, f"prompts-{size[0]}-{scheme}-{language}", whole=True)
    await page.locator("af-prompts-card").nth(3).locator("[data-act=edit]").click()
    await expect(page.locator(".prompts-field + .field-error + div li").first).to_be_visible()
    await screenshot(page, f"prompts-edit-{size[0]}-{scheme}-{language}", whole=True)


async def test_who_removes_a_prompt_by_mistake_gets_it_back_at_its_place(book: Site, visit: Visits) -> None:
    before = kept(book)["prompts"]
    page = await visit("prompts", size=PHONE)
    await page.get_by_role("button", name="Remove prompt 1").click()
    await in_order(page, FOX, TOWN)
    assert texts(book) == [FOX, TOWN]
    await expect(page.get_by_role("button", name="Edit prompt 1")).to_be_focused()
    await toast(page).get_by_role("button", name="Undo").click()
    await in_order(page, HARBOUR, FOX, TOWN)
    assert kept(book)["prompts"] == before


async def test_a_tick_says_whether_a_prompt_is_drawn(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    tick = page.get_by_role("switch", name="Draw prompt 2")
    await expect(tick).to_have_attribute("aria-checked", "true")
    await tick.click()
    await expect(page.get_by_text("Not drawn for new pictures")).to_be_visible()
    await book.house.until(lambda: not book.house.server.prompts.all()[1].enabled)
    assert kept(book)["prompts"][1] == {"idx": 2, "prompt": FOX, "enabled": False}


async def test_prompts_are_moved_by_keyboard_and_it_is_said_where_to(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    await page.get_by_role("button", name="Move prompt 1 down").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="Moved to place 2 of 3")).to_be_attached()
    await expect(page.get_by_role("button", name="Move prompt 2 down")).to_be_focused()
    await page.keyboard.press("Enter")
    await in_order(page, FOX, TOWN, HARBOUR)
    await book.house.until(lambda: book.house.server.prompts.all()[2].prompt == HARBOUR)
    assert texts(book) == [FOX, TOWN, HARBOUR]
    await expect(page.get_by_role("button", name="Move prompt 3 down")).to_be_focused()


async def test_prompts_are_dragged_by_mouse(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    handles = page.locator(".prompts-handle")
    first, last = await handles.nth(0).bounding_box(), await handles.nth(2).bounding_box()
    assert first
    assert last
    await page.mouse.move(first["x"] + 20, first["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(last["x"] + 20, last["y"] + 10, steps=5)
    await page.mouse.move(last["x"] + 20, last["y"] + 40, steps=2)
    await expect(page.locator(".prompts-lifted")).to_contain_text(HARBOUR)
    await screenshot(page, "prompts-dragging")
    await page.mouse.up()
    await in_order(page, FOX, TOWN, HARBOUR)
    await book.house.until(lambda: book.house.server.prompts.all()[2].prompt == HARBOUR)
    assert texts(book) == [FOX, TOWN, HARBOUR]


async def test_prompts_are_dragged_by_finger_and_escape_lets_go(book: Site, visit: Visits) -> None:
    page = await visit("prompts", size=PHONE)
    box = await page.locator(".prompts-handle").nth(2).bounding_box()
    top = await page.locator(".prompts-handle").nth(0).bounding_box()
    assert box
    assert top
    session = await page.context.new_cdp_session(page)

    async def touch(kind: str, y: float | None = None) -> None:
        points = [] if y is None else [{"x": box["x"] + 20, "y": y}]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    await touch("touchStart", box["y"] + 20)
    for step in range(1, 6):
        await touch("touchMove", box["y"] + 20 + (top["y"] - box["y"] - 10) * step / 5)
    await expect(page.locator(".prompts-lifted")).to_contain_text(TOWN.partition(" [[")[0])
    await touch("touchEnd")
    await in_order(page, TOWN, HARBOUR, FOX)
    await book.house.until(lambda: book.house.server.prompts.all()[0].prompt == TOWN)
    assert texts(book) == [TOWN, HARBOUR, FOX]

    await touch("touchStart", box["y"] + 20)
    await touch("touchMove", top["y"])
    await expect(page.locator(".prompts-lifted")).to_be_attached()
    await page.keyboard.press("Escape")
    await expect(page.locator(".prompts-lifted")).not_to_be_attached()
    await touch("touchEnd")
    await in_order(page, TOWN, HARBOUR, FOX)


async def test_trying_costs_nothing_and_shows_five_examples_at_once(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    words = [f"word{number}" for number in range(40)]
    text = re.compile(r"^A harbour at dawn, word\d+ without people, text$")
    await book.house.server.prompts.set_placeholders({"style": words})
    await page.get_by_role("button", name="Try prompt 1").click()
    examples = page.locator(".prompts-examples li > p")
    await expect(examples.first).to_have_text(text)
    assert 3 <= await examples.count() <= 5  # by lot, two of five may be the same
    assert book.script.asked == []


async def test_a_picture_is_made_with_a_prompt_and_what_became_of_it_is_said(
    book: Site, visit: Visits
) -> None:
    page = await visit("prompts")
    book.script.held.clear()
    await page.get_by_role("button", name="Generate with prompt 3").click()
    await expect(toast(page)).to_contain_text("A picture is being made")
    await book.house.until(lambda: book.script.asked)
    book.script.held.set()
    await expect(toast(page)).to_contain_text("The picture is made")
    asked = book.script.asked[0].prompt
    assert asked
    assert re.fullmatch(r"An old town in (rain|fog), (oil on canvas|watercolour|woodcut)", asked)
    await toast(page).get_by_role("button", name="Look").click()
    await expect(page).to_have_url(re.compile("#/picture/"))


async def test_shared_lists_are_added_changed_and_removed(book: Site, visit: Visits) -> None:
    page = await visit("prompts", size=PHONE)
    await page.get_by_role("button", name="Add a shared list").click()
    await page.get_by_label("Name").fill("no good")
    await page.get_by_label("Becomes one of").fill("a\n\n  b  \n∅")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("A name has letters, digits, _ and - only.")).to_be_visible()
    await page.get_by_label("Name").fill("погода")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Edit the list погода")).to_be_visible()
    assert kept(book)["global_placeholders"] == {"style": STYLES, "погода": ["a", "b", ""]}

    await page.get_by_role("button", name="Edit the list style").click()
    await book.house.server.prompts.set_placeholders({"style": STYLES, "another": ["c"]})
    await page.get_by_label("Becomes one of").fill("ink")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Edit the list another")).to_be_visible()
    await expect(page.get_by_role("button", name="Edit the list style")).to_contain_text("ink")
    assert kept(book)["global_placeholders"] == {"style": ["ink"], "another": ["c"]}

    await page.get_by_role("button", name="Edit the list another").click()
    await page.get_by_role("button", name="Remove the list another").click()
    await expect(page.get_by_role("button", name="Edit the list another")).not_to_be_attached()
    assert kept(book)["global_placeholders"] == {"style": ["ink"]}
    await toast(page).get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("button", name="Edit the list another")).to_be_visible()
    assert kept(book)["global_placeholders"] == {"style": ["ink"], "another": ["c"]}


async def test_a_list_that_is_opened_while_another_is_saved_stays_open(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    answered = asyncio.Event()

    async def answer_late(route: Route) -> None:
        if route.request.method != "PUT":
            await route.continue_()
            return
        answer = await route.fetch()
        await answered.wait()
        await route.fulfill(response=answer)

    await page.get_by_role("button", name="Add a shared list").click()
    await page.get_by_label("Name").fill("light")
    await page.get_by_label("Becomes one of").fill("dawn")
    await page.route("**/placeholders", answer_late)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Edit the list light")).to_be_visible()
    await page.get_by_role("button", name="Edit the list style").click()
    await page.get_by_label("Becomes one of").fill("ink")
    answered.set()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Edit the list style")).to_contain_text("ink")
    assert kept(book)["global_placeholders"] == {"style": ["ink"], "light": ["dawn"]}


async def test_whoever_writes_a_list_goes_on_when_others_move_it(book: Site, visit: Visits) -> None:
    prompts = book.house.server.prompts
    await prompts.set_placeholders({"style": STYLES, "zest": ["z"]})
    page = await visit("prompts")
    await page.get_by_role("button", name="Edit the list style").click()
    values = page.get_by_label("Becomes one of")
    await values.press("ControlOrMeta+a")
    await page.keyboard.insert_text("in")
    await prompts.set_placeholders({"another": ["c"], "style": STYLES})
    await expect(page.get_by_role("button", name="Edit the list another")).to_be_visible()
    await expect(values).to_be_focused()
    await page.keyboard.insert_text("k")
    await expect(values).to_have_value("ink")


async def test_whoever_writes_a_prompt_goes_on_when_others_move_it(book: Site, visit: Visits) -> None:
    prompts = book.house.server.prompts
    page = await visit("prompts")
    await page.get_by_role("button", name="Edit prompt 3").click()
    text = page.get_by_label("What the picture shows")
    await text.press("End")
    await prompts.move(prompts.all()[2].id, 1)
    await prompts.remove(prompts.all()[2].id)
    await expect(page.get_by_role("button", name="Edit prompt 3")).not_to_be_attached()
    await expect(text).to_be_focused()
    await page.keyboard.insert_text(" at night")
    await expect(text).to_have_value(f"{TOWN} at night")


@pytest.mark.usefixtures("book")
async def test_two_pages_stay_in_step(visit: Visits) -> None:
    here, there = await visit("prompts"), await visit("prompts", way="ingress")
    await in_order(there, HARBOUR, FOX, TOWN)
    await here.get_by_role("button", name="Move prompt 3 up").click()
    await in_order(there, HARBOUR, TOWN, FOX)
    await there.get_by_role("button", name="Remove prompt 1").click()
    await in_order(here, TOWN, FOX)


async def test_why_a_provider_refuses_a_prompt_is_said_until_it_is_another(book: Site, visit: Visits) -> None:
    prompts = book.house.server.prompts
    page = await visit("prompts")
    await in_order(page, HARBOUR, FOX, TOWN)
    await prompts.refuse(prompts.all()[1].id, provider="ydArt", reason="It may not be drawn")
    await expect(page.get_by_text("Scripted ydArt refuses it: It may not be drawn")).to_be_visible()
    await page.get_by_role("button", name="Edit prompt 2").click()
    await page.get_by_label("What the picture shows").fill("A hare in the snow")
    await page.get_by_role("button", name="Save").click()
    await in_order(page, HARBOUR, "A hare in the snow", TOWN)
    await expect(page.get_by_text("refuses it")).not_to_be_attached()


async def test_why_no_picture_was_made_is_said(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    book.script.answers.append(ContentRefusedError("No foxes"))
    await page.get_by_role("button", name="Generate with prompt 2").click()
    await expect(page.locator(".toast.alarm")).to_contain_text("No picture: No foxes")


async def test_the_book_recovers_when_the_server_was_away(book: Site, visit: Visits) -> None:
    visit.forgive("ERR_")
    page = await visit("prompts")
    tick = page.get_by_role("switch", name="Draw prompt 2")
    await expect(tick).to_be_visible()
    await book.stop()
    await tick.click()
    await expect(page.locator(".toast.alarm")).to_contain_text("The server does not answer")
    await expect(tick).to_have_attribute("aria-checked", "true")
    await book.house.server.prompts.add("A whale")
    await book.start()
    await in_order(page, HARBOUR, FOX, TOWN, "A whale")


async def test_an_empty_book_says_what_prompts_are_for(site: Site, visit: Visits) -> None:
    for example in site.house.server.prompts.all():
        await site.house.server.prompts.remove(example.id)
    page = await visit("prompts", size=PHONE, language="ru-RU")
    await expect(page.get_by_role("heading", name="Промптов пока нет")).to_be_visible()
    await screenshot(page, "prompts-empty")
    await page.get_by_role("button", name="Добавить промпт").click()
    await page.get_by_label("Что должно быть на картинке").fill("Кит")
    await page.locator(".prompts-editor .primary").click()
    await in_order(page, "Кит")
    assert texts(site) == ["Кит"]


async def test_what_a_frame_drove_out_is_shown_and_brought_back(book: Site, visit: Visits) -> None:
    server = book.house.server
    server.prompts.apply(PromptSettings(amount=3))
    await server.prompts.add("Junk", frame=FRAME)
    page = await visit("prompts", size=PHONE)
    await in_order(page, FOX, TOWN, "Junk")
    await expect(page.locator("af-prompts-card").nth(2)).to_contain_text(f"From the frame {FRAME}")
    left = page.get_by_role("region", name="Left for prompts from frames")
    await expect(left.get_by_role("listitem")).to_contain_text(f"for a prompt from {FRAME}")
    await screenshot(page, "prompts-replaced", whole=True)
    await left.get_by_role("button", name="Bring back").click()
    await in_order(page, FOX, TOWN, HARBOUR)
    await expect(toast(page)).to_contain_text("For it left: “Junk”")
    await expect(left).to_have_count(0)
    assert kept(book)["prompts"][-1]["negative"] == "people, text"
