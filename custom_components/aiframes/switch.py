"""Whether pictures are asked for automatically, of anybody and of each provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory

from .entity import AiframesEntity, ProviderEntity, async_add_for_each, used_provider_codes
from .failures import translated

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import AiframesConfigEntry

# Changes of one server's settings go one after the other.
PARALLEL_UPDATES = 1

GENERATION = SwitchEntityDescription(key="generation", translation_key="generation")
PROVIDER = SwitchEntityDescription(
    key="enabled", translation_key="provider", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches."""
    coordinator = entry.runtime_data
    async_add_entities([GenerationSwitch(coordinator, GENERATION)])
    async_add_for_each(
        entry,
        async_add_entities,
        used_provider_codes,
        lambda code: [ProviderSwitch(coordinator, PROVIDER, code)],
    )


class GenerationSwitch(AiframesEntity, SwitchEntity):
    """Off = paused: frames get pictures that are stored, and no provider is asked by itself."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether providers are asked automatically."""
        return not self.coordinator.data.settings.paused

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let providers be asked again."""
        await self._pause(paused=False)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let no provider be asked by itself."""
        await self._pause(paused=True)

    async def _pause(self, *, paused: bool) -> None:
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.change_settings(paused=paused)
        await self.coordinator.async_refresh()


class ProviderSwitch(ProviderEntity, SwitchEntity):
    """Off = the provider is not asked at all."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether the provider may be asked."""
        return self.provider.enabled

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the provider be asked."""
        await self._enable(enabled=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let the provider be asked no more."""
        await self._enable(enabled=False)

    async def _enable(self, *, enabled: bool) -> None:
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.change_provider(self.code, enabled=enabled)
        await self.coordinator.async_refresh()
