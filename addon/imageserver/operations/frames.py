"""The frames that the server has seen: nothing on the wire names them, so an address is a frame."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..events import EventKind
from ..exceptions import NotFoundError
from ..models import Content, Frame, Protocol
from ..state.records import from_content, from_time, to_content, to_optional_time, to_time
from ..store import show_queue

if TYPE_CHECKING:
    import sqlite3

    from ..events import Events
    from ..state.state import State
    from ..timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

MAXIMUM = 256
"""Above it, the least of the frames is forgotten: no stranger fills the memory."""

SMOOTHING = 0.3
"""Share of the newest interval in the estimate of a frame's interval."""

LONGEST_INTERVAL = timedelta(days=1)
"""A longer pause says that the frame was off, nothing about its interval."""


class Frames:
    """Knows each frame's last request, last picture and habit."""

    def __init__(self, *, state: State, clock: Clock, events: Events) -> None:
        self._state = state
        self._clock = clock
        self._events = events
        self._frames: dict[str, Frame] = {}

    async def open(self) -> None:
        """Read what was known before."""
        rows = await self._state.read(
            lambda connection: connection.execute("SELECT * FROM frames").fetchall()
        )
        self._frames = {row["address"]: _to_frame(row) for row in rows}

    def all(self) -> list[Frame]:
        """Return every frame, by address."""
        return sorted(self._frames.values(), key=lambda frame: frame.address)

    def get(self, address: str) -> Frame:
        """Return one frame.

        Raises:
            NotFoundError: No such frame was seen.
        """
        try:
            return self._frames[address]
        except KeyError:
            raise NotFoundError(f"No frame at {address} has asked for a picture") from None

    def asked(self, address: str, protocol: Protocol) -> None:
        """Note an accepted start."""
        now = self._clock.now()
        known = self._frames.get(address)
        if known is None:
            # Of so many, most are none: who comes with other addresses all the time fills no log.
            level = logging.INFO if len(self._frames) < MAXIMUM else logging.DEBUG
            _LOGGER.log(
                level, "A frame at %s has asked for its first picture (%s)", address, protocol.upper()
            )
            self._make_room()
            frame = Frame(
                address=address,
                name=None,
                first_seen_at=now,
                last_asked_at=now,
                interval_seconds=None,
                pictures_sent=0,
                protocol=protocol,
            )
        else:
            interval = _smoothed(known, now)
            frame = replace(known, last_asked_at=now, interval_seconds=interval, protocol=protocol)
        self._keep(frame)

    def sent(self, address: str, content: Content) -> None:
        """Note a picture that was written wholly."""
        frame = self._frames.get(address)
        if frame is not None:
            sent = frame.pictures_sent + 1
            self._keep(replace(frame, pictures_sent=sent, content=content, content_at=self._clock.now()))

    def rename(self, address: str, name: str | None) -> Frame:
        """Give a frame a name, or take it away."""
        frame = replace(self.get(address), name=name)
        self._keep(frame)
        return frame

    def forget(self, address: str) -> None:
        """Remove a frame; it comes back when it asks again."""
        self.get(address)
        del self._frames[address]
        self._state.post(lambda connection: _forget(connection, address))
        self._events.publish(EventKind.FRAME, address)

    @staticmethod
    def expected_at(frame: Frame) -> datetime | None:
        """Return when it will probably ask next; None while its habit is unknown."""
        if frame.interval_seconds is None:
            return None
        return frame.last_asked_at + timedelta(seconds=frame.interval_seconds)

    def passing(self) -> frozenset[str]:
        """Return the passing pictures that frames show now."""
        contents = (frame.content for frame in self._frames.values())
        return frozenset(content.passing for content in contents if content and content.passing)

    def _make_room(self) -> None:
        while len(self._frames) >= MAXIMUM:
            self.forget(min(self._frames.values(), key=_worth).address)

    def _keep(self, frame: Frame) -> None:
        self._frames[frame.address] = frame
        self._state.post(lambda connection: _write(connection, frame))
        self._events.publish(EventKind.FRAME, frame)


def _worth(frame: Frame) -> tuple[bool, int, datetime]:
    """Order frames by what would be lost with them: a name that somebody gave, then what it has shown."""
    return frame.name is not None, frame.pictures_sent, frame.last_asked_at


def _smoothed(frame: Frame, now: datetime) -> float | None:
    pause = now - frame.last_asked_at
    if not timedelta() < pause <= LONGEST_INTERVAL:
        return frame.interval_seconds
    if frame.interval_seconds is None:
        return pause.total_seconds()
    return (1 - SMOOTHING) * frame.interval_seconds + SMOOTHING * pause.total_seconds()


def _write(connection: sqlite3.Connection, frame: Frame) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            frame.address,
            frame.name,
            from_time(frame.first_seen_at),
            from_time(frame.last_asked_at),
            frame.interval_seconds,
            frame.pictures_sent,
            frame.protocol,
            from_content(frame.content),
            from_time(frame.content_at),
        ),
    )


def _forget(connection: sqlite3.Connection, address: str) -> None:
    connection.execute("DELETE FROM frames WHERE address = ?", (address,))
    connection.execute("DELETE FROM showings WHERE frame = ?", (address,))
    show_queue.forget_frame(connection, address)


def _to_frame(row: sqlite3.Row) -> Frame:
    return Frame(
        address=row["address"],
        name=row["name"],
        first_seen_at=to_time(row["first_seen_at"]),
        last_asked_at=to_time(row["last_asked_at"]),
        interval_seconds=row["interval_seconds"],
        pictures_sent=row["pictures_sent"],
        protocol=Protocol(row["protocol"]),
        content=to_content(row["content"]),
        content_at=to_optional_time(row["content_at"]),
    )
