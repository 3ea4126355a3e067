"""What the system's own page tells of the servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .api import ImageServerError
from .const import DOMAIN
from .coordinator import async_client_of
from .failures import said_of

if TYPE_CHECKING:
    from homeassistant.components.system_health import SystemHealthRegistration

    from .coordinator import AiframesConfigEntry


@callback
def async_register(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    register: SystemHealthRegistration,
) -> None:
    """Say who tells."""
    register.async_register_info(async_system_health)


async def async_system_health(hass: HomeAssistant) -> dict[str, Any]:
    """Describe all servers; where there are several, one after the other."""
    entries: list[AiframesConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    servers = [entry.runtime_data for entry in entries if entry.state is ConfigEntryState.LOADED]
    return {
        "version": ", ".join(server.info.version for server in servers),
        "frames": ", ".join(str(len(server.data.frames)) for server in servers),
        "prompts": ", ".join(str(server.data.prompts.count) for server in servers),
        "can_reach_server": _reach(hass, entries),
    }


async def _reach(hass: HomeAssistant, entries: list[AiframesConfigEntry]) -> str | dict[str, str]:
    for entry in entries:
        try:
            await async_client_of(hass, entry.data).info()
        except ImageServerError as error:
            return {"type": "failed", "error": said_of(error).key}
    return "ok"
