"""Pictures: the last one that was made, and what each frame shows now."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.exceptions import HomeAssistantError

from .api import ContentKind
from .entity import AiframesEntity, FrameEntity, async_add_for_each, frame_ids
from .failures import translated

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .api import ImageBytes
    from .coordinator import AiframesConfigEntry, AiframesCoordinator

# The coordinator asks; entities only read.
PARALLEL_UPDATES = 0

LAST_PICTURE = ImageEntityDescription(key="last_picture", translation_key="last_picture")
SHOWN_NOW = ImageEntityDescription(key="shown_now", translation_key="shown_now")


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the images."""
    coordinator = entry.runtime_data
    async_add_entities([LastPicture(coordinator)])
    async_add_for_each(
        entry, async_add_entities, frame_ids, lambda frame_id: [ShownNow(coordinator, frame_id)]
    )


class LastPicture(AiframesEntity, ImageEntity):
    """The newest picture that was made, in full size."""

    def __init__(self, coordinator: AiframesCoordinator) -> None:
        """Show nothing until somebody looks."""
        AiframesEntity.__init__(self, coordinator, LAST_PICTURE)
        ImageEntity.__init__(self, coordinator.hass)

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        """When it was made, or found."""
        picture = self.coordinator.data.last_picture
        return (picture.made_at or picture.added_at) if picture else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """What the picture is."""
        picture = self.coordinator.data.last_picture
        if picture is None:
            return {}
        return {"image_id": picture.id, "prompt": picture.prompt, "provider": picture.provider}

    @override
    async def async_image(self) -> bytes | None:
        """Ask the server for it."""
        picture = self.coordinator.data.last_picture
        if picture is None:
            return None
        return await _bytes(self, self.coordinator.client.original(picture.id))


class ShownNow(FrameEntity, ImageEntity):
    """What a frame shows, black and cards too, as it was sent."""

    def __init__(self, coordinator: AiframesCoordinator, frame_id: str) -> None:
        """Show nothing until somebody looks."""
        FrameEntity.__init__(self, coordinator, SHOWN_NOW, frame_id)
        ImageEntity.__init__(self, coordinator.hass)

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        """Since when the frame shows it."""
        return self.frame.content_at

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """What it is: a stored picture, or something else."""
        content = self.frame.content
        return {
            "content": content.kind if content and content.kind is not ContentKind.OTHER else None,
            "image_id": content.picture_id if content else None,
        }

    @override
    async def async_image(self) -> bytes | None:
        """Ask the server for it."""
        if self.frame.content is None:
            return None
        return await _bytes(self, self.coordinator.client.frame_picture(self.frame_id))


async def _bytes(entity: AiframesEntity, answer: Awaitable[ImageBytes]) -> bytes | None:
    """Return the picture, or None: the coordinator says when the server is away, a picture may be gone."""
    with suppress(HomeAssistantError), translated(entity.hass, entity.coordinator.config_entry):
        return (await answer).data
    return None
