"""What happens to pictures, for automations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback

from .api import EventKind, Generation, Picture, PictureSent
from .entity import AiframesEntity
from .media_place import media_content_id

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .api import Event
    from .coordinator import AiframesConfigEntry

# The coordinator hears; entities only tell.
PARALLEL_UPDATES = 0

PICTURE = EventEntityDescription(
    key="picture",
    translation_key="picture",
    event_types=[EventKind.PICTURE_MADE, EventKind.PICTURE_SENT, EventKind.GENERATION_FAILED],
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event."""
    async_add_entities([PictureEvent(entry.runtime_data, PICTURE)])


class PictureEvent(AiframesEntity, EventEntity):
    """A picture was made, was sent to a frame, or could not be made."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen from now on."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_listen_events(self._async_heard))

    @callback
    def _async_heard(self, event: Event) -> None:
        if event.kind not in self.event_types:
            return
        self._trigger_event(event.kind, _attributes(self.coordinator.installation_id, event))
        self.async_write_ha_state()


def _attributes(server: str, event: Event) -> dict[str, Any]:
    match event.data:
        case Picture() as picture:
            return _of_picture(server, picture)
        case PictureSent(operation=operation, picture=picture):
            return {**_of_picture(server, picture), "frame": operation.frame}
        case Generation() as generation:
            return {
                "prompt": generation.prompt,
                "provider": generation.provider,
                "reason": generation.error.message if generation.error else None,
                "code": generation.error.code if generation.error else None,
            }
        case _:
            return {}


def _of_picture(server: str, picture: Picture | None) -> dict[str, Any]:
    """Return what is told of a picture; all is None for one that the store does not hold."""
    return {
        "image_id": picture.id if picture else None,
        "media_content_id": media_content_id(server, picture.id) if picture else None,
        "prompt": picture.prompt if picture else None,
        "provider": picture.provider if picture else None,
    }
