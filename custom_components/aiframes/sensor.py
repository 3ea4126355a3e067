"""What the server counts, as sensors: of itself, of each provider and of each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.components.sensor import SensorEntity
from homeassistant.core import callback

from .entity import (
    AiframesEntity,
    FrameEntity,
    ProviderEntity,
    async_add_for_each,
    frame_ids,
    used_provider_codes,
)
from .figures import FRAME_FIGURES, NEXT_GENERATION, PROVIDER_FIGURES, STATUS_FIGURES

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.helpers.typing import StateType

    from .api import Frame, Provider, Status
    from .coordinator import AiframesConfigEntry, AiframesCoordinator
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
    async_add_entities([NextGenerationSensor(coordinator)])
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
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.coordinator.data)


class NextGenerationSensor(AiframesEntity, SensorEntity):
    """When a provider may be asked automatically.

    Once it may, the server says "now" at every look; the sensor stays at the moment since when it may.
    """

    def __init__(self, coordinator: AiframesCoordinator) -> None:
        """Begin with what the server says."""
        super().__init__(coordinator, NEXT_GENERATION)
        self._moment = coordinator.data.next_generation_at

    @property
    def native_value(self) -> datetime | None:
        """The moment."""
        return self._moment

    @callback
    def _handle_coordinator_update(self) -> None:
        status = self.coordinator.data
        before, moment = self._moment, status.next_generation_at
        is_now = moment is not None and moment <= status.at
        if not (is_now and before is not None and before <= status.at):
            self._moment = moment
        super()._handle_coordinator_update()


class ProviderSensor(ProviderEntity, SensorEntity):
    """One figure of a provider."""

    entity_description: Figure[Provider]

    @property
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.provider)


class FrameSensor(FrameEntity, SensorEntity):
    """One figure of a frame."""

    entity_description: Figure[Frame]

    @property
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.frame)
