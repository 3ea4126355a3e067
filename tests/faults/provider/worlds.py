"""Each provider with a server that knows no other, ready to meet its faults."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from tests.faults.provider.adapter_world import AdapterWorld
from tests.faults.provider.builtin_world import BuiltinWorld, CountedBuiltin
from tests.faults.provider.folder_world import CountedFolder, FolderWorld
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


@asynccontextmanager
async def folder(root: Path, clock: ManualClock) -> AsyncIterator[Visit]:
    """Open a server with a folder of pictures."""
    prepare(root)
    world = FolderWorld(root / "photos")
    options = str({"image_generate_threshold": 0, "providers": {world.code: world.options}})
    with listening() as records:
        async with open_house(root, [CountedFolder], clock=clock, options=options) as house:
            await world.look(house)
            yield Visit(house, world, records)


@asynccontextmanager
async def builtin(root: Path, clock: ManualClock) -> AsyncIterator[Visit]:
    """Open a server that draws by itself."""
    prepare(root)
    options = str({"image_generate_threshold": 0, "prompts_amount": PROMPTS})
    with listening() as records:
        async with open_house(root, [CountedBuiltin], clock=clock, options=options) as house:
            yield Visit(house, BuiltinWorld(), records)


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
    "local_folder": folder,
    "builtin": builtin,
}
"""Opens the server of each table."""
