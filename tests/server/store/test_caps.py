import asyncio
import logging
from functools import partial
from pathlib import Path

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import NotFoundError
from imageserver.models import Content, ContentKind, Picture, Size
from imageserver.settings import Caps
from imageserver.store.caps import BATCH, BUILTIN_MAXIMUM
from imageserver.store.health import UNWRITABLE
from imageserver.store.picture_files import Place
from imageserver.store.picture_search import PictureQuery
from imageserver.store.pictures import set_favourite
from imageserver.store.show_queue import ShowQueue
from imageserver.store.store import StoreSettings
from tests.pictures import jpeg
from tests.stores import ROOMY, Shelf, open_store, tree

SMALL = Caps(minimum=2, maximum=4)


async def fill(shelf: Shelf, amount: int, first: int = 1) -> list[Picture]:
    """Store pictures g-1, g-2, ..., one a minute."""
    pictures = []
    for number in range(first, first + amount):
        pictures.append(await shelf.add(f"g-{number}"))
        await shelf.clock.advance(60)
    return pictures


async def rotation(shelf: Shelf) -> list[str]:
    return sorted([p.stem for p in (await shelf.store.search(PictureQuery(archived=False))).pictures])


async def archive(shelf: Shelf) -> list[str]:
    return sorted([p.stem for p in (await shelf.store.search(PictureQuery(archived=True))).pictures])


