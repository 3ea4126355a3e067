"""A picture that was paid for and came in the answer itself outlives the server that was looking at it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from imageserver.imaging.pool import ImagingPool
from imageserver.models import Fate, OperationKind, PromptText
from imageserver.providers.base import Capabilities
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import open_house

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House
    from tests.manual_clock import ManualClock

PICTURE = pictures.jpeg(832, 1280, seed=5)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """While it is set, scaling takes for ever."""
    is_slow, run = asyncio.Event(), ImagingPool.run

    async def never(pool: ImagingPool, work: object, *arguments: object) -> object:
        if is_slow.is_set():
            await asyncio.Event().wait()
        return await run(pool, work, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ImagingPool, "run", never)
    return is_slow


async def crash_while_scaling(house: House, slow: asyncio.Event) -> None:
    slow.set()
    await house.ask(OperationKind.DIRECT, text=PromptText("кот"))
    await house.until(lambda: list(house.places.arrived.glob("[!.]*")))
    for task in asyncio.all_tasks():
        if task.get_name().startswith("generation "):
            task.cancel()
    slow.clear()


async def test_it_is_stored_after_the_next_start(
    tmp_path: Path, clock: ManualClock, slow: asyncio.Event
) -> None:
    script = Script()
    script.answers.append(PICTURE)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await crash_while_scaling(house, slow)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.rest()
        (generation,) = await house.server.generations.newest(1)
        assert generation.fate is Fate.DONE
        assert (await house.see()).picture_id == generation.picture_id
        assert len(script.asked) == 1
        counts = house.server.metrics.snapshot(["ydArt"]).providers["ydArt"]
        assert (counts.today, counts.counts.success, counts.counts.errors) == (1, 1, 0)
        assert not list(house.places.arrived.iterdir())


async def test_one_that_turns_out_to_be_broken_is_a_failure(
    tmp_path: Path, clock: ManualClock, slow: asyncio.Event
) -> None:
    script = Script()
    script.answers.append(b"\xff\xd8 and no more")
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await crash_while_scaling(house, slow)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.rest()
        (generation,) = await house.server.generations.newest(1)
        assert generation.fate is Fate.FAILED
        assert not list(house.places.arrived.iterdir())


async def test_what_belongs_to_no_request_is_removed(tmp_path: Path, clock: ManualClock) -> None:
    arrived = tmp_path / "data" / "arrived"
    arrived.mkdir(parents=True)
    for name in ("0123456789", ".writing-0123456789abcdef"):
        (arrived / name).write_bytes(PICTURE)
    async with open_house(tmp_path, [scripted(Script())], clock=clock):
        assert not list(arrived.iterdir())


async def test_where_it_can_not_be_held_it_is_stored_nevertheless(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "arrived").write_bytes(b"a file where a directory should be")
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.rest()
        assert (await house.server.store.summary()).pictures == 1


@pytest.mark.parametrize("how", ["free", "ticket"])
async def test_what_costs_nothing_or_can_be_fetched_again_is_not_held(
    tmp_path: Path, clock: ManualClock, how: str
) -> None:
    script = Script()
    if how == "ticket":
        script.tickets.append(7)
        script.results["7"] = PICTURE
    capabilities = Capabilities(costs_money=how != "free")
    async with open_house(tmp_path, [scripted(script, capabilities=capabilities)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        if how == "ticket":
            await house.ticket()
            await clock.advance(20)
        await house.rest()
        assert (await house.server.store.summary()).pictures == 1
        assert not house.places.arrived.exists()
