"""From a running server to its devices and entities in Home Assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.browser import OUR_PAGE, open_window
from tests.e2e.image_server import ImageServer
from tests.e2e.waiting import until_found

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.e2e.browser import Window
    from tests.e2e.home_assistant import HomeAssistant
    from tests.e2e.pictures import Pictures


async def test_an_app_is_discovered_and_becomes_a_device_with_entities(home: HomeAssistant) -> None:
    entry = await home.app()
    assert (entry["title"], entry["state"], entry["source"]) == ("AIFrames ImageServer", "loaded", "hassio")
    device = (await home.devices(entry["entry_id"]))[0]
    assert (device["name"], device["entry_type"]) == ("AIFrames ImageServer", "service")
    enabled = [one for one in await home.entities(entry["entry_id"]) if one["disabled_by"] is None]
    platforms = {one["entity_id"].partition(".")[0] for one in enabled}
    assert platforms == {"binary_sensor", "button", "event", "image", "number", "sensor", "switch", "todo"}
    for one in enabled:
        state = await home.state(one["entity_id"])
        assert state["state"] != "unavailable", one["entity_id"]
        assert state["attributes"]["friendly_name"].startswith(("AIFrames ImageServer ", "Photo frame "))


async def test_a_server_elsewhere_is_added_over_the_rest_api(home: HomeAssistant, tmp_path: Path) -> None:
    async with ImageServer(tmp_path) as other:
        right = {"url": other.url, "token": other.token, "verify_ssl": False}
        flow = await home.rest("POST", "config/config_entries/flow", {"handler": "aiframes"})
        step = f"config/config_entries/flow/{flow['flow_id']}"
        untrusted = await home.rest("POST", step, {**right, "verify_ssl": True})
        assert untrusted["errors"] == {"base": "not_trusted"}
        added = await home.rest("POST", step, right)
        assert (added["type"], added["result"]["state"]) == ("create_entry", "loaded")
        assert added["title"] == "AIFrames ImageServer (127.0.0.1)"
        assert await home.entities(added["result"]["entry_id"])
        await home.rest("DELETE", f"config/config_entries/entry/{added['result']['entry_id']}")
    assert len(await home.entries()) == 1


async def test_a_server_elsewhere_is_added_in_the_browser(
    home: HomeAssistant, window: Window, tmp_path: Path, pictures: Pictures
) -> None:
    async with ImageServer(tmp_path) as other:
        await window.visit(OUR_PAGE, until_there="ha-config-integration-page")
        await window.press("Add service")
        await window.see("Connect to a server")
        dialog = window.find("dialog-data-entry-flow dialog")
        await pictures.take(window.page, "config-flow", of=dialog)
        await window.fill("url", other.url)
        await window.fill("token", "a wrong one")
        await window.press("Submit")
        await window.see("The server's certificate is not trusted.")
        await window.find("dialog-data-entry-flow ha-switch").click()
        await window.press("Submit")
        await window.see("The server does not accept this token.")
        await window.fill("token", other.token)
        await window.press("Submit")
        await window.press("Skip and finish")
        added = next(one for one in await home.entries() if one["source"] == "user")
        assert added["state"] == "loaded"
        await home.rest("DELETE", f"config/config_entries/entry/{added['entry_id']}")


async def test_a_removed_app_is_discovered_again_and_added_with_one_click(
    home: HomeAssistant, browser: Browser
) -> None:
    entry = await home.app()
    before = {one["entity_id"] for one in await home.entities(entry["entry_id"])}
    await home.rest("DELETE", f"config/config_entries/entry/{entry['entry_id']}")
    await until_found(home.flows)
    async with open_window(browser, home) as window:
        await window.visit("/config/integrations/dashboard", until_there="ha-config-flow-card")
        await window.press("Add")
        await window.press("Skip and finish")
        assert not window.complaints
    again = await home.app()
    assert again["state"] == "loaded"
    assert before == {one["entity_id"] for one in await home.entities(again["entry_id"])}
