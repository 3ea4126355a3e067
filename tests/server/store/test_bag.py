import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from imageserver.exceptions import PictureError, StateError
from imageserver.store.bag import LAST_DRAWN
from tests.stores import Shelf, open_store


def drop(shelf: Shelf, *stems: str) -> None:
    for stem in stems:
        (shelf.scalable / f"{stem}.jpeg").write_bytes(stem.encode())


STEMS = tuple("abcdefgh")


async def test_no_picture_returns_until_the_others_have_been_shown(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, *STEMS)
        await shelf.store.scan()
        rounds = [await shelf.draw(len(STEMS)) for _ in range(5)]
    assert [sorted(drawn) for drawn in rounds] == [list(STEMS)] * 5
    assert len({tuple(drawn) for drawn in rounds}) > 1, "each round is shuffled anew"


@pytest.mark.parametrize("seed", range(20))
async def test_the_one_drawn_last_never_comes_next(tmp_path: Path, seed: int) -> None:
    async with open_store(tmp_path, seed=seed) as shelf:
        drop(shelf, *STEMS[:3])
        await shelf.store.scan()
        drawn = await shelf.draw(30)
    assert all(first != second for first, second in pairwise(drawn))


async def test_a_picture_that_is_alone_comes_again_and_again(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, "only")
        await shelf.store.scan()
        assert await shelf.draw(3) == ["only"] * 3


async def test_an_empty_store_has_no_next(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        assert await shelf.store.next() is None
        assert not await shelf.store.has_any()


async def test_a_restart_goes_on_where_the_bag_was(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, *STEMS)
        await shelf.store.scan()
        before = await shelf.draw(5)
    async with open_store(tmp_path, seed=1) as shelf:
        after = await shelf.draw(3)
        assert sorted(before + after) == list(STEMS)
        assert (await shelf.draw(1)) != after[-1:]


async def test_new_pictures_come_within_the_round_that_is_on(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, *STEMS)
        await shelf.store.scan()
        await shelf.draw(3 * len(STEMS) + 4)
        drop(shelf, "new")
        await shelf.store.scan()
        assert sorted(await shelf.draw(5)).count("new") == 1
        assert (await shelf.draw(len(STEMS))).count("new") == 1, "no catching up on rounds before its time"


async def test_a_picture_that_was_away_does_not_catch_up(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, *STEMS)
        await shelf.store.scan()
        away = await shelf.picture("a")
        await shelf.store.delete(away.id)
        await shelf.draw(5 * 7)
        await shelf.store.restore(away.id)
        assert (await shelf.draw(16)).count("a") == 2


async def test_a_picture_that_was_mended_does_not_catch_up(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, *STEMS)
        await shelf.store.scan()
        broken = await shelf.picture("a")
        with pytest.raises(PictureError):
            await shelf.store.frame_jpeg(broken.id)
        await shelf.draw(5 * 7)
        drop(shelf, "a")
        (shelf.scalable / "a.jpeg").write_bytes(b"mended")
        await shelf.store.scan()
        assert (await shelf.draw(16)).count("a") == 2


async def test_many_at_once_get_different_pictures(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, *(f"p{number}" for number in range(64)))
        await shelf.store.scan()
        drawn = await asyncio.gather(*(shelf.store.next() for _ in range(64)))
    assert len({picture.id for picture in drawn if picture}) == 64


async def test_a_disk_that_takes_nothing_still_gives_pictures(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        drop(shelf, *STEMS)
        await shelf.store.scan()
        await shelf.draw(1)
        await shelf.state.read(lambda connection: connection.execute("COMMIT"))
        await shelf.state.read(lambda connection: connection.execute("PRAGMA query_only = ON"))
        with pytest.raises(StateError):
            await shelf.state.set_note("any", 1)
        assert len(set(await shelf.draw(40))) > 3, "by chance, so not always the same"
        last = await shelf.state.note(LAST_DRAWN)

        await shelf.state.read(lambda connection: connection.execute("PRAGMA query_only = OFF"))
        await shelf.draw(1)
        assert await shelf.state.note(LAST_DRAWN) != last, "and draws properly again once it can"
