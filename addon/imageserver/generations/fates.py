"""What becomes of a request to a provider: written down, counted, told, acted upon.

Once money may have been spent, a disk that refuses to write stops nothing here: the picture is held
until it can be stored, and what is not written down is found again by the picture's name.
"""

from __future__ import annotations

import asyncio
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
    StateError,
    StoreError,
)
from ..metrics import ACCEPTED, Outcome
from ..models import Content, ContentKind, Fate, Generation, OperationKind
from . import records
from .provider import traceback_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from ..events import Events
    from ..metrics import Metrics
    from ..models import Json, Picture
    from ..problems import Problems
    from ..prompts.book import PromptBook
    from ..state.state import State
    from ..store.show_queue import ShowQueue
    from ..store.store import Store
    from ..timing.clock import Clock
    from .availability import Availability
    from .desk import Reservation
    from .held import HeldPictures
    from .provider import Provider

_LOGGER = logging.getLogger(__name__)

STORE_RETRY = 10.0
"""Seconds between attempts to store a picture that is in our hands while the disk does not take it."""


class Fates:
    """Ends requests, well or otherwise; each method returns the request as it then stands."""

    def __init__(
        self,
        *,
        state: State,
        store: Store,
        held: HeldPictures,
        prompts: PromptBook,
        availability: Availability,
        metrics: Metrics,
        queue: ShowQueue,
        clock: Clock,
        events: Events,
        problems: Problems,
    ) -> None:
        self._state = state
        self._store = store
        self._held = held
        self._prompts = prompts
        self._availability = availability
        self._metrics = metrics
        self._queue = queue
        self._clock = clock
        self._events = events
        self._problems = problems
        self._tickets: dict[str, Generation] = {}
        self._keeping = asyncio.Lock()

    async def intended(self, generation: Generation) -> None:
        """Write the intent down before anything is sent.

        Raises:
            StateError: It could not be written, so nothing may be sent.
        """
        await self._state.run(
            lambda connection: self._record(connection, generation, Outcome.TOTAL), durable=True
        )

    def withdrawn(self, generation: Generation) -> None:
        """Whoever asked has left while the intent was being written down: nothing was sent."""
        gone = replace(generation, fate=Fate.NOT_SENT, finished_at=self._clock.now())
        self._state.post(lambda connection: records.write(connection, gone))

    async def accepted(self, generation: Generation, ticket: Json) -> Generation:
        """The provider works on it: keep the ticket."""
        generation = replace(generation, fate=Fate.SENT, accepted=True, ticket=ticket)
        if not await self._write(generation, ACCEPTED):
            self._tickets[generation.id] = generation
        return generation

    async def keep_tickets(self) -> None:
        """Write down the tickets that a full disk refused: with the process, they would be lost."""
        async with self._keeping:
            for generation_id, generation in tuple(self._tickets.items()):
                if await self._write(generation, ACCEPTED):
                    del self._tickets[generation_id]

    async def arrived(
        self,
        provider: Provider,
        generation: Generation,
        image: bytes,
        *,
        claimed_by: Callable[[], str | None],
    ) -> Generation:
        """The picture is here: store it; the operation that waits shows it, or whoever asks next."""
        counts = await self._not_counted_yet(generation)
        generation = replace(generation, accepted=True)
        if generation.ticket is None and provider.capabilities.costs_money:
            await self._held.hold(generation.id, image)
        try:
            if provider.capabilities.stored:
                picture = await self._stored(generation, image)
                generation = replace(generation, picture_id=picture.id)
            else:
                picture = None
                generation = replace(generation, passing=await self._store.add_passing(image))
        except (PictureError, StoreError) as error:
            return await self._ended(provider, generation, error, Fate.FAILED, *counts, Outcome.ERRORS)
        generation = replace(generation, fate=Fate.DONE, finished_at=self._clock.now())
        if await self._write(generation, *counts, Outcome.SUCCESS, claimed_by=claimed_by()):
            await self._held.let_go(generation.id)
        self._availability.went_well(provider.code)
        self._tell_done(provider, generation, picture)
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
        counts = await self._not_counted_yet(generation) if generation.accepted else ()
        return await self._ended(provider, generation, error, fate, *counts, Outcome.ERRORS)

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
            await self._write(found, *counts, Outcome.SUCCESS)
            return found
        error = FateUnknownError(f"{why}: nobody knows whether a picture was made")
        unknown = replace(
            generation,
            fate=Fate.UNKNOWN,
            error_code=error.code,
            error=str(error),
            finished_at=self._clock.now(),
        )
        await self._write(unknown, Outcome.ERRORS)
        _LOGGER.warning("%s, request of %s: %s", generation.provider, generation.asked_at, error)
        return unknown

    async def _not_counted_yet(self, generation: Generation) -> tuple[str, ...]:
        """Return what is to be counted of a request that ends, unless it was when its ticket was written."""
        async with self._keeping:  # what is being written down is, or is not, before the end is
            refused = self._tickets.pop(generation.id, None)
        return (ACCEPTED,) if refused is not None or not generation.accepted else ()

    async def _stored(self, generation: Generation, image: bytes) -> Picture:
        while True:
            try:
                picture = await self._store.add(
                    image,
                    provider=generation.provider,
                    text=generation.text,
                    asked_at=generation.asked_at,
                    picture_name=picture_name(generation),
                )
            except (StoreError, StateError) as error:
                self._problems.report(
                    "picture_unstored",
                    f"A new picture is held in memory, since it can't be stored: {error}.",
                    remedy="Make room on the disk or its directory writable, and do not stop the server.",
                )
                await self._clock.sleep(STORE_RETRY)
            else:
                self._problems.resolve("picture_unstored")
                return picture

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
        # Out of reach for a day is one story; whatever may have cost money is told each time.
        is_news = self._availability.failed(provider.code, str(error))
        if await self._write(generation, *counts):
            await self._held.let_go(generation.id)
        level = logging.WARNING if is_news or not isinstance(error, NotSentError) else logging.DEBUG
        cause = traceback_of(error) if is_news else None
        _LOGGER.log(level, "%s gave no picture: %s", provider.title, error, exc_info=cause)
        self._events.publish(EventKind.GENERATION_FAILED, generation)
        return generation

    async def _write(
        self, generation: Generation, *counts: Outcome | str, claimed_by: str | None = None
    ) -> bool:
        """Write down how a request stands; False, and a problem, where the disk does not take it."""

        def write(connection: sqlite3.Connection) -> None:
            self._record(connection, generation, *counts)
            if generation.fate is Fate.DONE and generation.show:
                self._let_be_seen(connection, generation, claimed_by)

        try:
            await self._state.run(write, durable=True)
        except StateError as error:
            self._problems.report(
                "state_unwritable",
                f"What became of a request can't be written down: {error}.",
                remedy="Make room on the disk, or the data directory writable.",
            )
            return False
        self._problems.resolve("state_unwritable")
        return True

    def _let_be_seen(
        self, connection: sqlite3.Connection, generation: Generation, claimed_by: str | None
    ) -> None:
        if generation.picture_id is not None:
            content = Content(kind=ContentKind.PICTURE, picture_id=generation.picture_id)
        elif generation.kind is not OperationKind.AUTO:
            content = Content(kind=ContentKind.PASSING, passing=generation.passing)
        else:
            return  # It cost nothing and nobody asked for it by name.
        frame = generation.frame if generation.kind is OperationKind.FORCED else None
        self._queue.add_made(connection, content, frame=frame, claimed_by=claimed_by)

    def _record(self, connection: sqlite3.Connection, generation: Generation, *counts: Outcome | str) -> None:
        records.write(connection, generation)
        self._metrics.provider(connection, generation.provider, *counts)

    def _tell_done(self, provider: Provider, generation: Generation, picture: Picture | None) -> None:
        if picture is None:
            _LOGGER.debug("%s gave a picture", provider.title)
            return
        seconds = (self._clock.now() - generation.asked_at).total_seconds()
        _LOGGER.info("%s made picture %s in %.0f s", provider.title, picture.stem, seconds)
        self._events.publish(EventKind.PICTURE_MADE, picture)


def picture_name(generation: Generation) -> str:
    """Return the stem of the picture that a request brings: sortable by time, unique by the id."""
    return f"{generation.asked_at:%Y%m%d-%H%M%S}-{generation.id}"
