"""The prompts as a to-do list: voice, cards and automations can write them.

An item is a prompt, its description what shall not be in the picture; a ticked one is not drawn for now.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, override

from homeassistant.components.todo import (
    TodoItem,
    TodoItemStatus,
    TodoListEntity,
    TodoListEntityFeature,
)
from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription

from .api import KEEP, EventKind, ImageServerError, NotFoundError
from .coordinator import GATHER
from .entity import AiframesEntity
from .failures import translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .api import Event, Prompt
    from .coordinator import AiframesConfigEntry, AiframesCoordinator

# Changes of one book go one after the other.
PARALLEL_UPDATES = 1

LOOK_SECONDS = 30.0
"""Between two looks while no stream tells of changes."""

PATIENCE = 8.0
"""Seconds for the book to come; after ten, Home Assistant would tell its log, each time."""

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
        self._told_by: int | None = None
        self._is_due = asyncio.Event()

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        """The prompts."""
        return [_item(prompt) for prompt in self._prompts]

    @override
    async def async_added_to_hass(self) -> None:
        """Keep up with the book."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_listen_events(self._async_heard))
        reading = self.coordinator.config_entry.async_create_background_task(
            self.hass, self._keep_up(), f"{self.coordinator.name} - prompts"
        )

        @callback
        def stop() -> None:
            reading.cancel()

        self.async_on_remove(stop)

    async def _keep_up(self) -> None:
        """Read the book now and then.

        Home Assistant's own polling would have a person's change and a look wait for each other, and would
        tell its log of a server that is slow.
        """
        while True:
            polls = not self.coordinator.config_entry.pref_disable_polling
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS if polls else None):
                    await self._is_due.wait()
                    await asyncio.sleep(GATHER)
            self._is_due.clear()
            before = self._prompts
            await self.async_update()
            if self._prompts != before:
                self.async_write_ha_state()

    @override
    async def async_update(self) -> None:
        """Read the book, unless the stream that told of changes since the last time still does."""
        if not self.coordinator.last_update_success:
            self._told_by = None  # nobody asks a server that is away, or that refuses the token
            return
        stream = self.coordinator.stream
        if stream is not None and stream == self._told_by:
            return
        self._told_by = stream  # before the look: what is told during it needs another one
        try:
            async with asyncio.timeout(PATIENCE):
                self._prompts = (await self.coordinator.client.prompts()).prompts
        except (ImageServerError, TimeoutError):
            # The coordinator sees that the server is away, and says so.
            self._told_by = None

    @override
    async def async_create_todo_item(self, item: TodoItem) -> None:
        """Add a prompt; where the book is full, the oldest leaves for it."""
        async with self._changing():
            await self.coordinator.client.add_prompt(
                prompt=item.summary or "", negative=item.description or None
            )

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Change a prompt, or whether it is drawn; its placeholders stay."""
        known = next((_item(prompt) for prompt in self._prompts if prompt.id == item.uid), TodoItem())
        negative = item.description or None
        async with self._changing():
            await self.coordinator.client.edit_prompt(
                item.uid or "",
                prompt=KEEP if item.summary == known.summary else item.summary or "",
                negative=KEEP if negative == known.description else negative,
                enabled=item.status != TodoItemStatus.COMPLETED,  # by its word: actions say no more
            )

    @override
    async def async_delete_todo_items(self, uids: list[str]) -> None:
        """Remove prompts; one that is gone already is no mistake."""
        async with self._changing():
            for uid in uids:
                with suppress(NotFoundError):
                    await self.coordinator.client.remove_prompt(uid)

    @override
    async def async_move_todo_item(self, uid: str, previous_uid: str | None = None) -> None:
        """Put a prompt behind another one, or first."""
        others = [prompt.id for prompt in self._prompts if prompt.id != uid]
        place = others.index(previous_uid) + 1 if previous_uid in others else 0
        async with self._changing():
            await self.coordinator.client.move_prompt(uid, idx=place + 1)

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """Say what the server refuses, and show the book as it is afterwards, in any case."""
        try:
            with translated(self.hass, self.coordinator.config_entry):
                yield
        finally:
            self._told_by = None
            await self.async_update()
            self.async_write_ha_state()

    @callback
    def _async_heard(self, event: Event) -> None:
        if event.kind is EventKind.PROMPTS:
            self._told_by = None
            self._is_due.set()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        super()._handle_coordinator_update()
        self._is_due.set()

    @override
    def _source(self) -> object:
        return self._prompts


def _item(prompt: Prompt) -> TodoItem:
    return TodoItem(
        uid=prompt.id,
        summary=prompt.prompt,
        description=prompt.negative,
        status=TodoItemStatus.NEEDS_ACTION if prompt.enabled else TodoItemStatus.COMPLETED,
    )
