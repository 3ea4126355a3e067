"""The prompts as a to-do list: voice, cards and automations can write them.

An item is a prompt, its description what shall not be in the picture; a ticked one is not drawn for now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.components.todo import (
    TodoItem,
    TodoItemStatus,
    TodoListEntity,
    TodoListEntityFeature,
)
from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription

from .api import EventKind, ImageServerError
from .entity import AiframesEntity
from .failures import translated

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .api import Event, Prompt
    from .coordinator import AiframesConfigEntry, AiframesCoordinator

# Changes of one book go one after the other.
PARALLEL_UPDATES = 1

PROMPTS = EntityDescription(key="prompts", translation_key="prompts")


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the list."""
    async_add_entities([PromptList(entry.runtime_data)], update_before_add=True)


class PromptList(AiframesEntity, TodoListEntity):
    """The server's prompt book, the oldest prompt first."""

    _attr_supported_features = (
        TodoListEntityFeature.CREATE_TODO_ITEM
        | TodoListEntityFeature.UPDATE_TODO_ITEM
        | TodoListEntityFeature.DELETE_TODO_ITEM
        | TodoListEntityFeature.MOVE_TODO_ITEM
        | TodoListEntityFeature.SET_DESCRIPTION_ON_ITEM
    )

    def __init__(self, coordinator: AiframesCoordinator) -> None:
        """Know no prompts yet."""
        super().__init__(coordinator, PROMPTS)
        self._prompts: tuple[Prompt, ...] = ()

    @property
    def todo_items(self) -> list[TodoItem]:
        """The prompts."""
        return [_item(prompt) for prompt in self._prompts]

    async def async_added_to_hass(self) -> None:
        """Listen for changes of the book."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_listen_events(self._async_heard))

    async def async_update(self) -> None:
        """Read the book."""
        try:
            self._prompts = (await self.coordinator.client.prompts()).prompts
        except ImageServerError:
            # The coordinator sees that the server is away, and says so.
            return

    async def async_create_todo_item(self, item: TodoItem) -> None:
        """Add a prompt; where the book is full, the oldest leaves for it."""
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.add_prompt(prompt=item.summary or "", negative=item.description)
        await self._reload()

    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Change a prompt, or whether it is drawn."""
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.edit_prompt(
                item.uid or "",
                prompt=item.summary or "",
                negative=item.description,
                enabled=item.status is not TodoItemStatus.COMPLETED,
            )
        await self._reload()

    async def async_delete_todo_items(self, uids: list[str]) -> None:
        """Remove prompts."""
        with translated(self.hass, self.coordinator.config_entry):
            for uid in uids:
                await self.coordinator.client.remove_prompt(uid)
        await self._reload()

    async def async_move_todo_item(self, uid: str, previous_uid: str | None = None) -> None:
        """Put a prompt behind another one, or first."""
        ids = [prompt.id for prompt in self._prompts if prompt.id != uid]
        place = ids.index(previous_uid) + 1 if previous_uid in ids else 0
        with translated(self.hass, self.coordinator.config_entry):
            await self.coordinator.client.move_prompt(uid, idx=place + 1)
        await self._reload()

    @callback
    def _async_heard(self, event: Event) -> None:
        if event.kind is EventKind.PROMPTS:
            self.async_schedule_update_ha_state(force_refresh=True)

    @callback
    def _handle_coordinator_update(self) -> None:
        # Without the stream nobody tells when the book changes.
        self.async_schedule_update_ha_state(force_refresh=self.coordinator.update_interval is not None)

    async def _reload(self) -> None:
        await self.async_update()
        self.async_write_ha_state()


def _item(prompt: Prompt) -> TodoItem:
    return TodoItem(
        uid=prompt.id,
        summary=prompt.prompt,
        description=prompt.negative,
        status=TodoItemStatus.NEEDS_ACTION if prompt.enabled else TodoItemStatus.COMPLETED,
    )
