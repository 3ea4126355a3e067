"""What a person should know: each problem said once when it begins and once when it ends."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .events import EventKind
from .models import Problem

if TYPE_CHECKING:
    from .events import Events
    from .timing.clock import Clock

_LOGGER = logging.getLogger(__name__)


MOST_OF_ONE = 50
"""Of problems that differ in their subject alone, which may be any address: more tell nobody more."""


class Problems:
    """The problems that stand now, by code and subject."""

    def __init__(self, *, clock: Clock, events: Events) -> None:
        self._clock = clock
        self._events = events
        self._problems: dict[tuple[str, str | None], Problem] = {}

    def report(self, code: str, text: str, *, remedy: str, subject: str | None = None) -> None:
        """Note a problem; the same one again changes nothing but what is said of it."""
        key = (code, subject)
        known = self._problems.get(key)
        if known is not None and (known.text, known.remedy) == (text, remedy):
            return
        since = known.since if known else self._clock.now()
        if known is None:
            self._make_room(code)
        self._problems[key] = Problem(code, text, remedy, since, subject)
        _LOGGER.warning("%s %s", text, remedy)
        self._events.publish(EventKind.PROBLEMS)

    def resolve(self, code: str, subject: str | None = None) -> None:
        """Note that a problem has ended, if it stood."""
        problem = self._problems.pop((code, subject), None)
        if problem is not None:
            _LOGGER.info("No longer: %s", problem.text)
            self._events.publish(EventKind.PROBLEMS)

    def all(self) -> list[Problem]:
        """Return what stands now, oldest first."""
        return sorted(self._problems.values(), key=lambda problem: problem.since)

    def _make_room(self, code: str) -> None:
        """Let the oldest of a kind leave, without a word, where it has too many."""
        alike = [key for key in self._problems if key[0] == code]
        if len(alike) >= MOST_OF_ONE:
            del self._problems[alike[0]]
