from pathlib import Path

import pytest

from imageserver.models import PromptText
from imageserver.store.picture_search import PictureOrder, PictureQuery
from tests.stores import Shelf, open_store

CAT = PromptText("Рыжий КОТ на крыше", "Собака, Ёлка")
ROBOT = PromptText("a Robot with golden eyes")


async def fill(shelf: Shelf) -> None:
    await shelf.add("g-1", text=CAT)
    await shelf.clock.advance(60)
    await shelf.add("g-2", text=ROBOT, provider="builtin")
    await shelf.clock.advance(60)
    (shelf.scalable / "Отпуск_50%.jpeg").write_bytes(b"by hand")
    await shelf.store.scan()


async def stems(shelf: Shelf, query: PictureQuery) -> list[str]:
    page = await shelf.store.search(query)
    assert page.total == len(page.pictures)
    return [picture.stem for picture in page.pictures]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("кот", ["g-1"]),
        ("КРЫШЕ рыж", ["g-1"]),
        ("ёлка", ["g-1"]),
        ("ROBOT", ["g-2"]),
        ("robot кот", []),
        ("отпуск", ["Отпуск_50%"]),
        ("50%", ["Отпуск_50%"]),
        ("g%2", []),
        ("_", ["Отпуск_50%"]),
        ("' OR 1 --", []),
        ("g-", ["g-2", "g-1"]),
        ("  ", ["Отпуск_50%", "g-2", "g-1"]),
    ],
)
async def test_words_are_found_in_prompt_negative_part_and_name(
    tmp_path: Path, text: str, found: list[str]
) -> None:
    async with open_store(tmp_path) as shelf:
        await fill(shelf)
        assert await stems(shelf, PictureQuery(text=text)) == found


async def test_pictures_are_found_by_maker_and_state(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await fill(shelf)
        await shelf.store.set_favourite((await shelf.picture("g-1")).id, True)
        assert await stems(shelf, PictureQuery(provider="YDART")) == ["g-1"]
        assert await stems(shelf, PictureQuery(favourite=True)) == ["g-1"]
        assert await stems(shelf, PictureQuery(favourite=False, provider="builtin")) == ["g-2"]
        assert await stems(shelf, PictureQuery(archived=True)) == []
        assert len(await stems(shelf, PictureQuery(archived=False))) == 3

        await shelf.store.delete((await shelf.picture("g-2")).id)
        assert await stems(shelf, PictureQuery()) == ["Отпуск_50%", "g-1"]
        assert await stems(shelf, PictureQuery(deleted=True)) == ["g-2"]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (PictureOrder.NEWEST, ["Отпуск_50%", "g-2", "g-1"]),
        (PictureOrder.OLDEST, ["g-1", "g-2", "Отпуск_50%"]),
        (PictureOrder.MOST_SHOWN, ["g-1", "g-2", "Отпуск_50%"]),
        (PictureOrder.LEAST_SHOWN, ["Отпуск_50%", "g-2", "g-1"]),
        (PictureOrder.LAST_SHOWN, ["g-2", "g-1", "Отпуск_50%"]),
    ],
)
async def test_pictures_come_in_order(tmp_path: Path, order: PictureOrder, found: list[str]) -> None:
    async with open_store(tmp_path) as shelf:
        await fill(shelf)
        first, second = (await shelf.picture("g-1")).id, (await shelf.picture("g-2")).id
        for shown in (first, first, second):
            shelf.store.mark_shown(shown, frame="192.168.1.5")
            await shelf.clock.advance(1)
        assert await stems(shelf, PictureQuery(order=order)) == found


async def test_a_page_tells_how_many_there_are_in_all(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        for number in range(7):
            (shelf.scalable / f"p{number}.jpeg").write_bytes(b"x")
        await shelf.store.scan()
        page = await shelf.store.search(PictureQuery(order=PictureOrder.OLDEST, offset=5, limit=5))
        assert [picture.stem for picture in page.pictures] == ["p5", "p6"]
        assert page.total == 7
        beyond = await shelf.store.search(PictureQuery(offset=50))
        assert (beyond.pictures, beyond.total) == ((), 7)


async def test_the_summary_follows_what_happens(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        assert (await shelf.store.summary()).pictures == 0
        await fill(shelf)
        summary = await shelf.store.summary()
        assert (summary.pictures, summary.originals, summary.favourites) == (3, 2, 0)
        on_disk = sum(path.stat().st_size for path in shelf.images.rglob("*.jpeg"))
        assert summary.bytes == on_disk

        picture = await shelf.picture("g-1")
        await shelf.store.set_favourite(picture.id, True)
        assert (await shelf.store.summary()).favourites == 1
        await shelf.store.delete(picture.id)
        summary = await shelf.store.summary()
        assert (summary.pictures, summary.deleted, summary.originals) == (2, 1, 1)
        assert summary.bytes == on_disk - picture.bytes
        (shelf.scalable / "Отпуск_50%.jpeg").unlink()
        await shelf.store.scan()
        assert (await shelf.store.summary()).pictures == 1
