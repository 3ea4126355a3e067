"""What the server counts: frames' requests, pictures sent, requests to providers.

Totals, days and hours survive a restart. Most counts are gathered in memory and written every few
seconds; those about money are written in the same transaction as the request that they count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from .rate import Rate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from .state.state import State
    from .timing.clock import Clock

    type Periods = tuple[str, str]

HOURS_KEPT = timedelta(days=8)
DAYS_KEPT = timedelta(days=400)
DAYS_REMEMBERED = 8
"""In memory: today and yesterday are asked for, and a clock may leap to another day and come back."""


class RequestKind(StrEnum):
    """The kinds of a frame's requests."""

    START_AUTO = "start_auto"
    START_OLD = "start_old"
    START_DIRECT = "start_ydart"
    STATUS = "status"
    RESULT = "result"
    PROMPT_ADD = "prompt_add"
    MALFORMED = "malformed"


class Outcome(StrEnum):
    """What is counted about one thing: how often, how often well, how often not."""

    TOTAL = "total"
    SUCCESS = "success"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals since the beginning and rates an hour."""

    total: int
    success: int
    errors: int
    total_per_hour: float
    success_per_hour: float
    errors_per_hour: float


@dataclass(frozen=True, slots=True)
class ProviderCounts:
    """A provider's counts; `today` and `yesterday` are accepted requests of local days, exact."""

    counts: Counts
    today: int
    yesterday: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All metrics at one moment."""

    all_requests: Counts
    requests: Mapping[RequestKind, Counts]
    images: Counts
    providers: Mapping[str, ProviderCounts]


ALL_REQUESTS = "requests"
IMAGES = "images"
ACCEPTED = "accepted"


def request_name(kind: RequestKind) -> str:
    """Return the name under which requests of a kind are counted."""
    return f"{ALL_REQUESTS}.{kind}"


def provider_name(code: str) -> str:
    """Return the name under which requests to a provider are counted."""
    return f"provider.{code}"


class Metrics:
    """Counts, and remembers."""

    def __init__(self, *, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._totals: Counter[str] = Counter()
        self._days: Counter[tuple[str, str]] = Counter()
        self._rates: dict[str, Rate] = {}
        self._unwritten_totals: Counter[str] = Counter()
        self._unwritten_history: Counter[tuple[str, str]] = Counter()

    async def open(self) -> None:
        """Read what was counted before."""
        recent = self._clock.local().date() - timedelta(days=2)

        def read(connection: sqlite3.Connection) -> None:
            self._totals.update(dict(connection.execute("SELECT name, value FROM counters").fetchall()))
            rows = connection.execute(
                "SELECT period, name, value FROM history WHERE period >= ? AND length(period) = 10",
                (recent.isoformat(),),
            )
            self._days.update({(period, name): value for period, name, value in rows})

        await self._state.read(read)

    def request(self, kind: RequestKind, *, success: bool) -> None:
        """Count a frame's request."""
        outcome = Outcome.SUCCESS if success else Outcome.ERRORS
        for name in (ALL_REQUESTS, request_name(kind)):
            self._count(f"{name}.{Outcome.TOTAL}", f"{name}.{outcome}")

    def image(self, *, success: bool) -> None:
        """Count a picture that was written wholly to a frame, or one that could not be."""
        outcome = Outcome.SUCCESS if success else Outcome.ERRORS
        self._count(f"{IMAGES}.{Outcome.TOTAL}", f"{IMAGES}.{outcome}")

    def periods(self) -> Periods:
        """Return the local day and hour that a count of this moment belongs to."""
        hour = self._clock.local().isoformat(timespec="hours")
        return hour[:10], hour[:13]

    def write_provider(
        self, connection: sqlite3.Connection, code: str, outcomes: Sequence[Outcome | str], periods: Periods
    ) -> None:
        """Count about a request to a provider, within the transaction that writes the request down."""
        names = [f"{provider_name(code)}.{outcome}" for outcome in outcomes]
        _add(connection, Counter(names), Counter((period, name) for name in names for period in periods))

    def wrote_provider(self, code: str, outcomes: Sequence[Outcome | str], periods: Periods) -> None:
        """Show what was counted, once that transaction is on the disk: until then it may be tried again."""
        self._remember([f"{provider_name(code)}.{outcome}" for outcome in outcomes], periods)

    def flush(self) -> None:
        """Hand what was gathered to the state; what a disk does not take is gathered again."""
        if not self._unwritten_totals:
            return
        totals, self._unwritten_totals = self._unwritten_totals, Counter()
        history, self._unwritten_history = self._unwritten_history, Counter()
        self._state.post(
            lambda connection: _add(connection, totals, history),
            if_lost=lambda: self._gather_again(totals, history),
        )

    def forget_old(self) -> None:
        """Drop hours and days that nobody asks for any more."""
        now = self._clock.local()
        hour = (now - HOURS_KEPT).strftime("%Y-%m-%dT%H")
        day = (now - DAYS_KEPT).date().isoformat()
        remembered = frozenset(sorted({period for period, _ in self._days})[-DAYS_REMEMBERED:])
        self._days = Counter({key: value for key, value in self._days.items() if key[0] in remembered})
        self._state.post(
            lambda connection: connection.execute(
                "DELETE FROM history WHERE (length(period) = 13 AND period < ?)"
                " OR (length(period) = 10 AND period < ?)",
                (hour, day),
            )
        )

    def snapshot(self, providers: Iterable[str]) -> Snapshot:
        """Return every figure as it is now, for these providers' codes."""
        today = self._clock.local().date()
        yesterday = (today - timedelta(days=1)).isoformat()
        return Snapshot(
            all_requests=self._counts(ALL_REQUESTS),
            requests={kind: self._counts(request_name(kind)) for kind in RequestKind},
            images=self._counts(IMAGES),
            providers={
                code: ProviderCounts(
                    self._counts(provider_name(code)),
                    self._days[today.isoformat(), f"{provider_name(code)}.{ACCEPTED}"],
                    self._days[yesterday, f"{provider_name(code)}.{ACCEPTED}"],
                )
                for code in providers
            },
        )

    def today(self, name: str) -> int:
        """Return how often something was counted since local midnight."""
        return self._days[self._clock.today(), name]

    async def history(self, *, days: int) -> dict[str, dict[str, int]]:
        """Return counts by period: local days (`2026-11-24`), and hours (`2026-11-24T13`) of two days."""
        self.flush()
        now = self._clock.local()
        first_day = (now.date() - timedelta(days=days - 1)).isoformat()
        first_hour = (now - timedelta(days=2)).strftime("%Y-%m-%dT%H")

        def read(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
            rows = connection.execute(
                "SELECT period, name, value FROM history WHERE (length(period) = 10 AND period >= ?)"
                " OR (length(period) = 13 AND period >= ?) ORDER BY period, name",
                (first_day, first_hour),
            )
            periods: dict[str, dict[str, int]] = {}
            for period, name, value in rows:
                periods.setdefault(period, {})[name] = value
            return periods

        return await self._state.read(read)

    def _gather_again(self, totals: Counter[str], history: Counter[tuple[str, str]]) -> None:
        self._unwritten_totals.update(totals)
        self._unwritten_history.update(history)

    def _count(self, *names: str) -> None:
        periods = self.periods()
        self._unwritten_totals.update(names)
        self._unwritten_history.update((period, name) for name in names for period in periods)
        self._remember(names, periods)

    def _remember(self, names: Iterable[str], periods: Periods) -> None:
        now = self._clock.monotonic()
        for name in names:
            self._totals[name] += 1
            self._days[periods[0], name] += 1
            rate = self._rates.get(name)
            if rate is None:
                rate = self._rates[name] = Rate()
            rate.mark(now)

    def _counts(self, name: str) -> Counts:
        now = self._clock.monotonic()
        totals = [self._totals[f"{name}.{outcome}"] for outcome in Outcome]
        rates = [self._rates.get(f"{name}.{outcome}") for outcome in Outcome]
        return Counts(*totals, *(rate.per_hour(now) if rate else 0.0 for rate in rates))


def _add(connection: sqlite3.Connection, totals: Counter[str], history: Counter[tuple[str, str]]) -> None:
    connection.executemany(
        "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        list(totals.items()),
    )
    connection.executemany(
        "INSERT INTO history VALUES (?, ?, ?)"
        " ON CONFLICT (period, name) DO UPDATE SET value = value + excluded.value",
        [(period, name, value) for (period, name), value in history.items()],
    )
