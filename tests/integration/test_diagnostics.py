"""Diagnostics help to find a fault, and can be shown to everybody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.diagnostics import REDACTED
from homeassistant.setup import async_setup_component

from tests.integration.absences import until_streaming
from tests.integration.relay import set_up_behind_relay
from tests.integration.visiting import FRAME, show
from tests.integration.watching import until
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from tests.integration.conftest import RealServer

PROMPT = "canary in a coal mine"
NEGATIVE = "canary without feathers"
NAME = "Canary's nursery"


@pytest.fixture
async def yandex() -> AsyncIterator[YandexArtSimulator]:
    async with YandexArtSimulator() as simulator:
        yield simulator


@pytest.fixture
def options(yandex: YandexArtSimulator) -> str:
    lines = "".join(f"    {key}: {value}\n" for key, value in yandex.options.items())
    return f"log_level: DEBUG\nserver_addresses: [canary.example]\nproviders:\n  ydArt:\n{lines}"


async def download(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    """Download them as a person does."""
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    assert answer.status == 200
    found: dict[str, Any] = (await answer.json())["data"]
    return found


async def live(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, yandex: YandexArtSimulator
) -> None:
    """Let there be prompts, pictures, a frame with a name and a provider that refuses."""

    def write() -> None:
        server.ask("/api/v1/prompts", {"prompt": PROMPT, "negative": NEGATIVE})
        asked = {"prompt": PROMPT, "negative": NEGATIVE, "provider": "ydArt", "wait": 20}
        server.ask("/api/v1/operations", asked)
        server.ask(f"/api/v1/frames/{FRAME}", {"name": NAME}, method="PATCH")
        yandex.always("bad_key")
        server.ask("/api/v1/operations", asked)

    await show(server.process)
    await hass.async_add_executor_job(write)
    await until(lambda: entry.runtime_data.data.problems and entry.runtime_data.data.prompts.count == 2)
    status = entry.runtime_data.data
    assert status.last_picture.prompt == PROMPT
    assert status.frames[0].name == NAME
    assert status.providers[0].last_error


async def test_they_tell_nothing_of_the_servers_home(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    yandex: YandexArtSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await live(hass, server, loaded, yandex)
    found = await download(hass, hass_client, loaded)
    text = json.dumps(found, ensure_ascii=False)
    secrets = (
        server.token,
        server.installation_id,
        *yandex.options.values(),
        "canary",
        "Canary",
        FRAME,
        "127.0.0.1",
        str(server.root),
    )
    assert [secret for secret in secrets if secret in text] == []
    assert found["entry"]["url"] == f"https://redacted:{server.process.api_port}"
    assert found["entry"]["token"] == REDACTED
    settings = found["settings"]
    assert settings["server_addresses"]["value"] == REDACTED
    assert settings["providers.ydArt.folder_id"]["value"] == REDACTED


async def test_they_tell_how_the_server_is(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    yandex: YandexArtSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await live(hass, server, loaded, yandex)
    await until_streaming(loaded)
    found = await download(hass, hass_client, loaded)
    assert found["connection"] == {"is_available": True, "is_polled": False, "last_error": None}
    assert found["info"]["api_version"] == 1
    status = found["status"]
    assert status["prompts"]["count"] == 2
    assert status["frames"][0]["pictures_sent"] == 1
    assert [problem["code"] for problem in status["problems"]] == ["access_refused"]
    (provider,) = (one for one in status["providers"] if one["code"] == "ydArt")
    assert (provider["reason"], provider["accepted_today"]) == ("switched_off", 1)
    assert found["settings"]["log_level"] == {"value": "DEBUG", "source": "file"}
    assert found["settings"]["image_generate_threshold"]["value"] == 10


async def test_they_can_be_had_while_the_server_is_away(
    hass: HomeAssistant, entry: MockConfigEntry, server: RealServer, hass_client: ClientSessionGenerator
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await until_streaming(entry)
        relay.close()
        await until(lambda: not entry.runtime_data.last_update_success)
        found = await download(hass, hass_client, entry)
        assert found["connection"] == {
            "is_available": False,
            "is_polled": True,
            "last_error": "cannot_connect",
        }
        assert found["settings"] == {"error": "cannot_connect"}
        assert found["status"]["store"]["pictures"] >= 0
        relay.is_open = True


async def test_they_say_why_an_entry_is_not_set_up(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, "token": "canary"})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    found = await download(hass, hass_client, entry)
    assert (found["entry"]["state"], found["entry"]["reason"]) == ("setup_error", "token_refused")
    assert "canary" not in json.dumps(found)
