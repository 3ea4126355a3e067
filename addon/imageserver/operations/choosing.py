"""Deciding where a picture comes from: the order that `auto` follows, and who meets a direct request."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import policy
from ..exceptions import StartError, StateError, StoreError
from ..generations.generations import Wish
from ..models import Card, Content, ContentKind, OperationKind

if TYPE_CHECKING:
    from datetime import datetime

    from ..generations.availability import Availability
    from ..generations.generations import Generations
    from ..generations.provider import Provider
    from ..models import Generation, Operation, PromptText
    from ..options.overrides import Overrides
    from ..problems import Problems
    from ..prompts.book import PromptBook
    from ..settings import Settings
    from ..store.show_queue import ShowQueue
    from ..store.store import Store
    from ..timing.clock import Clock

_LOGGER = logging.getLogger(__name__)


class Choosing:
    """Chooses; what it chose is then made ready by `operations.py`."""

    def __init__(
        self,
        *,
        settings: Settings,
        overrides: Overrides,
        availability: Availability,
        prompts: PromptBook,
        generations: Generations,
        queue: ShowQueue,
        store: Store,
        clock: Clock,
        problems: Problems,
    ) -> None:
        self._settings = settings
        self._overrides = overrides
        self._availability = availability
        self._prompts = prompts
        self._generations = generations
        self._queue = queue
        self._store = store
        self._clock = clock
        self._problems = problems
        self._turn = asyncio.Lock()

    def apply(self, settings: Settings) -> None:
        """Take new thresholds and sleep periods."""
        self._settings = settings

    async def undirected(self, operation: Operation) -> Operation:
        """Return an `auto` or `old` operation with its content, with its generation, or with neither.

        Neither means: one from the rotation.
        """
        if operation.kind is OperationKind.OLD:
            return operation
        waiting = await self._anything_waits()
        if waiting and (chosen := await self._claim(operation, chosen=True)):
            return replace(operation, content=chosen)
        asleep = policy.sleeping(self._settings.sleep_time, self._clock.local())
        if asleep is not None:
            return replace(operation, content=Content(kind=ContentKind.BLACK)) if asleep.black else operation
        if waiting and (made := await self._claim(operation, chosen=False)):
            return replace(operation, content=made)
        generation = await self._first_picture() or await self._take_turn(operation)
        return operation if generation is None else replace(operation, generation_id=generation.id)

    def direct(self, text: PromptText | None, *, code: str | None = None) -> Wish:
        """Return whom to ask for what, for a direct request.

        Raises:
            StartError: Nobody can meet it.
        """
        if text is not None:
            text = self._prompts.expand(text)
        provider = self._availability.choose_direct(text, code=code)
        if text is not None:
            return Wish(kind=OperationKind.DIRECT, provider=provider, text=text)
        return self._from_book(OperationKind.DIRECT, provider)

    def next_turn_at(self) -> datetime | None:
        """Return when a provider may be asked automatically; None while something else stands in the way."""
        if self._overrides.paused:
            return None
        moments = [self._availability.readiness(provider.code) for provider in self._availability.in_use()]
        now = self._clock.now()
        possible = [now if moment.ready else moment.until for moment in moments]
        known = [moment for moment in possible if moment is not None]
        if not known:
            return None
        moment = max(min(known), self._threshold_over_at())
        return policy.awake_from(self._settings.sleep_time, moment, self._clock.local().tzinfo)

    def card(self) -> Card:
        """Return what to tell a person who sees no picture."""
        in_use = self._availability.in_use()
        if any(self._availability.readiness(provider.code, direct=True).ready for provider in in_use):
            return Card.NO_PICTURES
        return Card.NO_PICTURES_PROVIDER_OFF

    async def _anything_waits(self) -> bool:
        try:
            return await self._queue.has_any()
        except StateError as error:
            _LOGGER.debug("The queue can't be read: %s", error)
            return False

    async def _claim(self, operation: Operation, *, chosen: bool) -> Content | None:
        try:
            return await self._queue.claim(operation.id, frame=operation.frame, chosen=chosen)
        except StateError as error:
            _LOGGER.debug("Nothing claimed: %s", error)
            return None

    async def _take_turn(self, operation: Operation) -> Generation | None:
        if self._overrides.paused:
            return None
        async with self._turn:
            if self._threshold_over_at() > self._clock.now():
                return None
            provider = self._availability.choose_automatic()
            if provider is None:
                return None
            try:
                wish = self._from_book(OperationKind.AUTO, provider)
                generation = await self._generations.begin(
                    replace(wish, frame=operation.frame, operation=operation.id)
                )
            except (StateError, StoreError) as error:
                _LOGGER.debug("%s was not asked: %s", provider.title, error)  # what stands in the way is told
                return None
            except StartError as error:
                self._problems.report(
                    "turn_lost",
                    f"{provider.title} was not asked: {error}.",
                    remedy="Frames are shown stored pictures meanwhile.",
                )
                return None
            self._problems.resolve("turn_lost")
            return generation

    async def _first_picture(self) -> Generation | None:
        """While there is nothing to show yet, everyone waits for the picture that is being made."""
        shown = (generation for generation in self._generations.running if generation.show)
        generation = next(shown, None)
        if generation is None or await self._has_pictures():
            return None
        return generation

    async def _has_pictures(self) -> bool:
        try:
            return await self._store.has_any()
        except (StoreError, StateError) as error:
            _LOGGER.debug("Whether there are pictures can't be read: %s", error)
            return False

    def _from_book(self, kind: OperationKind, provider: Provider) -> Wish:
        if not provider.capabilities.prompt:
            return Wish(kind=kind, provider=provider, text=None)
        drawn = self._prompts.draw(provider)
        if drawn is None:
            raise StartError(f"{provider.title}: no prompt is left that it takes")
        return Wish(kind=kind, provider=provider, text=drawn.text, prompt_id=drawn.prompt_id)

    def _threshold_over_at(self) -> datetime:
        return policy.allowed_at(
            self._availability.last_asked_at(),
            self._settings.image_generate_threshold,
            self._clock.now(),
        )
