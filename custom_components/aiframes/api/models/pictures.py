"""Stored pictures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A frame that has shown a picture."""

    frame: str
    shown: int
    shown_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is known of a picture.

    Attributes:
        name: Of its files.
        provider: Who made it; `push` where somebody sent it, None where its file was found.
        width: In pixels; None until it was opened.
        has_original: There is a file of full size.
        shown: How often.
        favourite: It is never cleared away.
        archived: Frames are not shown it any more.
        deleted_at: Set for a day, in which the deletion can be undone.
        unreadable: Why it can't be shown.
        shown_by: The latest first; empty unless one picture was asked for.
    """

    id: str
    name: str
    provider: str | None
    prompt: str | None
    negative: str | None
    added_at: datetime
    made_at: datetime | None
    took_seconds: float | None
    width: int | None
    height: int | None
    size_bytes: int
    has_original: bool
    shown: int
    shown_at: datetime | None
    favourite: bool
    archived: bool
    deleted_at: datetime | None
    unreadable: str | None
    shown_by: tuple[Showing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePage:
    """Some of the pictures that were found.

    Attributes:
        total: How many there are in all.
    """

    pictures: tuple[Picture, ...]
    total: int


class PictureOrder(StrEnum):
    """Which pictures come first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    MOST_SHOWN = "most_shown"
    LEAST_SHOWN = "least_shown"
    LAST_SHOWN = "last_shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQuery:
    """Which pictures to find; None does not ask.

    Attributes:
        text: Words that all stand in prompt, negative part or name, in any case.
        deleted: Those whose deletion can be undone, instead of those that are there.
        limit: At most 500.
    """

    text: str | None = None
    provider: str | None = None
    favourite: bool | None = None
    archived: bool | None = None
    deleted: bool = False
    order: PictureOrder = PictureOrder.NEWEST
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What will be shown.

    Attributes:
        picture: None where it is not kept.
        frame: Which frame shows it; None for the next one that asks, or for none in particular.
    """

    picture: Picture | None
    frame: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBytes:
    """The bytes of a picture.

    Attributes:
        etag: Changes with the bytes; None where the server does not say.
    """

    data: bytes
    content_type: str
    etag: str | None
