"""Each provider with a server that knows no other, ready to meet its faults."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from tests.faults.provider.adapter_world import AdapterWorld
from tests.faults.provider.visit import Visit, listening
from tests.faults.provider.yandex_world import PROMPTS, HastyYandexArt, YandexWorld
from tests.houses import open_house, put_pictures
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.manual_clock import ManualClock


@asynccontextmanager
async def yandex(root: Path, clock: ManualClock, transport: str) -> AsyncIterator[Visit]:
    """Open a server with YandexART over one of its APIs."""
    prepare(root)
    async with YandexArtSimulator(old_model_retired=False, now=clock.now, made=[(320, 480)]) as simulator:
        world = YandexWorld(simulator, transport)
        options = str({"prompts_amount": PROMPTS, "providers": {world.code: world.options}})
        with listening() as records:
            async with open_house(root, [HastyYandexArt], clock=clock, options=options) as house:
                yield Visit(house, world, records)


@asynccontextmanager
async def adapter(root: Path, clock: ManualClock) -> AsyncIterator[Visit]:
    """Open a server with a provider of the user's own."""
    prepare(root)
    world = AdapterWorld(root / "data" / "providers")
    options = str({"prompts_amount": PROMPTS, "providers": {world.code: world.options}})
    with listening() as records:
        async with open_house(root, [world.adapter], clock=clock, options=options) as house:
            yield Visit(house, world, records)


def prepare(root: Path) -> None:
    """Put pictures and prompts there."""
    put_pictures(root, 1)
    prompts = "".join(
        f"  - {{idx: {number}, prompt: a cat of {number}}}\n" for number in range(1, PROMPTS + 1)
    )
    (root / "data").mkdir(exist_ok=True)
    (root / "data" / "prompts.yaml").write_text(f"prompts:\n{prompts}")


WORLDS: Mapping[str, Callable[[Path, ManualClock], AbstractAsyncContextManager[Visit]]] = {
    "yandex_art_images": partial(yandex, transport="images"),
    "yandex_art_async": partial(yandex, transport="async"),
    "user_written": adapter,
}
"""Opens the server of each table."""
