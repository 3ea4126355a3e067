"""What happened, for those who watch: the management API's event stream."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORY = 256
"""How many events a watcher who comes back can still be given."""


class EventKind(StrEnum):
    """The kinds of the event stream; the values are the stream's event names."""

    PICTURE_MADE = "picture_made"
    PICTURE_SENT = "picture_sent"
    GENERATION_FAILED = "generation_failed"
    OPERATION = "operation"
    PICTURE = "picture"
    PROMPTS = "prompts"
    PROVIDER = "provider"
    FRAME = "frame"
    PROBLEMS = "problems"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        number: Counts from 1 at each start.
        subject: A model (`Picture`, `Generation`, `Operation`, `Frame`, ...) or an id; the edge
            makes JSON of it.
    """

    number: int
    kind: EventKind
    subject: object


class Events:
    """Hands each event to all who watch, in order, without waiting for any of them."""

    def __init__(self) -> None:
        self._watchers: set[Callable[[Event], None]] = set()
        self._history: deque[Event] = deque(maxlen=HISTORY)
        self._number = 0

    @property
    def number(self) -> int:
        """The number of the newest event."""
        return self._number

    def publish(self, kind: EventKind, subject: object = None) -> None:
        """Tell everyone."""
        self._number += 1
        event = Event(self._number, kind, subject)
        self._history.append(event)
        for watcher in tuple(self._watchers):
            watcher(event)

    def watch(self, watcher: Callable[[Event], None]) -> Callable[[], None]:
        """Call `watcher` for each event; it must be quick and raise nothing.

        Returns:
            What ends it.
        """
        self._watchers.add(watcher)
        return lambda: self._watchers.discard(watcher)

    def since(self, number: int) -> list[Event] | None:
        """Return the events after `number`, or None where some of them are forgotten."""
        if number > self._number or (self._history and number < self._history[0].number - 1):
            return None
        return [event for event in self._history if event.number > number]
