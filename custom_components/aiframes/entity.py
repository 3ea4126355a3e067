"""What all entities share: their devices, their ids, and how new providers and frames get theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_APP, DOMAIN, FRAME_MODEL, MANUFACTURER, MODEL
from .coordinator import AiframesCoordinator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from homeassistant.helpers.entity import Entity, EntityDescription
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .api import Frame, Provider, Status
    from .coordinator import AiframesConfigEntry


class AiframesEntity(CoordinatorEntity[AiframesCoordinator]):
    """An entity of the server itself."""

    _attr_has_entity_name = True
    _written: object

    def __init__(self, coordinator: AiframesCoordinator, description: EntityDescription) -> None:
        """Belong to the server's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{coordinator.installation_id}_{description.key}"
        self._attr_device_info = server_device(coordinator)

    @override
    async def async_added_to_hass(self) -> None:
        """Know what the first state, which is written next, is made of."""
        await super().async_added_to_hass()
        self._written = self._source_now()

    def _source_now(self) -> object:
        return self._source() if self.available else None

    def _source(self) -> object:
        """Return what the state is made of."""
        return self.coordinator.data

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write a state only where it may be another one."""
        source = self._source_now()
        if source != self._written:
            self._written = source
            super()._handle_coordinator_update()


class ProviderEntity(AiframesEntity):
    """An entity of one provider, on the server's device; its name holds the provider's."""

    def __init__(self, coordinator: AiframesCoordinator, description: EntityDescription, code: str) -> None:
        """Belong to the provider with this code, which the server knows now."""
        super().__init__(coordinator, description)
        self.code = code
        self._attr_unique_id = f"{coordinator.installation_id}_{code}_{description.key}"
        self._attr_translation_placeholders = {"provider": self.provider.title}

    @property
    def provider(self) -> Provider:
        """The provider as it is now."""
        return next(provider for provider in self.coordinator.data.providers if provider.code == self.code)

    @override
    def _source(self) -> object:
        return self.provider

    @property
    @override
    def available(self) -> bool:
        """Whether the server can be reached and still has this provider."""
        return super().available and self.code in provider_codes(self.coordinator.data)


class FrameEntity(AiframesEntity):
    """An entity of one frame, on the frame's own device."""

    def __init__(
        self, coordinator: AiframesCoordinator, description: EntityDescription, frame_id: str
    ) -> None:
        """Belong to the frame with this id, which the server knows now."""
        super().__init__(coordinator, description)
        self.frame_id = frame_id
        self._attr_unique_id = f"{coordinator.installation_id}_frame_{frame_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={frame_identifier(coordinator, frame_id)},
            manufacturer=MANUFACTURER,
            model=FRAME_MODEL,
            name=frame_name(self.frame),
            via_device_id=coordinator.server_device_id,
        )

    @property
    def frame(self) -> Frame:
        """The frame as it is now."""
        return next(frame for frame in self.coordinator.data.frames if frame.id == self.frame_id)

    @override
    def _source(self) -> object:
        return self.frame

    @property
    @override
    def available(self) -> bool:
        """Whether the server can be reached and still knows this frame."""
        return super().available and self.frame_id in frame_ids(self.coordinator.data)


def server_device(coordinator: AiframesCoordinator) -> DeviceInfo:
    """Describe the server."""
    return DeviceInfo(
        identifiers={server_identifier(coordinator)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        model=MODEL,
        name=coordinator.config_entry.title,
        sw_version=coordinator.info.version,
        configuration_url=_page(coordinator.config_entry),
    )


def _page(entry: AiframesConfigEntry) -> str | None:
    """Return where the app's page is; that of another server opens to no browser, which has no token."""
    app = entry.data.get(CONF_APP)
    return f"homeassistant://app/{app}" if app else None


def server_identifier(coordinator: AiframesCoordinator) -> tuple[str, str]:
    """Return what the device registry knows the server by."""
    return DOMAIN, coordinator.installation_id


def frame_identifier(coordinator: AiframesCoordinator, frame_id: str) -> tuple[str, str]:
    """Return what the device registry knows a frame by."""
    return DOMAIN, f"{coordinator.installation_id}_{frame_id}"


def frame_name(frame: Frame) -> str:
    """Return what a frame is called."""
    return frame.name or f"{FRAME_MODEL} {frame.address}"


def provider_codes(status: Status) -> list[str]:
    """Return the codes of all providers."""
    return [provider.code for provider in status.providers]


def used_provider_codes(status: Status) -> list[str]:
    """Return the codes of the providers that are set up; only these get entities."""
    return [provider.code for provider in status.providers if provider.in_use]


def frame_ids(status: Status) -> list[str]:
    """Return the ids of all frames."""
    return [frame.id for frame in status.frames]


@callback
def async_add_for_each(
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    ids: Callable[[Status], Iterable[str]],
    make: Callable[[str], Iterable[Entity]],
) -> None:
    """Add entities for each provider or frame: for those that are there, and for those that will come.

    Args:
        entry: Whose coordinator is watched.
        async_add_entities: Takes the new entities.
        ids: Finds the ids of all that there are.
        make: Makes the entities of one.
    """
    coordinator = entry.runtime_data
    known: set[str] = set()

    @callback
    def look() -> None:
        there = list(ids(coordinator.data))
        new = [one for one in there if one not in known]
        known.clear()
        known.update(there)
        if new:
            async_add_entities(entity for one in new for entity in make(one))

    look()
    entry.async_on_unload(coordinator.async_add_listener(look))
