"""One look at the whole server: what it does now, and every figure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from . import policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .metrics import ProviderCounts, Snapshot
    from .models import Generation, Picture, Problem
    from .policy import Readiness
    from .providers.base import Capabilities
    from .server import Server
    from .store.picture_search import StoreSummary


class ServerState(StrEnum):
    """What the server is doing, in one word."""

    GENERATING = "generating"
    WAITING = "waiting"
    SLEEPING = "sleeping"
    PAUSED = "paused"
    PROBLEM = "problem"


SEVERE = frozenset({"access_refused", "store_unreadable", "store_unwritable", "state_unwritable", "options"})
"""Problems that stand in the way of new pictures, or of keeping them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """A provider as people see it.

    Attributes:
        in_use: Set up, so that it takes its turns.
        left_today: Of its daily limit; None where there is none.
    """

    code: str
    title: str
    capabilities: Capabilities
    enabled: bool
    in_use: bool
    readiness: Readiness
    daily_limit: int
    asked_today: int
    left_today: int | None
    last_asked_at: datetime | None
    last_error: str | None
    counts: ProviderCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The snapshot.

    Attributes:
        until: When the state will probably end by itself; None where nobody knows.
        next_generation_at: When a provider may be asked automatically next.
    """

    state: ServerState
    until: datetime | None
    problems: Sequence[Problem]
    metrics: Snapshot
    providers: Sequence[ProviderStatus]
    store: StoreSummary
    prompts: int
    last_picture: Picture | None
    next_generation_at: datetime | None
    generating: Sequence[Generation]


async def take_status(server: Server) -> Status:
    """Look at everything once."""
    codes = [provider.code for provider in server.availability.providers]
    metrics = server.metrics.snapshot(codes)
    next_generation_at = server.choosing.next_turn_at()
    state, until = _state(server, next_generation_at)
    return Status(
        state=state,
        until=until,
        problems=server.problems.all(),
        metrics=metrics,
        providers=[provider_status(server, code, metrics) for code in codes],
        store=await server.store.summary(),
        prompts=len(server.prompts.all()),
        last_picture=await server.store.newest_made(),
        next_generation_at=next_generation_at,
        generating=server.generations.running,
    )


def provider_status(server: Server, code: str, metrics: Snapshot) -> ProviderStatus:
    """Look at one provider."""
    provider = server.availability.provider(code)
    facts = server.availability.facts(provider.code)
    limit = facts.daily_limit
    return ProviderStatus(
        code=provider.code,
        title=provider.title,
        capabilities=provider.capabilities,
        enabled=facts.enabled,
        in_use=provider in server.availability.in_use(),
        readiness=server.availability.readiness(provider.code),
        daily_limit=limit,
        asked_today=facts.asked_today,
        left_today=max(0, limit - facts.asked_today) if limit else None,
        last_asked_at=facts.last_asked_at,
        last_error=server.availability.last_error(provider.code),
        counts=metrics.providers[provider.code],
    )


def _state(server: Server, next_generation_at: datetime | None) -> tuple[ServerState, datetime | None]:
    local = server.clock.local()
    if server.generations.running:
        return ServerState.GENERATING, None
    if any(problem.code in SEVERE for problem in server.problems.all()):
        return ServerState.PROBLEM, None
    if server.overrides.paused:
        return ServerState.PAUSED, None
    periods = server.settings.sleep_time
    if policy.sleeping(periods, local) is not None:
        return ServerState.SLEEPING, policy.wakes_at(periods, local)
    return ServerState.WAITING, next_generation_at
