"""The nouns that everyone shares: frozen, no behaviour beyond what they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PromptText:
    """What a provider is asked for, placeholders filled."""

    prompt: str
    negative: str | None = None


class OperationKind(StrEnum):
    """Who asked for what. The values are stored; the wire's words are in `web/wire.py`."""

    AUTO = "auto"
    OLD = "old"
    DIRECT = "direct"
    FORCED = "forced"
    """A direct request that a person made through the management API."""


class OperationStatus(StrEnum):
    """Where an operation stands; these are the wire's words."""

    PENDING = "pending"
    DONE = "done"
    ERROR = "error"


class Fate(StrEnum):
    """What became of one request to a provider."""

    INTENDED = "intended"
    """Written down, not known to be sent."""
    SENT = "sent"
    """Accepted by the provider, which works on it (there is a ticket)."""
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    """Sent, and never heard of again: counts against the budget, is not repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One request to a provider, from intent to fate.

    Attributes:
        day: The local date of the intent; budgets count by it.
        accepted: The provider took the request; it stays true whatever comes later.
        ticket: What `ImageProvider.fetch` needs, as JSON; None while unknown.
        frame: The frame that the picture is meant for, if it is meant for one.
        show: Whether frames shall be shown the picture by themselves.
    """

    id: str
    provider: str
    kind: OperationKind
    text: PromptText | None
    asked_at: datetime
    day: str
    fate: Fate
    accepted: bool = False
    ticket: Json = None
    error_code: str | None = None
    error: str | None = None
    finished_at: datetime | None = None
    picture_id: int | None = None
    passing: str | None = None
    frame: str | None = None
    show: bool = True
    prompt_id: str | None = None


class ContentKind(StrEnum):
    """What sort of thing a frame is shown."""

    PICTURE = "picture"
    PASSING = "passing"
    """A picture that the store does not keep: from a local folder, or pushed to be shown once."""
    BLACK = "black"
    CARD = "card"
    """Drawn by the server: what is missing and where to set it."""


class Card(StrEnum):
    """The cards that the server can draw; the words are in `card.py`."""

    NO_PICTURES = "no_pictures"
    NO_PICTURES_PROVIDER_OFF = "no_pictures_provider_off"
    STORE_UNREADABLE = "store_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a frame is shown; bytes are read or drawn when they are asked for.

    Attributes:
        picture_id: For PICTURE.
        passing: File name in the passing directory, for PASSING.
        card: For CARD.
    """

    kind: ContentKind
    picture_id: int | None = None
    passing: str | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request for a picture."""

    id: str
    kind: OperationKind
    created_at: datetime
    status: OperationStatus = OperationStatus.PENDING
    frame: str | None = None
    content: Content | None = None
    generation_id: str | None = None
    error_code: str | None = None
    error: str | None = None
    finished_at: datetime | None = None
    delivered_at: datetime | None = None


PUSHED = "push"
"""Stands for the provider of a picture that a person sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the store: one stem, up to two files.

    Attributes:
        stem: File name without `-orig` and without its ending.
        scaled: File name in `scalable/`, None where there is none.
        original: File name in `original/`, None where there is none.
        own: Made by this server; False for files that were dropped by hand.
        added_at: When the server first saw it: its age, whatever the file's date says.
        took_seconds: From the request to the picture; None where nothing was asked.
        size: Pixels of the original, or of the scaled file where there is no other; None until read.
        bytes: Of all its files.
        archived: Left the rotation; its original is kept.
        unreadable: Why it can't be shown; None where it can.
    """

    id: int
    stem: str
    scaled: str | None
    original: str | None
    own: bool
    added_at: datetime
    provider: str | None = None
    prompt: str | None = None
    negative: str | None = None
    made_at: datetime | None = None
    took_seconds: float | None = None
    size: Size | None = None
    bytes: int = 0
    favourite: bool = False
    archived: bool = False
    deleted_at: datetime | None = None
    unreadable: str | None = None
    shown: int = 0
    shown_at: datetime | None = None


class Protocol(StrEnum):
    """How a frame speaks to us."""

    HTTPS = "https"
    HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame that the server has seen: the source address of an accepted start."""

    address: str
    name: str | None
    first_seen_at: datetime
    last_asked_at: datetime
    interval_seconds: float | None
    pictures_sent: int
    protocol: Protocol
    content: Content | None = None
    content_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person should know.

    Attributes:
        code: Stable, for translations: `credentials_refused`.
        text: What is wrong.
        remedy: What to do about it.
        subject: What it is about where there may be several: a provider's code, a file.
    """

    code: str
    text: str
    remedy: str
    since: datetime
    subject: str | None = None
