"""Taking in what was made or pushed: checked, both files written, then the index.

A picture comes under a name that belongs to it alone. Whoever repeats after a crash gives the same name
and gets the same picture, from whatever the crash has left: never twice, never lost.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..imaging import imaging
from . import pictures
from .picture_files import Place, Stamp
from .picture_names import original_name, scaled_name, stem_of
from .pictures import Making, Ready
from .scan import NOT_THERE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime
    from random import Random

    from ..imaging.imaging import Prepared
    from ..imaging.pool import ImagingPool
    from ..models import PromptText, Size
    from ..settings import FrameImage
    from ..state.state import State
    from ..timing.clock import Clock
    from .health import StoreHealth
    from .picture_files import PictureFiles
    from .pictures import Entry


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a picture comes from, as far as it is known."""

    provider: str | None = None
    text: PromptText | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the index is told of a picture that lies in its place.

    Attributes:
        ready: With its size, where the scaled file was just made for frames.
    """

    stem: str
    stamps: Mapping[Place, Stamp]
    making: Making
    added_at: datetime
    lot: float
    ready: tuple[Ready, Size] | None = None


class StoreAdding:
    """Writes pictures down, each once."""

    def __init__(
        self,
        *,
        files: PictureFiles,
        state: State,
        pool: ImagingPool,
        clock: Clock,
        random: Random,
        health: StoreHealth,
    ) -> None:
        self._files = files
        self._state = state
        self._pool = pool
        self._clock = clock
        self._random = random
        self._health = health

    async def find(self, name: str, origin: Origin) -> Entry | None:
        """Return the picture of a name, if there is one or a crash has left its files."""
        known = await self._known(name)
        if known is not None:
            return known
        stamps = await asyncio.to_thread(self._stamps, name)
        if not stamps:
            return None
        return await self._record(self._arrival(name, stamps, origin, made_at=origin.asked_at, took=None))

    async def add(self, name: str, image: bytes, origin: Origin, frame: FrameImage) -> Entry:
        """Store a picture.

        Raises:
            PictureError: The bytes are no picture, or a broken one.
            StoreError: The files can't be written.
            StateError: The files are there, but the index can't be written.
        """
        known = await self._known(name)
        if known is not None:
            return known
        prepared = await self._pool.run(imaging.prepare, image, frame)
        try:
            stamps = await asyncio.to_thread(self._write, name, prepared)
        except OSError as error:
            if await asyncio.to_thread(self._files.present):
                raise self._health.unwritable(error) from error
            raise self._health.unreadable(NOT_THERE) from error
        self._health.writable(self._files.image_dir)
        ready = Ready(Place.SCALED, scaled_name(name), imaging.fingerprint(frame), stamps[Place.SCALED])
        took = None
        if origin.asked_at is not None:
            took = max(0.0, (self._clock.now() - origin.asked_at).total_seconds())
        arrival = self._arrival(name, stamps, origin, made_at=None, took=took)
        return await self._record(replace(arrival, ready=(ready, prepared.size)))

    def _arrival(
        self,
        name: str,
        stamps: Mapping[Place, Stamp],
        origin: Origin,
        *,
        made_at: datetime | None,
        took: float | None,
    ) -> Arrival:
        now = self._clock.now()
        making = Making(provider=origin.provider, text=origin.text, made_at=made_at or now, took_seconds=took)
        return Arrival(stem=name, stamps=stamps, making=making, added_at=now, lot=self._random.random())

    async def _known(self, name: str) -> Entry | None:
        if "/" in name or name.startswith(".") or stem_of(scaled_name(name)) != name:
            raise ValueError(f"{name!r} can't name the files of a picture")
        return await self._state.read(partial(find_own, stem=name))

    async def _record(self, arrival: Arrival) -> Entry:
        return await self._state.run(partial(record, arrival=arrival), durable=True)

    def _write(self, name: str, prepared: Prepared) -> dict[Place, Stamp]:
        return {
            Place.ORIGINAL: self._files.write(Place.ORIGINAL, original_name(name), prepared.original),
            Place.SCALED: self._files.write(Place.SCALED, scaled_name(name), prepared.scaled),
        }

    def _stamps(self, name: str) -> dict[Place, Stamp]:
        names = {Place.ORIGINAL: original_name(name), Place.SCALED: scaled_name(name)}
        looked = {place: self._files.stamp(place, file) for place, file in names.items()}
        return {place: stamp for place, stamp in looked.items() if stamp is not None}


def find_own(connection: sqlite3.Connection, stem: str) -> Entry | None:
    """Return the picture that this server made under a name, also one that a person has deleted since."""
    entry = pictures.find_stem(connection, stem)
    if entry is not None:
        return entry if entry.picture.own else None
    row = connection.execute(
        "SELECT * FROM pictures WHERE deleted_at IS NOT NULL AND own = 1 AND stem = ?", (stem,)
    ).fetchone()
    return None if row is None else pictures.to_entry(row)


def record(connection: sqlite3.Connection, arrival: Arrival) -> Entry:
    """Make the row; or complete the one that a scan made when it came upon the files."""
    known = pictures.find_stem(connection, arrival.stem)
    if known is not None and known.picture.own:
        return known
    if known is None:
        picture_id = pictures.insert(connection, arrival.stem, added_at=arrival.added_at, lot=arrival.lot)
    else:
        picture_id = known.picture.id
    names = {Place.ORIGINAL: original_name(arrival.stem), Place.SCALED: scaled_name(arrival.stem)}
    for place, stamp in arrival.stamps.items():
        pictures.set_file(connection, picture_id, place, names[place], stamp)
    pictures.set_making(connection, picture_id, arrival.making)
    if arrival.ready is not None:
        pictures.set_ready(connection, picture_id, *arrival.ready)
    entry = pictures.find(connection, picture_id)
    if entry is None:
        raise LookupError(f"The picture {arrival.stem} was not written down")
    return entry
