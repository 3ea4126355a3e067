"""Follows what happens at the server."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

from .client import ImageServerClient
from .errors import CannotConnectError
from .event import DATA, Event, EventKind
from .event_decoder import EventDecoder, Message
from .json_text import parsed
from .reading import read

_KINDS = frozenset(EventKind)
_PIECE = 8 * 1024
"""Bytes of a stream that are taken at once; then others have their turn, however fast it flows."""


class EventStream:
    """The server's events: first the snapshot, then each change.

    It does not come back by itself: whoever follows it decides when to try again, and calls `follow`
    once more, which goes on where the last one ended, as far as the server still knows.

    Attributes:
        last_event_id: Of the last event that came.
    """

    def __init__(self, client: ImageServerClient) -> None:
        self._client = client
        self.last_event_id: str | None = None

    async def follow(self, last_event_id: str | None = None) -> AsyncGenerator[Event]:
        """Yield each event, and fail when the stream ends.

        Args:
            last_event_id: Go on behind this one instead of the last that came.

        Raises:
            CannotConnectError: The stream can't be had, was cut, or is silent for too long.
            ImageServerError: As for every other request.
        """
        decoder = EventDecoder(limit=self._client.limits.body_bytes)
        async with self._client.open_events(last_event_id or self.last_event_id) as chunks:
            async for chunk in chunks:
                for piece in _pieces(chunk):
                    for message in decoder.feed(piece):
                        # Before it is read: who can't understand it does not ask for it again.
                        self.last_event_id = message.id or self.last_event_id
                        event = _event(message)
                        if event is not None:
                            yield event
                            await asyncio.sleep(0)
                    await asyncio.sleep(0)
        raise CannotConnectError("The stream of events has ended")


def _pieces(chunk: bytes) -> Iterator[bytes]:
    return (chunk[start : start + _PIECE] for start in range(0, len(chunk), _PIECE))


def _event(message: Message) -> Event | None:
    if message.name not in _KINDS:
        return None
    kind = EventKind(message.name)
    return Event(kind=kind, id=message.id, data=read(DATA[kind], parsed(message.data)))
