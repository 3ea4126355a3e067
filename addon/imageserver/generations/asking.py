"""The conversation with one provider: ask, and wait for what was promised."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from .. import policy
from ..exceptions import BadAnswerError, FateUnknownError, NotSentError, ProviderError, RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..models import Json
    from ..providers.base import Done, ImageProvider, Pending, PictureRequest
    from ..timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

RESENDS = (1.0, 3.0)
"""Seconds before each repetition of a request that was never sent: at most two."""

SUBMIT_TIMEOUT = 15 * 60.0
"""Seconds after which an adapter without a limit of its own is given up; a local model may need minutes."""

TICKET_LIFE = timedelta(days=3)
"""For how long a ticket is asked about: YandexART keeps its results this long."""


class Asking:
    """Repeats what may be repeated, and nothing else."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._hurry = asyncio.Event()

    async def submit(self, provider: ImageProvider, request: PictureRequest) -> Done | Pending:
        """Ask for a picture; only a request that never left is sent again.

        Raises:
            ProviderError: Also for an adapter that breaks: then the request's fate is unknown.
        """
        for delay in RESENDS:
            try:
                return await self._submit_once(provider, request)
            except NotSentError:
                await self._clock.sleep(delay)
        return await self._submit_once(provider, request)

    async def fetch(
        self,
        provider: Callable[[], ImageProvider],
        ticket: Json,
        *,
        asked_at: datetime,
        on_trouble: Callable[[ProviderError], None],
    ) -> bytes:
        """Ask about a ticket until the picture is there: soon at first, then at least every 30 s.

        Args:
            provider: Whom to ask, by the settings that hold at each time.
            ticket: What it handed out.
            asked_at: When.
            on_trouble: Is told what went wrong and will be tried again.

        Raises:
            ProviderError: The picture is lost.
        """
        attempt = 0
        while self._clock.now() - asked_at < TICKET_LIFE:
            await self._pause(policy.fetch_delay(attempt))
            attempt += 1
            try:
                image = await self._fetch_once(provider(), ticket)
            except (NotSentError, FateUnknownError, RateLimitedError) as trouble:
                on_trouble(trouble)
                continue
            if image is not None:
                return image
        raise BadAnswerError(f"{provider().title} did not deliver within {TICKET_LIFE.days} days")

    def hurry(self) -> None:
        """Ask about every ticket now."""
        self._hurry.set()
        self._hurry = asyncio.Event()

    async def _submit_once(self, provider: ImageProvider, request: PictureRequest) -> Done | Pending:
        try:
            async with asyncio.timeout(SUBMIT_TIMEOUT):
                return await provider.submit(request)
        except ProviderError:
            raise
        except TimeoutError as error:
            raise FateUnknownError(f"{provider.title} did not answer in time") from error
        except Exception as error:
            _LOGGER.exception("The adapter of %s broke", provider.title)
            raise FateUnknownError(f"The adapter of {provider.title} broke: {error!r}") from error

    async def _fetch_once(self, provider: ImageProvider, ticket: Json) -> bytes | None:
        try:
            return await provider.fetch(ticket)
        except ProviderError:
            raise
        except Exception as error:
            _LOGGER.exception("The adapter of %s broke", provider.title)
            raise FateUnknownError(f"The adapter of {provider.title} broke: {error!r}") from error

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
