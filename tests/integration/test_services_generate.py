"""The action that asks for a picture: what it takes, what it answers, what it says when there is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.helpers import device_registry as dr

from tests.integration.acting import act, act_silently, first_picture, let_frame_ask, refused
from tests.integration.relay import set_up_behind_relay
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer

    type Asked = Callable[[], list[dict[str, Any]]]


@pytest.fixture
async def asked(hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry) -> Asked:
    """Tell what providers have been asked for since the server's own first picture, newest first."""
    await first_picture(hass, loaded)

    def ever() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = server.ask("/api/v1/operations")["generations"]
        return found

    before = {one["id"] for one in ever()}
    return lambda: [one for one in ever() if one["id"] not in before]


@pytest.mark.usefixtures("loaded")
class TestResponse:
    async def test_a_picture_that_was_waited_for_is_in_it(
        self, hass: HomeAssistant, server: RealServer
    ) -> None:
        made = await act(hass, "generate", prompt="a lighthouse at dawn", wait=20)
        assert made["status"] == "done"
        assert (made["prompt"], made["provider"]) == ("a lighthouse at dawn", "builtin")
        place = f"media-source://aiframes/{server.installation_id}/{made['image_id']}"
        assert made["media_content_id"] == place
        picture = server.ask(f"/api/v1/images/{made['image_id']}")
        assert picture["prompt"] == "a lighthouse at dawn"

    async def test_without_waiting_it_says_which_operation_to_look_for(
        self, hass: HomeAssistant, server: RealServer
    ) -> None:
        begun = await act(hass, "generate", prompt="a lighthouse")
        assert begun["status"] == "pending"
        assert begun["image_id"] is begun["media_content_id"] is None
        assert server.ask(f"/api/v1/operations/{begun['operation_id']}")["prompt"] == "a lighthouse"

    async def test_nobody_has_to_want_it(self, hass: HomeAssistant, asked: Asked) -> None:
        await act_silently(hass, "generate", prompt="a quiet lighthouse")
        (generation,) = asked()
        assert generation["prompt"] == "a quiet lighthouse"


class TestWhatIsAsked:
    async def test_without_a_prompt_it_is_one_of_the_book(
        self, hass: HomeAssistant, server: RealServer, asked: Asked
    ) -> None:
        (prompt,) = server.ask("/api/v1/prompts")["prompts"]
        made = await act(hass, "generate", wait=20)
        assert made["prompt"] == prompt["prompt"]
        assert asked()[0]["prompt_id"] == prompt["id"]

    async def test_the_provider_hears_what_shall_not_be_there(
        self, hass: HomeAssistant, asked: Asked
    ) -> None:
        await act(hass, "generate", prompt="a lighthouse", negative="people", provider="Builtin")
        (generation,) = asked()
        told = [generation[part] for part in ("prompt", "negative", "provider")]
        assert told == ["a lighthouse", "people", "builtin"]

    @pytest.mark.parametrize("show", [True, False])
    async def test_frames_show_it_unless_they_shall_not(
        self, hass: HomeAssistant, asked: Asked, *, show: bool
    ) -> None:
        await act(hass, "generate", prompt="a lighthouse", show=show)
        (generation,) = asked()
        assert (generation["show"], generation["frame"]) == (show, None)

    async def test_two_at_once_are_two_pictures(self, hass: HomeAssistant, asked: Asked) -> None:
        both = await asyncio.gather(
            *(act(hass, "generate", prompt=f"lighthouse {number}", wait=20) for number in (1, 2))
        )
        assert len({one["image_id"] for one in both}) == 2
        assert {one["prompt"] for one in asked()} == {"lighthouse 1", "lighthouse 2"}

    @pytest.mark.parametrize("name", ["127.0.0.1", "Photo frame 127.0.0.1", "Hall", "Kitchen", None])
    async def test_a_frame_goes_by_its_address_its_names_and_its_device(
        self, hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, asked: Asked, name: str | None
    ) -> None:
        device = await let_frame_ask(hass, server, loaded)
        if name == "Hall":
            server.ask("/api/v1/frames/127.0.0.1", {"name": "Hall"}, method="PATCH")
            await loaded.runtime_data.async_refresh()
        if name == "Kitchen":
            dr.async_get(hass).async_update_device(device.id, name_by_user="Kitchen")
        await act(hass, "generate", prompt="a lighthouse", frame=name or device.id)
        assert asked()[0]["frame"] == "127.0.0.1"


