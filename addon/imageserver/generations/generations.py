"""Requests to providers, from the intent to their fate.

The order of things is what keeps money safe:

1. The intent is on the disk before anything is sent. A crash after it means "fate unknown": it counts
   against the budget and is not repeated.
2. A ticket is on the disk before anyone waits for it. A crash after it means that it is fetched later.
3. A picture that no ticket leads to is on the disk as it came before it is looked at.
4. The picture's name comes from the request's id, so a picture that arrives twice is stored once.
5. The picture is on the disk before its request is called done.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from ..events import EventKind
from ..exceptions import NotFoundError, ProviderError, StateError, StoreError
from ..metrics import Outcome
from ..models import Fate, Generation, OperationKind
from ..providers.base import Pending, PictureRequest
from . import records
from .asking import TICKET_LIFE
from .awaited import Awaited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..events import Events
    from ..models import PromptText
    from ..state.state import State
    from ..timing.clock import Clock
    from .asking import Asking
    from .availability import Availability
    from .desk import Reservation
    from .fates import Fates
    from .keeping import Keeping
    from .ledger import Ledger
    from .provider import Provider

    type _Work = Callable[[Generation], Awaitable[Generation]]

_LOGGER = logging.getLogger(__name__)

KEPT = timedelta(days=400)
MOST_KEPT = 100_000
"""A folder may be asked by each frame each time: that is a million requests a year."""

COUNTED = timedelta(days=2)
"""For so long a request may count against the budget of a local day, whatever the zone."""

_ENDED = "The server ended before the answer came"
_WENT_WRONG = "The server made a mistake, which its log describes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be asked of which provider, and for whom.

    Attributes:
        operation: Which operation shows the picture first; None: whichever frame asks next.
    """

    kind: OperationKind
    provider: Provider
    text: PromptText | None
    prompt_id: str | None = None
    frame: str | None = None
    show: bool = True
    operation: str | None = None


