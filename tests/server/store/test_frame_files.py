import asyncio
import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from imageserver.exceptions import NotFoundError, PictureError
from imageserver.imaging.imaging import frame_jpeg
from imageserver.models import Picture, Size
from imageserver.settings import FitMode, FrameImage
from imageserver.store.health import UNWRITABLE
from imageserver.store.store import StoreSettings
from tests.pictures import cut, jpeg, png
from tests.stores import FRAME, ROOMY, Shelf, open_store, tree

COVER = replace(FRAME, fit_mode=FitMode.COVER)
LANDSCAPE = jpeg(120, 90)


def settings(frame: FrameImage) -> StoreSettings:
    return StoreSettings(frame_image=frame, image_amount=ROOMY, original_image_amount=ROOMY)


async def dropped(shelf: Shelf, **files: bytes) -> Picture:
    """Drop the files of one picture, `f1`, by hand."""
    for directory, data in files.items():
        (shelf.images / directory / "f1.jpeg").write_bytes(data)
    await shelf.store.scan()
    return await shelf.picture("f1")


async def test_a_picture_of_the_server_is_read_as_it_was_scaled(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", LANDSCAPE)
        assert await shelf.store.is_ready(picture.id)
        served = await shelf.store.frame_jpeg(picture.id)
        assert served == (shelf.scalable / "g-1.jpeg").read_bytes() == frame_jpeg(LANDSCAPE, FRAME)
        assert tree(shelf.cache) == []


async def test_a_dropped_picture_that_fits_is_served_byte_for_byte(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=jpeg())
        assert not await shelf.store.is_ready(picture.id)
        assert await shelf.store.frame_jpeg(picture.id) == jpeg()
        assert await shelf.store.is_ready(picture.id)
        assert tree(shelf.cache) == []
        assert (await shelf.store.get(picture.id)).size == Size(320, 480)


@pytest.mark.parametrize("directory", ["scalable", "original"])
async def test_a_dropped_picture_that_does_not_fit_is_prepared_in_the_cache_and_left_alone(
    tmp_path: Path, directory: str
) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, **{directory: LANDSCAPE})
        served = await shelf.store.frame_jpeg(picture.id)
        assert served == frame_jpeg(LANDSCAPE, FRAME)
        assert tree(shelf.images) == [f"{directory}/f1.jpeg"]
        assert (shelf.images / directory / "f1.jpeg").read_bytes() == LANDSCAPE
        assert (shelf.cache / f"{picture.id}.jpeg").read_bytes() == served
        assert await shelf.store.is_ready(picture.id)


async def test_a_scaled_file_that_came_with_its_original_is_served_where_it_fits(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=jpeg(seed=1), original=LANDSCAPE)
        assert await shelf.store.frame_jpeg(picture.id) == jpeg(seed=1)
        assert await shelf.store.is_ready(picture.id)
        assert tree(shelf.cache) == []
        assert (await shelf.store.get(picture.id)).size == Size(120, 90)


async def test_a_scaled_file_for_another_screen_gives_way_to_its_original(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        small = jpeg(160, 240, seed=1)
        picture = await dropped(shelf, scalable=small, original=LANDSCAPE)
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, FRAME)
        assert (shelf.scalable / "f1.jpeg").read_bytes() == small
        assert (await shelf.store.get(picture.id)).size == Size(120, 90)


async def test_with_new_settings_the_original_is_what_frames_pictures_are_made_of(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=jpeg(seed=1), original=LANDSCAPE)
        await shelf.store.frame_jpeg(picture.id)
        shelf.store.apply(settings(COVER))
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, COVER)
        assert (shelf.scalable / "f1.jpeg").read_bytes() == jpeg(seed=1)


async def test_a_broken_original_leaves_the_scaled_file_to_serve(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=jpeg(), original=cut(LANDSCAPE))
        assert await shelf.store.frame_jpeg(picture.id) == jpeg()


