"""What becomes of a request to a provider: written down, counted, told, acted upon.

Once money may have been spent, a disk that refuses to write stops nothing here: the picture is held
until it can be stored (`keeping.py`), and what happened is written down as soon as that can be (`ledger.py`).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from ..events import EventKind
from ..exceptions import (
    AccessRefusedError,
    ContentRefusedError,
    FateUnknownError,
    NotSentError,
    PictureError,
    PromptTooLongError,
    ProviderError,
    RateLimitedError,
    StoreError,
)
from ..metrics import ACCEPTED, Outcome
from ..models import Fate
from .keeping import picture_name
from .provider import traceback_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..events import Events
    from ..models import Generation, Json, Picture
    from ..prompts.book import PromptBook
    from ..store.store import Store
    from ..timing.clock import Clock
    from .availability import Availability
    from .awaited import Awaited
    from .desk import Reservation
    from .held import HeldPictures
    from .keeping import Keeping
    from .ledger import Ledger
    from .provider import Provider

_LOGGER = logging.getLogger(__name__)

_COST_NOTHING = (NotSentError, PromptTooLongError, RateLimitedError, AccessRefusedError)
_NOT_ITS_FAULT = (ContentRefusedError, StoreError)


class Fates:
    """Ends requests, well or otherwise; each method returns the request as it then stands."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        keeping: Keeping,
        store: Store,
        held: HeldPictures,
        prompts: PromptBook,
        availability: Availability,
        clock: Clock,
        events: Events,
    ) -> None:
        self._ledger = ledger
        self._keeping = keeping
        self._store = store
        self._held = held
        self._prompts = prompts
        self._availability = availability
        self._clock = clock
        self._events = events

    async def accepted(self, generation: Generation, ticket: Json) -> Generation:
        """The provider works on it: keep the ticket."""
        generation = replace(generation, fate=Fate.SENT, accepted=True, ticket=ticket)
        await self._ledger.write(generation, ACCEPTED)
        return generation

    async def arrived(
        self, provider: Provider, generation: Generation, image: bytes, awaited: Awaited
    ) -> Generation:
        """The picture is here: store it; the operation that waits shows it, or whoever asks next."""
        counts = () if generation.accepted else (ACCEPTED,)
        generation = replace(generation, accepted=True)
        abilities = provider.capabilities
        is_safe = generation.ticket is not None and self._ledger.is_written(generation.id)
        if generation.ticket is None and abilities.costs_money:
            awaited.is_held = is_safe = await self._held.hold(generation.id, image)
        try:
            if abilities.stored:
                kept = await self._keeping.keep(
                    generation,
                    image,
                    paid=abilities.costs_money,
                    is_safe=is_safe,
                    on_waiting=awaited.waits_for_disk,
                )
            else:
                kept = await self._keeping.show_once(image)
        except (PictureError, StoreError) as error:
            return await self._ended(provider, generation, error, Fate.FAILED, *counts, Outcome.ERRORS)
        generation = replace(
            generation,
            picture_id=None if kept.picture is None else kept.picture.id,
            passing=kept.passing,
            fate=Fate.DONE,
            finished_at=self._clock.now(),
        )
        if await self._ledger.write(
            generation, *counts, Outcome.SUCCESS, claimed_by=awaited.operation, is_seen=awaited.is_seen
        ):
            await self._held.let_go(generation.id)
        if awaited.is_seen and kept.picture is not None and generation.frame is not None:
            self._store.mark_shown(kept.picture.id, frame=generation.frame)
            self._store.shown_out_of_turn(kept.picture.id)
        self._availability.went_well(provider.code, asked_at=generation.asked_at)
        self._tell_done(provider, generation, kept.picture)
        return generation

    async def failed(
        self,
        provider: Provider,
        generation: Generation,
        error: ProviderError,
        *,
        reservation: Reservation | None,
    ) -> Generation:
        """The provider gave none; there is no reservation any more once it has handed out a ticket."""
        code = provider.code
        fate = Fate.FAILED
        match error:
            case NotSentError() if reservation is not None:
                fate = Fate.NOT_SENT
                self._availability.give_back(reservation)
                self._availability.unreachable(code)
            case PromptTooLongError() if reservation is not None:
                fate = Fate.NOT_SENT
                self._availability.give_back(reservation)
            case ContentRefusedError():
                fate = Fate.REFUSED
                if generation.prompt_id is not None:
                    await self._prompts.refuse(generation.prompt_id, provider=code, reason=str(error))
            case AccessRefusedError():
                self._availability.switch_off(code, str(error))
            case RateLimitedError():
                self._availability.rate_limited(code, error.retry_after)
            case FateUnknownError():
                fate = Fate.UNKNOWN
        return await self._ended(provider, generation, error, fate, Outcome.ERRORS)

    async def came(self, generations: Sequence[Generation]) -> dict[str, bytes]:
        """Return the pictures of requests that had come before the server ended, by id; forget all others."""
        await self._held.keep_only({generation.id for generation in generations})
        found = {generation.id: await self._held.find(generation.id) for generation in generations}
        return {generation_id: image for generation_id, image in found.items() if image is not None}

    async def left_open(self, generation: Generation, *, why: str) -> Generation:
        """Decide about a request whose answer, if there was one, did not come to us.

        Args:
            generation: As it stands.
            why: What happened instead, as a sentence without its end.
        """
        picture = await self._store.find(
            picture_name(generation),
            provider=generation.provider,
            text=generation.text,
            asked_at=generation.asked_at,
        )
        if picture is not None:
            found = replace(
                generation,
                fate=Fate.DONE,
                accepted=True,
                picture_id=picture.id,
                finished_at=self._clock.now(),
            )
            counts = () if generation.accepted else (ACCEPTED,)
            await self._ledger.write(found, *counts, Outcome.SUCCESS)
            return found
        error = FateUnknownError(f"{why}: nobody knows whether a picture was made")
        unknown = replace(
            generation,
            fate=Fate.UNKNOWN,
            error_code=error.code,
            error=str(error),
            finished_at=self._clock.now(),
        )
        await self._ledger.write(unknown, Outcome.ERRORS)
        _LOGGER.warning("%s, request of %s: %s", generation.provider, generation.asked_at, error)
        return unknown

    async def _ended(
        self,
        provider: Provider,
        generation: Generation,
        error: ProviderError | PictureError | StoreError,
        fate: Fate,
        *counts: Outcome | str,
    ) -> Generation:
        generation = replace(
            generation, fate=fate, error_code=error.code, error=str(error), finished_at=self._clock.now()
        )
        # What lasts for a day and costs nothing is one story; what may have cost money is told each time.
        is_news = self._availability.failed(provider.code, str(error))
        if await self._ledger.write(generation, *counts):
            await self._held.let_go(generation.id)
        is_free = isinstance(error, _COST_NOTHING) or not provider.capabilities.costs_money
        if not is_free and not isinstance(error, _NOT_ITS_FAULT):
            self._availability.wasted(provider.code)
        level = logging.DEBUG if is_free and not is_news else logging.WARNING
        cause = traceback_of(error) if is_news else None
        _LOGGER.log(level, "%s gave no picture: %s", provider.title, error, exc_info=cause)
        self._events.publish(EventKind.GENERATION_FAILED, generation)
        return generation

    def _tell_done(self, provider: Provider, generation: Generation, picture: Picture | None) -> None:
        if picture is None:
            _LOGGER.debug("%s gave a picture", provider.title)
            return
        seconds = (self._clock.now() - generation.asked_at).total_seconds()
        _LOGGER.info("%s made picture %s in %.0f s", provider.title, picture.stem, seconds)
        self._events.publish(EventKind.PICTURE_MADE, picture)