class Generations:
    """Runs each request as a task of its own, which no frame's impatience ends."""

    def __init__(
        self,
        *,
        state: State,
        asking: Asking,
        ledger: Ledger,
        keeping: Keeping,
        fates: Fates,
        availability: Availability,
        clock: Clock,
        events: Events,
        new_id: Callable[[], str],
    ) -> None:
        self._state = state
        self._asking = asking
        self._ledger = ledger
        self._keeping = keeping
        self._fates = fates
        self._availability = availability
        self._clock = clock
        self._events = events
        self._new_id = new_id
        self._tasks: dict[str, asyncio.Task[Generation]] = {}
        self._awaited: dict[str, Awaited] = {}
        self._closing = False

    async def open(self) -> None:
        """Go on with what was under way when the server ended."""
        unfinished = await self._state.read(records.unfinished)
        came = await self._fates.came(unfinished)
        for generation in unfinished:
            provider = self._known(generation.provider)
            if provider is not None and generation.id in came:
                _LOGGER.info("%s had sent a picture, which the end of the server came before", provider.title)
                self._run(generation, partial(self._arrived, provider, image=came.pop(generation.id)))
            elif generation.fate is not Fate.SENT:
                await self._decide(generation)
            elif provider is not None:
                _LOGGER.info("%s still owes a picture, asked for before the restart", provider.title)
                self._run(generation, partial(self._await_ticket, provider))
            elif self._clock.now() - generation.asked_at < TICKET_LIFE:
                _LOGGER.warning("%s still owes a picture, but is not there to be asked", generation.provider)
            else:
                await self._decide(generation)

    async def close(self, *, grace: float) -> None:
        """Stop; an answer that would be lost with the process gets `grace` seconds to come."""
        self._closing = True
        for generation_id, task in self._tasks.items():
            if not self._is_irreplaceable(self._awaited[generation_id]):
                task.cancel()
        waiting = list(self._tasks.values())
        if not waiting:
            return
        if any(self._is_irreplaceable(awaited) for awaited in self._awaited.values()):
            _LOGGER.info("Waiting up to %.0f s for a provider's answer before stopping", grace)
        safe = [
            asyncio.create_task(self._until_safe(awaited, self._tasks[generation_id]))
            for generation_id, awaited in self._awaited.items()
        ]
        await asyncio.wait(safe, timeout=grace)
        everyone: list[asyncio.Task[Any]] = [*waiting, *safe]
        for late in everyone:
            late.cancel()
        await asyncio.gather(*everyone, return_exceptions=True)

    @property
    def running(self) -> list[Generation]:
        """What is under way, oldest first."""
        return [awaited.generation for awaited in self._awaited.values()]

    async def begin(self, wish: Wish) -> Generation:
        """Write the intent down, then ask the provider in the background.

        What costs nothing needs not be written down before.

        Raises:
            StateError: It could not be written down; nothing was sent.
            StoreError: A picture that is paid for could not be stored; nothing was sent.
        """
        refusal = self._keeping.refusal() if wish.provider.capabilities.costs_money else None
        if refusal is not None:
            raise StoreError(f"{wish.provider.title} is not asked: {refusal}")
        generation = Generation(
            id=self._new_id(),
            provider=wish.provider.code,
            kind=wish.kind,
            text=wish.text,
            asked_at=self._clock.now(),
            day=self._clock.today(),
            fate=Fate.INTENDED,
            frame=wish.frame,
            show=wish.show,
            prompt_id=wish.prompt_id,
        )
        automatic = wish.kind is OperationKind.AUTO
        reservation = self._availability.reserve(wish.provider.code, automatic=automatic)
        try:
            await self._intend(wish.provider, generation)
        except BaseException as error:
            self._availability.give_back(reservation)
            if isinstance(error, asyncio.CancelledError):
                gone = replace(generation, fate=Fate.NOT_SENT, finished_at=self._clock.now())
                self._ledger.withdraw(gone)
            raise
        self._run(generation, partial(self._ask, wish.provider, reservation=reservation), wish.operation)
        return generation

    async def wait(self, generation_id: str) -> Generation:
        """Wait until a request has met its fate; who gives up waiting does not end it.

        Raises:
            NotFoundError: There never was one, or it is forgotten.
        """
        task = self._tasks.get(generation_id)
        return await asyncio.shield(task) if task is not None else await self.get(generation_id)

    async def picture(self, generation_id: str) -> Generation:
        """Wait until a request has met its fate, or brought a picture that can be shown before it is stored.

        Raises:
            NotFoundError: There never was one, or it is forgotten.
        """
        awaited, task = self._awaited.get(generation_id), self._tasks.get(generation_id)
        if awaited is not None and task is not None and await awaited.is_here(task):
            return replace(awaited.generation, passing=awaited.passing)
        return await asyncio.shield(task) if task is not None else await self.get(generation_id)

    async def get(self, generation_id: str) -> Generation:
        """Return a request as it stands.

        Raises:
            NotFoundError: There never was one, or it is forgotten.
        """
        awaited = self._awaited.get(generation_id)
        known = self._ledger.waiting(generation_id) if awaited is None else awaited.generation
        if known is None:
            known = await self._state.read(lambda connection: records.find(connection, generation_id))
        if known is None:
            raise NotFoundError(f"No request {generation_id} is known")
        return known

    async def newest(self, limit: int) -> list[Generation]:
        """Return the newest requests, newest first."""
        return await self._state.read(lambda connection: records.newest(connection, limit))

    def claim(self, generation_id: str, operation_id: str) -> None:
        """An operation waits for this picture; it is the first to show it."""
        if generation_id in self._awaited:
            self._awaited[generation_id].operation = operation_id

    def unclaim(self, operation_id: str) -> None:
        """An operation no longer waits: what arrives late is shown to whoever asks next."""
        self._ledger.unclaim(operation_id)
        for awaited in self._awaited.values():
            if awaited.operation == operation_id:
                awaited.operation = None

    def seen(self, operation_id: str) -> None:
        """An operation has shown its picture, maybe before that was stored or written down."""
        self._ledger.seen(operation_id)
        for awaited in self._awaited.values():
            if awaited.operation == operation_id:
                awaited.is_seen = True

    def hurry(self) -> None:
        """Ask about every ticket now: a frame polls, or the user's schedule says so."""
        self._asking.hurry()

    async def write_down(self) -> None:
        """Write down what a full disk has refused; to be called every few seconds."""
        await self._ledger.try_again()

    def forget_old(self) -> None:
        """Drop requests that nobody asks about any more."""
        now = self._clock.now()
        self._state.post(
            lambda connection: records.forget_old(
                connection, before=now - KEPT, most=MOST_KEPT, but_since=now - COUNTED
            )
        )

    async def _decide(self, generation: Generation) -> None:
        try:
            await self._fates.left_open(generation, why=_ENDED)
        except (StateError, StoreError) as error:
            _LOGGER.warning("What became of a request is decided at the next start: %s", error)

    def _known(self, code: str) -> Provider | None:
        return next((known for known in self._availability.providers if known.code == code), None)

    async def _until_safe(self, awaited: Awaited, task: asyncio.Task[Generation]) -> None:
        if await awaited.is_here(task) and self._is_irreplaceable(awaited):
            await asyncio.wait((task,))

    def _is_irreplaceable(self, awaited: Awaited) -> bool:
        """Whether the picture, or the answer that brings it, is lost with this process."""
        return awaited.is_paid and not awaited.is_held and not self._has_ticket(awaited.generation)

    def _has_ticket(self, generation: Generation) -> bool:
        """Whether it can be fetched after the next start."""
        return generation.ticket is not None and self._ledger.is_written(generation.id)

    async def _intend(self, provider: Provider, generation: Generation) -> None:
        if provider.capabilities.costs_money:
            await self._ledger.intend(generation)
        else:
            await self._ledger.write(generation, Outcome.TOTAL)

    def _run(self, generation: Generation, work: _Work, operation: str | None = None) -> None:
        self._awaited[generation.id] = Awaited(generation, operation)
        task = asyncio.create_task(self._to_its_end(generation, work), name=f"generation {generation.id}")
        self._tasks[generation.id] = task
        task.add_done_callback(lambda _: self._ended(generation.id))
        self._note(generation)

    async def _to_its_end(self, generation: Generation, work: _Work) -> Generation:
        """Leave no request without a fate because the server itself made a mistake."""
        try:
            return await work(generation)
        except Exception:
            _LOGGER.exception("A request to %s went wrong within the server", generation.provider)
            generation = self._awaited[generation.id].generation
            if generation.fate is not Fate.INTENDED:
                return generation  # it has a ticket, which is asked about after the next start
            return self._note(await self._fates.left_open(generation, why=_WENT_WRONG))

    def _ended(self, generation_id: str) -> None:
        del self._tasks[generation_id]
        del self._awaited[generation_id]

    def _note(self, generation: Generation) -> Generation:
        self._awaited[generation.id].generation = generation
        self._events.publish(EventKind.OPERATION, generation)
        return generation

    async def _ask(self, provider: Provider, generation: Generation, reservation: Reservation) -> Generation:
        text = generation.text
        request = PictureRequest(prompt=text.prompt, negative=text.negative) if text else PictureRequest()
        _LOGGER.info("Asking %s for a picture%s", provider.title, f": {text.prompt}" if text else "")
        self._awaited[generation.id].is_paid = provider.capabilities.costs_money
        try:
            answer = await self._asking.submit(provider, request)
        except ProviderError as error:
            failed = self._fates.failed(provider, generation, error, reservation=reservation)
            return self._note(await failed)
        if isinstance(answer, Pending):
            generation = self._note(await self._fates.accepted(generation, answer.ticket))
            if self._closing and self._has_ticket(generation):
                return generation  # it is asked about after the next start
            return await self._await_ticket(provider, generation)
        return await self._arrived(provider, generation, answer.image)

    async def _await_ticket(self, provider: Provider, generation: Generation) -> Generation:
        try:
            image = await self._asking.fetch(
                lambda: self._known(provider.code) or provider,
                generation.ticket,
                asked_at=generation.asked_at,
                on_trouble=lambda trouble: self._availability.failed(provider.code, str(trouble)),
            )
        except ProviderError as error:
            return self._note(await self._fates.failed(provider, generation, error, reservation=None))
        return await self._arrived(provider, generation, image)

    async def _arrived(self, provider: Provider, generation: Generation, image: bytes) -> Generation:
        awaited = self._awaited[generation.id]
        awaited.is_paid = provider.capabilities.costs_money
        return self._note(await self._fates.arrived(provider, generation, image, awaited))
