"""A dashboard with the server's and the frame's entities, looked at and used in the browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
import yaml

from tests.e2e.browser import NARROW, WIDE, open_window
from tests.e2e.home_assistant import RefusedError
from tests.e2e.waiting import until, until_found
from tests.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.e2e.browser import Window
    from tests.e2e.home_assistant import HomeAssistant
    from tests.e2e.image_server import ImageServer
    from tests.e2e.pictures import Pictures
    from tests.simulators.frame import Shown

PATH = "/picture-frames/pictures"
LAST_PICTURE = "hui-picture-entity-card:has-text('Last picture') img"
ON_THE_FRAME = "hui-picture-entity-card:has-text('On the frame') img"
LIST = "hui-todo-list-card"


@pytest.fixture(scope="module", autouse=True)
async def _dashboard(home: HomeAssistant, shown: list[Shown]) -> None:
    """Make the dashboard, as its editor does, for a frame that has its picture already."""
    await until(lambda: shown)
    named = {"url_path": "picture-frames", "title": "Picture frames", "icon": "mdi:image-frame"}
    allowed = {"mode": "storage", "show_in_sidebar": True, "require_admin": False}
    await home.ask("lovelace/dashboards/create", **named, **allowed)
    config = yaml.safe_load(Path(__file__).with_name("dashboard.yaml").read_text())
    await home.ask("lovelace/config/save", url_path="picture-frames", config=config)


@pytest.fixture
async def dashboard(window: Window) -> AsyncIterator[Window]:
    """The window with the dashboard; nothing in it may go wrong."""
    await window.visit(PATH, until_there=LIST)
    yield window
    assert not window.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["telephone", "computer"])
async def test_everything_is_there_in_any_size_and_light(
    dashboard: Window, pictures: Pictures, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    await dashboard.look(size=size, scheme=scheme)
    assert (await dashboard.picture(LAST_PICTURE))[0] == (640, 960)
    assert (await dashboard.picture(ON_THE_FRAME))[0] == (320, 480)
    for text in ("Mountains in the first snow", "Generation", "Problem", "Make a picture"):
        await dashboard.see(text)
    assert not await dashboard.page.locator("hui-error-card, hui-warning, hui-unavailable-card").count()
    assert not await dashboard.page.get_by_text("Unavailable").count()
    assert await dashboard.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if size == WIDE:
        await pictures.take(dashboard.page, f"dashboard-{scheme}", height=655)


async def test_a_person_who_reads_russian_reads_russian(home: HomeAssistant, browser: Browser) -> None:
    russian = json.loads((ROOT / "custom_components/aiframes/translations/ru.json").read_text())
    named = russian["entity"]["sensor"]
    state = (await home.state("sensor.aiframes_imageserver_state"))["state"]
    count = (await home.state("sensor.aiframes_imageserver_stored_pictures"))["state"]
    async with open_window(browser, home, language="ru") as window:
        await window.visit(PATH, until_there=LIST)
        await window.see(named["state"]["state"][state])
        await window.see(f"{count} {named['stored_pictures']['unit_of_measurement']}")


async def test_the_button_makes_a_picture_which_the_page_then_shows(
    dashboard: Window, server: ImageServer
) -> None:
    before = await server.last_picture()
    await dashboard.press("Make a picture")
    made = await until_found(lambda: _another_than(server, before["id"]))
    original = await server.get(f"images/{made['id']}/original")
    await until_found(lambda: _shows(dashboard, original))
    await dashboard.see(made["prompt"])


async def test_a_prompt_typed_into_the_list_is_kept_and_ticked_it_is_not_drawn(
    dashboard: Window, server: ImageServer
) -> None:
    prompt = "A quiet street after the rain"
    typing = dashboard.find(f"{LIST} input")
    await typing.fill(prompt)
    await typing.press("Enter")
    await until(lambda: f"prompt: {prompt}\n" in server.prompts_file.read_text())
    item = dashboard.find(f"{LIST} ha-check-list-item:has-text('{prompt}')")
    await item.locator("ha-checkbox").click()
    await until(lambda: "enabled: false" in server.prompts_file.read_text())
    await dashboard.see("Completed")


async def test_an_automation_has_a_picture_made(
    home: HomeAssistant, dashboard: Window, server: ImageServer
) -> None:
    prompt = "Stars over a quiet bay"
    automation = {
        "alias": "Nightfall",
        "triggers": [{"trigger": "event", "event_type": "nightfall"}],
        "actions": [{"action": "aiframes.generate", "data": {"prompt": prompt}}],
    }
    await home.rest("POST", "config/automation/config/nightfall", automation)
    await until_found(lambda: _is_on(home, "automation.nightfall"))
    await home.rest("POST", "events/nightfall", {})
    made = await until_found(lambda: _made_from(server, prompt))
    original = await server.get(f"images/{made['id']}/original")
    await until_found(lambda: _shows(dashboard, original))
    await dashboard.see(prompt)


async def test_a_server_that_was_killed_is_unavailable_until_it_is_there_again(
    home: HomeAssistant, dashboard: Window, server: ImageServer, shown: list[Shown]
) -> None:
    before = await server.last_picture()
    available = len(await _available(home))
    await server.kill()
    await until_found(lambda: _is_written(dashboard, "Unavailable"))
    await until_found(lambda: _number_available(home, 0))
    await server.start()
    await until_found(lambda: _is_written(dashboard, "Unavailable", times=0))
    await until_found(lambda: _number_available(home, available))
    original = await server.get(f"images/{before['id']}/original")
    await until_found(lambda: _shows(dashboard, original))
    so_far = len(shown)
    await until(lambda: len(shown) > so_far)
    assert len(home.complaints("Error fetching AIFrames ImageServer data")) == 1


async def _shows(dashboard: Window, picture: bytes) -> bool:
    return (await dashboard.picture(LAST_PICTURE))[1] == picture


async def _is_written(dashboard: Window, text: str, *, times: int | None = None) -> bool:
    """Whether a text can be read in the page: somewhere, or so many times."""
    count = await dashboard.page.get_by_text(text).count()
    return count > 0 if times is None else count == times


async def _available(home: HomeAssistant) -> list[str]:
    """Return our entities that can be used at the moment."""
    ours = {one["entity_id"] for one in await home.entities((await home.app())["entry_id"])}
    states = await home.rest("GET", "states")
    return [one["entity_id"] for one in states if one["entity_id"] in ours and one["state"] != "unavailable"]


async def _number_available(home: HomeAssistant, number: int) -> bool:
    return len(await _available(home)) == number


async def _is_on(home: HomeAssistant, entity_id: str) -> bool:
    try:
        return bool((await home.state(entity_id))["state"] == "on")
    except RefusedError:
        return False


async def _another_than(server: ImageServer, known: str) -> dict[str, Any] | None:
    last = await server.last_picture()
    return last if last["id"] != known else None


async def _made_from(server: ImageServer, prompt: str) -> dict[str, Any] | None:
    last = await server.last_picture()
    return last if last["prompt"] == prompt else None
