"""Rows of the state to the shared nouns and back, where more than one part needs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..models import Card, Content, ContentKind

if TYPE_CHECKING:
    from ..models import Json


def to_time(seconds: float) -> datetime:
    """Return stored seconds as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)


def to_optional_time(seconds: float | None) -> datetime | None:
    """Return stored seconds as an aware time, where there may be none."""
    return None if seconds is None else to_time(seconds)


def from_time(time: datetime | None) -> float | None:
    """Return an aware time as it is stored."""
    return None if time is None else time.timestamp()


def to_content(text: str | None) -> Content | None:
    """Return stored JSON as what a frame is shown."""
    if text is None:
        return None
    fields = json.loads(text)
    card = fields.get("card")
    return Content(
        kind=ContentKind(fields["kind"]),
        picture_id=fields.get("picture_id"),
        passing=fields.get("passing"),
        card=None if card is None else Card(card),
    )


def from_content(content: Content | None) -> str | None:
    """Return what a frame is shown as it is stored."""
    if content is None:
        return None
    fields: dict[str, Json] = {
        "kind": content.kind.value,
        "picture_id": content.picture_id,
        "passing": content.passing,
        "card": None if content.card is None else content.card.value,
    }
    return json.dumps({key: value for key, value in fields.items() if value is not None})
