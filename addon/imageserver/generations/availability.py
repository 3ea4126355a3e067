"""Which providers may be asked now, and which of them is.

Holds what `policy.py` needs to know about each provider: when it was asked last, how often today,
whether it is switched off and why. The rules themselves are in `policy.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import policy
from ..events import EventKind
from ..exceptions import NotFoundError, StartError
from ..models import Fate
from ..policy import ProviderFacts
from ..state.records import to_time
from .desk import Desk

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from random import Random

    from ..events import Events
    from ..models import PromptText
    from ..policy import Readiness
    from ..problems import Problems
    from ..prompts.book import PromptBook
    from ..settings import ProviderSettings
    from ..state.state import State
    from ..timing.clock import Clock
    from .desk import Reservation
    from .provider import Provider

NEAR_LIMIT = 0.8
"""From this share of a daily limit on, a person is told."""

BUILTIN = "builtin"
"""The code of the provider that is there when no other is set up."""


class Availability:
    """Answers who may be asked, and learns from what came of it."""

    def __init__(
        self,
        *,
        state: State,
        prompts: PromptBook,
        clock: Clock,
        random: Random,
        events: Events,
        problems: Problems,
    ) -> None:
        self._state = state
        self._prompts = prompts
        self._clock = clock
        self._random = random
        self._events = events
        self._problems = problems
        self._desks: dict[str, Desk] = {}
        self._remembered: dict[str, Desk] = {}

    async def apply(self, providers: Iterable[tuple[Provider, ProviderSettings]]) -> None:
        """Take the providers of a start or a reload; changed settings open what was switched off."""
        desks = {}
        for provider, settings in providers:
            desk = self._remembered.get(provider.code)
            if desk is None:
                desk = Desk(provider, settings)
                await self._recall(desk)
                self._remembered[provider.code] = desk
            elif desk.settings != settings:
                self._open_again(desk)
            desk.provider, desk.settings = provider, settings
            desks[provider.code] = desk
        self._desks = desks
        for desk in self._desks.values():
            self._tell_budget(desk)
        self._events.publish(EventKind.PROVIDER)

    @property
    def providers(self) -> Sequence[Provider]:
        """All known providers, set up or not."""
        return [desk.provider for desk in self._desks.values()]

    def provider(self, code: str) -> Provider:
        """Return a provider by its code, in any case.

        Raises:
            NotFoundError: There is none.
        """
        return self._desk(code).provider

    def settings(self, code: str) -> ProviderSettings:
        """Return a provider's settings as they hold now."""
        return self._desk(code).settings

    def facts(self, code: str, *, text: PromptText | None = None) -> ProviderFacts:
        """Return what decides about a provider now, for this text or for one from the prompt book."""
        desk = self._desk(code)
        settings = desk.settings
        desk.survive_clock(self._clock.now())
        return ProviderFacts(
            enabled=settings.enabled,
            wrong=settings.wrong,
            not_set_up=desk.provider.not_set_up(settings.options),
            not_ready=self._nothing_to_offer(desk, text),
            off=desk.off,
            off_since=desk.off_since,
            not_before=desk.rests_until,
            unreachable_until=desk.unreachable_until,
            wasteful_until=desk.wasteful_until,
            last_asked_at=desk.last_asked_at,
            asked_today=self._asked_today(desk),
            daily_limit=settings.daily_limit,
            threshold_minutes=settings.image_generate_threshold,
            sleep_time=settings.sleep_time,
        )

    def last_error(self, code: str) -> str | None:
        """Return what went wrong last; None since it went well."""
        return self._desk(code).last_error

    def last_asked_at(self) -> datetime | None:
        """Return when any provider was last asked automatically; None if none ever was."""
        desks = self._remembered.values()
        for desk in desks:
            desk.survive_clock(self._clock.now())
        return max((desk.last_asked_at for desk in desks if desk.last_asked_at is not None), default=None)

    def readiness(self, code: str, *, direct: bool = False, text: PromptText | None = None) -> Readiness:
        """Say whether a provider may be asked now, and if not, why and until when."""
        return policy.readiness(self.facts(code, text=text), self._clock.local(), direct=direct)

    def in_use(self) -> list[Provider]:
        """Return the providers that are set up; the built-in one where no other is, or where it is listed."""
        others = [
            desk.provider
            for desk in self._desks.values()
            if desk.provider.code != BUILTIN and self._set_up(desk)
        ]
        builtin = self._desks.get(BUILTIN)
        if builtin is not None and (not others or builtin.settings.listed):
            others.append(builtin.provider)
        return others

    def choose_automatic(self) -> Provider | None:
        """Draw one of the providers that are ready, each with the same chance."""
        ready = [provider for provider in self.in_use() if self.readiness(provider.code).ready]
        return self._random.choice(ready) if ready else None

    def choose_direct(self, text: PromptText | None, *, code: str | None = None) -> Provider:
        """Choose who meets a direct request.

        Raises:
            StartError: Nobody can; the text says why, for the provider that comes closest.
        """
        candidates = self._direct_candidates(text, code)
        fitting = [provider for provider in candidates if text is None or provider.fits(text)]
        if not fitting:
            raise StartError(self._too_long(candidates))
        answers = [(provider, self.readiness(provider.code, direct=True, text=text)) for provider in fitting]
        ready = [provider for provider, readiness in answers if readiness.ready]
        if ready:
            return self._random.choice(ready)
        provider, readiness = answers[0]
        raise StartError(f"{provider.title}: {readiness.text}")

    def reserve(self, code: str, *, automatic: bool) -> Reservation:
        """Count a request that is about to be sent."""
        desk = self._desk(code)
        reservation = desk.reserve(day=self._clock.today(), at=self._clock.now(), automatic=automatic)
        self._tell_budget(desk)
        self._changed(desk)
        return reservation

    def give_back(self, reservation: Reservation) -> None:
        """Take a request back that was never sent: it moves no threshold and no budget."""
        desk = self._remembered[reservation.code]
        desk.give_back(reservation)
        self._tell_budget(desk)
        self._changed(desk)

    def unreachable(self, code: str) -> None:
        """Nothing could be sent: the next try waits 1, 2, 5, 10 minutes."""
        desk = self._remembered[code]
        desk.failures += 1
        desk.unreachable_until = self._clock.now() + policy.not_sent_delay(desk.failures)
        self._changed(desk)

    def wasted(self, code: str) -> None:
        """A request may have cost money and gave no picture: after a few in a row, by itself it waits."""
        desk = self._remembered[code]
        desk.wasted += 1
        rest = policy.wasted_delay(desk.wasted)
        if rest:
            desk.wasteful_until = self._clock.now() + rest
            self._problems.report(
                "provider_wasteful",
                f"{desk.provider.title} took requests that may have cost money, and gave no picture.",
                remedy="It is asked less often until a picture comes. See its last error; once that is"
                " mended, ask for a picture yourself, or retry the provider.",
                subject=code,
            )
        self._changed(desk)

    def went_well(self, code: str, *, asked_at: datetime) -> None:
        """Forget earlier failures; but what was asked before it refused does not open it again."""
        desk = self._remembered[code]
        desk.survive_clock(self._clock.now())
        if desk.refused_at is None or asked_at >= desk.refused_at:
            self._open_again(desk)
            desk.last_error = None
        self._changed(desk)

    def failed(self, code: str, error: str) -> bool:
        """Remember what went wrong; False where it is what went wrong last."""
        desk = self._remembered[code]
        is_news, desk.last_error = desk.last_error != error, error
        self._changed(desk)
        return is_news

    def rate_limited(self, code: str, retry_after: float | None) -> None:
        """Leave a provider alone for as long as it said, or ever longer."""
        desk = self._remembered[code]
        desk.failures += 1
        desk.refused_at = self._clock.now()
        desk.rests_until = desk.refused_at + policy.rate_limit_delay(desk.failures, retry_after)
        self._changed(desk)

    def switch_off(self, code: str, reason: str) -> None:
        """Ask a provider no more by ourselves, until a person has done something about it."""
        desk = self._remembered[code]
        desk.off, desk.off_since = reason, self._clock.now()
        desk.refused_at = desk.off_since
        self._problems.report(
            "access_refused",
            f"{desk.provider.title} is switched off: {reason}",
            remedy="Mend its credentials, rights, balance or settings, then retry it.",
            subject=code,
        )
        self._changed(desk)

    def retry(self, code: str) -> None:
        """Open a provider again because a person wants it."""
        desk = self._desk(code)
        self._open_again(desk)
        self._changed(desk)

    def check_budgets(self) -> None:
        """Notice that a new day has begun."""
        for desk in self._desks.values():
            self._tell_budget(desk)

    def _desk(self, code: str) -> Desk:
        for known, desk in self._desks.items():
            if known.casefold() == code.casefold():
                return desk
        raise NotFoundError(f"There is no provider {code!r}; known are {', '.join(self._desks)}")

    def _set_up(self, desk: Desk) -> bool:
        return desk.provider.not_set_up(desk.settings.options) is None

    def _nothing_to_offer(self, desk: Desk, text: PromptText | None) -> str | None:
        provider = desk.provider
        if provider.capabilities.prompt and text is None and not self._prompts.has_any(provider):
            return "No prompt is left that it takes"
        return provider.not_ready()

    def _direct_candidates(self, text: PromptText | None, code: str | None) -> list[Provider]:
        if code is not None:
            return [self._direct_provider(code, text)]
        in_use = self.in_use()
        generating = [provider for provider in in_use if provider.capabilities.prompt]
        if generating:
            return generating
        if text is not None and BUILTIN in self._desks:
            return [self._desks[BUILTIN].provider]
        if in_use:
            return in_use
        raise StartError("No provider is set up")

    def _direct_provider(self, code: str, text: PromptText | None) -> Provider:
        provider = self.provider(code)
        if text is not None and not provider.capabilities.prompt:
            raise StartError(f"{provider.title} takes no prompts")
        return provider

    def _too_long(self, candidates: Sequence[Provider]) -> str:
        limits = [provider.capabilities.max_prompt_length or 0 for provider in candidates]
        return f"The prompt is too long: at most {max(limits)} characters"

    def _open_again(self, desk: Desk) -> None:
        desk.open_again()
        for code in ("access_refused", "provider_wasteful"):
            self._problems.resolve(code, desk.provider.code)

    def _asked_today(self, desk: Desk) -> int:
        return desk.asked[self._clock.today()]

    def _tell_budget(self, desk: Desk) -> None:
        code, limit, asked = desk.provider.code, desk.settings.daily_limit, self._asked_today(desk)
        spent, near = 0 < limit <= asked, 0 < limit * NEAR_LIMIT <= asked
        # Without the count, which would make each request a line of the log.
        title, many = desk.provider.title, f"the {limit} requests of today"
        remedy = "Raise its daily_limit, or wait for tomorrow."
        if spent:
            self._problems.resolve("budget_near", code)
            self._problems.report(
                "budget_spent", f"{title}: {many} are used up.", remedy=remedy, subject=code
            )
        elif near:
            self._problems.resolve("budget_spent", code)
            self._problems.report(
                "budget_near",
                f"{title}: over {NEAR_LIMIT:.0%} of {many} are used.",
                remedy=remedy,
                subject=code,
            )
        else:
            self._problems.resolve("budget_spent", code)
            self._problems.resolve("budget_near", code)

    def _changed(self, desk: Desk) -> None:
        if desk.provider.code in self._desks:
            self._events.publish(EventKind.PROVIDER, desk.provider.code)

    async def _recall(self, desk: Desk) -> None:
        code = desk.provider.code

        def read(connection: sqlite3.Connection) -> tuple[dict[str, int], float | None]:
            asked = connection.execute(
                "SELECT day, count(*) FROM generations WHERE provider = ? AND fate <> ? GROUP BY day",
                (code, Fate.NOT_SENT),
            )
            days = dict(asked.fetchall())
            (last,) = connection.execute(
                "SELECT max(asked_at) FROM generations WHERE provider = ? AND kind = 'auto' AND fate <> ?",
                (code, Fate.NOT_SENT),
            ).fetchone()
            return days, last

        days, last = await self._state.read(read)
        desk.asked.update(days)
        desk.last_asked_at = None if last is None else to_time(last)
