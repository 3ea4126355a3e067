"""A book for the tests of the prompts' view, and what its file says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.page.site import Site

HARBOUR = "A harbour at dawn, [[style]]"
FOX = "A fox in the snow"
TOWN = "An old town in [[weather]], [[style]]"
STYLES = ["oil on canvas", "watercolour", "woodcut"]


async def fill(site: Site) -> None:
    """Put three prompts and a list for all of them in the place of what is there."""
    prompts = site.house.server.prompts
    for example in prompts.all():
        await prompts.remove(example.id)
    await prompts.set_placeholders({"style": STYLES})
    await prompts.add(HARBOUR, negative="people, text")
    await prompts.add(FOX)
    await prompts.add(TOWN, placeholders={"weather": ["rain", "fog"]})


def kept(site: Site) -> dict[str, Any]:
    """Return what the file says."""
    text = (site.house.places.config / "prompts.yaml").read_text()
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def texts(site: Site) -> list[str]:
    """Return the prompts of the file."""
    return [entry["prompt"] for entry in kept(site)["prompts"]]


def toast(page: Page) -> Locator:
    """Find the newest message at the edge."""
    return page.locator(".toast").last


async def in_order(page: Page, *expected: str) -> None:
    """Wait until the page shows these prompts."""
    await expect(page.locator(".prompts-text p:first-child")).to_have_text(list(expected))
