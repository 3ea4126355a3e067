"""What the server does by the clock."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .metrics import RequestKind
from .timing.jobs import Job

if TYPE_CHECKING:
    from datetime import tzinfo

    from .generations.availability import Availability
    from .generations.generations import Generations
    from .metrics import Metrics
    from .operations.choosing import Choosing
    from .operations.frames import Frames
    from .operations.operations import Operations
    from .prompts.book import PromptBook
    from .settings import Settings
    from .state.state import State
    from .store.show_queue import ShowQueue
    from .store.store import Store

_LOGGER = logging.getLogger(__name__)


class Schedule:
    """The jobs of a server, with what each of them does."""

    def __init__(
        self,
        *,
        state: State,
        operations: Operations,
        generations: Generations,
        availability: Availability,
        choosing: Choosing,
        store: Store,
        prompts: PromptBook,
        queue: ShowQueue,
        frames: Frames,
        metrics: Metrics,
        zone: tzinfo,
    ) -> None:
        self._state = state
        self._operations = operations
        self._generations = generations
        self._availability = availability
        self._choosing = choosing
        self._store = store
        self._prompts = prompts
        self._queue = queue
        self._frames = frames
        self._metrics = metrics
        self._zone = zone

    def jobs(self, settings: Settings) -> list[Job]:
        """Return every job, at the times that the settings say."""
        return [
            Job("check pending requests", cron=settings.check_pending_cron, action=self._check_pending),
            Job("scan pictures", cron=settings.scan_image_cron, action=self._store.scan),
            Job("notice new pictures", seconds=10, action=self._notice_pictures),
            Job("notice edited prompts", seconds=3, action=self._prompts.refresh),
            Job("write down what waits", seconds=5, action=self._flush),
            Job("forget what is over", seconds=60, action=self._forget),
            Job("log metrics", cron="0 * * * *", action=self._log_metrics),
            Job("tidy up", cron="17 3 * * *", action=self._tidy_up),
        ]

    async def _check_pending(self) -> None:
        self._generations.hurry()

    async def _notice_pictures(self) -> None:
        if await self._store.changed():
            await self._store.scan()

    async def _flush(self) -> None:
        self._metrics.flush()
        await self._state.try_again()
        await self._generations.write_down()

    async def _forget(self) -> None:
        self._operations.expire()
        self._availability.check_budgets()
        keep = self._operations.passing_in_use() | await self._queue.passing() | self._frames.passing()
        await self._store.remove_passing(keep=keep)
        await self._store.purge()

    async def _tidy_up(self) -> None:
        self._metrics.forget_old()
        self._generations.forget_old()

    async def _log_metrics(self) -> None:
        snapshot = self._metrics.snapshot(provider.code for provider in self._availability.providers)
        kinds = ", ".join(f"{kind} {snapshot.requests[kind].total}" for kind in RequestKind)
        requests, images = snapshot.all_requests, snapshot.images
        _LOGGER.info(
            "Requests %d (%.1f an hour; %s), errors %d; images sent %d (%.1f an hour)",
            requests.total,
            requests.total_per_hour,
            kinds,
            requests.errors,
            images.success,
            images.success_per_hour,
        )
        for code, provider in snapshot.providers.items():
            counts = provider.counts
            if counts.total:
                _LOGGER.info(
                    "%s: %d today, %d yesterday; %d asked in all (%.1f an hour), %d pictures, %d errors",
                    code,
                    provider.today,
                    provider.yesterday,
                    counts.total,
                    counts.total_per_hour,
                    counts.success,
                    counts.errors,
                )
        await self._log_store()

    async def _log_store(self) -> None:
        summary = await self._store.summary()
        next_turn = self._choosing.next_turn_at()
        _LOGGER.info(
            "Pictures %d, archived %d, %.1f MB; prompts %d; the next automatic request may be made %s",
            summary.pictures,
            summary.archived,
            summary.bytes / 1e6,
            self._prompts.count,
            "at no known time" if next_turn is None else f"from {next_turn.astimezone(self._zone):%H:%M} on",
        )
