"""What really happened, as those round the server saw it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.month.stepped_clock import SteppedClock


class Ledger:
    """Counts by local day.

    Attributes:
        requests: Of frames, by day and kind, as the server names kinds.
        pictures: That frames received wholly, by day.
        taken: Requests that the provider accepted, by day.
        asked: Requests that reached the provider, by day.
        wrong: What must never happen, in words.
    """

    def __init__(self, clock: SteppedClock) -> None:
        self._clock = clock
        self.requests: Counter[tuple[str, str]] = Counter()
        self.pictures: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.did: Counter[str] = Counter()
        self.wrong: list[str] = []

    def note_request(self, kind: str, amount: int = 1) -> None:
        """A frame has its answer to a request."""
        self.requests[self._clock.today(), kind] += amount

    def note_picture(self) -> None:
        """A frame has received a picture wholly."""
        self.pictures[self._clock.today()] += 1

    def requests_of(self, day: str) -> int:
        """How many requests frames made on a day."""
        return sum(amount for (when, _), amount in self.requests.items() if when == day)

    def requests_by_kind(self) -> Counter[str]:
        """How many requests frames made in all."""
        totals: Counter[str] = Counter()
        for (_, kind), amount in self.requests.items():
            totals[kind] += amount
        return totals

    def expect(self, condition: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
        """Write down what is wrong, with the time."""
        if not condition:
            self.wrong.append(f"{self._clock.local():%Y-%m-%d %H:%M:%S}: {otherwise}")
