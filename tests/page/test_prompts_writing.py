"""Prompts as they are written: lists beside them, findings and mistakes at their place, others at work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from playwright.async_api import expect

from imageserver.prompts.prompt import PromptChanges
from tests.page.prompt_book import FOX, HARBOUR, STYLES, TOWN, fill, in_order, kept, texts, toast
from tests.page.test_accessibility import QUIET, SMALL_TARGETS, findings
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from tests.page.site import Site
    from tests.page.visiting import Visits


@pytest.fixture
async def book(site: Site) -> Site:
    await fill(site)
    return site


async def test_a_prompt_is_added_with_a_list_of_its_own(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    await page.get_by_role("button", name="Add prompt").click()
    text = page.get_by_label("What the picture shows")
    await expect(text).to_be_focused()
    await page.keyboard.type("A ship at [[hour]], ")
    await page.get_by_role("button", name="style", exact=True).click()
    await expect(text).to_have_value("A ship at [[hour]], [[style]]")
    await expect(page.locator(".prompts-mirror .prompts-known").first).to_have_text("[[style]]")
    await expect(page.get_by_text("[[hour]] has no values and stays as it is.")).to_be_visible()
    await page.get_by_label("[[hour]] becomes one of").fill("noon\nmidnight\n")
    await expect(page.locator(".prompts-mirror .prompts-known").first).to_have_text("[[hour]]")
    await expect(page.get_by_text("Scripted ydArt: 33 of 500")).to_be_visible()
    await page.get_by_label("What it must not show").fill("birds")
    await page.get_by_role("button", name="Add prompt").last.click()

    await expect(toast(page)).to_contain_text("Added as prompt 4")
    await expect(page.get_by_role("button", name="Edit prompt 4")).to_be_focused()
    assert kept(book)["prompts"][3] == {
        "idx": 4,
        "prompt": "A ship at [[hour]], [[style]]",
        "negative": "birds",
        "placeholders": {"hour": ["noon", "midnight"]},
    }


async def test_a_prompt_is_edited_and_so_is_a_list_for_all_prompts_beside_it(
    book: Site, visit: Visits
) -> None:
    page = await visit("prompts", way="ingress")
    await page.get_by_role("button", name="Edit prompt 1").click()
    await page.get_by_label("What the picture shows").fill("A harbour at night, [[style]]")
    await page.get_by_label("What it must not show").fill("")
    await page.get_by_label("[[style]] becomes one of").fill("pastel\nink")
    await page.keyboard.press("Control+Enter")
    await expect(toast(page)).to_contain_text("Saved")
    assert texts(book) == ["A harbour at night, [[style]]", FOX, TOWN]
    assert kept(book)["global_placeholders"] == {"style": ["pastel", "ink"]}
    assert "negative" not in yaml.safe_dump(kept(book)["prompts"][0])


async def test_what_is_shared_can_become_a_prompts_own(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    await page.get_by_role("button", name="Edit prompt 1").click()
    await page.get_by_label("Who uses the list style").select_option("own")
    values = page.get_by_label("[[style]] becomes one of")
    await expect(values).to_have_value("oil on canvas\nwatercolour\nwoodcut")
    await values.fill("ink")
    await page.get_by_role("button", name="Save").click()
    await expect(toast(page)).to_contain_text("Saved")
    assert kept(book)["prompts"][0]["placeholders"] == {"style": ["ink"]}
    assert kept(book)["global_placeholders"] == {"style": STYLES}


@pytest.mark.usefixtures("book")
async def test_the_length_is_counted_while_it_is_typed_at_its_longest(visit: Visits) -> None:
    page = await visit("prompts", language="ru-RU")
    await page.get_by_role("button", name="Добавить промпт").click()
    text = page.get_by_label("Что должно быть на картинке")
    await text.fill("😀 [[style]]")
    await expect(page.get_by_text("Scripted ydArt: 15 из 500")).to_be_visible()
    await page.get_by_label("Чего быть не должно").fill("люди")
    await expect(page.get_by_text("Scripted ydArt: 19 из 500")).to_be_visible()
    await text.fill("Лес " * 130)
    await expect(page.locator(".chip.alarm")).to_have_text("Scripted ydArt: 523 из 500")
    await expect(page.get_by_text("Символов может получиться 523")).to_be_visible()
    await screenshot(page, "prompts-too-long", whole=True)


@pytest.mark.usefixtures("book")
async def test_a_finding_is_shown_where_it_is(visit: Visits) -> None:
    page = await visit("prompts")
    await page.get_by_role("button", name="Add prompt").click()
    await page.get_by_label("What the picture shows").fill("  😀 A [[sea, [[style]] and <b>foam</b>")
    await expect(page.locator(".prompts-mirror .prompts-flaw")).to_have_text("[[")
    await expect(page.locator(".prompts-mirror .prompts-known")).to_have_text("[[style]]")
    await expect(page.get_by_text("[[ has no ]] after it.")).to_be_visible()
    assert await page.locator(".prompts-mirror b").count() == 0


async def test_a_mistake_is_said_at_its_field(book: Site, visit: Visits) -> None:
    visit.forgive("400 .Bad Request")
    page = await visit("prompts")
    await page.get_by_role("button", name="Add prompt").click()
    text = page.get_by_label("What the picture shows")
    save = page.locator(".prompts-editor .primary")
    await save.click()
    await expect(page.locator("#prompts-prompt-error")).to_have_text("Say what the picture is to show.")
    await text.fill(FOX)
    await save.click()
    await expect(page.locator("#prompts-prompt-error")).to_have_text(
        "This prompt is there already: it is prompt 2."
    )
    await expect(text).to_be_focused()
    await expect(text).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("What it must not show").fill("x" * 2001)
    await save.click()
    await expect(page.locator("#prompts-negative-error")).to_have_text(re.compile("2,001 characters"))
    assert texts(book) == [HARBOUR, FOX, TOWN]


@pytest.mark.parametrize("options", ["prompts_amount: 3\n"])
async def test_a_full_book_says_who_leaves_and_lets_it_be_undone(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    await page.get_by_role("button", name="Add prompt").click()
    await expect(page.get_by_text(f"For this prompt the oldest one will leave: “{HARBOUR}”")).to_be_visible()
    await page.get_by_label("What the picture shows").fill("A whale")
    await page.locator(".prompts-editor .primary").click()
    await in_order(page, FOX, TOWN, "A whale")
    assert texts(book) == [FOX, TOWN, "A whale"]
    await toast(page).get_by_role("button", name="Undo").click()
    await in_order(page, HARBOUR, FOX, TOWN)
    assert texts(book) == [HARBOUR, FOX, TOWN]


async def test_what_others_change_appears_and_what_is_being_typed_stays(book: Site, visit: Visits) -> None:
    prompts = book.house.server.prompts
    page = await visit("prompts")
    await page.get_by_role("button", name="Edit prompt 2").click()
    text = page.get_by_label("What the picture shows")
    await text.fill("A fox in my garden")
    fox = prompts.all()[1]
    await prompts.add("A whale")
    await prompts.edit(fox.id, changes=PromptChanges(prompt="A fox in the rain"))
    await expect(page.locator("af-prompts-card").filter(has_text="A whale")).to_be_visible()
    await expect(page.get_by_text("It was changed elsewhere meanwhile")).to_be_visible()
    await expect(page.get_by_text("A fox in the rain")).to_be_visible()
    await expect(text).to_have_value("A fox in my garden")
    await expect(text).to_be_focused()
    await screenshot(page, "prompts-elsewhere", whole=True)
    await prompts.remove(fox.id)
    await expect(page.get_by_text("It was removed elsewhere meanwhile")).to_be_visible()
    await expect(text).to_have_value("A fox in my garden")
    await page.get_by_role("button", name="Add it again").click()
    await in_order(page, HARBOUR, "A fox in my garden", TOWN, "A whale")
    assert texts(book) == [HARBOUR, "A fox in my garden", TOWN, "A whale"]


@pytest.mark.usefixtures("book")
async def test_what_was_typed_is_still_there_after_a_look_elsewhere(visit: Visits) -> None:
    page = await visit("prompts")
    await page.get_by_role("button", name="Edit prompt 2").click()
    await page.get_by_label("What the picture shows").fill("A fox, unfinished")
    await page.get_by_role("link", name="Numbers").click()
    await expect(page.get_by_role("heading", level=1, name="Numbers")).to_be_visible()
    await page.get_by_role("link", name="Prompts").click()
    await expect(page.get_by_label("What the picture shows")).to_have_value("A fox, unfinished")
    await page.get_by_role("button", name="Edit prompt 1").click()
    await page.get_by_role("button", name="Discard").click()
    await expect(page.get_by_label("What the picture shows")).to_have_value(HARBOUR)


@pytest.mark.parametrize(("size", "scheme", "language"), [(PHONE, "dark", "ru-RU"), (DESK, "light", "en")])
@pytest.mark.usefixtures("book")
async def test_writing_is_accessible(
    visit: Visits, size: tuple[int, int], scheme: str, language: str
) -> None:
    page = await visit("prompts", size=size, scheme=scheme, language=language)  # type: ignore[arg-type]
    await page.locator("[data-act=edit]").nth(2).click()
    await page.locator("#prompts-prompt").fill("A town in [[weather]], [[style]], [[hour]], [[")
    await page.locator(".prompts-trying button").first.click()
    await expect(page.locator(".prompts-examples li").first).to_be_visible()
    await page.locator(".prompts-shared-list").first.click()
    await page.evaluate(QUIET)
    assert await findings(page) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    await screenshot(page, f"prompts-writing-{size[0]}-{scheme}", whole=True)


async def test_a_shared_list_that_others_change_meanwhile_is_not_lost(book: Site, visit: Visits) -> None:
    page = await visit("prompts")
    await page.get_by_role("button", name="Edit prompt 3").click()
    values = page.get_by_label("[[style]] becomes one of")
    await values.fill("ink")
    await book.house.server.prompts.set_placeholders({"style": ["chalk"]})
    await expect(page.get_by_text("This list was changed elsewhere meanwhile.")).to_be_visible()
    await expect(values).to_have_value("ink")
    await page.get_by_role("button", name="Take that").click()
    await expect(values).to_have_value("chalk")
    await page.get_by_role("button", name="Remove the list weather").click()
    await expect(page.get_by_text("[[weather]] has no values and stays as it is.")).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    await expect(toast(page)).to_contain_text("Saved")
    assert kept(book)["global_placeholders"] == {"style": ["chalk"]}
    assert "placeholders" not in kept(book)["prompts"][2]
