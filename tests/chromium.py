"""Chromium without a window, for tests of what people see."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--no-sandbox",  # as root it has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start Chromium; without one, tests are skipped, but not in CI."""
    async with async_playwright() as playwright:
        of_playwright = playwright.chromium.executable_path
        executable = next((path for path in map(shutil.which, (*NAMES, of_playwright)) if path), None)
        if executable is None:
            missing = "Chromium is needed, and none is on PATH: on Debian, apt install chromium"
            pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()
