"""What is done again and again: every so many seconds, or by a cron schedule in local time.

Each job runs in a task of its own, never twice at a time. What was missed while it ran, or while the clock
leapt, is not made up for: it runs once and goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from . import cron

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime

    from .clock import Clock

_LOGGER = logging.getLogger(__name__)

LONGEST_NAP = 60.0
"""Seconds after which a schedule looks at the clock again, which may have been put right meanwhile."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do, and when: exactly one of `cron` and `seconds`.

    Attributes:
        name: Tells jobs apart, and people in the log what failed.
        cron: A schedule in local time.
        seconds: From the end of a run to the next one.
    """

    name: str
    _: KW_ONLY
    action: Callable[[], Awaitable[object]]
    cron: str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse a job that has no time or two."""
        if (self.cron is None) == (self.seconds is None):
            raise ValueError(f"{self.name} needs either a schedule or seconds")

    def is_timed_like(self, other: Job) -> bool:
        """Whether both are done at the same times."""
        return (self.cron, self.seconds) == (other.cron, other.seconds)


class Jobs:
    """Runs jobs until it is closed."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._runners: dict[str, _Runner] = {}

    def replace(self, jobs: Iterable[Job]) -> None:
        """Run these jobs from now on, instead of those before.

        One that is at work finishes first; one whose times stay the same keeps to them.
        """
        wanted = {job.name: job for job in jobs}
        self._runners = {name: runner for name, runner in self._runners.items() if not runner.has_ended}
        for name, runner in self._runners.items():
            runner.change(wanted.pop(name, None))
        for name, job in wanted.items():
            self._runners[name] = _Runner(job, self._clock)

    async def close(self) -> None:
        """End all jobs, also those at work."""
        runners, self._runners = self._runners, {}
        await asyncio.gather(*(runner.close() for runner in runners.values()))


class _Runner:
    """One job's task."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self._job: Job | None = job
        self._clock = clock
        self._looked_at: datetime = clock.now()
        self._nap: asyncio.Task[None] | None = None
        self._failure: str | None = None
        self._task = asyncio.create_task(self._run(), name=f"job: {job.name}")

    @property
    def has_ended(self) -> bool:
        return self._task.done()

    def change(self, job: Job | None) -> None:
        """Do this from now on; None ends it, once what is at work is finished."""
        before, self._job = self._job, job
        if self._nap is not None and (job is None or before is None or not job.is_timed_like(before)):
            self._looked_at = self._clock.now()
            self._nap.cancel()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._job is not None:
            if await self._is_due(self._job):
                await self._act(self._job)
                self._looked_at = self._clock.now()

    async def _is_due(self, job: Job) -> bool:
        """Wait a while, and say whether it is time; False also where the job was changed meanwhile."""
        if job.cron is None:
            return await self._sleep(job.seconds or 0)
        now = self._clock.now()
        # A clock that was put back begins to count anew.
        self._looked_at = min(self._looked_at, now)
        comes = cron.next_after(job.cron, self._looked_at.astimezone(self._clock.zone))
        if comes is not None and comes <= now:
            return True
        left = LONGEST_NAP if comes is None else (comes - now) / timedelta(seconds=1)
        await self._sleep(min(left, LONGEST_NAP))
        return False

    async def _sleep(self, seconds: float) -> bool:
        """Sleep; False if somebody woke us."""
        self._nap = nap = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait([nap])
            return not nap.cancelled()
        finally:
            nap.cancel()
            self._nap = None

    async def _act(self, job: Job) -> None:
        try:
            await job.action()
        except asyncio.CancelledError as error:
            if self._task.cancelling():
                raise
            self._note_failure(job, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next time comes
            self._note_failure(job, error)
        else:
            if self._failure is not None:
                _LOGGER.info("%s: works again", job.name)
            self._failure = None

    def _note_failure(self, job: Job, error: BaseException) -> None:
        """Log a failure with its traceback once, however often it comes again."""
        failure = f"{type(error).__name__}: {error}"
        if failure != self._failure:
            _LOGGER.error("%s: failed, will be tried again", job.name, exc_info=error)
        self._failure = failure
