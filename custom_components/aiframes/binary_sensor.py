"""Whether something is wrong that a person should know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory

from .entity import AiframesEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import AiframesConfigEntry

# The coordinator asks; entities only read.
PARALLEL_UPDATES = 0

PROBLEM = BinarySensorEntityDescription(
    key="problem",
    translation_key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensor."""
    async_add_entities([ProblemSensor(entry.runtime_data, PROBLEM)])


class ProblemSensor(AiframesEntity, BinarySensorEntity):
    """On while the server knows of a problem; says which, and what to do."""

    _unrecorded_attributes = frozenset({"reasons", "remedies"})

    @property
    @override
    def is_on(self) -> bool:
        """Whether there is any."""
        return bool(self.coordinator.data.problems)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """What is wrong, and what helps, in the server's words."""
        problems = self.coordinator.data.problems
        return {
            "codes": [problem.code for problem in problems],
            "reasons": [problem.text for problem in problems],
            "remedies": [problem.remedy for problem in problems],
        }
