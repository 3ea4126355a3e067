"""Opens whole servers below a directory, as often as a test restarts them: every part is the real one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from imageserver.generations.provider_set import ProviderSet
from imageserver.log.log import Log
from imageserver.models import Fate, OperationKind, OperationStatus, Protocol
from imageserver.places import Places
from imageserver.server import Server, load_options, open_server
from tests import pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from imageserver.events import Event
    from imageserver.models import Content, Operation, PromptText
    from imageserver.providers.base import ImageProvider
    from tests.manual_clock import ManualClock

A_MOMENT = 0.3
"""Seconds of real time, in which what needs no time by the clock has ended."""

FRAME = "192.168.1.5"
OTHER_FRAME = "192.168.1.6"


@dataclass
class House:
    """A server, and what is round it."""

    server: Server
    clock: ManualClock
    places: Places
    events: list[Event] = field(default_factory=list)

    async def ask(
        self,
        kind: OperationKind = OperationKind.AUTO,
        *,
        frame: str = FRAME,
        text: PromptText | None = None,
    ) -> Operation:
        """Start, as a frame does."""
        return await self.server.operations.start(kind, frame=frame, protocol=Protocol.HTTPS, text=text)

    async def shown(self, operation: Operation, *, deliver: bool = True) -> Content:
        """Fetch the picture of an operation, as a frame does, and say what it was."""
        result = await self.server.operations.result(operation.id)
        assert result.operation.status is OperationStatus.DONE, result.operation
        assert result.image is not None
        assert result.operation.content is not None
        if deliver:
            self.server.operations.delivered(operation.id)
        return result.operation.content

    async def see(self, kind: OperationKind = OperationKind.AUTO, *, frame: str = FRAME) -> Content:
        """Ask and fetch."""
        return await self.shown(await self.ask(kind, frame=frame))

    async def ended(self, operation: Operation) -> Operation:
        """Wait until an operation has ended, as it must within seconds of real time."""
        ended = await self.server.operations.wait(operation.id, 5)
        assert ended.status is not OperationStatus.PENDING
        return ended

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what happens by itself, without the clock."""
        async with asyncio.timeout(5):
            while not condition():
                await self.server.state.note("a turn of the state's thread")

    async def ticket(self) -> None:
        """Wait until a provider has handed out a ticket."""
        await self.until(lambda: any(one.fate is Fate.SENT for one in self.server.generations.running))

    async def rest(self) -> None:
        """Wait until no provider is at work; time goes on for who began to wait after it had passed."""
        pause = 10.0
        async with asyncio.timeout(10):
            while running := self.server.generations.running:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.server.generations.wait(running[0].id), A_MOMENT)
                    continue
                await self.clock.advance(pause)
                pause *= 2


@asynccontextmanager
async def open_house(
    root: Path,
    adapters: Sequence[type[ImageProvider]],
    *,
    clock: ManualClock,
    options: str = "",
    seed: int = 7,
) -> AsyncIterator[House]:
    """Open a server below `root`; the same root again is a restart."""
    places = Places(
        data=root / "data",
        config=root / "data",
        images=root / "images",
        certificates=root / "certs",
        log=None,
    )
    places.data.mkdir(exist_ok=True)
    places.options.write_text(options)
    places.options.chmod(0o600)
    provider_set = ProviderSet(adapters)
    loaded = load_options(places, provider_set)
    async with open_server(
        places=places,
        clock=clock,
        random=Random(seed),
        log=Log(),
        loaded=loaded,
        provider_set=provider_set,
    ) as server:
        # What the server does by the clock, tests do themselves: `ManualClock` does not wait for threads.
        await server.jobs.close()
        house = House(server, clock, places)
        server.events.watch(house.events.append)
        yield house


def put_pictures(root: Path, count: int, *, width: int = 320, height: int = 480) -> None:
    """Drop pictures into the rotation by hand."""
    folder = root / "images" / "scalable"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"f{number}.jpeg").write_bytes(pictures.jpeg(width, height, seed=number))
