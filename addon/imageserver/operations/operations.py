"""Requests for a picture: the state machine between a frame's start and its picture.

`start` decides where the picture comes from and returns at once. A task of each operation's own makes
it ready: scales it, or waits for a provider. A frame that asks `auto` always gets a picture.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ..events import EventKind
from ..exceptions import ImageServerError, NotFoundError
from ..models import Content, Operation, OperationKind, OperationStatus
from . import records
from .readying import NothingMadeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..events import Events
    from ..generations.generations import Generations
    from ..metrics import Metrics
    from ..models import PromptText, Protocol
    from ..state.state import State
    from ..store.show_queue import ShowQueue
    from ..store.store import Store
    from ..timing.clock import Clock
    from .choosing import Choosing
    from .frames import Frames
    from .readying import Readying

_LOGGER = logging.getLogger(__name__)

RESULT_WAIT = 1.0
"""Seconds that a poll waits for work under way: well within the frame's 2 s to the first byte."""

KEPT = timedelta(hours=1)
MOST_KEPT = 10_000
"""More than any house's frames start in an hour: who starts without end fills no memory."""

AT_ONCE = 20
"""One of so many is forgotten at a time, since finding out which takes a while."""


@dataclass(frozen=True, slots=True)
class Result:
    """An operation and, once it is done, its picture."""

    operation: Operation
    image: bytes | None


