"""The server is a device, and so is each frame, for as long as the server knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.aiframes import async_remove_config_entry_device
from custom_components.aiframes.api import Frame
from custom_components.aiframes.api.reading import read
from tests.integration.conftest import DOMAIN
from tests.integration.relay import set_up_behind_relay
from tests.integration.visiting import FRAME, OTHER_FRAME, show
from tests.integration.watching import find, state_of, until, until_state

if TYPE_CHECKING:
    from homeassistant.core import Event, HomeAssistant
    from homeassistant.helpers.device_registry import DeviceEntry
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from tests.integration.conftest import RealServer


def device_of(hass: HomeAssistant, entry: MockConfigEntry, frame: str | None = None) -> DeviceEntry | None:
    """Return the device of a frame, or that of the server."""
    wanted = (DOMAIN, f"{entry.unique_id}_{frame}" if frame else str(entry.unique_id))
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return next((device for device in devices if wanted in device.identifiers), None)


async def until_device(hass: HomeAssistant, entry: MockConfigEntry, frame: str) -> DeviceEntry:
    await until(lambda: device_of(hass, entry, frame))
    device = device_of(hass, entry, frame)
    assert device is not None
    return device


async def remove(hass: HomeAssistant, ws: WebSocketGenerator, device: DeviceEntry) -> dict[str, Any]:
    """Remove a device as a person does on its page."""
    assert await async_setup_component(hass, "config", {})
    client = await ws(hass)
    answer: dict[str, Any] = await client.remove_device(device.id)
    return answer


async def test_the_server_is_a_service_of_its_own_version(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    device = device_of(hass, loaded)
    assert device is not None
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    assert (device.name, device.manufacturer, device.model) == (
        "AIFrames ImageServer",
        "AIFrames",
        "ImageServer",
    )
    info = await hass.async_add_executor_job(server.ask, "/api/v1/info")
    assert device.sw_version == info["version"]
    assert device.configuration_url is None, "its page opens to nobody without a token"


async def test_a_frame_appears_by_itself_with_all_that_belongs_to_it(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    assert device_of(hass, loaded, FRAME) is None
    await show(server.process)
    device = await until_device(hass, loaded, FRAME)
    owner = device_of(hass, loaded)
    assert owner is not None
    assert device.via_device_id == owner.id
    assert device.name == f"Photo frame {FRAME}"
    await until_state(hass, loaded, "sensor", f"frame_{FRAME}_last_seen", lambda state: "T" in state.state)
    await until(lambda: find(hass, loaded, "image", f"frame_{FRAME}_shown_now"))
    await show(server.process, address=OTHER_FRAME)
    assert (await until_device(hass, loaded, OTHER_FRAME)).id != device.id


async def test_a_frames_name_is_the_one_it_has_at_the_server(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await show(server.process)
    device = await until_device(hass, loaded, FRAME)

    def rename(name: str | None) -> None:
        server.ask(f"/api/v1/frames/{FRAME}", {"name": name}, method="PATCH")

    def name() -> str | None:
        found = dr.async_get(hass).async_get(device.id)
        return found.name if found else None

    await hass.async_add_executor_job(rename, "Kitchen")
    await until(lambda: name() == "Kitchen")
    dr.async_get(hass).async_update_device(device.id, name_by_user="Mine")
    await hass.async_add_executor_job(rename, None)
    await until(lambda: name() == f"Photo frame {FRAME}")
    found = dr.async_get(hass).async_get(device.id)
    assert found is not None
    assert found.name_by_user == "Mine", "what a person called it in Home Assistant is kept"


async def test_a_frame_that_the_server_forgets_goes_and_comes_back_when_it_asks(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await show(server.process)
    await until_device(hass, loaded, FRAME)
    await hass.async_add_executor_job(lambda: server.ask(f"/api/v1/frames/{FRAME}", method="DELETE"))
    await until(lambda: device_of(hass, loaded, FRAME) is None)
    assert find(hass, loaded, "sensor", f"frame_{FRAME}_last_seen") is None
    await show(server.process)
    await until_device(hass, loaded, FRAME)
    await until_state(hass, loaded, "sensor", f"frame_{FRAME}_pictures_sent", "1")


async def test_a_frame_that_was_forgotten_meanwhile_is_gone_after_a_start(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await show(server.process)
    await until_device(hass, loaded, FRAME)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await hass.async_add_executor_job(lambda: server.ask(f"/api/v1/frames/{FRAME}", method="DELETE"))
    assert device_of(hass, loaded, FRAME) is not None
    assert await hass.config_entries.async_setup(loaded.entry_id)
    assert device_of(hass, loaded, FRAME) is None
    assert not [
        entity
        for entity in er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
        if FRAME in entity.unique_id
    ]


async def test_a_frame_that_a_person_removes_is_forgotten_at_the_server(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    await show(server.process)
    device = await until_device(hass, loaded, FRAME)
    assert (await remove(hass, hass_ws_client, device))["success"]
    assert device_of(hass, loaded, FRAME) is None
    assert (await hass.async_add_executor_job(server.ask, "/api/v1/frames"))["frames"] == []
    await show(server.process)
    await until_device(hass, loaded, FRAME)


async def test_a_frame_that_the_server_has_just_forgotten_may_be_removed(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await show(server.process)
    device = await until_device(hass, loaded, FRAME)
    snapshot = loaded.runtime_data.data
    await hass.async_add_executor_job(lambda: server.ask(f"/api/v1/frames/{FRAME}", method="DELETE"))
    loaded.runtime_data.data = snapshot  # as if the news were still on its way
    assert await async_remove_config_entry_device(hass, loaded, device)


async def test_a_frame_stays_while_nobody_can_tell_the_server(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await show(server.process)
        device = await until_device(hass, entry, FRAME)
        relay.close()
        answer = await remove(hass, hass_ws_client, device)
        assert not answer["success"]
        assert answer["error"]["translation_key"] == "cannot_connect"
        assert device_of(hass, entry, FRAME) is not None
        relay.is_open = True


async def test_the_server_itself_can_only_go_with_its_entry(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    device = device_of(hass, loaded)
    assert device is not None
    assert not (await remove(hass, hass_ws_client, device))["success"]
    assert device_of(hass, loaded) is not None


async def test_news_of_one_frame_writes_nothing_of_another(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await show(server.process)
    await show(server.process, address=OTHER_FRAME)
    other = await hass.async_add_executor_job(server.ask, f"/api/v1/frames/{OTHER_FRAME}")
    await until(lambda: read(Frame, other) in loaded.runtime_data.data.frames)
    written: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        written.append(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True))
    await show(server.process)
    await until_state(hass, loaded, "sensor", f"frame_{FRAME}_pictures_sent", "2")
    assert state_of(hass, loaded, "sensor", f"frame_{FRAME}_last_seen").entity_id in written
    assert state_of(hass, loaded, "sensor", f"frame_{OTHER_FRAME}_last_seen").entity_id not in written
