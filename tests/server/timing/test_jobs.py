import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from imageserver.timing.jobs import Job, Jobs
from tests.manual_clock import ManualClock, settle

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NINE)


@pytest.fixture
async def jobs(clock: ManualClock) -> AsyncIterator[Jobs]:
    jobs = Jobs(clock=clock)
    yield jobs
    await jobs.close()


class Diary:
    """Notes when it was called."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.times: list[datetime] = []
        self.error: BaseException | None = None
        self.gate: asyncio.Event | None = None

    async def __call__(self) -> None:
        self.times.append(self.clock.now())
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error

    @property
    def clock_times(self) -> list[str]:
        return [f"{time:%H:%M:%S}" for time in self.times]


@pytest.fixture
def diary(clock: ManualClock) -> Diary:
    return Diary(clock)


async def test_a_job_is_done_every_so_many_seconds(jobs: Jobs, clock: ManualClock, diary: Diary) -> None:
    jobs.replace([Job("write", seconds=10, action=diary)])
    await clock.advance(35)
    assert diary.clock_times == ["09:00:10", "09:00:20", "09:00:30"]


async def test_a_job_is_done_by_its_schedule(jobs: Jobs, clock: ManualClock, diary: Diary) -> None:
    jobs.replace([Job("write", cron="*/20 * * * *", action=diary)])
    await clock.advance(HOUR)
    assert diary.clock_times == ["09:20:00", "09:40:00", "10:00:00"]


async def test_a_schedule_is_in_local_time(diary: Diary) -> None:
    clock = ManualClock(NINE, zone=ZoneInfo("Europe/Moscow"))
    diary.clock = clock
    jobs = Jobs(clock=clock)
    jobs.replace([Job("write", cron="0 0 * * *", action=diary)])
    await clock.advance(DAY)
    await jobs.close()
    assert diary.clock_times == ["21:00:00"]


@pytest.mark.parametrize(
    ("day", "times"),
    [(datetime(2026, 3, 28, 12, tzinfo=UTC), 1), (datetime(2026, 10, 24, 12, tzinfo=UTC), 2)],
)
async def test_a_nightly_job_is_never_lost_when_the_clocks_change(
    day: datetime, times: int, diary: Diary
) -> None:
    clock = ManualClock(day, zone=ZoneInfo("Europe/Berlin"))
    diary.clock = clock
    jobs = Jobs(clock=clock)
    jobs.replace([Job("write", cron="30 2 * * *", action=diary)])
    await clock.advance(DAY)
    await jobs.close()
    assert len(diary.times) == times


class TestClockPutRight:
    async def test_a_year_ahead_runs_a_job_once(self, jobs: Jobs, clock: ManualClock, diary: Diary) -> None:
        jobs.replace([Job("write", cron="*/20 * * * *", action=diary)])
        await settle()
        clock.set(NINE + timedelta(days=365, minutes=1))
        await clock.advance(120)
        assert len(diary.times) == 1
        await clock.advance(HOUR)
        assert diary.clock_times[1:] == ["09:20:00", "09:40:00", "10:00:00"]

    async def test_a_year_back_keeps_no_job_waiting(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        jobs.replace([Job("write", cron="*/20 * * * *", action=diary)])
        await clock.advance(21 * 60)
        clock.set(NINE - timedelta(days=365))
        await clock.advance(HOUR)
        assert diary.clock_times == ["09:20:00", "09:20:00", "09:40:00", "10:00:00"]
        assert diary.times[1].year == 2025

    async def test_seconds_pass_whatever_the_clock_says(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        jobs.replace([Job("write", seconds=10, action=diary)])
        await clock.advance(15)
        clock.set(NINE - timedelta(days=365))
        await clock.advance(20)
        clock.set(NINE + timedelta(days=365))
        await clock.advance(20)
        assert len(diary.times) == 5


class TestFailures:
    @pytest.mark.parametrize("when", [{"seconds": 10}, {"cron": "* * * * *"}])
    async def test_a_job_that_fails_is_done_again_and_told_of_once(
        self,
        jobs: Jobs,
        clock: ManualClock,
        diary: Diary,
        when: dict[str, float],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.INFO)
        diary.error = OSError("no room")
        jobs.replace([Job("write", action=diary, **when)])  # type: ignore[arg-type]  # either of two kinds
        await clock.advance(190)
        done = len(diary.times)
        assert done >= 3
        assert [record.getMessage() for record in caplog.records] == ["write: failed, will be tried again"]
        assert caplog.records[0].exc_info is not None

        diary.error = ValueError("something else")
        await clock.advance(190)
        assert len(caplog.records) == 2

        diary.error = None
        await clock.advance(190)
        assert [record.getMessage() for record in caplog.records[2:]] == ["write: works again"]
        assert len(diary.times) == 3 * done

    async def test_a_job_that_fails_stops_no_other(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        broken = Diary(clock)
        broken.error = RuntimeError("broken")
        jobs.replace([Job("broken", seconds=10, action=broken), Job("write", seconds=10, action=diary)])
        await clock.advance(30)
        assert len(diary.times) == len(broken.times) == 3

    async def test_a_job_whose_own_work_is_cancelled_has_only_failed(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        diary.error = asyncio.CancelledError()
        jobs.replace([Job("write", seconds=10, action=diary)])
        await clock.advance(30)
        assert len(diary.times) == 3


class TestLongWork:
    async def test_a_job_is_never_done_twice_at_a_time_and_makes_nothing_up(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        diary.gate = asyncio.Event()
        jobs.replace([Job("write", cron="* * * * *", action=diary)])
        await clock.advance(600)
        assert diary.clock_times == ["09:01:00"]
        diary.gate.set()
        await clock.advance(120)
        assert diary.clock_times == ["09:01:00", "09:11:00", "09:12:00"]

    async def test_closing_ends_a_job_at_work(self, jobs: Jobs, clock: ManualClock, diary: Diary) -> None:
        diary.gate = asyncio.Event()
        jobs.replace([Job("write", seconds=1, action=diary)])
        await clock.advance(2)
        await jobs.close()
        diary.gate.set()
        await clock.advance(10)
        assert len(diary.times) == 1


class TestReplacing:
    async def test_a_job_that_is_no_longer_wanted_ends(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        jobs.replace([Job("write", seconds=10, action=diary)])
        await clock.advance(15)
        jobs.replace([])
        await clock.advance(60)
        assert len(diary.times) == 1

    async def test_a_job_keeps_its_time_when_only_what_it_does_changes(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        other = Diary(clock)
        jobs.replace([Job("write", seconds=10, action=other)])
        await clock.advance(5)
        jobs.replace([Job("write", seconds=10, action=diary)])
        await clock.advance(10)
        assert (other.clock_times, diary.clock_times) == ([], ["09:00:10"])

    @pytest.mark.parametrize(
        ("before", "after", "done"),
        [
            ({"seconds": 1000}, {"seconds": 10}, ["09:00:15", "09:00:25"]),
            ({"cron": "0 0 * * *"}, {"seconds": 10}, ["09:00:15", "09:00:25"]),
            ({"cron": "0 0 * * *"}, {"cron": "* * * * *"}, ["09:01:00"]),
            ({"seconds": 1000}, {"cron": "* * * * *"}, ["09:01:00"]),
        ],
    )
    async def test_a_new_time_holds_at_once(
        self,
        jobs: Jobs,
        clock: ManualClock,
        diary: Diary,
        before: dict[str, float],
        after: dict[str, float],
        done: list[str],
    ) -> None:
        jobs.replace([Job("write", action=diary, **before)])  # type: ignore[arg-type]  # either of two kinds
        await clock.advance(5)
        jobs.replace([Job("write", action=diary, **after)])  # type: ignore[arg-type]  # either of two kinds
        await clock.advance(25 if "seconds" in after else 60)
        assert diary.clock_times == done

    @pytest.mark.parametrize("wanted", [True, False])
    async def test_what_is_at_work_finishes_first(
        self, jobs: Jobs, clock: ManualClock, diary: Diary, *, wanted: bool
    ) -> None:
        finished = asyncio.Event()
        diary.gate = asyncio.Event()
        jobs.replace([Job("write", seconds=10, action=then(diary, finished.set))])
        await clock.advance(10)
        jobs.replace([Job("write", seconds=20, action=diary)] if wanted else [])
        await clock.advance(100)
        assert len(diary.times) == 1
        diary.gate.set()
        await clock.advance(50)
        assert finished.is_set()
        assert len(diary.times) == (3 if wanted else 1)

    async def test_a_job_that_comes_back_while_it_is_still_at_work_is_not_done_twice_at_a_time(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        diary.gate = asyncio.Event()
        jobs.replace([Job("write", seconds=10, action=diary)])
        await clock.advance(10)
        jobs.replace([])
        jobs.replace([Job("write", seconds=10, action=diary)])
        await clock.advance(100)
        assert len(diary.times) == 1
        diary.gate.set()
        await clock.advance(10)
        assert len(diary.times) == 2

    async def test_a_job_that_was_ended_can_begin_again(
        self, jobs: Jobs, clock: ManualClock, diary: Diary
    ) -> None:
        for _ in range(2):
            jobs.replace([Job("write", seconds=10, action=diary)])
            await clock.advance(10)
            jobs.replace([])
            await clock.advance(10)
        assert len(diary.times) == 2


def then(first: Callable[[], Awaitable[None]], second: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def both() -> None:
        await first()
        second()

    return both


@pytest.mark.parametrize("when", [{}, {"cron": "* * * * *", "seconds": 5}])
def test_a_job_has_exactly_one_time(when: dict[str, float], diary: Diary) -> None:
    with pytest.raises(ValueError, match="write needs either"):
        Job("write", action=diary, **when)  # type: ignore[arg-type]  # that is what is refused
