"""Somebody in front of the page: a browser with a size, a language, a taste for light or dark."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

    from tests.page.site import Site

PHONE = (390, 844)
DESK = (1280, 800)
PATIENCE = 15_000.0

_SCREENSHOTS = "PAGE_SCREENSHOTS"
"""The environment's name for a directory; without it, no screenshot is kept."""


@dataclass
class Visits:
    """Opens the page as often as a test wants, and listens to what the browser complains of.

    Attributes:
        complaints: Errors and warnings of the console; a test fails if there are any at its end.
        forgiven: Patterns of complaints that a test provokes.
    """

    browser: Browser
    site: Site
    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def __call__(
        self,
        place: str = "now",
        *,
        size: tuple[int, int] = DESK,
        scheme: Literal["light", "dark"] = "light",
        language: str = "en-GB",
        way: Literal["token", "ingress", "stranger"] = "token",
        motion: Literal["reduce", "no-preference"] = "reduce",
    ) -> Page:
        """Come to a place of the page, such as `picture/17`, in a window of one's own.

        Args:
            place: What stands behind `#/`.
            size: Of the window.
            scheme: What the browser prefers.
            language: What the browser speaks.
            way: Directly with the token (as if typed before), through Home Assistant, or without a token.
            motion: Whether things may move.
        """
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale=language,
            reduced_motion=motion,
            has_touch=size == PHONE,
            is_mobile=size == PHONE,
            accept_downloads=True,
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if way == "token":
            token = json.dumps(self.site.token)
            await context.add_init_script(f"sessionStorage['aiframes.token'] ??= {token}")
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack}"))
        url = self.site.ingress if way == "ingress" else self.site.url
        await page.goto(f"{url}#/{place}")
        await page.locator("h1").first.wait_for()
        return page

    def forgive(self, pattern: str) -> None:
        """Let the browser complain of what the test does to it."""
        self.forgiven.append(pattern)

    async def end(self) -> None:
        """Close all windows; fail if there was a complaint."""
        for context in self._contexts:
            await context.close()
        unforgiven = [
            text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.forgiven)
        ]
        assert not unforgiven, unforgiven

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


async def screenshot(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep how the page looks, where somebody asked for it by PAGE_SCREENSHOTS=<directory>."""
    directory = os.environ.get(_SCREENSHOTS)
    if directory:
        await page.screenshot(path=Path(directory) / f"{name}.png", full_page=whole)
