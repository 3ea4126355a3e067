"""What a person looks at fails in every way: pictures, folders, diagnostics, the system's page."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.media_source import async_browse_media
from homeassistant.components.system_health import get_info
from homeassistant.setup import async_setup_component

from custom_components.aiframes.diagnostics import async_get_config_entry_diagnostics
from tests.integration.absences import until_streaming
from tests.integration.conftest import DOMAIN
from tests.integration.faults.calm import LONGEST_STEP, watched_growth, watched_steps
from tests.integration.faults.conftest import IS_LONG
from tests.integration.faults.table import FAULTS
from tests.integration.faults.test_asking import is_asked_by_a_person
from tests.integration.faults.ways import answer, changed, endless, raw, said
from tests.integration.faults.wishes import ROOT
from tests.integration.watching import until, until_drawn
from tests.pictures import jpeg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.test_utils import TestClient
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from tests.integration.faults.faulty_line import FaultyLine, Way
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time

SERVER_ERRORS = range(500, 600)


@pytest.fixture
async def browser(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator, line: FaultyLine
) -> AsyncIterator[TestClient[Any, Any]]:
    """A person's browser, which is logged in; the server is well until a test says otherwise."""
    for component in ("http", "media_source", "system_health"):
        assert await async_setup_component(hass, component, {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    await until_drawn(hass, entry)
    await async_browse_media(hass, ROOT)  # which serves the pictures from now on
    yield await hass_client()
    await line.mend()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not line.connections)


async def status_of(browser: TestClient[Any, Any], path: str, **headers: str) -> int:
    async with browser.get(path, headers=headers) as answered:
        await answered.read()
        return answered.status


def paths(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Return where a browser finds pictures: of an entity, and of the media browser."""
    (image,) = hass.states.async_all("image")
    view = f"/api/aiframes/{entry.unique_id}/1"
    return [image.attributes["entity_picture"], f"{view}/original", f"{view}/thumbnail"]


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if IS_LONG or not fault.is_long])
async def test_what_is_looked_at_in_vain_is_not_there_and_the_rest_is(
    hass: HomeAssistant,
    line: FaultyLine,
    clock: Time,
    entry: MockConfigEntry,
    browser: TestClient[Any, Any],
    journal: Journal,
    name: str,
) -> None:
    fault = FAULTS[name]
    await line.fail(fault.way, is_asked_by_a_person)
    with watched_steps() as steps, watched_growth() as growth:
        for path in paths(hass, entry) if name != "missing field" else ():
            status = await clock.patiently(status_of(browser, path))
            assert status in SERVER_ERRORS or (fault.is_mistake and status == HTTPStatus.NOT_FOUND)
        found = await clock.patiently(async_get_config_entry_diagnostics(hass, entry))
        assert found["settings"] == {"error": fault.key}
        assert found["connection"]["is_available"]
        await line.fail(fault.way, lambda _, path: path == "info")
        health = (await clock.patiently(get_info(hass)))[DOMAIN]
        assert health["can_reach_server"] == f"Failed: {fault.at_first}"
    assert steps.seconds < LONGEST_STEP, steps
    assert growth.megabytes < 50, growth
    assert journal.lines == []


PICTURES: dict[str, Way] = {
    "a page": said(200, "<html>", kind="image/jpeg"),
    "nothing": said(200, "", kind="image/jpeg"),
    "another kind": said(200, jpeg(8, 8), kind="text/html"),
    "half of it": raw(answer(200, jpeg(8, 8), kind="image/jpeg")[:-100]),
    "100 MB": endless("image/jpeg", begins=b"\xff\xd8\xff"),
}


@pytest.mark.parametrize("name", PICTURES)
async def test_what_is_no_picture_is_not_shown(
    hass: HomeAssistant,
    line: FaultyLine,
    entry: MockConfigEntry,
    browser: TestClient[Any, Any],
    journal: Journal,
    name: str,
) -> None:
    await line.fail(PICTURES[name], is_asked_by_a_person)
    with watched_steps() as steps, watched_growth() as growth:
        for path in paths(hass, entry):
            assert await status_of(browser, path) in SERVER_ERRORS
    assert steps.seconds < LONGEST_STEP, steps
    assert growth.megabytes < 100, growth
    assert journal.lines == []


@pytest.mark.parametrize("tag", ['"abc"', 'W/"abc"', '"a"b"', "abc", '""', "W/", '"ä"'])
async def test_whatever_a_version_is_called_the_picture_is_shown(
    line: FaultyLine, entry: MockConfigEntry, browser: TestClient[Any, Any], tag: str
) -> None:
    way = said(200, jpeg(8, 8), f"ETag: {tag}", kind="image/jpeg")
    await line.fail(way, is_asked_by_a_person)
    path = f"/api/aiframes/{entry.unique_id}/1/original"
    assert await status_of(browser, path) == HTTPStatus.OK
    again = await status_of(browser, path, **{"If-None-Match": tag if tag.isascii() else '"a"'})
    assert again == (HTTPStatus.NOT_MODIFIED if "abc" in tag and tag.endswith('"') else HTTPStatus.OK)


@pytest.mark.parametrize(
    "lie",
    [
        {"total": 10**12, "pictures": []},
        {"total": 10**15},
        {"total": -1},
        {"total": 251, "pictures": []},
        {"pictures": []},
    ],
)
async def test_a_folder_of_absurd_size_is_listed_for_what_it_has(
    hass: HomeAssistant,
    line: FaultyLine,
    browser: TestClient[Any, Any],  # noqa: ARG001 - it sets up what is browsed
    entry: MockConfigEntry,
    lie: dict[str, Any],
) -> None:
    async def answer_at_once(exchange: Any) -> None:
        await exchange.say(answer(200, json.dumps({**page, **lie})))

    page = json.loads(json.dumps({"total": 1, "offset": 0, "limit": 250, "pictures": []}))
    await line.fail(changed(lambda found: page.update(found) or found), is_asked_by_a_person)
    place = f"{ROOT}/{entry.unique_id}/all"
    assert (await async_browse_media(hass, place)).children
    await line.fail(answer_at_once, is_asked_by_a_person)
    found = await async_browse_media(hass, place)
    assert len(found.children or ()) <= 400
