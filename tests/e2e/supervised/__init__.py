"""Home Assistant's own discovery of apps, without the rest of what it does with a Supervisor.

All of `hassio` wants an operating system to manage. What becomes of a message that an app gives to the
Supervisor is its module `discovery` alone, which runs here as it stands, with a Supervisor at the address
that the configuration names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.components.hassio.const import DATA_COMPONENT
from homeassistant.components.hassio.discovery import async_setup_discovery_view
from homeassistant.components.hassio.handler import HassIO
from homeassistant.helpers.aiohttp_client import async_get_clientsession

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Read what the Supervisor knows when Home Assistant starts, and take what it tells later."""
    address = config["supervised"]["address"]
    hass.data[DATA_COMPONENT] = HassIO(hass.loop, async_get_clientsession(hass), address)
    async_setup_discovery_view(hass)
    return True