async def test_a_restart_needs_no_preparing(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=LANDSCAPE)
        served = await shelf.store.frame_jpeg(picture.id)
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert await shelf.store.is_ready(picture.id)
        assert await shelf.store.frame_jpeg(picture.id) == served
        assert shelf.pool.jobs == 0


@pytest.mark.parametrize("damage", [b"", b"\xff\xd8", None], ids=["empty", "cut", "gone"])
async def test_a_damaged_ready_file_is_never_served_but_made_again(
    tmp_path: Path, damage: bytes | None
) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", LANDSCAPE)
        await shelf.store.frame_jpeg(picture.id)
        path = shelf.scalable / "g-1.jpeg"
        path.unlink()
        if damage is not None:
            path.write_bytes(damage)
        assert not await shelf.store.is_ready(picture.id)
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, FRAME)
        assert path.read_bytes() == frame_jpeg(LANDSCAPE, FRAME), "nobody's work was in its place"
        assert await shelf.store.is_ready(picture.id)


async def test_a_scaled_file_that_a_person_has_changed_is_not_written_over(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", LANDSCAPE)
        (shelf.scalable / "g-1.jpeg").write_bytes(jpeg(seed=3))
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, FRAME)
        await shelf.store.scan()
        shelf.store.apply(settings(COVER))
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, COVER)
        assert (shelf.scalable / "g-1.jpeg").read_bytes() == jpeg(seed=3)


async def test_new_settings_make_the_servers_own_file_anew_from_its_original(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", LANDSCAPE)
        shelf.store.apply(settings(COVER))
        assert not await shelf.store.is_ready(picture.id)
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, COVER)
        assert (shelf.scalable / "g-1.jpeg").read_bytes() == frame_jpeg(LANDSCAPE, COVER)
        assert tree(shelf.cache) == []


