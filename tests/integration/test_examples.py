"""The examples of the documentation do what they say, as they are pasted, in a real Home Assistant."""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from freezegun import freeze_time
from homeassistant.components.persistent_notification import (
    Notification,
    UpdateType,
    async_register_callback,
)
from homeassistant.core import ServiceCall, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from tests.integration.acting import first_picture, until
from tests.integration.conftest import DOMAIN, RealServer
from tests.pictures import jpeg
from tests.simulators.frame import Frame
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from homeassistant.core import HomeAssistant

    type Automate = Callable[[str], Awaitable[None]]

PAGE = (Path(__file__).parents[2] / "docs" / "integration.md").read_text("utf-8")
EXAMPLES: list[dict[str, Any]] = [
    yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
]
AUTOMATIONS = {example["alias"]: example for example in EXAMPLES if "alias" in example}
A_SECOND = timedelta(seconds=1)
WEATHER = {
    "condition_template": "rainy",
    "temperature_template": "11",
    "humidity_template": "60",
    "forecast_daily_template": (
        "{{ [{'datetime': '2026-11-24T00:00:00+00:00', 'condition': 'snowy', 'temperature': -4.0}] }}"
    ),
    "name": "Home",
}

pytestmark = pytest.mark.usefixtures("painting")


@pytest.fixture
async def painting(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """The server has drawn its first picture, and nothing that a test waits for is that."""
    await first_picture(hass, loaded)


@pytest.fixture
async def automate(hass: HomeAssistant) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """Return what sets an example up as an automation; it is switched off at the end."""

    async def automate(alias: str) -> None:
        assert await async_setup_component(hass, "automation", {"automation": [AUTOMATIONS[alias]]})
        await hass.async_block_till_done()
        (automation,) = hass.states.async_all("automation")
        assert automation.state == "on", "one that is not in order is unavailable"

    yield automate
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


@pytest.fixture
async def notifications(hass: HomeAssistant) -> list[str]:
    """Collect what Home Assistant tells its user."""
    assert await async_setup_component(hass, "persistent_notification", {})
    told: list[str] = []

    @callback
    def hear(kind: UpdateType, changed: dict[str, Notification]) -> None:
        if kind is UpdateType.ADDED:
            told.extend(notification["message"] for notification in changed.values())
            hass.bus.async_fire("told")

    async_register_callback(hass, hear)
    return told


async def prompt_of_next_picture(hass: HomeAssistant, earlier: str = "test") -> str:
    """Wait for another picture, and return what it was made from."""
    entity_id = "sensor.aiframes_imageserver_last_prompt"
    return await until(
        hass,
        lambda: state.state if (state := hass.states.get(entity_id)) and state.state != earlier else None,
    )


@contextmanager
def just_before(moment: str) -> Iterator[None]:
    """Let it be the second before a moment of local time; what is waited for is waited for in earnest.

    The moment has to be far from over: what was set up by the real clock goes by it.
    """
    local = datetime.fromisoformat(moment).replace(tzinfo=dt_util.get_default_time_zone())
    with freeze_time(local - A_SECOND, ignore=["asyncio"]):
        yield


def go_on(hass: HomeAssistant) -> None:
    """Let that second pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + A_SECOND)


def test_each_one_is_tried_here() -> None:
    here = Path(__file__).read_text("utf-8")
    assert len(AUTOMATIONS) == len(EXAMPLES) - 1, "all but the dashboard"
    assert all(f'automate("{alias}")' in here for alias in AUTOMATIONS)


async def test_the_days_weather(hass: HomeAssistant, automate: Automate) -> None:
    assert await async_setup_component(hass, "template", {"template": [{"weather": WEATHER}]})
    await hass.async_block_till_done()
    with just_before("2099-11-24T07:00:00"):
        await automate("Picture of the day's weather")
        go_on(hass)
        assert await prompt_of_next_picture(hass) == (
            "A small town by the sea, weather: snowy, -4.0 degrees, soft watercolour"
        )


async def test_a_birthday(hass: HomeAssistant, automate: Automate, notifications: list[str]) -> None:
    with just_before("2099-05-17T08:00:00"):
        await automate("Birthday of Anna")
        go_on(hass)
        assert "A birthday cake with 109 candles" in await prompt_of_next_picture(hass)
        (message,) = await until(hass, lambda: notifications)
    assert message.startswith("builtin has painted: A birthday cake with 109 candles")


async def test_no_birthday(hass: HomeAssistant, server: RealServer, automate: Automate) -> None:
    asked = server.ask("/api/v1/operations")["generations"]
    with just_before("2099-05-18T08:00:00"):
        await automate("Birthday of Anna")
        now = {"entity_id": hass.states.async_entity_ids("automation"), "skip_condition": False}
        await hass.services.async_call("automation", "trigger", now, blocking=True)
    assert server.ask("/api/v1/operations")["generations"] == asked


async def test_nobody_at_home(hass: HomeAssistant, server: RealServer, automate: Automate) -> None:
    hass.states.async_set("zone.home", "2")
    await automate("Paint only when somebody is at home")
    for people, paused in ((0, True), (1, False)):
        hass.states.async_set("zone.home", str(people))
        await hass.async_block_till_done()
        assert server.ask("/api/v1/status")["settings"]["paused"] is paused


async def test_somebody_at_the_door(
    hass: HomeAssistant, server: RealServer, automate: Automate, tmp_path: Path
) -> None:
    file = tmp_path / "door.jpg"
    file.write_bytes(jpeg())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    camera = MockConfigEntry(domain="local_file", options={"name": "Front door", "file_path": str(file)})
    camera.add_to_hass(hass)
    assert await hass.config_entries.async_setup(camera.entry_id)
    hass.states.async_set("binary_sensor.doorbell", "off")
    await automate("Who is at the door")
    hass.states.async_set("binary_sensor.doorbell", "on")
    await hass.async_block_till_done()
    await show(server)
    assert server.ask("/api/v1/frames/127.0.0.1")["content"]["kind"] == "passing"


async def test_each_new_picture(hass: HomeAssistant, server: RealServer, automate: Automate) -> None:
    sent = async_mock_service(hass, "notify", "mobile_app_phone")
    await automate("New picture on the phone")
    await show(server)
    await hass.services.async_call(DOMAIN, "generate", {"prompt": "a lighthouse"}, blocking=True)
    await prompt_of_next_picture(hass)
    await until(hass, lambda: sent)
    await hass.async_block_till_done()
    (call,) = sent
    assert isinstance(call, ServiceCall)
    assert call.data["message"] == "a lighthouse"
    entity_id = call.data["data"]["image"].removeprefix("/api/image_proxy/")
    entry = er.async_get(hass).async_get(entity_id)
    assert entry is not None
    assert entry.unique_id.endswith("_last_picture")


class TestYandexArt:
    @pytest.fixture
    async def yandex(self) -> AsyncIterator[YandexArtSimulator]:
        async with YandexArtSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def options(self, yandex: YandexArtSimulator) -> str:
        return str({"providers": {"ydArt": {**yandex.options, "daily_limit": 10}}})

    @pytest.fixture
    def painting(self, loaded: MockConfigEntry) -> None:
        """It costs money: the server makes no first picture by itself."""

    async def test_the_limit_is_near(
        self, hass: HomeAssistant, automate: Automate, notifications: list[str]
    ) -> None:
        await automate("YandexART's daily limit is near")
        await hass.services.async_call(DOMAIN, "generate", {"prompt": "a lighthouse"}, blocking=True)
        (message,) = await until(hass, lambda: notifications)
        assert message == "YandexART may be asked 9 more times today."

    async def test_no_picture(
        self,
        hass: HomeAssistant,
        automate: Automate,
        notifications: list[str],
        yandex: YandexArtSimulator,
    ) -> None:
        yandex.next("refused")
        await automate("Why there was no picture")
        await hass.services.async_call(DOMAIN, "generate", {"prompt": "something"}, blocking=True)
        (message,) = await until(hass, lambda: notifications)
        assert "refuses this prompt" in message


def test_the_dashboard_shows_entities_that_there_are(hass: HomeAssistant) -> None:
    (dashboard,) = (example for example in EXAMPLES if "cards" in example)
    picture, entities, prompts = dashboard["cards"]
    for entity_id in (picture["entity"], *entities["entities"], prompts["entity"]):
        assert hass.states.get(entity_id) is not None, entity_id


async def show(server: RealServer) -> None:
    """Let a frame ask, and get what it is shown."""
    frame = Frame("127.0.0.1", server.process.https_port, sleep=lambda _: asyncio.sleep(0))
    await frame.show(polls=200)
