"""Opens real stores below a directory, as often as a test restarts the server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from imageserver.events import Event, Events
from imageserver.imaging.pool import ImagingPool
from imageserver.problems import Problems
from imageserver.settings import Caps, FrameImage
from imageserver.state.state import State
from imageserver.store.store import Store, StoreSettings
from tests.manual_clock import ManualClock
from tests.pictures import jpeg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from imageserver.models import Picture, PromptText

FRAME = FrameImage()
ROOMY = Caps(minimum=100_000, maximum=200_000)


class CountingPool(ImagingPool):
    """The real pool, which counts its work."""

    jobs = 0

    async def run[*P, T](self, work: Callable[[*P], T], *arguments: *P) -> T:
        self.jobs += 1
        return await super().run(work, *arguments)


@dataclass
class Shelf:
    """A store and what is round it."""

    root: Path
    images: Path
    store: Store
    pool: CountingPool
    state: State
    clock: ManualClock
    problems: Problems
    in_use: set[int] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)

    @property
    def scalable(self) -> Path:
        return self.images / "scalable"

    @property
    def original(self) -> Path:
        return self.images / "original"

    @property
    def cache(self) -> Path:
        return self.root / "data" / "cache"

    async def add(
        self,
        name: str,
        image: bytes | None = None,
        *,
        provider: str = "ydArt",
        text: PromptText | None = None,
    ) -> Picture:
        """Store a picture that a provider made."""
        return await self.store.add(
            jpeg(64, 96) if image is None else image,
            provider=provider,
            text=text,
            asked_at=self.clock.now(),
            picture_name=name,
        )

    async def draw(self, times: int) -> list[str]:
        """Draw so often; return the stems."""
        drawn = [await self.store.next() for _ in range(times)]
        return [picture.stem for picture in drawn if picture is not None]

    async def picture(self, stem: str) -> Picture:
        """Find the picture of a stem in the index."""
        row = await self.state.read(
            lambda connection: connection.execute(
                "SELECT id FROM pictures WHERE stem = ?", (stem,)
            ).fetchone()
        )
        assert row is not None, f"no picture {stem}"
        return await self.store.get(row["id"])

    def problem_codes(self) -> list[str]:
        return [problem.code for problem in self.problems.all()]


def tree(directory: Path) -> list[str]:
    """All files below a directory, hidden ones too."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


@asynccontextmanager
async def open_store(
    root: Path,
    *,
    rotation: Caps = ROOMY,
    originals: Caps = ROOMY,
    frame: FrameImage = FRAME,
    clock: ManualClock | None = None,
    seed: int = 7,
    images: str = "images",
) -> AsyncIterator[Shelf]:
    """Open the store of an installation below `root`; the same `root` again is a restart."""
    clock = clock or ManualClock()
    events = Events()
    problems = Problems(clock=clock, events=events)
    in_use: set[int] = set()
    (root / "data").mkdir(exist_ok=True)
    state = await State.open(root / "data")
    pool = CountingPool(workers=2)
    store = Store(
        image_dir=root / images,
        cache_dir=root / "data" / "cache",
        passing_dir=root / "data" / "passing",
        state=state,
        pool=pool,
        clock=clock,
        random=Random(seed),
        events=events,
        problems=problems,
        settings=StoreSettings(frame_image=frame, image_amount=rotation, original_image_amount=originals),
        in_use=lambda: frozenset(in_use),
    )
    shelf = Shelf(root, root / images, store, pool, state, clock, problems, in_use)
    events.watch(shelf.events.append)
    try:
        await store.open()
        yield shelf
    finally:
        await pool.close()
        await state.close()
