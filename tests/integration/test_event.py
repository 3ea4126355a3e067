"""What happens to pictures reaches automations: each thing once, and nothing that is old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.core import Event, callback

from tests.integration.relay import set_up_behind_relay
from tests.integration.visiting import FRAME, show
from tests.integration.watching import state_of, until, until_drawn
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from homeassistant.core import EventStateChangedData, HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer


class Heard:
    """What an automation that waits for the event entity hears."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._entity_id = state_of(hass, entry, "event", "picture").entity_id
        self.all: dict[str, dict[str, Any]] = {}
        hass.bus.async_listen("state_changed", self._hear)

    @callback
    def _hear(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"] == self._entity_id and state and state.attributes.get("event_type"):
            self.all[state.state] = dict(state.attributes)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the attributes of each event of a kind."""
        return [attributes for attributes in self.all.values() if attributes["event_type"] == kind]


@pytest.fixture
async def yandex() -> AsyncIterator[YandexArtSimulator]:
    async with YandexArtSimulator() as simulator:
        yield simulator


async def _make(hass: HomeAssistant, server: RealServer, prompt: str) -> dict[str, Any]:
    return await hass.async_add_executor_job(
        server.ask, "/api/v1/operations", {"prompt": prompt, "wait": 20, "show": False}
    )


async def test_a_picture_is_heard_of_when_it_is_made_and_when_it_is_sent(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await until_drawn(hass, loaded)
    heard = Heard(hass, loaded)
    made = await _make(hass, server, "a fox in the snow")
    await until(lambda: heard.of("picture_made"))
    (event,) = heard.of("picture_made")
    told = {
        "image_id": made["picture_id"],
        "media_content_id": f"media-source://aiframes/{loaded.unique_id}/{made['picture_id']}",
        "prompt": "a fox in the snow",
        "provider": "builtin",
    }
    assert told.items() <= event.items()

    await loaded.runtime_data.client.show_image(made["picture_id"])
    await show(server.process, "auto")
    await until(lambda: heard.of("picture_sent"))
    (event,) = heard.of("picture_sent")
    assert {**told, "frame": FRAME}.items() <= event.items()
    assert len(heard.all) == 2


@pytest.mark.parametrize("options", ["disabled_providers: [builtin]\n"])
async def test_a_card_that_is_sent_is_no_picture_of_the_store(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    heard = Heard(hass, loaded)
    await show(server.process, "auto")
    await until(lambda: heard.of("picture_sent"))
    (event,) = heard.of("picture_sent")
    nothing = dict.fromkeys(("image_id", "media_content_id", "prompt", "provider"))
    assert {**nothing, "frame": FRAME}.items() <= event.items()


class TestFailures:
    @pytest.fixture
    def options(self, yandex: YandexArtSimulator) -> str:
        return str({"providers": {"ydArt": yandex.options}})

    async def test_a_picture_that_could_not_be_made_is_heard_of_with_the_reason(
        self,
        hass: HomeAssistant,
        server: RealServer,
        loaded: MockConfigEntry,
        yandex: YandexArtSimulator,
    ) -> None:
        heard = Heard(hass, loaded)
        yandex.next("refused")
        failed = await _make(hass, server, "something forbidden")
        await until(lambda: heard.of("generation_failed"))
        (event,) = heard.of("generation_failed")
        told = {
            "prompt": "something forbidden",
            "provider": "ydArt",
            "reason": failed["error"]["message"],
            "code": failed["error"]["code"],
        }
        assert told.items() <= event.items()
        assert event["code"] == "ContentRefused"
        assert heard.of("picture_made") == []


async def test_what_happened_before_is_not_heard(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    await _make(hass, server, "before anybody listened")
    async with set_up_behind_relay(hass, entry, server.process):
        await until(lambda: entry.runtime_data.stream)
        heard = Heard(hass, entry)
        await _make(hass, server, "now")
        await until(lambda: heard.of("picture_made"))
        assert [event["prompt"] for event in heard.all.values()] == ["now"]


async def test_what_happens_while_the_line_is_cut_is_heard_once(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await until_drawn(hass, entry)
        heard = Heard(hass, entry)
        await _make(hass, server, "before")
        await until(lambda: heard.of("picture_made"))
        relay.close()
        await until(lambda: state_of(hass, entry, "event", "picture").state == "unavailable")
        await _make(hass, server, "meanwhile")
        relay.is_open = True
        await until(lambda: len(heard.of("picture_made")) == 2)
        before = entry.runtime_data.stream
        relay.cut()  # once more: nothing of it is heard again
        await until(lambda: entry.runtime_data.stream not in {None, before})
        await _make(hass, server, "afterwards")
        await until(lambda: len(heard.of("picture_made")) == 3)
        assert [event["prompt"] for event in heard.all.values()] == ["before", "meanwhile", "afterwards"]


async def test_the_last_event_is_known_after_a_restart_of_home_assistant(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await until_drawn(hass, loaded)
    heard = Heard(hass, loaded)
    await _make(hass, server, "a fox in the snow")
    await until(lambda: heard.of("picture_made"))
    before = state_of(hass, loaded, "event", "picture")
    await hass.config_entries.async_reload(loaded.entry_id)
    after = state_of(hass, loaded, "event", "picture")
    assert (after.state, after.attributes) == (before.state, before.attributes)
