"""What the server counts, as sensors: of itself, of each provider and of each frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfInformation

from .api import State
from .entity import (
    AiframesEntity,
    FrameEntity,
    ProviderEntity,
    async_add_for_each,
    frame_ids,
    used_provider_codes,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.helpers.typing import StateType

    from .api import Frame, Provider, Status
    from .coordinator import AiframesConfigEntry

# The coordinator asks; entities only read.
PARALLEL_UPDATES = 0

LONGEST_STATE = 255
"""Characters that a state may have."""


@dataclass(frozen=True, kw_only=True)
class StatusSensorDescription(SensorEntityDescription):
    """A figure of the server."""

    value_fn: Callable[[Status], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class ProviderSensorDescription(SensorEntityDescription):
    """A figure of a provider."""

    value_fn: Callable[[Provider], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class FrameSensorDescription(SensorEntityDescription):
    """A figure of a frame."""

    value_fn: Callable[[Frame], StateType | datetime]


def _last_prompt(status: Status) -> str | None:
    prompt = status.last_picture.prompt if status.last_picture else None
    if prompt is None or len(prompt) <= LONGEST_STATE:
        return prompt
    return f"{prompt[: LONGEST_STATE - 1]}…"


STATUS_SENSORS = (
    StatusSensorDescription(
        key="state",
        translation_key="state",
        device_class=SensorDeviceClass.ENUM,
        options=[state for state in State if state is not State.OTHER],
        value_fn=lambda status: None if status.state is State.OTHER else status.state,
    ),
    StatusSensorDescription(
        key="last_generation",
        translation_key="last_generation",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda status: status.last_picture.made_at if status.last_picture else None,
    ),
    StatusSensorDescription(
        key="next_generation",
        translation_key="next_generation",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda status: status.next_generation_at,
    ),
    StatusSensorDescription(key="last_prompt", translation_key="last_prompt", value_fn=_last_prompt),
    StatusSensorDescription(
        key="requests",
        translation_key="requests",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.metrics.requests.total,
    ),
    StatusSensorDescription(
        key="request_errors",
        translation_key="request_errors",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.metrics.requests.errors,
    ),
    StatusSensorDescription(
        key="request_success_rate",
        translation_key="request_success_rate",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda status: status.metrics.requests.success_per_hour,
    ),
    StatusSensorDescription(
        key="request_error_rate",
        translation_key="request_error_rate",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda status: status.metrics.requests.errors_per_hour,
    ),
    StatusSensorDescription(
        key="images_sent",
        translation_key="images_sent",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.metrics.images.success,
    ),
    StatusSensorDescription(
        key="image_errors",
        translation_key="image_errors",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.metrics.images.errors,
    ),
    StatusSensorDescription(
        key="image_success_rate",
        translation_key="image_success_rate",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda status: status.metrics.images.success_per_hour,
    ),
    StatusSensorDescription(
        key="image_error_rate",
        translation_key="image_error_rate",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda status: status.metrics.images.errors_per_hour,
    ),
    StatusSensorDescription(
        key="stored_pictures",
        translation_key="stored_pictures",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.store.pictures,
    ),
    StatusSensorDescription(
        key="storage_used",
        translation_key="storage_used",
        device_class=SensorDeviceClass.DATA_SIZE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.MEBIBYTES,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda status: status.store.size_bytes,
    ),
    StatusSensorDescription(
        key="prompts",
        translation_key="prompts",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda status: status.prompts.count,
    ),
)

PROVIDER_SENSORS = (
    ProviderSensorDescription(
        key="today",
        translation_key="provider_today",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda provider: provider.accepted_today,
    ),
    ProviderSensorDescription(
        key="yesterday",
        translation_key="provider_yesterday",
        entity_registry_enabled_default=False,
        value_fn=lambda provider: provider.accepted_yesterday,
    ),
    ProviderSensorDescription(
        key="left_today",
        translation_key="provider_left_today",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda provider: provider.left_today,
    ),
    ProviderSensorDescription(
        key="total",
        translation_key="provider_total",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda provider: provider.requests.total,
    ),
    ProviderSensorDescription(
        key="errors",
        translation_key="provider_errors",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda provider: provider.requests.errors,
    ),
    ProviderSensorDescription(
        key="success_rate",
        translation_key="provider_success_rate",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda provider: provider.requests.success_per_hour,
    ),
    ProviderSensorDescription(
        key="error_rate",
        translation_key="provider_error_rate",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda provider: provider.requests.errors_per_hour,
    ),
)

FRAME_SENSORS = (
    FrameSensorDescription(
        key="last_seen",
        translation_key="last_seen",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda frame: frame.last_asked_at,
    ),
    FrameSensorDescription(
        key="pictures_sent",
        translation_key="pictures_sent",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda frame: frame.pictures_sent,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors."""
    coordinator = entry.runtime_data
    async_add_entities(StatusSensor(coordinator, description) for description in STATUS_SENSORS)
    async_add_for_each(
        entry,
        async_add_entities,
        used_provider_codes,
        lambda code: [ProviderSensor(coordinator, description, code) for description in PROVIDER_SENSORS],
    )
    async_add_for_each(
        entry,
        async_add_entities,
        frame_ids,
        lambda frame_id: [FrameSensor(coordinator, description, frame_id) for description in FRAME_SENSORS],
    )


class StatusSensor(AiframesEntity, SensorEntity):
    """One figure of the server."""

    entity_description: StatusSensorDescription

    @property
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.coordinator.data)


class ProviderSensor(ProviderEntity, SensorEntity):
    """One figure of a provider."""

    entity_description: ProviderSensorDescription

    @property
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.provider)


class FrameSensor(FrameEntity, SensorEntity):
    """One figure of a frame."""

    entity_description: FrameSensorDescription

    @property
    def native_value(self) -> StateType | datetime:
        """The figure."""
        return self.entity_description.value_fn(self.frame)
