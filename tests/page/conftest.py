"""The page in a real browser, on a real server."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if find_spec("playwright") is None:  # the run of all other tests: this one has an environment of its own
    collect_ignore_glob = ["test_*.py"]
else:
    from tests.chromium import open_browser
    from tests.page.site import Site, open_site
    from tests.page.visiting import Visits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, one for all tests; each visit has a window of its own, with nobody else's storage."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture
def options() -> str:
    """What stands in `options.yml`; for tests to override by a fixture or a parameter."""
    return ""


@pytest.fixture
async def site(tmp_path: Path, options: str) -> AsyncIterator[Site]:
    """A server with nothing in it and one provider, `Scripted ydArt`."""
    async with open_site(tmp_path, options=options) as opened:
        yield opened


@pytest.fixture
async def visit(browser: Browser, site: Site) -> AsyncIterator[Visits]:
    """`page = await visit("now", size=PHONE, scheme="dark", language="ru-RU", way="ingress")`."""
    visits = Visits(browser, site)
    yield visits
    await visits.end()
