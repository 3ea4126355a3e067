"""What holds for every entity: its names, ids, categories, icons; and that it comes and goes by itself."""

from __future__ import annotations

import json
import re
import signal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

import custom_components.aiframes
from custom_components.aiframes import PLATFORMS
from tests.integration.visiting import FRAME, OTHER_FRAME, show
from tests.integration.watching import enable_everything, find, state_of, until, until_drawn, until_state
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from syrupy.assertion import SnapshotAssertion

    from tests.integration.conftest import RealServer

ROOT = Path(custom_components.aiframes.__file__).parent
MOVING = {
    r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00": "<time>",
    r"-?\d+(\.\d+)?": "<number>",
}
"""States that are others at each run."""

ATTRIBUTES_OF_EVENTS = {"code", "frame", "image_id", "media_content_id", "prompt", "provider", "reason"}
ONLY_OF_SOME_EVENTS = {"code", "reason"}
ICONS_OF_THEIR_CLASS = {("binary_sensor", "problem")}


def _entities(hass: HomeAssistant, entry: MockConfigEntry) -> list[er.RegistryEntry]:
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return sorted(found, key=lambda entity: entity.entity_id)


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / name).read_text())
    return found


@pytest.fixture
async def everything(hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry) -> MockConfigEntry:
    """A server with a picture, a provider and a frame."""
    await until_drawn(hass, loaded)
    await show(server.process)
    await until_state(hass, loaded, "sensor", f"frame_{FRAME}_pictures_sent", "1")
    await until_state(hass, loaded, "sensor", "state", "waiting")
    return loaded


