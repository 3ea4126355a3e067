import asyncio
import resource
from datetime import timedelta
from pathlib import Path

import pytest

from imageserver.exceptions import PictureError, StateError, StoreError
from imageserver.imaging.imaging import frame_jpeg
from imageserver.models import PromptText, Size
from imageserver.store.health import UNWRITABLE
from tests.pictures import cut, foreign, jpeg, png
from tests.stores import FRAME, open_store, tree

TEXT = PromptText("кот", "собака")


async def test_a_new_picture_is_two_files_and_all_that_is_known(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.store.add(
            jpeg(120, 90),
            provider="ydArt",
            text=TEXT,
            asked_at=shelf.clock.now() - timedelta(seconds=4.5),
            picture_name="g-1",
        )
        assert (shelf.original / "g-1-orig.jpeg").read_bytes() == jpeg(120, 90), "as received"
        assert (shelf.scalable / "g-1.jpeg").read_bytes() == frame_jpeg(jpeg(120, 90), FRAME)
        assert (picture.stem, picture.own, picture.provider) == ("g-1", True, "ydArt")
        assert (picture.prompt, picture.negative, picture.took_seconds) == ("кот", "собака", 4.5)
        assert (picture.added_at, picture.made_at) == (shelf.clock.now(), shelf.clock.now())
        assert picture.size == Size(120, 90)
        assert picture.bytes == sum(path.stat().st_size for path in shelf.images.rglob("*.jpeg"))
        await shelf.store.scan()
        assert await shelf.picture("g-1") == picture, "a scan changes nothing about it"


async def test_other_formats_are_kept_as_jpeg(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await shelf.add("g-1", png(64, 96))
        assert (shelf.original / "g-1-orig.jpeg").read_bytes()[:2] == b"\xff\xd8"


async def test_what_is_known_survives_a_restart(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        before = await shelf.add("g-1", text=TEXT)
        await shelf.store.set_favourite(before.id, True)
        shelf.store.mark_shown(before.id, frame="192.168.1.5")
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        after = await shelf.store.get(before.id)
        assert (after.prompt, after.negative, after.provider) == ("кот", "собака", "ydArt")
        assert (after.favourite, after.shown) == (True, 1)


async def test_a_repeat_is_the_same_picture(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        first = await shelf.add("g-1", text=TEXT)
        again = await shelf.add("g-1", jpeg(64, 96, seed=5), provider="other")
        assert again == first
    async with open_store(tmp_path) as shelf:
        assert await shelf.add("g-1") == first
        assert tree(shelf.images) == ["original/g-1-orig.jpeg", "scalable/g-1.jpeg"]
        assert (shelf.original / "g-1-orig.jpeg").read_bytes() == jpeg(64, 96)


@pytest.mark.parametrize("left", ["original/g-1-orig.jpeg", "scalable/g-1.jpeg", "both"])
@pytest.mark.parametrize("scanned", [False, True], ids=["before a scan", "after a scan"])
async def test_a_repeat_after_a_crash_completes_what_is_there(
    tmp_path: Path,
    left: str,
    scanned: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with open_store(tmp_path) as shelf:
        for name in ("original/g-1-orig.jpeg", "scalable/g-1.jpeg"):
            if left in (name, "both"):
                (shelf.images / name).write_bytes(jpeg(64, 96))
        if scanned:
            await shelf.store.scan()
        picture = await shelf.add("g-1", jpeg(64, 96), text=TEXT)
        await shelf.store.scan()
        assert await shelf.picture("g-1") == picture
        assert (picture.own, picture.prompt) == (True, "кот")
        assert (await shelf.store.summary()).pictures == 1
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(jpeg(64, 96), FRAME)


async def test_a_repeat_of_what_a_person_has_deleted_brings_nothing_back(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        again = await shelf.add("g-1")
        assert again.id == picture.id
        assert tree(shelf.scalable) == []


async def test_the_same_picture_twice_at_once_is_stored_once(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        makers = ("one", "two", "three", "four")
        added = await asyncio.gather(*(shelf.add("g-1", provider=maker) for maker in makers))
        assert len(set(added)) == 1


async def test_a_picture_is_found_by_its_name(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        assert await shelf.store.find("g-1") is None
        picture = await shelf.add("g-1")
        assert await shelf.store.find("g-1") == picture


async def test_files_that_a_crash_left_without_a_row_are_found(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.original / "g-1-orig.jpeg").write_bytes(jpeg(64, 96))
        asked_at = shelf.clock.now() - timedelta(hours=5)
        picture = await shelf.store.find("g-1", provider="ydArt", text=TEXT, asked_at=asked_at)
        assert picture is not None
        assert (picture.made_at, picture.took_seconds) == (asked_at, None), "nobody knows better"
        assert (picture.own, picture.provider, picture.prompt) == (True, "ydArt", "кот")
        assert await shelf.store.frame_jpeg(picture.id) == frame_jpeg(jpeg(64, 96), FRAME)
        assert tree(shelf.scalable) == ["g-1.jpeg"]


async def test_files_that_a_scan_came_upon_are_found_too(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.original / "g-1-orig.jpeg").write_bytes(jpeg(64, 96))
        await shelf.store.scan()
        picture = await shelf.store.find("g-1", provider="ydArt")
        assert picture is not None
        assert (picture.own, picture.provider) == (True, "ydArt")


BAD = foreign() | {"cut": cut(jpeg(64, 96))}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_a_bad_picture_is_refused_and_kept_apart(tmp_path: Path, bad: bytes) -> None:
    async with open_store(tmp_path) as shelf:
        with pytest.raises(PictureError):
            await shelf.add("g-1", bad)
        assert tree(shelf.images) == []
        assert (tmp_path / "data" / "rejected" / "g-1").read_bytes() == bad
        await shelf.add("g-1", jpeg(64, 96))
        assert (await shelf.store.summary()).pictures == 1


async def test_a_disk_that_takes_nothing_is_an_error_until_it_does(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        shelf.scalable.rmdir()
        shelf.scalable.write_bytes(b"a file where a folder should be")
        with pytest.raises(StoreError):
            await shelf.add("g-1")
        assert shelf.problem_codes() == [UNWRITABLE]
        shelf.scalable.unlink()
        picture = await shelf.add("g-1")
        assert shelf.problem_codes() == []
        assert await shelf.store.frame_jpeg(picture.id)


async def test_a_full_disk_leaves_no_cut_file(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        try:
            with pytest.raises(StoreError, match="original"):
                await shelf.add("g-1", jpeg())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert tree(shelf.images) == []
        await shelf.add("g-1", jpeg())
        assert shelf.problem_codes() == []


async def test_an_index_that_takes_nothing_loses_no_picture(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await shelf.state.read(lambda connection: connection.execute("PRAGMA query_only = ON"))
        with pytest.raises(StateError):
            await shelf.add("g-1", text=TEXT)
        await shelf.state.read(lambda connection: connection.execute("PRAGMA query_only = OFF"))
        assert (await shelf.add("g-1", text=TEXT)).prompt == "кот"
        assert tree(shelf.images) == ["original/g-1-orig.jpeg", "scalable/g-1.jpeg"]


@pytest.mark.parametrize("name", ["../g-1", "a/b", ".g", "g-orig"])
async def test_a_name_that_would_lie_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    async with open_store(tmp_path) as shelf:
        with pytest.raises(ValueError, match="name"):
            await shelf.add(name)
        assert tree(shelf.images) == []
