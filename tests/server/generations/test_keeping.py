"""Pictures that no disk takes: shown, held, stored when one does, and never paid for on top of each other."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import NoMemoryError, StoreError
from imageserver.models import ContentKind, Fate, OperationKind
from imageserver.providers.base import Capabilities
from imageserver.store.picture_search import PictureQuery
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import OTHER_FRAME, open_house, put_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imageserver.models import Json
    from tests.houses import House
    from tests.manual_clock import ManualClock

DIRECT = OperationKind.DIRECT
PICTURE, PASSING = ContentKind.PICTURE, ContentKind.PASSING


@contextmanager
def in_the_way(*folders: Path) -> Iterator[None]:
    """Let folders take nothing for as long as the block lasts."""
    for folder in folders:
        folder.parent.mkdir(exist_ok=True)
        if folder.exists():
            folder.rename(folder.with_name(f"{folder.name}.away"))
        folder.write_bytes(b"a file where a directory should be")
    yield
    for folder in folders:
        folder.unlink()
        away = folder.with_name(f"{folder.name}.away")
        if away.exists():
            away.rename(folder)


def originals(root: Path) -> Path:
    return root / "images" / "original"


def problems(house: House) -> list[str]:
    return [problem.code for problem in house.server.problems.all()]


def with_ticket() -> Script:
    """Make a script whose next picture comes by a ticket, which is ready at once."""
    ticket: Json = {"operation": "a1"}
    return Script(tickets=deque([ticket]), results={str(ticket): pictures.jpeg(320, 480, seed=5)})


def in_store(house: House) -> int:
    return len(list(originals(house.places.data.parent).iterdir()))


async def fate(house: House) -> Fate:
    return (await house.server.generations.newest(1))[0].fate


@pytest.mark.parametrize("kind", [DIRECT, OperationKind.AUTO])
async def test_a_picture_that_can_not_be_stored_is_shown_all_the_same(
    tmp_path: Path, clock: ManualClock, kind: OperationKind
) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        with in_the_way(originals(tmp_path)):
            assert (await house.see(kind)).kind is PASSING
            assert "store_unwritable" in problems(house)
            assert await fate(house) is Fate.INTENDED
        await clock.advance(10)
        await house.rest()
        assert (await fate(house), in_store(house)) == (Fate.DONE, 1)
        assert "store_unwritable" not in problems(house)
        (picture,) = (await house.server.store.search(PictureQuery())).pictures
        assert picture.shown == 1, "what a frame has shown is not waiting to be seen"
        await house.server.queue.keep_claims(frozenset())
        assert not await house.server.queue.has_any(), "also not once nobody knows who has seen it"
    assert len(script.asked) == 1


async def test_a_picture_that_was_fetched_by_nobody_is_shown_once_it_is_stored(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        with in_the_way(originals(tmp_path)):
            held = await house.ended(await house.ask(DIRECT))
            another = await house.ended(await house.ask(OperationKind.OLD))
            assert another.content is not None
            assert another.content.kind is ContentKind.CARD
        await clock.advance(10)
        await house.rest()
        assert (await house.see(frame=OTHER_FRAME)).kind is PICTURE
        assert (await house.server.operations.result(held.id)).image is not None


async def test_nothing_is_paid_for_while_a_picture_waits(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    put_pictures(tmp_path, 2)
    async with open_house(
        tmp_path, [scripted(script)], clock=clock, options="image_generate_threshold: 0"
    ) as house:
        await house.server.store.scan()
        with in_the_way(originals(tmp_path)):
            await house.see(DIRECT)
            with pytest.raises(StoreError, match="is not asked: a new picture could not be stored"):
                await house.ask(DIRECT)
            assert (await house.see()).kind is PICTURE
            assert house.server.availability.facts("ydArt").asked_today == 1
        await clock.advance(10)
        await house.rest()
        await house.see(DIRECT)
    assert len(script.asked) == 2


async def test_nothing_is_paid_for_while_the_picture_directory_is_away(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see(DIRECT)
        with in_the_way(tmp_path / "images"):
            await house.server.store.scan()
            with pytest.raises(StoreError, match="original and scalable"):
                await house.ask(DIRECT)
            assert (await house.see()).kind is ContentKind.CARD
        await house.server.store.scan()
        await house.see(DIRECT)
    assert len(script.asked) == 2


async def test_a_picture_that_waits_outlives_the_server(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see(DIRECT)
    with in_the_way(originals(tmp_path)):
        async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
            await house.ended(await house.ask(DIRECT))
            async with asyncio.timeout(5):
                await house.server.generations.close(grace=30)
        async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
            await house.until(lambda: "store_unwritable" in problems(house))
            with pytest.raises(StoreError):
                await house.ask(DIRECT)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.rest()
        assert (await fate(house), in_store(house)) == (Fate.DONE, 2)
        assert list(house.places.arrived.iterdir()) == []
        assert house.server.metrics.snapshot(["ydArt"]).providers["ydArt"].today == 2
    assert len(script.asked) == 2


async def test_a_picture_that_is_nowhere_but_in_memory_is_told(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        with in_the_way(originals(tmp_path), house.places.arrived, house.places.passing):
            assert (await house.see(DIRECT)).kind is PASSING
            assert "picture_unstored" in problems(house)
        await clock.advance(10)
        await house.rest()
        assert "picture_unstored" not in problems(house)


async def test_a_picture_that_its_provider_still_has_is_not_told_to_be_only_in_memory(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with open_house(tmp_path, [scripted(with_ticket())], clock=clock) as house:
        with in_the_way(originals(tmp_path), house.places.arrived, house.places.passing):
            await house.ask(DIRECT)
            await house.ticket()
            await clock.advance(10)
            await house.until(lambda: "store_unwritable" in problems(house))
            assert "picture_unstored" not in problems(house)
        await house.server.store.scan()
        await clock.advance(10)
        await house.rest()


async def test_a_picture_whose_ticket_no_disk_took_is_told_to_be_only_in_memory(
    tmp_path: Path, clock: ManualClock
) -> None:
    no_ticket = (
        "CREATE TRIGGER full BEFORE INSERT ON generations WHEN NEW.ticket IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    )
    async with open_house(tmp_path, [scripted(with_ticket())], clock=clock) as house:
        await house.server.state.run(lambda connection: connection.execute(no_ticket))
        with in_the_way(originals(tmp_path), house.places.arrived, house.places.passing):
            await house.ask(DIRECT)
            await house.ticket()
            await clock.advance(10)
            await house.until(lambda: "picture_unstored" in problems(house))
        await house.server.state.run(lambda connection: connection.execute("DROP TRIGGER full"))
        await house.server.store.scan()
        await clock.advance(10)
        await house.rest()
        assert await fate(house) is Fate.DONE


async def test_a_picture_that_waits_for_memory_is_told_with_what_helps(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def short_of_memory(*_: object, **__: object) -> None:
        raise NoMemoryError("it is too large")

    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        with monkeypatch.context() as starved:
            starved.setattr(house.server.store, "add", short_of_memory)
            await house.ended(await house.ask(DIRECT))
            (problem,) = house.server.problems.all()
            assert problem.code == "picture_unstored"
            assert problem.text == "A new picture waits to be stored: it is too large."
            assert problem.remedy == "Give the server more memory."
        await clock.advance(10)
        await house.rest()
        assert problems(house) == []


async def test_what_cost_nothing_is_shown_and_not_waited_for(tmp_path: Path, clock: ManualClock) -> None:
    free = Capabilities(costs_money=False)
    script = Script()
    async with open_house(tmp_path, [scripted(script, capabilities=free)], clock=clock) as house:
        with in_the_way(originals(tmp_path)):
            for _ in range(3):
                assert (await house.see(DIRECT)).kind is PASSING
                assert await fate(house) is Fate.DONE
        assert not house.places.arrived.exists()


async def test_a_folders_pictures_are_shown_where_nothing_at_all_can_be_written(
    tmp_path: Path, clock: ManualClock
) -> None:
    free = Capabilities(prompt=False, costs_money=False, stored=False)
    folder = scripted(Script(), code="lim", capabilities=free)
    async with open_house(tmp_path, [folder], clock=clock, options="image_generate_threshold: 0") as house:
        await house.server.state.read(lambda connection: connection.execute("PRAGMA query_only = 1"))
        with in_the_way(house.places.passing):
            for kind in (OperationKind.AUTO, DIRECT):
                assert (await house.see(kind)).kind is PASSING
        assert problems(house) == ["state_unwritable"]
        await house.server.state.read(lambda connection: connection.execute("PRAGMA query_only = 0"))
        await house.server.generations.write_down()
        assert problems(house) == []
        counts = house.server.metrics.snapshot(["lim"]).providers["lim"]
        assert (counts.today, counts.counts.total, counts.counts.success) == (2, 2, 2)
        assert [known.fate for known in await house.server.generations.newest(5)] == [Fate.DONE] * 2