async def test_at_the_maximum_everything_stays(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        await fill(shelf, 4)
        assert await rotation(shelf) == ["g-1", "g-2", "g-3", "g-4"]


async def test_above_the_maximum_the_oldest_leave_until_the_minimum_is_left(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        await fill(shelf, 5)
        assert await rotation(shelf) == ["g-4", "g-5"]
        assert tree(shelf.scalable) == ["g-4.jpeg", "g-5.jpeg"]


async def test_the_originals_of_those_that_left_are_the_archive(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        pictures = await fill(shelf, 5)
        assert await archive(shelf) == ["g-1", "g-2", "g-3"]
        assert len(tree(shelf.original)) == 5
        assert sorted(set(await shelf.draw(10))) == ["g-4", "g-5"], "frames are not shown the archive"
        assert await shelf.store.original(pictures[0].id) == jpeg(64, 96)
        archived = [e.subject for e in shelf.events if e.kind is EventKind.PICTURE]
        assert sorted(p.stem for p in archived if isinstance(p, Picture) and p.archived) == [
            "g-1",
            "g-2",
            "g-3",
        ]
        assert (await shelf.store.summary()).archived == 3
        await shelf.store.scan()
        assert await archive(shelf) == ["g-1", "g-2", "g-3"], "a scan brings nothing back"


async def test_who_watches_is_told_what_is_left_of_a_picture(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        await fill(shelf, 2)
        (shelf.original / "g-2-orig.jpeg").unlink()
        await shelf.store.scan()
        await fill(shelf, 3, first=3)
        told = {e.subject.stem: e.subject for e in shelf.events if isinstance(e.subject, Picture)}
        archived, removed = told["g-1"], told["g-2"]
        assert (archived.archived, archived.scaled, archived.original) == (True, None, "g-1-orig.jpeg")
        assert archived == await shelf.picture("g-1")
        assert (removed.scaled, removed.original, removed.bytes) == (None, None, 0)


async def test_the_archive_has_caps_of_its_own(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL, originals=Caps(minimum=3, maximum=6)) as shelf:
        first = (await fill(shelf, 6))[0]
        assert len(tree(shelf.original)) == 6
        await fill(shelf, 1, first=7)
        assert tree(shelf.original) == ["g-5-orig.jpeg", "g-6-orig.jpeg", "g-7-orig.jpeg"]
        told = [
            e.subject for e in shelf.events if isinstance(e.subject, Picture) and e.subject.id == first.id
        ]
        assert (told[-1].original, told[-1].scaled, told[-1].bytes) == (None, None, 0)
        with pytest.raises(NotFoundError):
            await shelf.store.get(first.id)


async def test_a_picture_that_loses_its_original_stays_in_the_rotation(tmp_path: Path) -> None:
    async with open_store(tmp_path, originals=SMALL) as shelf:
        await fill(shelf, 5)
        assert len(await rotation(shelf)) == 5
        assert tree(shelf.original) == ["g-4-orig.jpeg", "g-5-orig.jpeg"]
        picture = await shelf.picture("g-1")
        assert (picture.original, picture.size) == (None, None)
        assert await shelf.store.frame_jpeg(picture.id) == (shelf.scalable / "g-1.jpeg").read_bytes()
        assert await shelf.store.original(picture.id) == (shelf.scalable / "g-1.jpeg").read_bytes()
        assert (await shelf.store.get(picture.id)).size == Size(320, 480)


async def test_dropped_pictures_leave_too_and_take_their_copies_along(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL, originals=SMALL) as shelf:
        for number in range(3):
            (shelf.scalable / f"s{number}.jpeg").write_bytes(jpeg(64, 96))
        (shelf.scalable / "list.txt").write_bytes(b"mine")
        await shelf.store.scan()
        for stem in ("s0", "s1", "s2"):
            await shelf.store.frame_jpeg((await shelf.picture(stem)).id)
        await shelf.clock.advance(60)
        await fill(shelf, 2)
        assert await rotation(shelf) == ["g-1", "g-2"]
        assert tree(shelf.scalable) == ["g-1.jpeg", "g-2.jpeg", "list.txt"]
        assert tree(shelf.cache) == []


async def test_a_scan_minds_the_caps(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        for number in range(BATCH * 2 + 5):
            (shelf.scalable / f"s{number}.jpeg").write_bytes(b"x")
        await shelf.store.scan()
        assert len(tree(shelf.scalable)) == 2
        said = f"Over the caps: {BATCH * 2 + 3} pictures left the rotation, 0 originals removed"
        assert said in [record.getMessage() for record in caplog.records]


async def test_the_log_tells_how_many_originals_were_removed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with open_store(tmp_path, originals=SMALL) as shelf:
        await fill(shelf, 4)
        assert "Over the caps" not in caplog.text
        await fill(shelf, 1, first=5)
        assert "Over the caps: 0 pictures left the rotation, 3 originals removed" in caplog.text


async def test_a_scan_does_not_empty_the_rotation_whatever_the_minimum(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=Caps(minimum=0, maximum=1)) as shelf:
        for number in range(3):
            (shelf.scalable / f"s{number}.jpeg").write_bytes(b"x")
        await shelf.store.scan()
        assert len(await rotation(shelf)) == 1


async def test_the_newest_stays_whatever_the_minimum(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=Caps(minimum=0, maximum=1)) as shelf:
        for number in range(1, 5):
            picture = await shelf.add(f"g-{number}")
            assert await shelf.store.frame_jpeg(picture.id)
            await shelf.clock.advance(60)


async def test_favourites_and_what_is_about_to_be_shown_stay(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL, originals=SMALL) as shelf:
        favourite, queued, in_use, _ = await fill(shelf, 4)
        await shelf.store.set_favourite(favourite.id, True)
        shelf.in_use.add(in_use.id)
        queue = ShowQueue(state=shelf.state, clock=shelf.clock)
        await queue.choose(Content(kind=ContentKind.PICTURE, picture_id=queued.id), frame=None)
        await fill(shelf, 1, first=5)
        assert await rotation(shelf) == ["g-1", "g-2", "g-3", "g-5"]
        assert len(tree(shelf.original)) == 4


async def test_deleted_pictures_do_not_count(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        first, *_ = await fill(shelf, 4)
        await shelf.store.delete(first.id)
        await fill(shelf, 1, first=5)
        assert await rotation(shelf) == ["g-2", "g-3", "g-4", "g-5"]
        await shelf.store.restore(first.id)
        await shelf.store.scan()
        assert await rotation(shelf) == ["g-4", "g-5"]


async def test_files_that_are_no_pictures_neither_count_nor_leave(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        (shelf.scalable / "broken.jpeg").write_bytes(b"no picture")
        await shelf.store.scan()
        drawn = await shelf.store.next()
        assert drawn is not None
        await asyncio.gather(shelf.store.frame_jpeg(drawn.id), return_exceptions=True)
        await fill(shelf, 4)
        assert len(await rotation(shelf)) == 5
        await fill(shelf, 1, first=5)
        assert "broken.jpeg" in tree(shelf.scalable)


async def test_few_of_the_pictures_that_the_server_draws_stay_and_none_in_the_archive(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        paid = await shelf.add("paid")
        for number in range(BUILTIN_MAXIMUM + 3):
            await shelf.clock.advance(60)
            await shelf.add(f"b-{number}", provider="builtin")
        stems = await rotation(shelf)
        assert len(tree(shelf.scalable)) == len(tree(shelf.original)) == BUILTIN_MAXIMUM + 1
        assert "b-2" not in stems
        assert "b-3" not in await archive(shelf)
        assert await shelf.store.get(paid.id)


async def test_no_paid_picture_leaves_for_drawings_that_are_about_to_be_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imageserver.store.caps.BUILTIN_MAXIMUM", 1)
    async with open_store(tmp_path) as shelf:
        await shelf.add("paid")
        for number in range(3):
            shelf.in_use.add((await shelf.add(f"b-{number}", provider="builtin")).id)
        await shelf.store.scan()
        assert "paid" in await rotation(shelf)


async def test_the_servers_own_drawings_go_first(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        await fill(shelf, 2)
        for number in (1, 2):
            await shelf.add(f"b-{number}", provider="builtin")
            await shelf.clock.advance(60)
        await fill(shelf, 1, first=3)
        assert await rotation(shelf) == ["g-2", "g-3"]
        assert await archive(shelf) == ["g-1"]
        assert not (shelf.original / "b-1-orig.jpeg").exists()


async def test_an_archived_picture_that_is_dropped_again_returns(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        await fill(shelf, 5)
        (shelf.scalable / "g-1.jpeg").write_bytes(jpeg())
        await shelf.store.scan()
        assert await rotation(shelf) == ["g-1", "g-4", "g-5"]


async def test_what_a_crash_left_over_is_cleared_the_next_time(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await fill(shelf, 3)
        (shelf.original / "g-2-orig.jpeg").unlink()
        await shelf.store.scan()
        # As if the power had failed right after the index was told who leaves.
        await shelf.state.run(
            lambda connection: connection.execute("UPDATE pictures SET archived = 1 WHERE stem != 'g-3'"),
            durable=True,
        )
    async with open_store(tmp_path) as shelf:
        assert set(await shelf.draw(3)) == {"g-3"}
        await shelf.store.scan()
        assert tree(shelf.scalable) == ["g-3.jpeg"]
        assert await archive(shelf) == ["g-1"]


async def test_what_becomes_a_favourite_before_its_files_are_removed_keeps_them(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        kept, *_ = await fill(shelf, 3)
        await shelf.state.run(
            lambda connection: connection.execute("UPDATE pictures SET archived = 1 WHERE stem != 'g-3'")
        )
        async with shelf.store._parts.locks.of(kept.id):
            scanning = asyncio.create_task(shelf.store.scan())
            async with asyncio.timeout(5):
                while not shelf.store._parts.locks.of(kept.id)._waiters:  # noqa: ASYNC110 - a lock tells by no event
                    await asyncio.sleep(0)
            await shelf.state.run(partial(set_favourite, picture_id=kept.id, favourite=True))
        await scanning
        assert tree(shelf.scalable) == ["g-1.jpeg", "g-3.jpeg"]
        assert await shelf.store.frame_jpeg(kept.id)
        await shelf.store.scan()
        assert tree(shelf.scalable) == ["g-1.jpeg", "g-3.jpeg"]


async def test_new_caps_are_minded_from_the_next_scan_on(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await fill(shelf, 5)
        shelf.store.apply(StoreSettings(image_amount=SMALL, original_image_amount=ROOMY))
        await shelf.store.scan()
        assert await rotation(shelf) == ["g-4", "g-5"]


async def test_many_new_pictures_at_once_all_stay_until_they_are_handed_over(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=Caps(minimum=1, maximum=2), originals=Caps(1, 2)) as shelf:

        async def add(number: int) -> Picture:
            picture = await shelf.add(f"g-{number}")
            shelf.in_use.add(picture.id)
            return picture

        added = await asyncio.gather(*(add(number) for number in range(8)))
        for picture in added:
            assert await shelf.store.frame_jpeg(picture.id)
        shelf.in_use.clear()
        await shelf.store.scan()
        assert len(await rotation(shelf)) == 1


async def test_a_picture_that_is_deleted_while_the_caps_are_at_it_can_be_brought_back(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        await shelf.store._parts.caps._clear(picture.id, lambda _: tuple(Place))
        await shelf.store.restore(picture.id)
        assert await shelf.store.frame_jpeg(picture.id)


async def test_a_directory_that_lets_nothing_be_removed_is_a_problem_until_it_does(tmp_path: Path) -> None:
    async with open_store(tmp_path, rotation=SMALL) as shelf:
        await fill(shelf, 4)
        stubborn = shelf.scalable / "g-1.jpeg"
        stubborn.unlink()
        stubborn.mkdir()
        await fill(shelf, 1, first=5)
        assert shelf.problem_codes() == [UNWRITABLE]
        assert sorted(set(await shelf.draw(4))) == ["g-4", "g-5"], "they have left all the same"
        stubborn.rmdir()
        await fill(shelf, 1, first=6)
        assert shelf.problem_codes() == []
        assert tree(shelf.scalable) == ["g-4.jpeg", "g-5.jpeg", "g-6.jpeg"]
