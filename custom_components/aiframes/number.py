"""How often, and how much: minutes between two pictures, and requests a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfTime

from .entity import AiframesEntity, ProviderEntity, async_add_for_each, used_provider_codes
from .failures import translated

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import AiframesConfigEntry

# Changes of one server's settings go one after the other.
PARALLEL_UPDATES = 1

INTERVAL = NumberEntityDescription(
    key="generation_interval",
    translation_key="generation_interval",
    device_class=NumberDeviceClass.DURATION,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    native_min_value=0,
    native_max_value=525_600,
    native_step=1,
    mode=NumberMode.BOX,
    entity_category=EntityCategory.CONFIG,
)
DAILY_LIMIT = NumberEntityDescription(
    key="daily_limit",
    translation_key="daily_limit",
    native_min_value=0,
    native_max_value=1_000_000,
    native_step=1,
    mode=NumberMode.BOX,
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers."""
    coordinator = entry.runtime_data
    async_add_entities([IntervalNumber(coordinator, INTERVAL)])
    async_add_for_each(
        entry,
        async_add_entities,
        used_provider_codes,
        lambda code: [DailyLimitNumber(coordinator, DAILY_LIMIT, code)],
    )


class IntervalNumber(AiframesEntity, NumberEntity):
    """Minutes between two automatic requests, to whichever provider."""

    @property
    @override
    def native_value(self) -> float:
        """The minutes."""
        return self.coordinator.data.settings.image_generate_threshold

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Let others hold."""
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.change_settings(image_generate_threshold=value)
        await self.coordinator.async_refresh()


class DailyLimitNumber(ProviderEntity, NumberEntity):
    """Requests that a provider may be sent in a day; 0 = as many as people like."""

    @property
    @override
    def native_value(self) -> int:
        """The limit."""
        return self.provider.daily_limit

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Let another one hold."""
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.change_provider(self.code, daily_limit=int(value))
        await self.coordinator.async_refresh()