class Operations:
    """Starts, remembers and ends operations."""

    def __init__(
        self,
        *,
        state: State,
        choosing: Choosing,
        generations: Generations,
        readying: Readying,
        store: Store,
        queue: ShowQueue,
        frames: Frames,
        metrics: Metrics,
        clock: Clock,
        events: Events,
        new_id: Callable[[], str],
    ) -> None:
        self._state = state
        self._choosing = choosing
        self._generations = generations
        self._readying = readying
        self._store = store
        self._queue = queue
        self._frames = frames
        self._metrics = metrics
        self._clock = clock
        self._events = events
        self._new_id = new_id
        self._operations: dict[str, Operation] = {}
        self._tasks: dict[str, asyncio.Task[bytes | None]] = {}
        self._last_of_frame: dict[str, str] = {}

    async def open(self) -> None:
        """Go on with what was pending when the server ended."""
        known = await self._state.read(records.read_all)
        self._operations = {operation.id: operation for operation in known}
        self._last_of_frame = {
            operation.frame: operation.id for operation in known if operation.frame is not None
        }
        for operation in known:
            if operation.status is OperationStatus.PENDING:
                if operation.generation_id is not None and operation.id in self._last_of_frame.values():
                    self._generations.claim(operation.generation_id, operation.id)
                self._work_on(operation)
        await self._queue.keep_claims(frozenset(self._operations))
        self.expire()

    async def close(self) -> None:
        """Stop working; what is pending goes on after the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def start(
        self,
        kind: OperationKind,
        *,
        frame: str | None = None,
        protocol: Protocol | None = None,
        text: PromptText | None = None,
        provider: str | None = None,
        show: bool = True,
    ) -> Operation:
        """Begin an operation.

        Args:
            kind: What is wanted.
            frame: Whose request it is, or (forced) which frame shall show the picture.
            protocol: How the frame spoke; None where no frame asked.
            text: Instead of a prompt from the book, for a direct or forced request.
            provider: Which provider shall make it; None: one of those that can.
            show: Whether frames are shown a forced picture by themselves.

        Raises:
            StartError: It can't be met, and that is known now.
            StateError, StoreError: It, or its picture, can't be written down: no provider may be asked.
        """
        operation = Operation(
            id=self._new_id(), kind=kind, created_at=self._clock.now(), frame=frame if protocol else None
        )
        if kind in {OperationKind.DIRECT, OperationKind.FORCED}:
            wish = self._choosing.direct(text, code=provider)
            claim = operation.id if protocol else None
            generation = await self._generations.begin(
                replace(wish, kind=kind, frame=frame, show=show, operation=claim)
            )
            operation = replace(operation, generation_id=generation.id)
            self._frame_starts(operation, protocol)
        else:
            self._frame_starts(operation, protocol)
            operation = await self._choosing.undirected(operation)
        self._make_room()
        self._keep(operation)
        self._work_on(operation)
        return operation

    def get(self, operation_id: str) -> Operation:
        """Return an operation as it stands.

        Raises:
            NotFoundError: There is none, or it ended over an hour ago.
        """
        try:
            return self._operations[operation_id]
        except KeyError:
            raise NotFoundError(f"No operation {operation_id} is known") from None

    def all(self) -> list[Operation]:
        """Return pending and recent operations, newest first."""
        return sorted(self._operations.values(), key=lambda operation: operation.created_at, reverse=True)

    async def result(self, operation_id: str) -> Result:
        """Return an operation with its picture; waits at most a second for work under way.

        Raises:
            NotFoundError: There is none, or it ended over an hour ago.
        """
        operation = self.get(operation_id)
        image: bytes | None = None
        if operation.status is OperationStatus.PENDING:
            self._generations.hurry()
            image = await self._wait_for(operation_id, RESULT_WAIT)
            operation = self.get(operation_id)
        if operation.status is OperationStatus.DONE and image is None:
            operation, image = await self._image(operation)
        return Result(operation, image)

    async def wait(self, operation_id: str, seconds: float) -> Operation:
        """Return an operation once it has ended, or as it stands after so many seconds."""
        await self._wait_for(operation_id, seconds)
        return self.get(operation_id)

    def delivered(self, operation_id: str) -> None:
        """Note that the picture of an operation was written wholly to its frame."""
        operation = self._operations.get(operation_id)
        if operation is None or operation.content is None:
            return
        self._metrics.image(success=True)
        self._queue.delivered(operation_id, operation.content, frame=operation.frame)
        self._generations.seen(operation_id)
        if operation.frame is not None:
            self._frames.sent(operation.frame, operation.content)
            if operation.content.picture_id is not None:
                self._store.mark_shown(operation.content.picture_id, frame=operation.frame)
        self._keep(replace(operation, delivered_at=self._clock.now()))
        self._events.publish(EventKind.PICTURE_SENT, self._operations[operation_id])

    def not_delivered(self) -> None:
        """Note that a frame left before its picture was written wholly; it may come again."""
        self._metrics.image(success=False)

    def pictures_in_use(self) -> frozenset[int]:
        """Return the pictures that a frame may still come for."""
        return frozenset(
            operation.content.picture_id
            for operation in self._operations.values()
            if operation.content is not None and operation.content.picture_id is not None
        )

    def passing_in_use(self) -> frozenset[str]:
        """Return the passing pictures that a frame may still come for."""
        return frozenset(
            operation.content.passing
            for operation in self._operations.values()
            if operation.content is not None and operation.content.passing is not None
        )

    def expire(self) -> None:
        """Forget what ended over an hour ago; what was not seen waits for another frame."""
        before = self._clock.now() - KEPT
        self._forget(
            [
                operation
                for operation in self._operations.values()
                if operation.finished_at is not None and operation.finished_at < before
            ]
        )
        self._last_of_frame = {
            frame: operation_id
            for frame, operation_id in self._last_of_frame.items()
            if operation_id in self._operations
        }

    # One operation's work

    def _work_on(self, operation: Operation) -> None:
        task = asyncio.create_task(self._settle(operation), name=f"operation {operation.id}")
        self._tasks[operation.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(operation.id, None))

    async def _settle(self, operation: Operation) -> bytes | None:
        try:
            content, image = await self._readying.ready(operation)
        except (ImageServerError, NothingMadeError) as error:
            self._end_with_error(operation, error.code, str(error))
        except Exception:
            _LOGGER.exception("Operation %s failed", operation.id)
            self._end_with_error(operation, ImageServerError.code, "Internal error: the log says more")
        else:
            self._end(operation, content)
            return image
        return None

    async def _image(self, operation: Operation) -> tuple[Operation, bytes]:
        assert operation.content is not None  # noqa: S101 - a done operation has one
        content, image = await self._readying.again(operation.id, operation.content)
        if content != operation.content:
            operation = replace(operation, content=content)
            self._keep(operation)
        return operation, image

    async def _wait_for(self, operation_id: str, seconds: float) -> bytes | None:
        task = self._tasks.get(operation_id)
        if task is None:
            return None
        done, _ = await asyncio.wait((task,), timeout=seconds)
        return task.result() if done and not task.cancelled() else None

    # Endings

    def _end(self, operation: Operation, content: Content) -> None:
        self._keep(
            replace(operation, status=OperationStatus.DONE, content=content, finished_at=self._clock.now())
        )

    def _end_with_error(self, operation: Operation, code: str, error: str) -> None:
        self._readying.give_up_claims(operation.id)
        self._keep(
            replace(
                operation,
                status=OperationStatus.ERROR,
                error_code=code,
                error=error,
                finished_at=self._clock.now(),
            )
        )

    def _frame_starts(self, operation: Operation, protocol: Protocol | None) -> None:
        """A frame that starts anew has forgotten its last operation: what that one held is free again."""
        frame = operation.frame
        if frame is None or protocol is None:
            return
        self._frames.asked(frame, protocol)
        last = self._operations.get(self._last_of_frame.get(frame, ""))
        self._last_of_frame[frame] = operation.id
        if last is not None and last.delivered_at is None:
            self._readying.give_up_claims(last.id)

    def _make_room(self) -> None:
        """Forget some that have ended, where there are too many.

        Who has most loses most, and everybody's newest goes last: a frame comes for its picture only half a
        minute later, however many others start meanwhile.
        """
        if len(self._operations) < MOST_KEPT:
            return
        newer: Counter[str | None] = Counter()
        ended: list[tuple[int, Operation]] = []
        for operation in reversed(self._operations.values()):
            if operation.finished_at is not None:
                ended.append((newer[operation.frame], operation))
            newer[operation.frame] += 1
        ended.reverse()  # of equals, the oldest
        ended.sort(key=lambda ranked: ranked[0], reverse=True)
        self._forget([operation for _, operation in ended[: max(1, MOST_KEPT // AT_ONCE)]])

    def _forget(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            del self._operations[operation.id]
            if operation.delivered_at is None:
                self._readying.give_up_claims(operation.id)
        if operations:
            ids = [operation.id for operation in operations]
            self._state.post(lambda connection: records.forget(connection, ids))

    def _keep(self, operation: Operation) -> None:
        self._operations[operation.id] = operation
        self._state.post(lambda connection: records.write(connection, operation))
        self._events.publish(EventKind.OPERATION, operation)
