"""The conversation with one provider: ask, and wait for what was promised."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from .. import policy
from ..exceptions import BadAnswerError, FateUnknownError, NotSentError, ProviderError, RateLimitedError
from .provider import traceback_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..models import Json
    from ..providers.base import Done, Pending, PictureRequest
    from ..timing.clock import Clock
    from .provider import Provider

_LOGGER = logging.getLogger(__name__)

RESENDS = (1.0, 3.0)
"""Seconds before each repetition of a request that was never sent: at most two."""

TICKET_LIFE = timedelta(days=3)
"""For how long a ticket is asked about: YandexART keeps its results this long."""

LEAST_PATIENCE = timedelta(hours=1)
"""For how long it is asked about however old it looks: a clock that was just set makes anything look old."""


class Asking:
    """Repeats what may be repeated, and nothing else."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._hurry = asyncio.Event()

    async def submit(self, provider: Provider, request: PictureRequest) -> Done | Pending:
        """Ask for a picture; only a request that never left is sent again.

        Raises:
            ProviderError: Also for an adapter that breaks: then the request's fate is unknown.
        """
        for delay in RESENDS:
            try:
                return await provider.submit(request)
            except NotSentError:
                await self._clock.sleep(delay)
        return await provider.submit(request)

    async def fetch(
        self,
        provider: Callable[[], Provider],
        ticket: Json,
        *,
        asked_at: datetime,
        on_trouble: Callable[[ProviderError], bool],
    ) -> bytes:
        """Ask about a ticket until the picture is there: soon at first, then at least every 30 s.

        Args:
            provider: Whom to ask, by the settings that hold at each time.
            ticket: What it handed out.
            asked_at: When.
            on_trouble: Is told what went wrong and will be tried again; says whether that is news.

        Raises:
            ProviderError: The picture is lost.
        """
        attempt = 0
        was_told = False
        began = self._clock.monotonic()
        while not self._is_too_old(asked_at, began):
            await self._pause(policy.fetch_delay(attempt))
            attempt += 1
            try:
                image = await provider().fetch(ticket)
            except (NotSentError, FateUnknownError, RateLimitedError) as trouble:
                is_news = on_trouble(trouble)
                _tell(provider(), trouble, again=was_told, cause=traceback_of(trouble) if is_news else None)
                was_told = True
                continue
            if image is not None:
                return image
        raise BadAnswerError(f"{provider().title} did not deliver within {TICKET_LIFE.days} days")

    def hurry(self) -> None:
        """Ask about every ticket now."""
        self._hurry.set()
        self._hurry = asyncio.Event()

    def _is_too_old(self, asked_at: datetime, began: float) -> bool:
        """Neither a clock that leaps ahead ends it early, nor one that is set back keeps it for ever."""
        asked_for = timedelta(seconds=self._clock.monotonic() - began)
        looks_old = self._clock.now() - asked_at >= TICKET_LIFE
        return asked_for >= TICKET_LIFE or (looks_old and asked_for >= LEAST_PATIENCE)

    async def _pause(self, seconds: float) -> None:
        waits = [
            asyncio.ensure_future(self._hurry.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def _tell(provider: Provider, trouble: ProviderError, *, again: bool, cause: BaseException | None) -> None:
    """Once a ticket for people; what follows is the same story every 30 seconds, for days if need be."""
    _LOGGER.log(
        logging.DEBUG if again else logging.WARNING,
        "%s has not handed out its picture yet and goes on being asked: %s",
        provider.title,
        trouble,
        exc_info=None if again else cause,
    )
