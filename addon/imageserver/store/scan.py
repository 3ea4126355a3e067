"""Bringing the index and the directories together, whoever changed them.

Two passes, both in slices so that nobody waits: each known file is looked at (changed? vanished?), then
the directories are gone through for files that nobody knows. Frames, new pictures and clean-ups go on
beside it. What the index makes of it is decided in `reconciling.py`.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from functools import partial
from itertools import batched, islice
from typing import TYPE_CHECKING

from ..exceptions import StoreError
from . import bag, reconciling
from .picture_files import Place
from .picture_names import is_text, stem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

    from ..state.state import State
    from ..timing.clock import Clock
    from .health import StoreHealth
    from .picture_files import PictureFiles, Stamp
    from .reconciling import Known

_LOGGER = logging.getLogger(__name__)

SLICE = 1000
"""Files or pictures that are looked at in one step."""

TAKEN = 200
"""New or changed files that are taken note of before others get a turn at the database."""

GLIMPSE = 32
"""Names of each directory that are enough to show something before the first scan is through."""

WATCHED = 100
"""Unreadable files, the newest, that are watched for being mended."""

PLACES = (Place.ORIGINAL, Place.SCALED)

IMAGE_DIR = "image_dir"
"""The note that says where the pictures of the index are."""

NOT_THERE = "its folders original and scalable are not there"


class StoreScan:
    """Looks for what people have added, changed and removed."""

    def __init__(
        self,
        *,
        files: PictureFiles,
        state: State,
        clock: Clock,
        random: Random,
        health: StoreHealth,
        touched: Callable[[int], None],
    ) -> None:
        """Take the parts; `touched` is told of each picture whose row changes."""
        self._files = files
        self._state = state
        self._clock = clock
        self._random = random
        self._health = health
        self._touched = touched
        self._scanning = asyncio.Lock()
        self._glimpsing = asyncio.Lock()
        self._named: set[str] = set()
        self._complete = False

    async def open(self) -> None:
        """Make the directories; not where known pictures should be and are not: there a disk is missing.

        Raises:
            StoreError: There is no picture directory.
        """
        if not await asyncio.to_thread(self._files.present) and await self._is_missing():
            raise self._health.unreadable(NOT_THERE)
        try:
            await asyncio.to_thread(self._files.make_directories)
        except OSError as error:
            if not await asyncio.to_thread(self._files.present):
                raise self._health.unreadable(error.strerror or str(error)) from error
        if await self._state.note(IMAGE_DIR) != str(self._files.image_dir):
            await self._state.set_note(IMAGE_DIR, str(self._files.image_dir))

    async def run(self) -> None:
        """Go through everything once; where the directory is out of reach the index stays as it is."""
        async with self._scanning:
            await asyncio.to_thread(self._files.note)
            try:
                await self.open()
                different = await self._look_at_known()
                new = [await self._look_for_new(place) for place in PLACES]
                await self._clear_cache()
            except StoreError:
                return
            except OSError as error:
                self._health.unreadable(error.strerror or str(error))
                return
            self._health.readable()
            self._complete = True
            if different or any(new):
                _LOGGER.info(
                    "%s: %d files are new, %d changed or gone", self._files.image_dir, sum(new), different
                )

    async def changed(self) -> bool:
        """Whether a scan would find something: files came, went or were renamed, broken ones were mended."""
        if await asyncio.to_thread(self._files.changed):
            return True
        broken = await self._state.read(partial(reconciling.unreadable, limit=WATCHED))
        return bool(await asyncio.to_thread(self._different, broken)) if broken else False

    async def glimpse(self) -> None:
        """Before the first scan is through: take in the first files that there are, if there are none yet."""
        async with self._glimpsing:
            if self._complete or not await self._state.read(bag.is_empty):
                return
            for place in PLACES:
                try:
                    names = await asyncio.to_thread(self._first_names, place)
                    await self._admit(place, names)
                except OSError as error:
                    _LOGGER.debug("No glimpse of %s: %s", self._files.directory(place), error)

    async def _is_missing(self) -> bool:
        if await self._state.read(reconciling.is_empty):
            return False
        # In another directory than before nothing is missing: it is a new one.
        return await self._state.note(IMAGE_DIR) == str(self._files.image_dir)

    def _first_names(self, place: Place) -> list[str]:
        return list(islice(self._files.names(place), GLIMPSE))

    async def _look_at_known(self) -> int:
        count = 0
        last: int | None = 0
        while last is not None:
            after = partial(reconciling.known_after, picture_id=last, limit=SLICE)
            last, known = await self._state.read(after)
            different = await asyncio.to_thread(self._different, known)
            for some in batched(different, TAKEN, strict=False):
                differ = partial(reconciling.differ, different=some, random=self._random)
                count += self._tell(await self._state.run(differ))
        return count

    def _different(self, known: Iterable[Known]) -> list[tuple[Known, Stamp | None]]:
        """Look at files; runs in a thread."""
        looked = [(file, self._files.stamp(file.place, file.name)) for file in known]
        different = [(file, stamp) for file, stamp in looked if stamp != file.stamp]
        if any(stamp is None for _, stamp in different) and not self._files.present():
            raise OSError(errno.ENOENT, NOT_THERE)
        return different

    async def _look_for_new(self, place: Place) -> int:
        names = self._files.names(place)
        count = 0
        while some := await asyncio.to_thread(list, islice(names, SLICE)):
            count += await self._admit(place, some)
        return count

    async def _admit(self, place: Place, names: list[str]) -> int:
        """Take in those files that nobody knows; return how many."""
        names = [name for name in names if self._can_be_kept(name)]
        unknown = await self._state.read(partial(reconciling.unknown, place=place, names=names))
        found = await asyncio.to_thread(self._find, place, unknown)
        count = 0
        now = self._clock.now()
        for some in batched(found.items(), TAKEN, strict=False):
            admit = partial(reconciling.admit, place=place, found=dict(some), now=now, random=self._random)
            count += self._tell(await self._state.run(admit))
        return count

    def _find(self, place: Place, names: Iterable[str]) -> dict[str, Stamp]:
        """Look at files; runs in a thread."""
        looked = ((name, self._files.stamp(place, name)) for name in names)
        return {name: stamp for name, stamp in looked if stamp is not None}

    def _can_be_kept(self, name: str) -> bool:
        if is_text(name):
            return True
        if name not in self._named:
            self._named.add(name)
            _LOGGER.warning("The name %a is not UTF-8: rename the file, then it is shown", name)
        return False

    async def _clear_cache(self) -> None:
        names = self._files.names(Place.CACHE)
        while some := await asyncio.to_thread(list, islice(names, SLICE)):
            copies = {int(stem): name for name in some if (stem := stem_of(name)).isdecimal()}
            useless = await self._state.read(partial(reconciling.not_cached, picture_ids=copies))
            for picture_id in useless:
                await asyncio.to_thread(self._files.remove, Place.CACHE, copies[picture_id])

    def _tell(self, picture_ids: list[int]) -> int:
        for picture_id in picture_ids:
            self._touched(picture_id)
        return len(picture_ids)
