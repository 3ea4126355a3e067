"""Everything at once, and the power fails: nothing is cut, lost or doubled."""

import asyncio
import signal
import sys
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from imageserver.exceptions import ConflictError, NotFoundError
from imageserver.settings import Caps
from imageserver.store.picture_search import PictureQuery
from tests.pictures import jpeg
from tests.stores import Shelf, open_store, tree

ROOT = Path(__file__).parents[2]

ADDING = """
import asyncio, sys
from pathlib import Path
from tests.pictures import jpeg
from tests.stores import open_store

async def main(root: Path, first: int) -> None:
    async with open_store(root) as shelf:
        scan = asyncio.create_task(shelf.store.scan())
        print("open", flush=True)
        for number in range(first, first + 1000):
            await shelf.add(f"g-{number}", jpeg(320, 480, seed=number % 3))
            print(number, flush=True)
        await scan

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


async def test_everything_at_once_leaves_index_and_disk_in_step(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=Caps(6, 12), originals=Caps(8, 16)) as shelf:
        await asyncio.gather(*(one_of_many(shelf, Random(number), number) for number in range(12)))
        await shelf.store.scan()
        await shelf.store.scan()
        page = await shelf.store.search(PictureQuery(limit=1000))
        listed = {("scalable", p.scaled) for p in page.pictures} | {
            ("original", p.original) for p in page.pictures
        }
        on_disk = {(path.parent.name, path.name) for path in shelf.images.glob("[os]*/*")}
        assert {entry for entry in listed if entry[1]} == on_disk
        assert sum(not p.archived for p in page.pictures) <= 12
        assert sum(p.original is not None for p in page.pictures) <= 16
        assert shelf.problem_codes() == []
        for name in tree(shelf.images):
            decode(shelf.images / name)


async def one_of_many(shelf: Shelf, chance: Random, number: int) -> None:
    for turn in range(12):
        action = chance.randrange(6)
        if action <= 1:
            await shelf.add(f"g-{number}-{turn}", jpeg(64, 96, seed=turn % 3))
        elif action == 2:
            (shelf.scalable / f"s{number}-{turn}.jpeg").write_bytes(jpeg(96, 64))
            await shelf.store.scan()
        else:
            await use(shelf, chance)


async def use(shelf: Shelf, chance: Random) -> None:
    picture = await shelf.store.next()
    if picture is None:
        return
    try:
        served = await shelf.store.frame_jpeg(picture.id)
        assert served.startswith(b"\xff\xd8")
        assert served.endswith(b"\xff\xd9")
        if chance.random() < 0.5:
            await shelf.store.delete(picture.id)
            await shelf.store.restore(picture.id)
    except (NotFoundError, ConflictError):
        pass  # Somebody else was quicker.


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.05, 0.11])
async def test_a_kill_at_any_moment_cuts_loses_and_doubles_nothing(tmp_path: Path, wait: float) -> None:
    acknowledged = await add_until_killed(tmp_path, wait)
    for path in (tmp_path / "images").glob("*/[!.]*"):
        decode(path)
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert not [name for name in tree(shelf.images) if Path(name).name.startswith(".")]
        for number in range(acknowledged + 1):
            picture = await shelf.picture(f"g-{number}")
            assert (picture.own, picture.provider) == (True, "ydArt"), "what was acknowledged is known"
        cut_short = f"g-{acknowledged + 1}"
        picture = await shelf.add(cut_short, jpeg(320, 480, seed=(acknowledged + 1) % 3))
        assert (await shelf.store.search(PictureQuery(text=cut_short))).total == 1
        assert await shelf.store.frame_jpeg(picture.id)


async def add_until_killed(root: Path, wait: float) -> int:
    """Return the number of the last picture that was acknowledged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        ADDING,
        str(root),
        "0",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": f"{ROOT / 'addon'}:{ROOT}"},
    )
    assert process.stdout is not None
    for _ in range(4):
        await process.stdout.readline()
    await asyncio.sleep(wait)
    process.send_signal(signal.SIGKILL)
    rest = (await process.stdout.read()).split()
    await process.wait()
    return int(rest[-1]) if rest else 2


def decode(path: Path) -> None:
    with Image.open(path) as image:
        image.load()
