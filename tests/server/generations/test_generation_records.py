"""What is kept of requests to providers, and for how long."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from imageserver.generations import records
from imageserver.models import Fate, Generation, OperationKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from imageserver.state.state import State
    from tests.manual_clock import ManualClock

LONG_AGO, RECENTLY = timedelta(days=400), timedelta(days=2)

_numbers = count(1)


def request(
    asked_at: datetime,
    *,
    provider: str = "lim",
    kind: OperationKind = OperationKind.AUTO,
    fate: Fate = Fate.DONE,
) -> Generation:
    return Generation(
        id=f"{next(_numbers)}",
        provider=provider,
        kind=kind,
        text=None,
        asked_at=asked_at,
        day=asked_at.date().isoformat(),
        fate=fate,
    )


async def write(state: State, requests: Iterable[Generation]) -> None:
    def work(connection: sqlite3.Connection) -> None:
        for one in requests:
            records.write(connection, one)

    await state.run(work)


async def left(state: State, clock: ManualClock, *, most: int = 1000) -> list[str]:
    """Forget what is too old or too much; return the ids of the others, the oldest first."""
    now = clock.now()
    await state.run(
        lambda connection: records.forget_old(
            connection, before=now - LONG_AGO, most=most, but_since=now - RECENTLY
        )
    )
    return [one.id for one in await state.read(lambda connection: records.newest(connection, 10_000))][::-1]


async def test_of_too_many_requests_the_oldest_are_forgotten(state: State, clock: ManualClock) -> None:
    requests = [request(clock.now() - timedelta(days=ago)) for ago in range(20, 10, -1)]
    await write(state, requests)
    assert await left(state, clock, most=4) == [one.id for one in requests[-4:]]


async def test_what_counts_against_the_budget_is_kept_however_much_it_is(
    state: State, clock: ManualClock
) -> None:
    requests = [request(clock.now() - timedelta(hours=ago)) for ago in range(20, 0, -1)]
    await write(state, requests)
    assert await left(state, clock, most=4) == [one.id for one in requests]


async def test_what_a_threshold_or_a_picture_depends_on_is_kept(state: State, clock: ManualClock) -> None:
    old = clock.now() - timedelta(days=500)
    needed = [
        request(old - timedelta(hours=1), fate=Fate.SENT),
        request(old, provider="ydArt"),
        request(old, kind=OperationKind.DIRECT),
        request(old),
    ]
    await write(state, [request(old - timedelta(days=1)), *needed])
    assert sorted(await left(state, clock, most=0)) == sorted(one.id for one in needed)


@pytest.mark.parametrize("amount", [20_000])
async def test_forgetting_many_holds_nobody_up(state: State, clock: ManualClock, amount: int) -> None:
    first = clock.now() - timedelta(days=500)
    await write(state, (request(first + timedelta(seconds=number)) for number in range(amount)))
    async with asyncio.timeout(5):
        assert len(await left(state, clock)) == 1
