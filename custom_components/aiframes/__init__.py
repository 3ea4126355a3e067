"""AIFrames ImageServer in Home Assistant: what the server does, as entities, actions and media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL, Platform
from homeassistant.core import callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import ImageServerClient
from .const import DOMAIN
from .coordinator import AiframesCoordinator
from .entity import frame_identifier, frame_ids, server_identifier
from .failures import translated
from .services import async_setup_services

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.device_registry import DeviceEntry
    from homeassistant.helpers.typing import ConfigType

    from .coordinator import AiframesConfigEntry

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.NUMBER,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TODO,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:  # noqa: ARG001 - nothing is in YAML
    """Register the actions, whether a server is there or not."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AiframesConfigEntry) -> bool:
    """Connect to one server."""
    client = ImageServerClient(
        session=async_get_clientsession(hass, verify_ssl=entry.data[CONF_VERIFY_SSL]),
        url=entry.data[CONF_URL],
        token=entry.data[CONF_TOKEN],
    )
    entry.runtime_data = coordinator = AiframesCoordinator(hass, entry, client)
    await coordinator.async_config_entry_first_refresh()
    # Before the frames' devices, which name it; its entities tell the rest about it.
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={server_identifier(coordinator)}, name=entry.title
    )
    coordinator.server_device_id = device.id
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    @callback
    def remove_gone_frames() -> None:
        _async_remove_gone_frames(hass, entry)

    remove_gone_frames()
    entry.async_on_unload(coordinator.async_add_listener(remove_gone_frames))
    coordinator.async_follow()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AiframesConfigEntry) -> bool:
    """Let go of a server."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: AiframesConfigEntry, device: DeviceEntry
) -> bool:
    """Let the server forget a frame; it comes back when it asks again. The server itself stays."""
    coordinator = entry.runtime_data
    gone = [
        one for one in frame_ids(coordinator.data) if frame_identifier(coordinator, one) in device.identifiers
    ]
    with translated(hass, entry):
        for frame_id in gone:
            await coordinator.client.forget_frame(frame_id)
    return server_identifier(coordinator) not in device.identifiers


@callback
def _async_remove_gone_frames(hass: HomeAssistant, entry: AiframesConfigEntry) -> None:
    """Remove the devices of frames that the server knows no longer."""
    coordinator = entry.runtime_data
    if not coordinator.last_update_success:
        return
    there = {frame_identifier(coordinator, frame_id) for frame_id in frame_ids(coordinator.data)}
    there.add(server_identifier(coordinator))
    registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        if not device.identifiers & there:
            registry.async_remove_device(device.id)