class TestRefusedAtOnce:
    @pytest.mark.parametrize(
        ("data", "key", "reason"),
        [
            ({"negative": "people"}, "refused", "negative"),
            ({"prompt": "x", "provider": "rembrandt"}, "not_found", "known are ydArt, lim, builtin"),
            ({"prompt": ""}, "refused", "prompt"),
            ({"prompt": "x" * 2001}, "refused", "2000"),
        ],
    )
    async def test_what_makes_no_sense(
        self, hass: HomeAssistant, asked: Asked, data: dict[str, Any], key: str, reason: str
    ) -> None:
        with refused(key, reason):
            await act(hass, "generate", **data)
        assert asked() == []

    async def test_a_frame_that_nobody_knows(
        self, hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, asked: Asked
    ) -> None:
        await let_frame_ask(hass, server, loaded)
        server.ask("/api/v1/frames/127.0.0.1", {"name": "Hall"}, method="PATCH")
        await loaded.runtime_data.async_refresh()
        with refused("no_such_frame", "Cellar", "Hall (127.0.0.1)"):
            await act(hass, "generate", prompt="a lighthouse", frame="Cellar")
        assert "a lighthouse" not in {one["prompt"] for one in asked()}

    @pytest.mark.parametrize("options", ["providers: {builtin: {daily_limit: 2}}"])
    async def test_a_budget_that_is_spent(self, hass: HomeAssistant, asked: Asked) -> None:
        await act(hass, "generate", prompt="the last one today", wait=20)
        with refused("refused", "The 2 requests of today are used up"):
            await act(hass, "generate", prompt="one too many")
        assert len(asked()) == 1

    @pytest.mark.usefixtures("loaded")
    @pytest.mark.parametrize("options", ["disabled_providers: [builtin]"])
    async def test_no_provider_that_could(self, hass: HomeAssistant) -> None:
        with refused("refused", "Disabled in the settings"):
            await act(hass, "generate", prompt="a lighthouse", wait=20)


class TestFailure:
    @pytest.fixture
    async def yandex(self) -> AsyncIterator[YandexArtSimulator]:
        async with YandexArtSimulator() as simulator:
            yield simulator

    @pytest.fixture
    def options(self, yandex: YandexArtSimulator) -> str:
        return str({"providers": {"ydArt": {**yandex.options, "daily_limit": 5}}})

    @pytest.mark.usefixtures("loaded")
    async def test_what_the_provider_says_meanwhile_is_told_and_the_next_one_works(
        self, hass: HomeAssistant, yandex: YandexArtSimulator
    ) -> None:
        yandex.next("refused")
        with refused("no_picture", "YandexART", invalid=False):
            await act(hass, "generate", prompt="something forbidden", wait=20)
        made = await act(hass, "generate", prompt="a lighthouse", wait=20)
        assert (made["status"], made["provider"]) == ("done", "ydArt")

    @pytest.mark.usefixtures("loaded")
    async def test_a_server_that_dies_meanwhile_is_told(
        self, hass: HomeAssistant, server: RealServer, yandex: YandexArtSimulator
    ) -> None:
        yandex.always("silence")
        asking = hass.async_create_task(act(hass, "generate", prompt="a lighthouse", wait=60))
        await server.process.said("a lighthouse")
        server.process.process.kill()
        with refused("answer_lost", invalid=False):
            await asking
        with refused("cannot_connect", invalid=False):
            await act(hass, "generate", prompt="a lighthouse")

    async def test_a_line_that_is_cut_meanwhile_makes_nobody_pay_twice(
        self, hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, yandex: YandexArtSimulator
    ) -> None:
        yandex.always("silence")
        async with set_up_behind_relay(hass, entry, server.process) as relay:
            asking = hass.async_create_task(act(hass, "generate", prompt="a lighthouse", wait=60))
            await server.process.said("a lighthouse")
            relay.cut()
            with refused("answer_lost", invalid=False):
                await asking
            assert await act(hass, "list_prompts"), "the next one finds its way"
        generations = server.ask("/api/v1/operations")["generations"]
        assert [one["prompt"] for one in generations].count("a lighthouse") == 1
