"""Requests for pictures, and the requests to providers that come of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .frames import Content


class OperationKind(StrEnum):
    """Who asked for what; `OTHER` is what a newer server says."""

    AUTO = "auto"
    OLD = "old"
    DIRECT = "direct"
    """A frame's request for a new picture."""
    FORCED = "forced"
    """A person's request, through this API."""
    OTHER = "other"


class OperationStatus(StrEnum):
    """Where an operation stands; `OTHER` is what a newer server says."""

    PENDING = "pending"
    DONE = "done"
    ERROR = "error"
    OTHER = "other"


class Fate(StrEnum):
    """What became of a request to a provider; `OTHER` is what a newer server says."""

    INTENDED = "intended"
    """Written down, not known to be sent."""
    SENT = "sent"
    """Accepted, and waited for."""
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    """Sent, and never heard of again: it counts against the limit and is not repeated."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no picture.

    Attributes:
        code: Stable, such as `ContentRefused`.
        message: For people, in English.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A request for a picture, together with the request to a provider that it waits for, if any.

    Attributes:
        delivered_at: When its picture was written wholly to a frame.
        frame: Which frame asked.
        prompt: As it was sent to the provider.
    """

    id: str
    kind: OperationKind
    status: OperationStatus
    created_at: datetime
    finished_at: datetime | None
    delivered_at: datetime | None
    frame: str | None
    content: Content | None
    picture_id: str | None
    error: Failure | None
    generation_id: str | None
    provider: str | None
    prompt: str | None
    negative: str | None
    asked_at: datetime | None
    fate: Fate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A request to a provider.

    Attributes:
        prompt: As it was sent to the provider.
        prompt_id: Of the prompt book; None for a text of its own.
        accepted: The provider took it, whatever came later.
        frame: The frame that it is for, if it is for one.
        show: Frames are shown the picture by themselves.
    """

    id: str
    provider: str
    kind: OperationKind
    prompt: str | None
    negative: str | None
    prompt_id: str | None
    asked_at: datetime
    finished_at: datetime | None
    fate: Fate
    accepted: bool
    frame: str | None
    show: bool
    picture_id: str | None
    error: Failure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """The newest of both, newest first."""

    operations: tuple[Operation, ...]
    generations: tuple[Generation, ...]
