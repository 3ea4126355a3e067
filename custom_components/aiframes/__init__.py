"""AIFrames ImageServer in Home Assistant: what the server does, as entities, actions and media."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr

from .api import NotFoundError
from .const import DOMAIN
from .coordinator import AiframesCoordinator
from .entity import frame_identifier, frame_name, server_identifier
from .failures import translated
from .issues import async_drop_issues, async_tend_issues
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
    coordinator = AiframesCoordinator(hass, entry)
    await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = coordinator
    # Before the frames' devices, which name it; its entities tell the rest about it.
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={server_identifier(coordinator)}, name=entry.title
    )
    coordinator.server_device_id = device.id
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    @callback
    def tend() -> None:
        _async_tend_frames(hass, entry)
        async_tend_issues(hass, entry)

    tend()
    entry.async_on_unload(coordinator.async_add_listener(tend))
    coordinator.async_follow()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AiframesConfigEntry) -> bool:
    """Let go of a server."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        async_drop_issues(hass, entry)
    return unloaded


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: AiframesConfigEntry, device: DeviceEntry
) -> bool:
    """Let the server forget a frame; it comes back when it asks again. The server itself stays."""
    coordinator = entry.runtime_data
    if server_identifier(coordinator) in device.identifiers:
        return False
    for frame in coordinator.data.frames:
        if frame_identifier(coordinator, frame.id) in device.identifiers:
            with translated(hass, entry), suppress(NotFoundError):
                await coordinator.client.forget_frame(frame.id)
    # At once, or a frame that asks again within a moment would not be seen to have been away.
    await coordinator.async_refresh()
    return True


@callback
def _async_tend_frames(hass: HomeAssistant, entry: AiframesConfigEntry) -> None:
    """Let devices have the names that frames have at the server, and go with them."""
    coordinator = entry.runtime_data
    names = {frame_identifier(coordinator, frame.id): frame_name(frame) for frame in coordinator.data.frames}
    registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        if device.id == coordinator.server_device_id:
            continue
        name = next((names[one] for one in device.identifiers if one in names), None)
        if name is None:
            registry.async_remove_device(device.id)
        elif name != device.name:
            registry.async_update_device(device.id, name=name)
