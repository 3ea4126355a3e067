"""The pictures that are kept: two directories, an index of them, and what frames get of it.

This is the whole of the store for everyone else; each of its ideas has a file of its own: the files
(`picture_files.py`), the index (`pictures.py`), the shuffled bag (`bag.py`), search, preparing, scan, caps,
deletion.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ..events import EventKind
from ..exceptions import NotFoundError, PictureError, StateError, StoreError
from ..files.atomic import remove_leftovers
from ..settings import Caps, FrameImage
from . import bag, picture_search, pictures, reconciling
from .adding import Origin
from .caps import Kept
from .parts import put_together
from .rejected import keep_rejected

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from ..events import Events
    from ..imaging.pool import ImagingPool
    from ..models import Picture, PromptText
    from ..problems import Problems
    from ..state.state import State
    from ..timing.clock import Clock
    from .picture_search import PicturePage, PictureQuery, StoreSummary
    from .pictures import Entry, Showing


_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """What a reload may change.

    Attributes:
        image_amount: Caps of the rotation.
        original_image_amount: Caps of the files of full size.
    """

    frame_image: FrameImage = field(default_factory=FrameImage)
    image_amount: Caps = field(default_factory=Caps)
    original_image_amount: Caps = field(default_factory=Caps)


class Store:
    """Keeps pictures, and hands out one after the other.

    What is asked about one picture raises NotFoundError where there is none, or where it is deleted;
    StoreError where the disk does not let it be read or moved; StateError where the index fails.
    """

    def __init__(
        self,
        *,
        image_dir: Path,
        cache_dir: Path,
        passing_dir: Path,
        state: State,
        pool: ImagingPool,
        clock: Clock,
        random: Random,
        events: Events,
        problems: Problems,
        settings: StoreSettings,
        in_use: Callable[[], frozenset[int]],
    ) -> None:
        """Put the store together; `open` makes it usable.

        `image_dir` holds `original/` and `scalable/`, and `.deleted/` for a day; `cache_dir` what can be
        made again (beside it is `rejected/`), `passing_dir` what is shown and not kept. `in_use` returns
        the pictures that frames may still come for: caps leave them alone.
        """
        self._state = state
        self._clock = clock
        self._random = random
        self._events = events
        self._settings = settings
        self._in_use = in_use
        self._arriving: set[str] = set()
        self._summary: StoreSummary | None = None
        self._passing_dir = passing_dir
        self._rejected_dir = cache_dir.parent / "rejected"
        self._parts = put_together(
            image_dir=image_dir,
            cache_dir=cache_dir,
            passing_dir=passing_dir,
            state=state,
            pool=pool,
            clock=clock,
            random=random,
            events=events,
            problems=problems,
            frame=settings.frame_image,
            touched=self._touched,
        )

    async def open(self) -> None:
        """Make the directories and finish what a crash has cut short; quick, however many pictures there are.

        A disk that is not mounted is a problem, not an error: the index keeps what is known of it.

        Raises:
            StoreError: There is no picture directory, and none can be made.
        """
        for directory in (self._rejected_dir, self._passing_dir):
            await asyncio.to_thread(remove_leftovers, directory)
        try:
            await self._parts.scan.open()
        except StoreError:
            if await self._state.read(reconciling.is_empty):
                raise
        else:
            await self._parts.deletion.finish()

    def apply(self, settings: StoreSettings) -> None:
        """Take a new size, fit or caps: the next scan or new picture minds the caps."""
        self._settings = settings
        self._parts.frame_files.apply(settings.frame_image)

    def away(self) -> str | None:
        """Say why nothing can be stored, if the picture directory is known to be out of reach."""
        return self._parts.health.away

    async def scan(self) -> None:
        """Bring index and directories together, then mind the caps; one at a time, in the background."""
        await self._parts.scan.run()
        await self._tidy()

    async def changed(self) -> bool:
        """Whether people have changed something since the last scan; cheap."""
        return await self._parts.scan.changed()

    # New pictures.

    async def add(
        self, image: bytes, *, provider: str, text: PromptText | None, asked_at: datetime, picture_name: str
    ) -> Picture:
        """Store a picture that a provider made, or that somebody pushed.

        From its return on, `in_use` or the queue of what is shown has to hold it: the next one may be the
        one too many.

        Args:
            image: JPEG, PNG or WebP.
            provider: Who made it.
            text: What was asked for, `asked_at` this time.
            asked_at: When.
            picture_name: A file name without ending, for this picture alone: a repeat with the same name
                stores nothing twice.

        Raises:
            PictureError: The bytes are no picture, or a broken one; they are kept in `rejected/`.
            StoreError, StateError: It can't be written down; the same call may be repeated.
        """
        origin = Origin(provider, text, asked_at)
        self._arriving.add(picture_name)
        try:
            entry = await self._parts.adding.add(picture_name, image, origin, self._settings.frame_image)
            self._touched(entry.picture.id)
            await self._tidy()
        except PictureError:
            await asyncio.to_thread(keep_rejected, self._rejected_dir, picture_name, image)
            raise
        finally:
            self._arriving.discard(picture_name)
        return entry.picture

    async def find(
        self,
        picture_name: str,
        *,
        provider: str | None = None,
        text: PromptText | None = None,
        asked_at: datetime | None = None,
    ) -> Picture | None:
        """Return the picture that was added under a name, if there is one.

        Where a crash has left its files and no row, the row is made, with what is said here.
        """
        entry = await self._parts.adding.find(picture_name, Origin(provider, text, asked_at))
        if entry is None:
            return None
        self._touched(entry.picture.id)
        return entry.picture

    # What frames are shown.

    async def next(self) -> Picture | None:
        """Draw the next picture of the rotation; None where there is none."""
        entry = await self._draw()
        if entry is None:
            await self._parts.scan.glimpse()
            entry = await self._draw()
        if entry is None:
            return None
        self._parts.frame_files.remember(entry)
        return entry.picture

    async def has_any(self) -> bool:
        """Whether the rotation holds anything."""
        if not await self._state.read(bag.is_empty):
            return True
        await self._parts.scan.glimpse()
        return not await self._state.read(bag.is_empty)

    async def is_ready(self, picture_id: int) -> bool:
        """Whether `frame_jpeg` has only to read a file."""
        return await self._parts.frame_files.is_ready(picture_id)

    async def frame_jpeg(self, picture_id: int) -> bytes:
        """Return what frames get of a picture; one whose files have vanished is forgotten.

        Raises:
            PictureError: It can't be shown; it leaves the rotation until its files change.
        """
        return await self._parts.frame_files.read(picture_id)

    def mark_shown(self, picture_id: int, *, frame: str) -> None:
        """Count that a picture was delivered wholly to a frame."""
        now = self._clock.now()
        self._state.post(partial(pictures.count_showing, picture_id=picture_id, frame=frame, at=now))

    def shown_out_of_turn(self, picture_id: int) -> None:
        """Note that a frame gets a picture that `next` did not draw: it does not return before the others."""
        self._state.post(partial(bag.pass_over, picture_id=picture_id, lot=self._random.random()))

    async def prepare_all(self) -> None:
        """Prepare what was prepared for another size, fit or panel; may be cancelled at any time."""
        await self._parts.frame_files.make_anew()

    # What people are shown, and do.

    async def get(self, picture_id: int) -> Picture:
        """Return a picture, also one whose deletion can be undone."""
        return (await self._entry(picture_id)).picture

    async def search(self, query: PictureQuery) -> PicturePage:
        """Return one page of what matches."""
        return await self._state.read(partial(picture_search.search, query=query))

    async def showings(self, picture_id: int) -> tuple[Showing, ...]:
        """Return which frames were shown a picture, the latest first."""
        return await self._state.read(partial(pictures.showings, picture_id=picture_id))

    async def newest_made(self) -> Picture | None:
        """Return the picture that was made last and is still there."""
        return await self._state.read(picture_search.newest_made)

    async def summary(self) -> StoreSummary:
        """Return the store in figures."""
        if self._summary is None:
            self._summary = await self._state.read(picture_search.summary)
        return self._summary

    async def original(self, picture_id: int) -> bytes:
        """Return the file of full size, else the scaled one; PictureError where it can't be shown."""
        return await self._parts.full_size.original(await self._there(picture_id))

    async def thumbnail(self, picture_id: int) -> bytes:
        """Return a small JPEG; PictureError where it can't be shown."""
        return await self._parts.full_size.thumbnail(await self._there(picture_id))

    async def set_favourite(self, picture_id: int, favourite: bool) -> Picture:  # noqa: FBT001 - a value
        """Protect a picture from the caps, or no longer."""
        mark = partial(pictures.set_favourite, picture_id=picture_id, favourite=favourite)
        async with self._parts.locks.of(picture_id):  # what is being cleared away is gone, or stays
            await self._there(picture_id)
            await self._state.run(mark, durable=True)
        self._touched(picture_id)
        picture = await self.get(picture_id)
        self._events.publish(EventKind.PICTURE, picture)
        return picture

    async def delete(self, picture_id: int) -> Picture:
        """Hide a picture; undoable for a day."""
        return await self._parts.deletion.delete(picture_id)

    async def restore(self, picture_id: int) -> Picture:
        """Undo a deletion; ConflictError where there is none, or its name is taken by now."""
        return await self._parts.deletion.restore(picture_id)

    async def purge(self) -> None:
        """Remove for good what was deleted a day ago."""
        await self._parts.deletion.purge()

    # Pictures that are not kept.

    async def add_passing(self, image: bytes) -> str:
        """Hold a picture that is shown and not kept; return its name. PictureError, StoreError."""
        return await self._parts.passing.add(image, self._settings.frame_image)

    async def passing_jpeg(self, name: str) -> bytes:
        """Return what frames get of it."""
        return await self._parts.passing.read(name, self._settings.frame_image)

    async def remove_passing(self, *, keep: frozenset[str]) -> None:
        """Remove those that are older than an hour and not in `keep`."""
        await self._parts.passing.remove(keep=keep)

    async def _draw(self) -> Entry | None:
        lot = self._random.random()
        try:
            return await self._state.run(partial(bag.draw, lot=lot))
        except StateError:
            # A disk that takes nothing any more: better one twice than none.
            return await self._state.read(partial(bag.pick, lot=lot))

    async def _tidy(self) -> None:
        try:
            await self._parts.caps.tidy(
                rotation=self._settings.image_amount,
                originals=self._settings.original_image_amount,
                kept=Kept(self._in_use(), frozenset(self._arriving)),
            )
        except StateError as error:
            _LOGGER.debug("The caps wait for the next time: %s", error)

    async def _entry(self, picture_id: int) -> Entry:
        entry = await self._state.read(partial(pictures.find, picture_id=picture_id))
        if entry is None:
            raise NotFoundError(f"There is no picture {picture_id}")
        return entry

    async def _there(self, picture_id: int) -> Entry:
        entry = await self._entry(picture_id)
        if entry.picture.deleted_at is not None:
            raise NotFoundError(f"The picture {picture_id} is deleted")
        return entry

    def _touched(self, picture_id: int) -> None:
        self._parts.frame_files.forget(picture_id)
        self._summary = None
