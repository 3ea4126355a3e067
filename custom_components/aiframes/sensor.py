"""What the server counts, as sensors: of itself, of each provider and of each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.components.sensor import SensorEntity

from .entity import (
    AiframesEntity,
    FrameEntity,
    ProviderEntity,
    async_add_for_each,
    frame_ids,
    used_provider_codes,
)
from .figures import FRAME_FIGURES, PROVIDER_FIGURES, STATUS_FIGURES

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.helpers.typing import StateType

    from .api import Frame, Provider, Status
    from .coordinator import AiframesConfigEntry
    from .figures import Figure

# The coordinator asks; entities only read.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors."""
    coordinator = entry.runtime_data
    async_add_entities(StatusSensor(coordinator, figure) for figure in STATUS_FIGURES)
    async_add_for_each(
        entry,
        async_add_entities,
        used_provider_codes,
        lambda code: [ProviderSensor(coordinator, figure, code) for figure in PROVIDER_FIGURES],
    )
    async_add_for_each(
        entry,
        async_add_entities,
        frame_ids,
        lambda frame_id: [FrameSensor(coordinator, figure, frame_id) for figure in FRAME_FIGURES],
    )


class StatusSensor(AiframesEntity, SensorEntity):
    """One figure of the server."""

    entity_description: Figure[Status]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.coordinator.data)


class ProviderSensor(ProviderEntity, SensorEntity):
    """One figure of a provider."""

    entity_description: Figure[Provider]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.provider)


class FrameSensor(FrameEntity, SensorEntity):
    """One figure of a frame."""

    entity_description: Figure[Frame]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.frame)
