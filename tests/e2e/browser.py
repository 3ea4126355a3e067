"""A person's window on Home Assistant, signed in."""

from __future__ import annotations

import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

from tests.e2e.waiting import until_found

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, ConsoleMessage, Locator, Page

    from tests.e2e.home_assistant import HomeAssistant

OUR_PAGE = "/config/integrations/integration/aiframes"
WIDE = (1280, 800)
NARROW = (390, 844)
PATIENCE = 30_000.0
"""Milliseconds; a page is there within five seconds on a machine with nothing else to do."""

_LOADED = """
    image => image.complete && image.naturalWidth
        ? [image.naturalWidth, image.naturalHeight, image.currentSrc]
        : null
"""


class Window:
    """A window in which somebody is signed in.

    Attributes:
        page: What it shows.
        complaints: The errors that pages told the developer's console.
    """

    def __init__(self, home: HomeAssistant, page: Page) -> None:
        """Look at an empty page."""
        self.page = page
        self.complaints: list[str] = []
        self._home = home
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def visit(self, path: str, *, until_there: str) -> None:
        """Go to a page of Home Assistant, and wait for an element of it."""
        await self.page.goto(f"{self._home.url}{path}", wait_until="domcontentloaded")
        await self.page.locator("#ha-launch-screen").wait_for(state="detached")
        await self.page.locator(until_there).first.wait_for()

    def find(self, selector: str) -> Locator:
        """Point at the first of such elements that can be seen."""
        return self.page.locator(selector).filter(visible=True).first

    async def see(self, text: str) -> None:
        """Wait until a text can be read."""
        await self.page.get_by_text(text).filter(visible=True).first.wait_for()

    async def press(self, name: str) -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name, exact=True).filter(visible=True).first.click()

    async def choose(self, text: str) -> None:
        """Click on what is called so."""
        await self.page.get_by_text(text).filter(visible=True).first.click()

    async def fill(self, field: str, value: str) -> None:
        """Type into a field of a form, in place of what is there."""
        await self.page.locator(f"input[name={field}]").fill(value)

    async def look(self, *, size: tuple[int, int], scheme: Literal["light", "dark"]) -> None:
        """Change the window's size, and by day and night what is asked of pages."""
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await self.page.emulate_media(color_scheme=scheme)

    async def picture(self, selector: str) -> tuple[tuple[int, int], bytes]:
        """Return the size and the bytes of a picture that is shown, once it is there in full."""
        width, height, source = await until_found(lambda: self.find(selector).evaluate(_LOADED))
        answer = await self.page.request.get(source)
        return (width, height), await answer.body()

    def _hear(self, message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        # The icons of Home Assistant's own integrations come from the internet.
        is_foreign_icon = "/api/brands/" in url and "aiframes" not in url
        if message.type == "error" and not is_foreign_icon:
            self.complaints.append(f"{message.text} ({url})")


@asynccontextmanager
async def open_window(
    browser: Browser, home: HomeAssistant, *, language: str = "en"
) -> AsyncIterator[Window]:
    """Open a window of its own, in which Home Assistant's person is signed in."""
    tokens = {
        **home.tokens,
        "hassUrl": home.url,
        "clientId": f"{home.url}/",
        "expires": int(time.time() * 1000) + home.tokens["expires_in"] * 1000,
    }
    kept = {"hassTokens": tokens, "selectedLanguage": language}
    context = await browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, timezone_id="UTC")
    context.set_default_timeout(PATIENCE)
    for name, value in kept.items():
        text = json.dumps(json.dumps(value))
        await context.add_init_script(f"localStorage.setItem('{name}', {text})")
    yield Window(home, await context.new_page())
    await context.close()
