"""Which prompt leaves a full book for a new one: the oldest, but strangers do not drive out a person's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..exceptions import PromptError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .draft import Kept
    from .ledger import Day
    from .prompt import PromptSettings

SHARE: Final = 5
"""One of so many prompts that a book may hold may leave in a day for what frames add; at least one."""


def share(amount: int) -> int:
    """Return how many prompts of a person may leave in a day for what frames add."""
    return max(1, amount // SHARE)


def for_a_persons(prompts: Sequence[Kept], *, settings: PromptSettings) -> Kept | None:
    """Return what leaves for a prompt that a person adds: the oldest."""
    return prompts[0] if len(prompts) >= settings.amount else None


def for_a_frames(prompts: Sequence[Kept], *, done: Day, settings: PromptSettings) -> Kept | None:
    """Return what leaves for a prompt that a frame adds.

    The oldest, as ever; but once a share of a person's prompts have left for those of frames today, the
    oldest of what frames have added.

    Args:
        prompts: The book.
        done: What frames have done today.
        settings: What they may do.

    Raises:
        PromptError: Frames may add none, or no more today; the share is used up and nothing is a frame's.
    """
    if settings.from_frames_per_day == 0:
        raise PromptError("Frames may not add prompts")
    if done.added >= settings.from_frames_per_day:
        raise PromptError(f"Frames have added {done.added} prompts today, no more")
    oldest = for_a_persons(prompts, settings=settings)
    if oldest is None or oldest.frame is not None or not settings.protected:
        return oldest
    if done.replaced < share(settings.amount):
        return oldest
    of_frames = _oldest_of_frames(prompts)
    if of_frames is None:
        raise PromptError(f"Frames have replaced {done.replaced} prompts today, no more")
    return of_frames


def for_a_restored(prompts: Sequence[Kept], *, settings: PromptSettings) -> Kept | None:
    """Return what leaves for a prompt that comes back: what took its place, or one that came like it."""
    oldest = for_a_persons(prompts, settings=settings)
    return oldest and (_oldest_of_frames(prompts) or oldest)


def _oldest_of_frames(prompts: Sequence[Kept]) -> Kept | None:
    return next((kept for kept in prompts if kept.frame is not None), None)
