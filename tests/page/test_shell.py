"""What is round all views: the door, the navigation, languages, a server that goes away, weight and speed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

    from tests.page.site import Site
    from tests.page.visiting import Visits

VIEWS = {
    "now": "Now",
    "pictures": "Pictures",
    "prompts": "Prompts",
    "numbers": "Numbers",
    "settings": "Settings",
    "log": "Log",
}
MOST_BYTES = 150_000
LOADED = """
() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .filter(({ name }) => !name.includes("/api/v1/"))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
"""
SENT = LOADED.replace("encodedBodySize", "transferSize")
PAINTED = """
new Promise((seen) => {
  const done = () => document.querySelector(".now-sentence")
    && requestAnimationFrame(() => setTimeout(() => seen(performance.now())));
  new MutationObserver(done).observe(document, { childList: true, subtree: true });
  done();
})
"""


# The door


async def test_who_comes_directly_is_asked_for_the_token_once(site: Site, visit: Visits) -> None:
    visit.forgive("401")
    page = await visit("now", way="stranger")
    field = page.get_by_label("Token")
    await expect(field).to_be_focused()
    await screenshot(page, "door")
    await field.fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("This token is not right.")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill(f" {site.token} ")
    await page.get_by_role("button", name="Enter").click()
    await expect(page.locator(".now-sentence")).to_be_visible()
    await page.reload()
    await expect(page.locator(".now-sentence")).to_be_visible()
    assert await page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert site.token not in page.url


async def test_the_door_opens_on_the_place_that_was_asked_for(site: Site, visit: Visits) -> None:
    visit.forgive("401")
    page = await visit("log", way="stranger")
    await page.get_by_label("Token").fill(site.token)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Log")).to_be_visible()


async def test_a_token_that_was_renewed_elsewhere_is_asked_for_anew(site: Site, visit: Visits) -> None:
    visit.forgive("401")
    page = await visit("now")
    await expect(page.locator(".now-sentence")).to_be_visible()
    await site.house.server.installation.renew_token()
    await page.get_by_role("switch", name="Pause").click()
    await expect(page.get_by_label("Token")).to_be_focused()
    await page.get_by_label("Token").fill(site.token)
    await page.keyboard.press("Enter")
    await page.get_by_role("switch", name="Pause").click()
    await expect(page.get_by_role("switch", name="Pause")).to_be_checked()


async def test_home_assistants_users_need_no_token(visit: Visits) -> None:
    page = await visit("now", way="ingress")
    await expect(page.locator(".now-sentence")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


# Ways through the page


@pytest.mark.parametrize("way", ["token", "ingress"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_view_is_reached_by_the_navigation(
    visit: Visits, size: tuple[int, int], way: str
) -> None:
    page = await visit("now", size=size, way=way)  # type: ignore[arg-type]
    for view, name in reversed(VIEWS.items()):
        link = page.get_by_role("navigation").get_by_role("link", name=name)
        await link.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(name)
        await expect(link).to_have_attribute("aria-current", "page")
        await expect(page).to_have_title(f"{name} – AIFrames")
        assert page.url.endswith(f"#/{view}")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Pictures")


async def test_a_keyboard_goes_everywhere(visit: Visits) -> None:
    page = await visit("now")
    await expect(page.locator(".now-sentence")).to_be_visible()
    await page.keyboard.press("Tab")
    skip = page.get_by_role("button", name="Skip to the content")
    await expect(skip).to_be_focused()
    await screenshot(page, "skip")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Make a picture now")).to_be_focused()
    await page.get_by_role("link", name="Prompts").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Prompts")


async def test_a_place_that_there_is_not_is_the_first_one(visit: Visits) -> None:
    page = await visit("nowhere/<script>")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Now")


@pytest.mark.parametrize(
    ("browser_language", "language", "title"),
    [("ru-RU", "ru", "Сейчас"), ("en-US", "en", "Now"), ("de-DE", "en", "Now"), ("ru", "ru", "Сейчас")],
)
async def test_it_speaks_the_browsers_language(
    visit: Visits, browser_language: str, language: str, title: str
) -> None:
    page = await visit("now", language=browser_language)
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_as_light_as_the_browser_wishes(visit: Visits, scheme: str) -> None:
    page = await visit("now", scheme=scheme)  # type: ignore[arg-type]
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(int(part) for part in re.findall(r"\d+", ground)[:3])
    assert (lightness > 600) == (scheme == "light")
    assert (lightness < 100) == (scheme == "dark")


async def test_nothing_that_is_not_the_pages_own_can_run(visit: Visits) -> None:
    visit.forgive("Content Security Policy|404")
    page = await visit("now")
    ran = await page.evaluate("""async () => {
      const script = document.body.appendChild(document.createElement("script"));
      script.textContent = "window.ran = 1";
      const text = "<img src=x onerror='window.ran = 2'><p id=p style='color: red'>";
      document.body.insertAdjacentHTML("beforeend", text);
      const elsewhere = await fetch("https://example.com/").then(() => "came", () => "refused");
      return [window.ran ?? null, document.querySelector("#p").style.color, elsewhere];
    }""")
    assert ran == [None, "", "refused"]


# A server that goes away


@pytest.mark.parametrize("way", ["token", "ingress"])
async def test_a_server_that_goes_away_is_said_quietly_and_comes_back_by_itself(
    site: Site, visit: Visits, way: str
) -> None:
    visit.forgive("ERR_|502")
    await site.house.see()
    page = await visit("now", way=way)  # type: ignore[arg-type]
    sentence = page.locator(".now-sentence")
    known = await sentence.text_content()
    await site.stop()
    away = page.locator(".connection")
    await expect(away).to_contain_text("No connection to the server.")
    await expect(sentence).to_have_text(known or "")
    await screenshot(page, f"away-{way}")
    site.house.server.frames.rename("192.168.1.5", "Kitchen")
    await site.start()
    await expect(page.get_by_role("heading", name="Kitchen")).to_be_visible(timeout=20_000)
    await expect(away).to_be_empty()


async def test_what_fails_while_the_server_is_away_is_said(site: Site, visit: Visits) -> None:
    visit.forgive("ERR_")
    page = await visit("now")
    switch = page.get_by_role("switch", name="Pause")
    await expect(switch).to_be_visible()
    await site.stop()
    await switch.click()
    toast = page.locator(".toast.alarm")
    await expect(toast).to_contain_text("The server does not answer")
    await expect(switch).not_to_be_checked()
    await toast.get_by_role("button", name="Dismiss").click()
    await expect(toast).to_have_count(0)


async def test_a_part_that_can_not_be_loaded_is_tried_again(site: Site, visit: Visits) -> None:
    visit.forgive("ERR_|No styles|Failed to fetch")
    page = await visit("now")
    await expect(page.locator(".now-sentence")).to_be_visible()
    await site.stop()
    await page.get_by_role("link", name="Log").click()
    await expect(page.get_by_role("heading", name="This part could not be loaded")).to_be_visible()
    await site.start()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Log")


async def test_what_a_browser_has_is_not_sent_again(visit: Visits) -> None:
    page = await visit("now")
    await expect(page.locator(".now-sentence")).to_be_visible()
    first = await page.evaluate(SENT)
    await page.reload()
    await expect(page.locator(".now-sentence")).to_be_visible()
    assert first > 20_000
    assert await page.evaluate(SENT) < first / 2


# Weight and speed


@pytest.mark.parametrize("view", VIEWS)
async def test_each_view_is_light_even_where_nothing_packs_it(visit: Visits, view: str) -> None:
    page = await visit(view, way="ingress", language="ru-RU")
    await page.wait_for_load_state("load")
    loaded = await page.evaluate(LOADED)
    print(view, loaded)  # noqa: T201
    assert 50_000 < loaded < MOST_BYTES


async def test_the_state_is_painted_within_a_second_on_a_slow_machine(site: Site, visit: Visits) -> None:
    await site.house.see()
    page = await visit("now")
    client: CDPSession = await page.context.new_cdp_session(page)
    await client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    await client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    times: list[float] = []
    while len(times) < 12 and min(times, default=9999) >= 1000:  # other programs run here too
        await page.reload(wait_until="commit")
        times.append(await page.evaluate(PAINTED))
    print("painted after", sorted(round(time) for time in times), "ms")  # noqa: T201
    assert min(times) < 1000
