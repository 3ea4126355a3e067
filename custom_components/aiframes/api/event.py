"""What the stream of events tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .models import (
    FrameChanged,
    Generation,
    Operation,
    Picture,
    PictureChanged,
    PictureSent,
    ProblemsChanged,
    PromptsSummary,
    Providers,
    SettingsInForce,
    Status,
)

type EventData = (
    Status
    | Picture
    | PictureSent
    | Generation
    | Operation
    | PictureChanged
    | PromptsSummary
    | Providers
    | FrameChanged
    | ProblemsChanged
    | SettingsInForce
)


class EventKind(StrEnum):
    """What has happened; events of other names, which a newer server may send, are passed over."""

    STATUS = "status"
    PICTURE_MADE = "picture_made"
    PICTURE_SENT = "picture_sent"
    GENERATION_FAILED = "generation_failed"
    OPERATION = "operation"
    GENERATION = "generation"
    PICTURE = "picture"
    PROMPTS = "prompts"
    PROVIDER = "provider"
    FRAME = "frame"
    PROBLEMS = "problems"
    SETTINGS = "settings"


DATA: Mapping[EventKind, type[EventData]] = {
    EventKind.STATUS: Status,
    EventKind.PICTURE_MADE: Picture,
    EventKind.PICTURE_SENT: PictureSent,
    EventKind.GENERATION_FAILED: Generation,
    EventKind.OPERATION: Operation,
    EventKind.GENERATION: Generation,
    EventKind.PICTURE: PictureChanged,
    EventKind.PROMPTS: PromptsSummary,
    EventKind.PROVIDER: Providers,
    EventKind.FRAME: FrameChanged,
    EventKind.PROBLEMS: ProblemsChanged,
    EventKind.SETTINGS: SettingsInForce,
}
"""What the data of an event is, by its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event.

    Attributes:
        id: A stream goes on behind it, when it is given back.
        data: What `DATA` says of the kind.
    """

    kind: EventKind
    id: str
    data: EventData
