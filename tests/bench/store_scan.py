"""How long a full store takes to open, to show its first picture, to be scanned and to be searched.

    python -m tests.bench.store_scan [--stored 6000 100000]

Nobody else works beside it: the store alone, in this process, on this disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import psutil

from imageserver.store.picture_search import PictureOrder, PictureQuery
from tests.bench.conditions import conditions
from tests.bench.pictures_on_disk import fill
from tests.stores import Shelf, open_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DRAWS = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, nargs="+", default=[6_000, 100_000])
    arguments = parser.parse_args()
    figures: dict[str, Any] = {"conditions": conditions(unit="ms unless named")}
    for stored in arguments.stored:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder) / "images", stored, scaled=True)
            figures[str(stored)] = asyncio.run(measure(Path(folder), stored))
    print(json.dumps(figures, indent=2))


async def measure(root: Path, stored: int) -> dict[str, Any]:
    rss = rss_mb()
    async with timed_store(root) as (shelf, opened):
        figures: dict[str, Any] = {
            "first_start": {
                "open": opened,
                "first_pick": await timed(shelf.store.next),
                "second_pick": await timed(shelf.store.next),
                **await scan_beside_picks(shelf),
                "rss_mb_grown": round(rss_mb() - rss, 1),
            }
        }
    async with timed_store(root) as (shelf, opened):
        figures["restart"] = {"open": opened, "first_pick": await timed(shelf.store.next)}
        figures["restart"] |= await scan_beside_picks(shelf)
        figures["pick"] = await many(shelf.store.next)
        figures["ready_picture"] = await ready_pictures(shelf)
        figures["scan_after_100_came_and_100_went"] = await scan_of_changes(root, shelf, stored)
        figures["nothing_changed"] = await timed(shelf.store.changed)
        figures["search"] = await searches(shelf)
        figures["summary"] = await timed(shelf.store.summary)
        figures["rss_mb_grown"] = round(rss_mb() - rss, 1)
    return figures


class timed_store:  # noqa: N801 - used as a function is
    """A store, and how long its opening took."""

    def __init__(self, root: Path) -> None:
        self._store = open_store(root)

    async def __aenter__(self) -> tuple[Shelf, float]:
        start = time.perf_counter()
        return await self._store.__aenter__(), since(start)

    async def __aexit__(self, *error: object) -> None:
        await self._store.__aexit__(None, None, None)


async def scan_beside_picks(shelf: Shelf) -> dict[str, Any]:
    """Scan, and meanwhile draw pictures and watch how late the loop comes round."""
    lags: list[float] = []
    watching = asyncio.create_task(watch(lags))
    start = time.perf_counter()
    scan = asyncio.create_task(shelf.store.scan())
    scan.add_done_callback(lambda _: watching.cancel())
    picks = []
    while not scan.done():
        picks.append(await timed(shelf.store.next))
        await asyncio.sleep(0.005)
    await scan
    return {"scan": since(start), "pick_beside_it": spread(picks), "loop_lag_beside_it": spread(lags)}


async def watch(lags: list[float]) -> None:
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append(round(since(start) - 1, 3))


async def ready_pictures(shelf: Shelf) -> dict[str, float]:
    """Read pictures that are ready: the way of nearly every answer to a frame."""
    drawn = [picture for picture in [await shelf.store.next() for _ in range(50)] if picture]
    for picture in drawn:
        await shelf.store.frame_jpeg(picture.id)
    ids = [picture.id for picture in drawn]
    return spread([await timed(partial(shelf.store.frame_jpeg, i)) for i in ids * (DRAWS // len(ids))])


async def scan_of_changes(root: Path, shelf: Shelf, stored: int) -> float:
    images = root / "images"
    for number in range(100):
        shutil.copy(images / ".seeds" / "0", images / "scalable" / f"new{number}.jpeg")
        (images / "scalable" / f"f{stored - 1 - number:06}.jpeg").unlink()
        (images / "original" / f"f{stored - 1 - number:06}-orig.jpeg").unlink()
    return await timed(shelf.store.scan)


async def searches(shelf: Shelf) -> dict[str, float]:
    queries = {
        "newest": PictureQuery(),
        "words": PictureQuery(text="F0001 9"),
        "most_shown": PictureQuery(order=PictureOrder.MOST_SHOWN),
        "far_page": PictureQuery(offset=5000),
    }
    return {name: await timed(partial(shelf.store.search, query)) for name, query in queries.items()}


async def many(call: Callable[[], Awaitable[object]]) -> dict[str, float]:
    return spread([await timed(call) for _ in range(DRAWS)])


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await call()
    return since(start)


def since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 3)


def spread(times: list[float]) -> dict[str, float]:
    if len(times) < 2:
        return {"n": len(times), "max": max(times, default=0.0)}
    cuts = quantiles(times, n=100, method="inclusive")
    return {"n": len(times), "p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": max(times)}


def rss_mb() -> float:
    memory: int = psutil.Process().memory_info().rss
    return memory / 1e6


if __name__ == "__main__":
    main()
