"""What axe-core finds on every view, in every size and light: nothing."""

from __future__ import annotations

import asyncio
from functools import cache
from itertools import pairwise
from pathlib import Path
from subprocess import check_output
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from imageserver.exceptions import AccessRefusedError
from tests.houses import OTHER_FRAME
from tests.page.visiting import DESK, PHONE, screenshot

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.page.site import Site
    from tests.page.visiting import Visits

ROOT = Path(__file__).parents[2]
VIEWS = ("now", "pictures", "picture/1", "prompts", "numbers", "settings", "log")
LOOK = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)"
PRESSED = "button, a[href], input:not([type=file], [type=checkbox], [type=radio]), select, summary, textarea"
SMALL_TARGETS = f"""
() => [...document.querySelectorAll("{PRESSED}")]
  .filter((one) => one.checkVisibility() && !one.closest("p, .only-said, .skip, svg"))
  .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
  .filter(([, {{ width, height }}]) => width > 1 && (width < 43.5 || height < 43.5))
  .map(([html, {{ width, height }}]) => `${{html}} ${{Math.round(width)}}x${{Math.round(height)}}`)
"""
QUIET = """
new Promise((quiet) => {
  let timer = setTimeout(quiet, 400);
  const wait = () => (clearTimeout(timer), timer = setTimeout(quiet, 400));
  new MutationObserver(wait).observe(document, { childList: true, subtree: true, attributes: true });
})
"""


@cache
def axe() -> str:
    path = check_output([ROOT / "scripts" / "axe-core"], text=True)  # noqa: S603 - ours
    return Path(path.strip()).read_text("utf-8")


async def findings(page: Page) -> list[str]:
    """Name what axe-core finds, and where."""
    await page.evaluate(await asyncio.to_thread(axe))
    violations: list[dict[str, Any]] = await page.evaluate(LOOK)
    return [
        f"{found['id']}: {found['help']}: {node['html'][:200]} ({node['failureSummary']})"
        for found in violations
        for node in found["nodes"]
    ]


async def furnish(site: Site) -> None:
    """Have one of everything: pictures, two frames, a problem, a refused prompt."""
    await site.house.see()
    await site.house.see(frame=OTHER_FRAME)
    site.script.answers.append(AccessRefusedError("The key is unknown"))
    site.clock.shift += 3600
    await site.house.ask()
    await site.house.rest()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_view_has_no_findings(site: Site, visit: Visits, view: str, size: tuple[int, int]) -> None:
    await furnish(site)
    for scheme, language in (("light", "en"), ("dark", "ru-RU")):
        page = await visit(view, size=size, scheme=scheme, language=language)  # type: ignore[arg-type]
        await page.evaluate(QUIET)
        assert await findings(page) == []
        assert await page.evaluate(SMALL_TARGETS) == []
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await page.evaluate(fits), "nothing has to be scrolled to the side"
        await screenshot(page, f"axe-{view.replace('/', '-')}-{size[0]}-{scheme}", whole=True)


async def test_the_door_has_no_findings(visit: Visits) -> None:
    visit.forgive("401")
    page = await visit("now", way="stranger")
    await expect(page.get_by_label("Token")).to_be_focused()
    assert await findings(page) == []


async def test_a_dialog_has_no_findings(site: Site, visit: Visits) -> None:
    await furnish(site)
    page = await visit("now", size=PHONE, scheme="dark")
    await page.get_by_role("button", name="Name and details of").first.click()
    assert await findings(page) == []
    await page.get_by_role("button", name="Forget this frame").click()
    assert await findings(page) == []


async def test_each_view_has_its_landmarks_and_headings_in_order(site: Site, visit: Visits) -> None:
    await furnish(site)
    for view in VIEWS:
        page = await visit(view)
        await expect(page.get_by_role("main")).to_have_count(1)
        await expect(page.get_by_role("navigation", name="Parts of this page")).to_have_count(1)
        await page.evaluate(QUIET)
        levels = await page.eval_on_selector_all(
            "h1, h2, h3, h4, h5, h6",
            "all => all.filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))",
        )
        assert levels[0] == 1, view
        assert levels.count(1) == 1, view
        assert all(after - before <= 1 for before, after in pairwise(levels)), view
