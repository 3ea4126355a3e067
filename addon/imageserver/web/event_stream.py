"""Server-sent events: a snapshot, then each change as it happens.

Nobody is waited for: who reads slowly is dropped, and comes back to a new snapshot.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from ..exceptions import ImageServerError, TooManyRequestsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..events import Event, Events
    from ..models import Json
    from ..timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

HEARTBEAT = b": heartbeat\n\n"
SNAPSHOT = "status"
"""The name of the event that holds everything."""

_ID = re.compile(r"([0-9a-f]{1,40})-([0-9]{1,15})")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """What streams may take.

    Attributes:
        subscribers: At once.
        waiting: Events that a subscriber may be behind.
        write_seconds: Until the system takes what is written.
        heartbeat_seconds: Between two signs of life.
    """

    subscribers: int = 32
    waiting: int = 256
    write_seconds: float = 10.0
    heartbeat_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it is sent."""

    name: str
    data: Json

    def encode(self, event_id: str) -> bytes:
        """Return it in the stream's format."""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"id: {event_id}\nevent: {self.name}\ndata: {data}\n\n".encode()


class EventStream:
    """Serves the stream to each subscriber."""

    def __init__(
        self,
        *,
        events: Events,
        clock: Clock,
        snapshot: Callable[[], Awaitable[Json]],
        describe: Callable[[Event], Awaitable[Message]],
        settled: Callable[[], Awaitable[None]],
        boot: str,
        limits: StreamLimits,
    ) -> None:
        """Make a stream that nobody follows yet.

        Args:
            events: What is told.
            clock: For signs of life.
            snapshot: Describes everything.
            describe: Describes one event.
            settled: Waits until what it and the snapshot tell is on the disk.
            boot: Hexadecimal, another one at each start: numbers of events count from 1 then.
            limits: What subscribers may take.
        """
        self._events = events
        self._clock = clock
        self._snapshot = snapshot
        self._describe = describe
        self._settled = settled
        self._boot = boot
        self._limits = limits
        self._subscribers: set[_Subscriber] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with the stream, until one of both sides ends it.

        Raises:
            TooManyRequestsError: There are too many subscribers.
        """
        if len(self._subscribers) >= self._limits.subscribers:
            raise TooManyRequestsError(
                "Too many clients follow the events", retry_after=self._limits.heartbeat_seconds
            )
        subscriber = _Subscriber(waiting=self._limits.waiting)
        self._subscribers.add(subscriber)
        unwatch = self._events.watch(subscriber.take)
        try:
            # From here on nothing is missed, so what came before is looked up in the same moment.
            number, missed = self._resume(request.headers.get("Last-Event-ID"))
            response = web.StreamResponse(
                headers={
                    "Content-Type": "text/event-stream",
                    "Cache-Control": "no-store",
                    "X-Accel-Buffering": "no",
                }
            )
            snapshot = await self._snapshot()
            await response.prepare(request)
            await subscriber.run(self._tell(response, subscriber, number, snapshot, missed))
            if request.transport is not None and request.transport.get_write_buffer_size():
                request.transport.abort()  # what it has not taken by now, it will not take
        finally:
            unwatch()
            self._subscribers.discard(subscriber)
        return response

    async def close(self, _: web.Application) -> None:
        """End every stream; a signal for `on_shutdown`."""
        for subscriber in tuple(self._subscribers):
            subscriber.end()

    def _resume(self, last_id: str | None) -> tuple[int, list[Event]]:
        """Return up to where the client knows everything, and what it missed since."""
        found = _ID.fullmatch(last_id or "")
        if found and found[1] == self._boot:
            missed = self._events.since(int(found[2]))
            if missed is not None:
                return int(found[2]), missed
        return self._events.number, []

    async def _tell(
        self,
        response: web.StreamResponse,
        subscriber: _Subscriber,
        number: int,
        snapshot: Json,
        missed: list[Event],
    ) -> None:
        await self._write(response, Message(SNAPSHOT, snapshot).encode(self._id(number)))
        for old in missed:
            number = old.number
            await self._write(response, await self._encode(old))
        beat = asyncio.create_task(self._beat(subscriber))
        try:
            async for event in subscriber:
                if event is not None:
                    number = event.number
                    await self._write(response, await self._encode(event))
                    continue
                # Figures move and sleep begins without an event: they are looked at with each heartbeat.
                before, snapshot = snapshot, await self._snapshot()
                news = Message(SNAPSHOT, snapshot).encode(self._id(number))
                await self._write(response, HEARTBEAT if _same(before, snapshot) else news)
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _beat(self, subscriber: _Subscriber) -> None:
        while True:
            await self._clock.sleep(self._limits.heartbeat_seconds)
            subscriber.take(None)

    async def _encode(self, event: Event) -> bytes:
        return (await self._describe(event)).encode(self._id(event.number))

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        await self._settled()
        async with asyncio.timeout(self._limits.write_seconds):
            await response.write(data)

    def _id(self, number: int) -> str:
        return f"{self._boot}-{number}"


def _same(before: Json, after: Json) -> bool:
    """Compare two snapshots; that time has passed makes no difference."""
    return (
        isinstance(before, dict)
        and isinstance(after, dict)
        and {**before, "at": None} == {**after, "at": None}
    )


class _Subscriber:
    """One client: the events that it has not got yet. None among them asks for a sign of life."""

    def __init__(self, *, waiting: int) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(waiting)
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    def take(self, event: Event | None) -> None:
        """Let an event wait for the client; one who is too far behind is dropped."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Send nothing more."""
        self._ended = True
        if self._task is not None:
            self._task.cancel()

    def __aiter__(self) -> _Subscriber:
        return self

    async def __anext__(self) -> Event | None:
        return await self._queue.get()

    async def run(self, work: Awaitable[None]) -> None:
        """Do the work until it ends, or is ended; a client that leaves or reads too slowly ends it too."""
        task = self._task = asyncio.ensure_future(work)
        if self._ended:
            task.cancel()
        try:
            await asyncio.wait((task,))
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled():
            with suppress(ConnectionError, TimeoutError, ImageServerError):
                task.result()