@pytest.mark.parametrize("scanned", [False, True])
async def test_without_an_original_new_settings_make_a_copy_of_what_there_is(
    tmp_path: Path,
    scanned: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", LANDSCAPE)
        (shelf.original / "g-1-orig.jpeg").unlink()
        scaled = (shelf.scalable / "g-1.jpeg").read_bytes()
        if scanned:
            await shelf.store.scan()
        smaller = replace(FRAME, size=Size(160, 240))
        shelf.store.apply(settings(smaller))
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(scaled, smaller)
        assert (shelf.scalable / "g-1.jpeg").read_bytes() == scaled


async def test_what_new_settings_made_stale_is_prepared_in_the_background(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        own = await shelf.add("g-1", LANDSCAPE)
        by_hand = await dropped(shelf, scalable=LANDSCAPE)
        await shelf.store.frame_jpeg(by_hand.id)
        (shelf.scalable / "never.jpeg").write_bytes(jpeg(64, 96))
        (shelf.scalable / "broken.jpeg").write_bytes(b"no picture")
        await shelf.store.scan()
        shelf.store.apply(settings(COVER))
        await shelf.store.prepare_all()
        assert await shelf.store.is_ready(own.id)
        assert await shelf.store.is_ready(by_hand.id)
        assert not await shelf.store.is_ready((await shelf.picture("never")).id), "it waits until it is drawn"


async def test_preparing_in_the_background_can_be_ended(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        for number in range(10):
            await shelf.add(f"g-{number}", LANDSCAPE)
        shelf.store.apply(settings(COVER))
        task = asyncio.create_task(shelf.store.prepare_all())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await shelf.store.prepare_all()
        assert all([await shelf.store.is_ready((await shelf.picture(f"g-{n}")).id) for n in range(10)])


@pytest.mark.parametrize("bad", [b"", b"no picture", cut(LANDSCAPE), png(64, 96)[:200]])
async def test_a_file_that_is_no_picture_is_named_once_and_not_drawn_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, bad: bytes
) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=bad)
        for _ in range(3):
            with pytest.raises(PictureError, match=r"f1\.jpeg"):
                await shelf.store.frame_jpeg(picture.id)
        assert await shelf.store.next() is None
        assert (await shelf.store.summary()).unreadable == 1
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert await shelf.store.next() is None
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1
    assert (tmp_path / "images" / "scalable" / "f1.jpeg").read_bytes() == bad, "it is the user's"


async def test_a_file_that_can_not_be_opened_is_tried_again_after_the_next_scan(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=jpeg())
        path = shelf.scalable / "f1.jpeg"
        path.unlink()
        path.mkdir()
        for _ in range(2):
            with pytest.raises(PictureError, match=r"f1\.jpeg"):
                await shelf.store.frame_jpeg(picture.id)
            assert await shelf.store.next() is None
            path.rmdir()
            path.write_bytes(jpeg())
            await shelf.store.scan()
            path.unlink()
            path.mkdir()
        assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1, "named once"
        path.rmdir()
        path.write_bytes(jpeg())
        await shelf.store.scan()
        assert await shelf.store.frame_jpeg(picture.id) == jpeg()


async def test_a_picture_whose_files_have_vanished_is_forgotten(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=jpeg())
        await shelf.store.frame_jpeg(picture.id)
        (shelf.scalable / "f1.jpeg").unlink()
        with pytest.raises(NotFoundError, match="f1"):
            await shelf.store.frame_jpeg(picture.id)
        with pytest.raises(NotFoundError):
            await shelf.store.get(picture.id)
        assert await shelf.store.next() is None


async def test_a_picture_that_was_never_there_is_not_found(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        with pytest.raises(NotFoundError, match="77"):
            await shelf.store.frame_jpeg(77)
        with pytest.raises(NotFoundError):
            await shelf.store.is_ready(77)


async def test_a_drawn_picture_that_is_ready_is_served_without_the_index(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await shelf.add("g-1")
    async with open_store(tmp_path) as shelf:
        picture = await shelf.store.next()
        assert picture is not None
        busy = threading.Event()
        shelf.state.post(lambda _: busy.wait())
        async with asyncio.timeout(5):
            assert await shelf.store.frame_jpeg(picture.id)
        busy.set()


async def test_many_who_ask_at_once_get_the_same_picture_prepared_once(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=jpeg(600, 900))
        copies = await asyncio.gather(*(shelf.store.frame_jpeg(picture.id) for _ in range(64)))
        assert shelf.pool.jobs == 1
        assert set(copies) == {(shelf.cache / f"{picture.id}.jpeg").read_bytes()}


async def test_readers_never_see_a_file_that_is_being_made(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", LANDSCAPE)
        frames = [FRAME, COVER]
        whole = {frame_jpeg(LANDSCAPE, frame) for frame in frames}
        for turn in range(20):
            shelf.store.apply(settings(frames[turn % 2]))
            served = await asyncio.gather(*(shelf.store.frame_jpeg(picture.id) for _ in range(8)))
            assert whole.issuperset(served)


async def test_where_nothing_can_be_written_frames_get_pictures_all_the_same(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await dropped(shelf, scalable=LANDSCAPE)
        shelf.cache.rmdir()
        shelf.cache.write_bytes(b"a file where a directory should be")
        for _ in range(2):
            assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, FRAME)
        assert shelf.problem_codes() == [UNWRITABLE]
        shelf.cache.unlink()
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, FRAME)
        assert shelf.problem_codes() == []
        assert await shelf.store.is_ready(picture.id)


async def test_an_archived_picture_is_prepared_in_the_cache(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", LANDSCAPE)
        await shelf.state.run(lambda connection: connection.execute("UPDATE pictures SET archived = 1"))
        (shelf.scalable / "g-1.jpeg").unlink()
        await shelf.store.scan()
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(LANDSCAPE, FRAME)
        assert tree(shelf.scalable) == []
        assert tree(shelf.cache) == [f"{picture.id}.jpeg"]
