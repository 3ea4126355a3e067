"""The parts of the store, and how they are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .adding import StoreAdding
from .caps import StoreCaps
from .deletion import StoreDeletion
from .frame_files import FrameFiles
from .full_size import FullSize
from .health import StoreHealth
from .passing import Passing
from .picture_files import PictureFiles
from .picture_locks import PictureLocks
from .preparing import Preparing
from .scan import StoreScan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from ..events import Events
    from ..imaging.pool import ImagingPool
    from ..problems import Problems
    from ..settings import FrameImage
    from ..state.state import State
    from ..timing.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreParts:
    """Each idea of the store has a part of its own."""

    locks: PictureLocks
    frame_files: FrameFiles
    health: StoreHealth
    full_size: FullSize
    passing: Passing
    adding: StoreAdding
    scan: StoreScan
    caps: StoreCaps
    deletion: StoreDeletion


def put_together(
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
    frame: FrameImage,
    touched: Callable[[int], None],
) -> StoreParts:
    """Make the parts; `touched` is told of each picture whose row changes."""
    files = PictureFiles(image_dir=image_dir, cache_dir=cache_dir)
    locks = PictureLocks()
    health = StoreHealth(image_dir=image_dir, problems=problems)
    preparing = Preparing(files=files, state=state, pool=pool, health=health, touched=touched)
    return StoreParts(
        locks=locks,
        frame_files=FrameFiles(
            files=files, state=state, locks=locks, preparing=preparing, health=health, frame=frame
        ),
        health=health,
        full_size=FullSize(files=files, pool=pool, health=health),
        passing=Passing(directory=passing_dir, pool=pool, clock=clock, random=random),
        adding=StoreAdding(files=files, state=state, pool=pool, clock=clock, random=random, health=health),
        scan=StoreScan(files=files, state=state, clock=clock, random=random, health=health, touched=touched),
        caps=StoreCaps(files=files, state=state, locks=locks, health=health, events=events, touched=touched),
        deletion=StoreDeletion(
            files=files,
            state=state,
            clock=clock,
            random=random,
            locks=locks,
            health=health,
            events=events,
            touched=touched,
        ),
    )
