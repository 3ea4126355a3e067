"""What frames have added to the book, day by day, and the prompts that left for it.

Anybody in the house can say that they are a frame. So what they do to a person's prompts is counted, and
what they drove out is kept for a while, to be brought back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self, cast

from ..exceptions import NotFoundError
from .file import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..models import Json

KEPT: Final = timedelta(days=30)
PERSONS_KEPT: Final = 1000
FRAMES_KEPT: Final = 20
"""Of those that left, the newest; what frames had added themselves crowds out nothing of a person's."""

DAYS_KEPT: Final = 7


@dataclass(frozen=True, slots=True)
class Left:
    """A prompt that left for one that a frame added.

    Attributes:
        frame: The frame that had added it; None for a person's.
        at: When it left.
        left_for: The frame whose prompt came.
    """

    id: str
    entry: Entry
    frame: str | None
    at: datetime
    left_for: str


@dataclass(frozen=True, slots=True)
class Day:
    """What frames did on one local day.

    Attributes:
        added: Prompts that they added.
        replaced: Prompts of a person that left for these.
    """

    added: int = 0
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """All of it.

    Attributes:
        days: By local day; the newest last.
        left: The newest last.
    """

    days: Mapping[str, Day] = field(default_factory=dict)
    left: tuple[Left, ...] = ()

    def on(self, day: str) -> Day:
        """Return what frames did on a day."""
        return self.days.get(day, Day())

    def with_added(self, day: str) -> Self:
        """Count a prompt that a frame added."""
        return self._counted(day, added=1)

    def with_left(self, day: str, left: Left) -> Self:
        """Keep a prompt that left for it, and count it where it was a person's."""
        counted = self._counted(day, replaced=int(left.frame is None))
        return replace(counted, left=tuple(_newest((*self.left, left), now=left.at)))

    def _counted(self, day: str, *, added: int = 0, replaced: int = 0) -> Self:
        before = self.on(day)
        days = {**self.days, day: Day(before.added + added, before.replaced + replaced)}
        return replace(self, days=dict(list(days.items())[-DAYS_KEPT:]))

    def find(self, prompt_id: str) -> Left:
        """Return one that left.

        Raises:
            NotFoundError: None did, or it is too long ago.
        """
        for left in self.left:
            if left.id == prompt_id:
                return left
        raise NotFoundError(f"No prompt {prompt_id} has left that could come back")

    def without(self, prompt_id: str) -> Self:
        """Forget one that came back."""
        return replace(self, left=tuple(left for left in self.left if left.id != prompt_id))

    def written(self) -> Json:
        """Return it as it is written down."""
        return {
            "days": {day: [counts.added, counts.replaced] for day, counts in self.days.items()},
            "left": [_written(left) for left in self.left],
        }

    @classmethod
    def read(cls, written: Any) -> Self:
        """Understand what was written down; nothing was at first."""
        if not written:
            return cls()
        days = {day: Day(added, replaced) for day, (added, replaced) in written["days"].items()}
        return cls(days, tuple(_read(left) for left in written["left"]))


def _newest(left: tuple[Left, ...], *, now: datetime) -> Iterator[Left]:
    """Yield what is kept, in the same order."""
    recent = [one for one in left if now - one.at < KEPT]
    of_persons = [one for one in recent if one.frame is None][-PERSONS_KEPT:]
    of_frames = [one for one in recent if one.frame is not None][-FRAMES_KEPT:]
    kept = {one.id for one in (*of_persons, *of_frames)}
    return (one for one in recent if one.id in kept)


def _written(left: Left) -> Json:
    entry = left.entry
    return {
        "id": left.id,
        "prompt": entry.prompt,
        "negative": entry.negative,
        "placeholders": {name: list(values) for name, values in entry.placeholders.items()},
        "enabled": entry.enabled,
        "extra": cast("Json", entry.extra),  # YAML in which all is text is JSON too
        "frame": left.frame,
        "at": left.at.timestamp(),
        "left_for": left.left_for,
    }


def _read(written: Any) -> Left:
    entry = Entry(
        prompt=written["prompt"],
        negative=written["negative"],
        placeholders={name: tuple(values) for name, values in written["placeholders"].items()},
        enabled=written["enabled"],
        extra=written["extra"],
    )
    at = datetime.fromtimestamp(written["at"], UTC)
    return Left(written["id"], entry, written["frame"], at, written["left_for"])
