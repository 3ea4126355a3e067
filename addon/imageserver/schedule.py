"""What the server does by the clock."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .metrics import RequestKind
from .timing.jobs import Job

if TYPE_CHECKING:
    from .server import Server

_LOGGER = logging.getLogger(__name__)


class Schedule:
    """The jobs of a server, with what each of them does."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def jobs(self) -> list[Job]:
        """Return every job, by the settings that hold now."""
        server, settings = self._server, self._server.settings
        return [
            Job("check pending requests", cron=settings.check_pending_cron, action=self._check_pending),
            Job("scan pictures", cron=settings.scan_image_cron, action=server.store.scan),
            Job("notice new pictures", seconds=10, action=self._notice_pictures),
            Job("notice edited prompts", seconds=3, action=server.prompts.refresh),
            Job("write counts down", seconds=5, action=self._flush),
            Job("forget what is over", seconds=60, action=self._forget),
            Job("log metrics", cron="0 * * * *", action=self._log_metrics),
            Job("tidy up", cron="17 3 * * *", action=self._tidy_up),
        ]

    async def _check_pending(self) -> None:
        self._server.generations.hurry()

    async def _notice_pictures(self) -> None:
        if await self._server.store.changed():
            await self._server.store.scan()

    async def _flush(self) -> None:
        self._server.metrics.flush()

    async def _forget(self) -> None:
        server = self._server
        server.operations.expire()
        server.availability.check_budgets()
        keep = server.operations.passing_in_use() | await server.queue.passing() | server.frames.passing()
        await server.store.remove_passing(keep=keep)
        await server.store.purge()

    async def _tidy_up(self) -> None:
        self._server.metrics.forget_old()
        self._server.generations.forget_old()

    async def _log_metrics(self) -> None:
        server = self._server
        snapshot = server.metrics.snapshot(provider.code for provider in server.availability.providers)
        kinds = ", ".join(f"{kind} {snapshot.requests[kind].total}" for kind in RequestKind)
        _LOGGER.info(
            "Requests %d (%s), errors %d, images sent %d",
            snapshot.all_requests.total,
            kinds,
            snapshot.all_requests.errors,
            snapshot.images.success,
        )
        for code, provider in snapshot.providers.items():
            if provider.counts.total:
                _LOGGER.info(
                    "%s: %d today, %d yesterday; %d asked in all, %d pictures, %d errors",
                    code,
                    provider.today,
                    provider.yesterday,
                    provider.counts.total,
                    provider.counts.success,
                    provider.counts.errors,
                )