async def test_every_entity_is_as_it_was(
    hass: HomeAssistant, everything: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    server = str(everything.unique_id)
    registered = {entity.entity_id: entity for entity in _entities(hass, everything)}
    await enable_everything(hass, everything)
    await until_drawn(hass, everything)
    for platform in PLATFORMS:
        assert {
            entity_id: _described(hass, entity, server)
            for entity_id, entity in registered.items()
            if entity.domain == platform
        } == snapshot(name=platform)


def _described(hass: HomeAssistant, entity: er.RegistryEntry, server: str) -> dict[str, Any]:
    """Return all that people and automations see of an entity, with what moves taken out."""
    state = hass.states.get(entity.entity_id)
    assert state is not None
    attributes = {
        str(name): re.sub(r"token=\w+", "token=<token>", value.replace(server, "<server>"))
        if isinstance(value, str)
        else value
        for name, value in state.attributes.items()
        if name != "access_token"
    }
    return {
        "unique_id": entity.unique_id.replace(server, "<server>"),
        "name": entity.original_name,
        "translation_key": entity.translation_key,
        "category": entity.entity_category and entity.entity_category.value,
        "enabled": entity.disabled_by is None,
        "state": next(
            (mark for moving, mark in MOVING.items() if re.fullmatch(moving, state.state)), state.state
        ),
        "attributes": json.loads(json.dumps(attributes)),  # plain words and numbers
    }


async def test_every_entity_has_a_name_of_its_own_and_an_id_that_stays(
    hass: HomeAssistant, everything: MockConfigEntry
) -> None:
    entities = _entities(hass, everything)
    ids = {(entity.domain, entity.unique_id): entity.entity_id for entity in entities}
    assert len(ids) == len(entities)
    for entity in entities:
        assert entity.has_entity_name
        assert entity.original_name
        assert entity.translation_key
        assert entity.unique_id.startswith(f"{everything.unique_id}_")
        assert entity.device_id
    names = [(entity.device_id, entity.domain, entity.original_name) for entity in entities]
    assert len(set(names)) == len(names)
    await hass.config_entries.async_reload(everything.entry_id)
    after = _entities(hass, everything)
    assert {(entity.domain, entity.unique_id): entity.entity_id for entity in after} == ids


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_says_how_many_requests_it_makes_at_once(platform: str) -> None:
    module = import_module(f"custom_components.aiframes.{platform}")
    reads_only = platform in {"binary_sensor", "event", "image", "sensor"}
    assert reads_only == (module.PARALLEL_UPDATES == 0)
    assert module.PARALLEL_UPDATES in {0, 1}


async def test_every_word_that_a_state_can_be_and_every_attribute_is_translated(
    hass: HomeAssistant, everything: MockConfigEntry
) -> None:
    told = _read("translations/en.json")["entity"]
    for entity in _entities(hass, everything):
        texts = told[entity.domain][entity.translation_key]
        assert set(texts.get("state", {})) == set((entity.capabilities or {}).get("options", ()))
    for platform, key, named in (
        ("binary_sensor", "problem", {"codes", "reasons", "remedies"}),
        ("image", "last_picture", {"image_id", "prompt", "provider"}),
        ("image", f"frame_{FRAME}_shown_now", {"content", "image_id"}),
        ("event", "picture", {"event_type", *ATTRIBUTES_OF_EVENTS}),
    ):
        state = state_of(hass, everything, platform, key)
        assert set(told[platform][key.rpartition("2_")[2]]["state_attributes"]) == named
        assert named - ONLY_OF_SOME_EVENTS <= set(state.attributes)
    event_types = told["event"]["picture"]["state_attributes"]["event_type"]["state"]
    assert set(event_types) == set(state_of(hass, everything, "event", "picture").attributes["event_types"])


async def test_entities_are_called_in_the_language_of_the_home(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    hass.config.language = "ru"
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    names = {entity.original_name for entity in _entities(hass, entry)}
    assert {"Состояние", "Последняя картинка", "Промпты", "Built-in pictures: сегодня"} <= names
    assert all(re.search("[а-яё]", str(name)) for name in names - {"Built-in pictures"})
    await hass.config_entries.async_unload(entry.entry_id)
    assert server.process.process.returncode is None


async def test_every_entity_has_an_icon_and_nothing_else_has(
    hass: HomeAssistant, everything: MockConfigEntry
) -> None:
    icons = _read("icons.json")["entity"]
    used = {(entity.domain, str(entity.translation_key)) for entity in _entities(hass, everything)}
    assert {
        (platform, key) for platform, keys in icons.items() for key in keys
    } == used - ICONS_OF_THEIR_CLASS
    for keys in icons.values():
        for icon in keys.values():
            for name in (icon["default"], *icon.get("state", {}).values()):
                assert re.fullmatch(r"mdi:[a-z-]+", name)


async def test_what_few_people_watch_is_off_by_default(
    hass: HomeAssistant, everything: MockConfigEntry
) -> None:
    server = f"{everything.unique_id}_"
    off = {
        entity.unique_id.removeprefix(server)
        for entity in _entities(hass, everything)
        if entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    }
    assert {key for key in off if not key.startswith(("requests_", "request_errors_"))} == {
        "archived_pictures",
        "builtin_error_rate",
        "builtin_success_rate",
        "builtin_total",
        "builtin_yesterday",
        "image_error_rate",
        "image_success_rate",
        "prompts",
        "request_error_rate",
        "request_rate",
        "request_success_rate",
        "request_successes",
        "storage_used",
    }
    assert len(off) == 13 + 2 * 7


async def test_frames_come_and_go_with_their_entities(
    hass: HomeAssistant, server: RealServer, everything: MockConfigEntry
) -> None:
    devices = dr.async_get(hass)

    def frames() -> set[str | None]:
        found = dr.async_entries_for_config_entry(devices, everything.entry_id)
        return {device.name for device in found if device.via_device_id}

    assert frames() == {f"Photo frame {FRAME}"}
    await show(server.process, address=OTHER_FRAME)
    await until_state(hass, everything, "sensor", f"frame_{OTHER_FRAME}_pictures_sent", "1")
    assert frames() == {f"Photo frame {FRAME}", f"Photo frame {OTHER_FRAME}"}
    keys = [("sensor", "last_seen"), ("sensor", "pictures_sent"), ("image", "shown_now")]
    for platform, key in keys:
        assert find(hass, everything, platform, f"frame_{OTHER_FRAME}_{key}") is not None

    await everything.runtime_data.client.forget_frame(OTHER_FRAME)
    await until(lambda: frames() == {f"Photo frame {FRAME}"})
    for platform, key in keys:
        assert find(hass, everything, platform, f"frame_{OTHER_FRAME}_{key}") is None
        assert find(hass, everything, platform, f"frame_{FRAME}_{key}") is not None

    await show(server.process, address=OTHER_FRAME)
    await until_state(hass, everything, "sensor", f"frame_{OTHER_FRAME}_pictures_sent", "1")


@pytest.fixture
async def yandex() -> AsyncIterator[YandexArtSimulator]:
    async with YandexArtSimulator() as simulator:
        yield simulator


async def test_a_provider_that_is_set_up_gets_its_entities(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, yandex: YandexArtSimulator
) -> None:
    assert find(hass, loaded, "sensor", "ydArt_today") is None
    options = {"providers": {"ydArt": {**yandex.options, "daily_limit": 5}}}
    (server.root / "data" / "options.yml").write_text(str(options))
    server.process.process.send_signal(signal.SIGHUP)
    await until_state(hass, loaded, "sensor", "ydArt_left_today", "5")
    await until_state(hass, loaded, "switch", "ydArt_enabled", "on")
    state = await until_state(hass, loaded, "number", "ydArt_daily_limit", "5")
    assert state.name == f"{loaded.title} YandexART daily limit"
    assert find(hass, loaded, "sensor", "builtin_today") is not None
