from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from imageserver.metrics import ACCEPTED, Metrics, Outcome, RequestKind
from imageserver.state.state import State
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path


async def count(metrics: Metrics, state: State, *outcomes: Outcome | str) -> None:
    periods = metrics.periods()
    await state.run(lambda connection: metrics.write_provider(connection, "ydArt", outcomes, periods))
    metrics.wrote_provider("ydArt", outcomes, periods)


async def accept(metrics: Metrics, state: State) -> None:
    await count(metrics, state, Outcome.TOTAL, ACCEPTED)


async def test_each_request_counts_for_its_kind_and_for_all(state: State, clock: ManualClock) -> None:
    metrics = Metrics(state=state, clock=clock)
    metrics.request(RequestKind.START_AUTO, success=True)
    metrics.request(RequestKind.RESULT, success=True)
    metrics.request(RequestKind.MALFORMED, success=False)
    metrics.image(success=True)

    snapshot = metrics.snapshot([])
    assert (snapshot.all_requests.total, snapshot.all_requests.success, snapshot.all_requests.errors) == (
        3,
        2,
        1,
    )
    assert snapshot.requests[RequestKind.START_AUTO].total == 1
    assert snapshot.requests[RequestKind.MALFORMED].errors == 1
    assert snapshot.requests[RequestKind.STATUS].total == 0
    assert snapshot.images.success == 1
    assert snapshot.all_requests.total_per_hour == 12, "three in a quarter of an hour"


async def test_totals_and_days_survive_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    state = await State.open(tmp_path)
    metrics = Metrics(state=state, clock=clock)
    metrics.request(RequestKind.RESULT, success=True)
    metrics.image(success=True)
    await accept(metrics, state)
    metrics.flush()
    await state.close()

    state = await State.open(tmp_path)
    metrics = Metrics(state=state, clock=clock)
    await metrics.open()
    metrics.image(success=True)
    snapshot = metrics.snapshot(["ydArt"])
    assert snapshot.all_requests.total == 1
    assert snapshot.images.success == 2
    assert snapshot.providers["ydArt"].today == 1
    await state.close()


async def test_today_becomes_yesterday_at_local_midnight(state: State) -> None:
    clock = ManualClock(datetime(2026, 11, 24, 20, 59, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
    metrics = Metrics(state=state, clock=clock)
    await accept(metrics, state)
    assert metrics.snapshot(["ydArt"]).providers["ydArt"].today == 1

    await clock.advance(120)
    await accept(metrics, state)
    await accept(metrics, state)
    counts = metrics.snapshot(["ydArt"]).providers["ydArt"]
    assert (counts.today, counts.yesterday) == (2, 1)

    await clock.advance(24 * 3600)
    counts = metrics.snapshot(["ydArt"]).providers["ydArt"]
    assert (counts.today, counts.yesterday) == (0, 2)


async def test_a_later_failure_adds_an_error_and_takes_nothing_back(state: State, clock: ManualClock) -> None:
    metrics = Metrics(state=state, clock=clock)
    await accept(metrics, state)
    await count(metrics, state, Outcome.ERRORS)
    counts = metrics.snapshot(["ydArt"]).providers["ydArt"]
    assert (counts.today, counts.counts.total, counts.counts.errors) == (1, 1, 1)


async def test_history_has_days_and_hours(state: State, clock: ManualClock) -> None:
    metrics = Metrics(state=state, clock=clock)
    metrics.request(RequestKind.RESULT, success=True)
    await clock.advance(3600)
    metrics.request(RequestKind.RESULT, success=True)
    history = await metrics.history(days=2)
    assert history["2026-11-24"]["requests.result.total"] == 2
    assert history["2026-11-24T09"]["requests.result.total"] == 1
    assert history["2026-11-24T10"]["requests.result.total"] == 1


async def test_old_hours_and_days_are_forgotten(state: State, clock: ManualClock) -> None:
    metrics = Metrics(state=state, clock=clock)
    metrics.image(success=True)
    metrics.flush()
    await clock.advance(9 * 24 * 3600)
    metrics.forget_old()
    history = await metrics.history(days=30)
    assert "2026-11-24" in history
    assert not any(period.startswith("2026-11-24T") for period in history)
    await clock.advance(401 * 24 * 3600)
    metrics.forget_old()
    assert await metrics.history(days=1000) == {}
    assert metrics.snapshot([]).images.total == 1, "totals are for ever"


async def test_a_year_of_days_does_not_fill_the_memory(state: State, clock: ManualClock) -> None:
    metrics = Metrics(state=state, clock=clock)
    counted = []
    for _ in range(4):
        for _ in range(30):
            await accept(metrics, state)
            await clock.advance(86400)
        metrics.forget_old()
        counted.append(len(metrics._days))
    assert counted[0] == counted[-1]
    assert metrics.snapshot(["ydArt"]).providers["ydArt"].yesterday == 1


async def test_a_clock_that_leaps_a_year_and_comes_back_finds_the_count_of_the_day(
    state: State, clock: ManualClock
) -> None:
    metrics = Metrics(state=state, clock=clock)
    await accept(metrics, state)
    now = clock.now()
    clock.set(now.replace(year=now.year + 1))
    metrics.forget_old()
    await accept(metrics, state)
    clock.set(now)
    assert metrics.snapshot(["ydArt"]).providers["ydArt"].today == 1
