"""A new picture, now."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription

from .entity import AiframesEntity
from .failures import translated

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import AiframesConfigEntry

# One press after the other: each may cost money.
PARALLEL_UPDATES = 1

GENERATE = ButtonEntityDescription(key="generate", translation_key="generate")


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button."""
    async_add_entities([GenerateButton(entry.runtime_data, GENERATE)])


class GenerateButton(AiframesEntity, ButtonEntity):
    """Asks a provider for a picture, whatever thresholds and sleep say."""

    @override
    async def async_press(self) -> None:
        """Start it; the next frame that asks will show the picture."""
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.generate()
