"""What is remembered about one provider: how often it was asked, what stands in its way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ..settings import ProviderSettings
    from .provider import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A request that was counted before it was sent, and what it takes to uncount it.

    Attributes:
        day: The local day whose budget it uses.
        before: When the provider was last asked automatically until then.
    """

    code: str
    day: str
    at: datetime
    automatic: bool
    before: datetime | None


@dataclass(slots=True)
class Desk:
    """One provider, with everything that was learnt about it.

    Attributes:
        asked: Requests by local day: a clock that leaps to another day and back finds its count again.
        refused_at: When it last refused to be asked; what was asked before says nothing about that.
        rests_until: It wants to be left alone, as it said.
        unreachable_until: Nothing could be sent; by itself nobody tries before.
        wasteful_until: Too many requests in a row may have cost money for nothing; as above.
        failures: In a row, of those that cost nothing.
        wasted: In a row, of those that may have cost money.
    """

    provider: Provider
    settings: ProviderSettings
    last_asked_at: datetime | None = None
    asked: Counter[str] = field(default_factory=Counter)
    off: str | None = None
    off_since: datetime | None = None
    refused_at: datetime | None = None
    rests_until: datetime | None = None
    unreachable_until: datetime | None = None
    wasteful_until: datetime | None = None
    failures: int = 0
    wasted: int = 0
    last_error: str | None = None

    def reserve(self, *, day: str, at: datetime, automatic: bool) -> Reservation:
        """Count a request that is about to be sent."""
        reservation = Reservation(
            code=self.provider.code, day=day, at=at, automatic=automatic, before=self.last_asked_at
        )
        self.asked[day] += 1
        if automatic:
            self.last_asked_at = at
        return reservation

    def give_back(self, reservation: Reservation) -> None:
        """Uncount a request; a turn that somebody has taken since stays taken."""
        self.asked[reservation.day] -= 1
        if reservation.automatic and self.last_asked_at == reservation.at:
            self.last_asked_at = reservation.before

    def open_again(self) -> None:
        """Forget what stood in the way."""
        self.off = self.off_since = self.refused_at = None
        self.rests_until = self.unreachable_until = self.wasteful_until = None
        self.failures = self.wasted = 0

    def survive_clock(self, now: datetime) -> None:
        """A clock that was set back must not make anyone wait for what is now far in the future."""
        if self.last_asked_at is not None:
            self.last_asked_at = min(self.last_asked_at, now)
        if self.off_since is not None:
            self.off_since = min(self.off_since, now)
        if self.refused_at is not None:
            self.refused_at = min(self.refused_at, now)
