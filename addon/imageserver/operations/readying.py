"""Making an operation's picture ready: waiting for a provider, reading a file, or taking another one."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from ..exceptions import ImageServerError, NotFoundError, PictureError, StartError
from ..models import Content, ContentKind, Fate, OperationKind

if TYPE_CHECKING:
    from ..generations.generations import Generations
    from ..models import Operation
    from ..store.show_queue import ShowQueue
    from ..store.store import Store
    from ..timing.clock import Clock
    from .choosing import Choosing
    from .gallery import Gallery

_LOGGER = logging.getLogger(__name__)

PATIENCE = 55.0
"""Seconds that an `auto` operation waits for a provider: just under the frame's second poll."""


class NothingMadeError(Exception):
    """The provider gave nothing to who asked for just that; `code` says why on the wire."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Readying:
    """Has a picture for every operation, but for a direct one whose provider gave none."""

    def __init__(
        self,
        *,
        choosing: Choosing,
        generations: Generations,
        gallery: Gallery,
        store: Store,
        queue: ShowQueue,
        clock: Clock,
    ) -> None:
        self._choosing = choosing
        self._generations = generations
        self._gallery = gallery
        self._store = store
        self._queue = queue
        self._clock = clock

    async def ready(self, operation: Operation) -> tuple[Content, bytes]:
        """Return what an operation shows, and its bytes, once it is there.

        Raises:
            NothingMadeError: The provider of a direct request gave none.
        """
        content = operation.content
        if operation.generation_id is not None:
            content = await self._made(operation, operation.generation_id)
        image = None if content is None else await self._jpeg(operation.id, content)
        if content is None or image is None:
            self.give_up_claims(operation.id)
            return await self._gallery.rotation(self._choosing.card())
        if content.picture_id is not None:
            self._store.shown_out_of_turn(content.picture_id)
        return content, image

    async def again(self, operation_id: str, content: Content) -> tuple[Content, bytes]:
        """Return what was promised; another one where it was deleted, or broke, since."""
        image = await self._jpeg(operation_id, content)
        return await self._gallery.rotation(self._choosing.card()) if image is None else (content, image)

    def give_up_claims(self, operation_id: str) -> None:
        """Let others show what this operation did not."""
        self._generations.unclaim(operation_id)
        self._queue.release(operation_id)

    async def _jpeg(self, operation_id: str, content: Content) -> bytes | None:
        """Return a picture; one that is gone for good leaves the queue, one out of reach stays in it."""
        try:
            return await self._gallery.jpeg(content)
        except (NotFoundError, PictureError):
            self._queue.drop(operation_id)
        except ImageServerError:
            self._queue.release(operation_id)
        return None

    async def _made(self, operation: Operation, generation_id: str) -> Content | None:
        """Return what was made; for `auto`, None whatever went wrong."""
        if operation.kind is not OperationKind.AUTO:
            return await self._made_directly(operation, generation_id)
        try:
            return await self._made_in_time(operation, generation_id)
        except (ImageServerError, NothingMadeError) as error:
            _LOGGER.debug("Operation %s gets no new picture: %s", operation.id, error)
        except Exception:
            _LOGGER.exception("Operation %s gets no new picture", operation.id)
        return None

    async def _made_in_time(self, operation: Operation, generation_id: str) -> Content | None:
        patience = PATIENCE - (self._clock.now() - operation.created_at).total_seconds()
        waiting = asyncio.ensure_future(self._made_directly(operation, generation_id))
        waits: list[asyncio.Future[Any]] = [
            waiting,
            asyncio.ensure_future(self._clock.sleep(max(0.0, min(patience, PATIENCE)))),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _made_directly(self, operation: Operation, generation_id: str) -> Content:
        if operation.kind is OperationKind.FORCED:
            generation = await self._generations.wait(generation_id)
        else:
            generation = await self._generations.picture(generation_id)
        if generation.fate is not Fate.DONE and generation.passing is None:
            raise NothingMadeError(
                generation.error or "The provider gave no picture",
                code=generation.error_code or StartError.code,
            )
        kind = ContentKind.PICTURE if generation.picture_id is not None else ContentKind.PASSING
        return Content(kind=kind, picture_id=generation.picture_id, passing=generation.passing)
