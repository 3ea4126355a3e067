"""The frames that the server has seen, and what they are shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ContentKind(StrEnum):
    """What a frame is shown; `OTHER` is what a newer server says."""

    PICTURE = "picture"
    PASSING = "passing"
    """A picture that is not kept: from a local folder, or sent to be shown once."""
    BLACK = "black"
    CARD = "card"
    """Drawn by the server to say what is missing."""
    OTHER = "other"


class Card(StrEnum):
    """What a card says; `OTHER` is what a newer server says."""

    NO_PICTURES = "no_pictures"
    NO_PICTURES_PROVIDER_OFF = "no_pictures_provider_off"
    STORE_UNREADABLE = "store_unreadable"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a frame is shown.

    Attributes:
        picture_id: Where it is a stored picture.
        card: Where it is a card.
    """

    kind: ContentKind
    picture_id: str | None
    card: Card | None


class FrameProtocol(StrEnum):
    """How a frame asks; `OTHER` is what a newer server says."""

    HTTPS = "https"
    HTTP = "http"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame.

    Attributes:
        name: Which a person gave it.
        interval_seconds: Between its requests; None while nobody knows.
        expected_at: When it will probably ask next.
        content: None for nothing yet.
        content_at: Since when it shows that.
    """

    id: str
    address: str
    name: str | None
    protocol: FrameProtocol
    first_seen_at: datetime
    last_asked_at: datetime
    interval_seconds: float | None
    expected_at: datetime | None
    pictures_sent: int
    content: Content | None
    content_at: datetime | None


@dataclass(frozen=True, slots=True)
class Frames:
    """All of them, by address."""

    frames: tuple[Frame, ...]
