"""Pictures as people see them in Home Assistant: through its own HTTP, as dashboards ask for them."""

from __future__ import annotations

import io
import logging
import shutil
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from PIL import Image

from tests.integration.relay import set_up_behind_relay
from tests.integration.visiting import FRAME, frame, show
from tests.integration.watching import until_drawn, until_state
from tests.pictures import jpeg

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, State
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from tests.integration.conftest import RealServer

LAST, SHOWN = "last_picture", f"frame_{FRAME}_shown_now"
NO_PROVIDER = "disabled_providers: [builtin]\n"
BLACK_AT_NIGHT = """
sleep_time:
  - time_range:
      start_time: "00:00:00"
      end_time: "23:59:59"
    black_image_mode: true
"""


@pytest.fixture(autouse=True)
async def _http(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "http", {})


async def _seen(hass_client_no_auth: ClientSessionGenerator, state: State) -> bytes:
    """Return what a browser is shown of an image entity."""
    browser = await hass_client_no_auth()
    async with browser.get(state.attributes["entity_picture"]) as answer:
        assert answer.status == HTTPStatus.OK
        assert answer.content_type == "image/jpeg"
        data: bytes = await answer.read()
        return data


def _pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def test_the_last_picture_is_shown_in_full_size_and_follows_new_ones(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    state = await until_drawn(hass, loaded)
    (picture,) = (await hass.async_add_executor_job(server.ask, "/api/v1/images/search", {}))["pictures"]
    assert state.attributes["image_id"] == picture["id"]
    assert state.attributes["prompt"] == picture["prompt"] == "test"
    assert state.attributes["provider"] == "builtin"
    assert dt_util.parse_datetime(state.state) == dt_util.parse_datetime(picture["made_at"])
    seen = await _seen(hass_client_no_auth, state)
    (original,) = (server.root / "images" / "original").iterdir()
    assert seen == original.read_bytes()

    await hass.async_add_executor_job(
        server.ask, "/api/v1/operations", {"prompt": "a fox in the snow", "wait": 20, "show": False}
    )
    newer = await until_state(
        hass, loaded, "image", LAST, lambda found: found.attributes["prompt"] == "a fox in the snow"
    )
    assert newer.state > state.state
    assert await _seen(hass_client_no_auth, newer) != seen


async def test_a_frame_is_shown_with_what_it_got(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await until_drawn(hass, loaded)
    first = await show(server.process)
    state = await until_state(hass, loaded, "image", SHOWN, lambda found: found.attributes["image_id"])
    assert state.attributes["content"] == "picture"
    assert await _seen(hass_client_no_auth, state) == first.jpeg

    second = await show(server.process, "ydart", prompt="a fox in the snow")
    newer = await until_state(
        hass,
        loaded,
        "image",
        SHOWN,
        lambda found: found.attributes["image_id"] != state.attributes["image_id"],
    )
    assert newer.state > state.state
    assert await _seen(hass_client_no_auth, newer) == second.jpeg != first.jpeg


@pytest.mark.parametrize("options", [BLACK_AT_NIGHT])
async def test_a_frame_that_is_dark_is_shown_dark(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    shown = await show(server.process, "auto")
    state = await until_state(hass, loaded, "image", SHOWN, lambda found: found.attributes["content"])
    assert (state.attributes["content"], state.attributes["image_id"]) == ("black", None)
    seen = await _seen(hass_client_no_auth, state)
    assert seen == shown.jpeg
    assert max(_pixels(seen).tobytes()) < 8


@pytest.mark.parametrize("options", [NO_PROVIDER])
async def test_without_any_picture_nothing_is_shown_and_then_a_card(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = await until_state(hass, loaded, "image", LAST, "unknown")
    assert "image_id" not in state.attributes
    browser = await hass_client_no_auth()
    async with browser.get(state.attributes["entity_picture"]) as answer:
        assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR  # Home Assistant's word for none
    await show(server.process, "auto")
    shown = await until_state(hass, loaded, "image", SHOWN, lambda found: found.attributes["content"])
    assert shown.attributes["content"] == "card"
    assert _pixels(await _seen(hass_client_no_auth, shown)).size == (320, 480)
    assert _errors(caplog) == []


async def test_a_picture_that_is_sent_to_be_shown_once_is_shown(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await loaded.runtime_data.client.push_image(jpeg(320, 480, seed=3), keep=False)
    shown = await show(server.process, "auto")
    state = await until_state(hass, loaded, "image", SHOWN, lambda found: found.attributes["content"])
    assert (state.attributes["content"], state.attributes["image_id"]) == ("passing", None)
    assert await _seen(hass_client_no_auth, state) == shown.jpeg


async def test_a_frame_that_has_only_asked_shows_nothing_yet(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    await frame(server.process).start("old")
    state = await until_state(hass, loaded, "image", SHOWN, "unknown")
    assert (state.attributes["content"], state.attributes["image_id"]) == (None, None)
    browser = await hass_client()
    async with browser.get(f"/api/image_proxy/{state.entity_id}") as answer:
        assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR


async def test_while_the_server_is_away_there_is_no_picture_and_no_noise(
    hass: HomeAssistant,
    server: RealServer,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        last = await until_drawn(hass, entry)
        await show(server.process)
        shown = await until_state(hass, entry, "image", SHOWN, lambda found: found.attributes["image_id"])
        browser = await hass_client()
        relay.close()
        for state in (last, shown):
            async with browser.get(f"/api/image_proxy/{state.entity_id}") as answer:
                assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
        await until_state(hass, entry, "image", LAST, "unavailable")
        await until_state(hass, entry, "image", SHOWN, "unavailable")

        relay.is_open = True
        for key, before in ((LAST, last), (SHOWN, shown)):
            back = await until_state(hass, entry, "image", key, before.state)
            assert back.attributes["image_id"] == before.attributes["image_id"]
            async with browser.get(f"/api/image_proxy/{before.entity_id}") as answer:
                assert answer.status == HTTPStatus.OK
    assert _errors(caplog) == ["Error fetching AIFrames ImageServer data: The server can't be reached"]


async def test_a_picture_whose_files_are_gone_is_none(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = await until_drawn(hass, loaded)
    shutil.rmtree(server.root / "images")
    browser = await hass_client()
    async with browser.get(f"/api/image_proxy/{state.entity_id}") as answer:
        assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert _errors(caplog) == []
