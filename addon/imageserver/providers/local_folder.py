"""lim: pictures of one's own, from a folder. They are shown, not kept, and the folder is only read."""

from __future__ import annotations

import asyncio
import errno
import logging
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import voluptuous as vol

from ..exceptions import NotSentError, PictureError
from . import fields
from .base import Capabilities, Defaults, Done, ImageProvider
from .folder_thread import FolderHangsError, FolderThread
from .picture_folder import OwnStoreError, is_unchanged, list_pictures, read_picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from random import Random

    from .base import PictureRequest, ProviderContext
    from .picture_folder import Listing

_LOGGER = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
"""Between two looks at whether the folder changed."""

REFRESH_MINUTE = 30
"""Of each hour: the folder is looked through anew, whether it seems changed or not."""

PATIENCE = 20.0
"""Seconds that a look, or a file, may take: a share may have to wake up, and may never do so."""

TRIES = 20
"""Files that are tried for one picture, where some have gone or are none."""

_REASONS = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "is no folder",
    errno.EACCES: "may not be read by the server",
    errno.EPERM: "may not be read by the server",
}


class LocalFolder(ImageProvider):
    """The adapter."""

    code = "lim"
    title = "Local folder"
    capabilities = Capabilities(prompt=False, costs_money=False, stored=False)
    defaults = Defaults(image_generate_threshold=0, daily_limit=0)
    schema = vol.Schema({vol.Optional("local_image_folder"): fields.text})

    def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
        """Take the folder's path; nothing is read yet."""
        self._folder = Path(options.get("local_image_folder", ""))
        self._is_set_up = self.not_set_up(options) is None
        self._image_dir = context.image_dir
        self._check = context.check
        self._thread = FolderThread(f"folder {self._folder}", patience=PATIENCE)
        self._clock = context.clock
        self._bag = Bag(context.random)
        self._listing: Listing | None = None
        self._is_confirmed = False
        self._refreshed: datetime | None = None
        self._not_ready: str | None = "The folder is still being looked through."
        self._complained = False
        self._unreadable: set[str] = set()
        self._looking = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def not_set_up(cls, options: Mapping[str, Any]) -> str | None:
        """Say that no folder is given."""
        if options.get("local_image_folder"):
            return None
        return (
            "local_image_folder is missing, the path of a folder with pictures. As an app: Configuration "
            f"tab, Providers, Own folder; elsewhere: options.yml below providers: {cls.code}:"
        )

    def not_ready(self) -> str | None:
        """Say what is wrong with the folder."""
        return self._not_ready

    async def start(self) -> None:
        """Begin to watch the folder."""
        if self._is_set_up:
            self._watching = asyncio.create_task(self._watch(), name=f"watch {self._folder}")

    async def close(self) -> None:
        """Watch it no longer."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
        self._thread.close()

    async def submit(self, request: PictureRequest) -> Done:  # noqa: ARG002 - it has pictures of its own
        """Return a picture; none comes again until the others were there.

        Raises:
            NotSentError: There is none now.
        """
        if self._listing is None and self._is_set_up:
            await self._look()
        tries = TRIES
        while tries and len(self._bag):
            tries -= 1
            picture = await self._read(self._bag.draw())
            if picture is not None:
                return Done(picture)
        if self._not_ready is None:
            await self._look(anew=True, aloud=False)
        raise NotSentError(self._not_ready or f"No picture in {self._folder} can be read.")

    async def _read(self, name: str) -> bytes | None:
        if self._listing is None:
            return None
        try:
            picture = await self._thread.run(read_picture, self._listing.root, name)
            await self._check(picture)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except FolderHangsError:
            self._learn(_hangs(self._folder))
            raise NotSentError(_hangs(self._folder)) from None
        except (OSError, PictureError) as error:
            if name not in self._unreadable:
                self._unreadable.add(name)
                reason = error.strerror if isinstance(error, OSError) else error
                _LOGGER.warning("%r in %s can't be shown: %s", name, self._folder, reason)
            return None
        self._unreadable.discard(name)
        return picture

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except Exception:
                _LOGGER.exception("%s could not be looked through", self._folder)
            await self._clock.sleep(LOOK_SECONDS)

    async def _look(self, *, anew: bool = False, aloud: bool = True) -> None:
        """List the folder if it changed, or its time in this hour has come.

        Until two lists in a row agree, it is listed whether it seems changed or not: a file that comes in the
        same tick of the file system's clock as the look leaves the folder's time of change as it was.
        """
        async with self._looking:
            due = _last_refresh(self._clock.local())
            kept = None if anew or due != self._refreshed or self._hangs else self._listing
            before = self._listing
            try:
                if kept is not None and self._is_confirmed and await self._thread.run(is_unchanged, kept):
                    return
                self._listing, problem = await self._thread.run(_list, self._folder, self._image_dir)
            except FolderHangsError:
                problem = _hangs(self._folder)
            else:
                self._is_confirmed = self._listing == before
                self._refreshed = due
            if aloud:
                self._tell(problem)
            self._learn(problem)

    @property
    def _hangs(self) -> bool:
        return self._not_ready == _hangs(self._folder)

    def _learn(self, problem: str | None) -> None:
        """Take what the folder holds, and what is wrong with it."""
        pictures = self._listing.pictures if self._listing else ()
        self._bag.fill(pictures)
        self._unreadable.intersection_update(pictures)
        self._complained = problem is not None
        self._not_ready = problem

    def _tell(self, problem: str | None) -> None:
        """Say what is wrong once, and once that it is over; whose request fails meanwhile says it instead."""
        if problem and not self._complained:
            _LOGGER.warning("%s: %s", self.title, problem)
        elif problem is None and (self._complained or self._not_ready):
            amount = len(self._listing.pictures) if self._listing else 0
            _LOGGER.info("%s: %d pictures in %s", self.title, amount, self._folder)


class Bag:
    """Names drawn by lot, each once before any comes again."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._all: tuple[str, ...] = ()
        self._left: list[str] = []
        self._drawn: set[str] = set()
        self._last: str | None = None

    def __len__(self) -> int:
        return len(self._all)

    def fill(self, names: Iterable[str]) -> None:
        """Take these names instead; what was drawn in this round stays drawn."""
        self._all = tuple(names)
        self._drawn.intersection_update(self._all)
        self._left = [name for name in self._all if name not in self._drawn]

    def draw(self) -> str:
        """Take one; there must be one. Never the one before, unless it is alone."""
        if not self._left:
            self._left = list(self._all)
            self._drawn.clear()
        name = self._take()
        if name == self._last and self._left:
            name, again = self._take(), name
            self._left.append(again)
        self._drawn.add(name)
        self._last = name
        return name

    def _take(self) -> str:
        index = self._random.randrange(len(self._left))
        self._left[index], self._left[-1] = self._left[-1], self._left[index]
        return self._left.pop()


def _list(folder: Path, image_dir: Path) -> tuple[Listing | None, str | None]:
    """Return what the folder holds, and what is wrong with it."""
    try:
        listing = list_pictures(folder, leave_out=image_dir)
    except OwnStoreError:
        return None, f"The folder {folder} is the server's own store, whose pictures are shown anyway."
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"can't be read: {error.strerror}")
        return None, f"The folder {folder} {reason}."
    except ValueError:
        return None, f"The folder {str(folder)!r} can't have such a name."
    if not listing.pictures:
        return listing, f"The folder {folder} holds no JPEG, PNG or WebP pictures."
    return listing, None


def _hangs(folder: Path) -> str:
    return f"The folder {folder} does not answer. If it is a share, is its server still there?"


def _last_refresh(local: datetime) -> datetime:
    """Return the last time that the clock stood at the minute of refreshing."""
    hour = local - timedelta(minutes=REFRESH_MINUTE)
    return hour.replace(minute=REFRESH_MINUTE, second=0, microsecond=0)
