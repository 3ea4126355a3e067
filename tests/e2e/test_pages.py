"""Home Assistant's own pages, as far as they are about us."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.e2e.browser import OUR_PAGE, WIDE
from tests.e2e.waiting import until_found
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.e2e.browser import Window
    from tests.e2e.home_assistant import HomeAssistant
    from tests.e2e.image_server import ImageServer
    from tests.e2e.pictures import Pictures

THUMBNAIL = "ha-media-browser-thumbnail .image[style*='data:image/jpeg']"
NEWCOMER = "127.0.0.8"


async def test_a_frame_that_asks_for_the_first_time_appears_by_itself(
    home: HomeAssistant, window: Window, server: ImageServer
) -> None:
    await window.visit(OUR_PAGE, until_there="ha-config-integration-page")
    frame = Frame("127.0.0.1", server.frames_port, source=NEWCOMER, sleep=lambda _: asyncio.sleep(0.1))
    assert (await frame.show()).image is not None
    await window.see(f"Photo frame {NEWCOMER}")
    entry_id = (await home.app())["entry_id"]
    (device,) = [one for one in await home.devices(entry_id) if NEWCOMER in one["name"]]
    own = [one for one in await home.entities(entry_id) if one["device_id"] == device["id"]]
    assert {one["entity_id"] for one in own} == {
        "image.photo_frame_127_0_0_8_shown_now",
        "sensor.photo_frame_127_0_0_8_last_seen",
        "sensor.photo_frame_127_0_0_8_pictures_sent",
    }
    await until_found(lambda: _state_is(home, "sensor.photo_frame_127_0_0_8_pictures_sent", "1"))
    assert not window.complaints


async def test_the_page_of_the_server_has_everything_in_words(
    home: HomeAssistant, window: Window, pictures: Pictures
) -> None:
    (device, *_) = await home.devices((await home.app())["entry_id"])
    await window.look(size=(1280, 960), scheme="light")
    await window.visit(f"/config/devices/device/{device['id']}", until_there="ha-device-entities-card")
    for text in ("Generate now", "Minutes between generations", "Stored pictures", "Version 2.0.0"):
        await window.see(text)
    await pictures.take(window.page, "device")
    await window.look(size=WIDE, scheme="light")
    assert not window.complaints


async def test_the_media_browser_shows_the_pictures(
    home: HomeAssistant, window: Window, server: ImageServer, pictures: Pictures
) -> None:
    for prompt in ("A city at night", "Tulips in the morning mist"):
        done = await home.act("aiframes.generate", prompt=prompt, wait=30)
        assert (done["status"], done["prompt"]) == ("done", prompt)
    stored = (await server.get("status"))["store"]["pictures"]
    await window.visit("/media-browser/browser", until_there="ha-media-player-browse")
    await window.choose("AIFrames ImageServer")
    await window.choose("All pictures")
    last = await server.last_picture()
    await window.see(last["prompt"])
    thumbnails = window.page.locator(THUMBNAIL)
    await until_found(lambda: _number_is(thumbnails, stored))
    await pictures.take(window.page, "media-browser", height=375)
    await window.choose(last["prompt"])
    size, shown = await window.picture("ha-dialog img, dialog-web-browser-play-media img")
    assert size == (640, 960)
    assert shown == await server.get(f"images/{last['id']}/original")
    assert not window.complaints


async def _state_is(home: HomeAssistant, entity_id: str, state: str) -> bool:
    return bool((await home.state(entity_id))["state"] == state)


async def _number_is(elements: Locator, number: int) -> bool:
    return await elements.count() == number
