import asyncio
import logging
import os
from pathlib import Path

import pytest

from imageserver.exceptions import NotFoundError, PictureError, StoreError
from imageserver.files.atomic import TEMPORARY_PREFIX
from imageserver.models import PromptText
from imageserver.store import scan as store_scan
from imageserver.store.health import UNREADABLE
from tests.pictures import jpeg
from tests.stores import Shelf, open_store, tree


async def stems(shelf: Shelf) -> list[str]:
    """What the rotation holds."""
    rows = await shelf.state.read(
        lambda connection: connection.execute("SELECT stem FROM rotation ORDER BY stem").fetchall()
    )
    return [row["stem"] for row in rows]


async def test_files_of_the_old_server_are_one_picture(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"scaled")
        (shelf.original / "f1-orig.jpeg").write_bytes(b"original")
        await shelf.store.scan()
        picture = await shelf.picture("f1")
    assert (picture.scaled, picture.original, picture.own) == ("f1.jpeg", "f1-orig.jpeg", False)
    assert picture.bytes == len(b"scaled") + len(b"original")


@pytest.mark.parametrize("directory", ["scalable", "original"])
@pytest.mark.parametrize("name", ["кот.jpeg", "IMG 1.JPG", "f1-orig.jpg"])
async def test_a_picture_dropped_anywhere_joins_the_rotation(
    tmp_path: Path, directory: str, name: str
) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.images / directory / name).write_bytes(jpeg(64, 96))
        await shelf.store.scan()
        picture = await shelf.store.next()
        assert picture is not None
        assert await shelf.store.frame_jpeg(picture.id)


async def test_halves_that_come_one_after_the_other_are_one_picture(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"scaled")
        await shelf.store.scan()
        before = await shelf.picture("f1")
        (shelf.original / "f1.jpg").write_bytes(b"original")
        await shelf.store.scan()
        after = await shelf.picture("f1")
    assert (after.id, after.scaled, after.original) == (before.id, "f1.jpeg", "f1.jpg")


@pytest.mark.parametrize(
    ("directory", "names", "expected"),
    [
        ("scalable", ["f1.jpeg", "f1.jpg", "f1.JPG"], ["f1", "f1.jpeg", "f1.jpg"]),
        ("original", ["f1.jpeg", "f1-orig.jpeg"], ["f1", "f1.jpeg"]),
    ],
)
async def test_files_that_claim_the_same_place_are_pictures_of_their_own(
    tmp_path: Path, directory: str, names: list[str], expected: list[str]
) -> None:
    async with open_store(tmp_path) as shelf:
        for name in names:
            (shelf.images / directory / name).write_bytes(name.encode())
        await shelf.store.scan()
        assert await stems(shelf) == sorted(expected)
        before = {stem: (await shelf.picture(stem)).id for stem in expected}
        await shelf.store.scan()
        assert {stem: (await shelf.picture(stem)).id for stem in expected} == before, "and they stay so"


async def test_a_newcomer_takes_no_known_pictures_place(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpg").write_bytes(b"first")
        await shelf.store.scan()
        (shelf.scalable / "f1.jpeg").write_bytes(b"second")
        await shelf.store.scan()
        assert (await shelf.picture("f1")).scaled == "f1.jpg"
        assert (await shelf.picture("f1.jpeg")).scaled == "f1.jpeg"


async def test_what_is_no_picture_is_never_touched(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "sub").mkdir()
        (shelf.scalable / "sub" / "inside.jpeg").write_bytes(b"x")
        (shelf.scalable / "list.txt").write_bytes(b"x")
        (shelf.scalable / ".thumb.jpeg").write_bytes(b"x")
        (shelf.images / "top.jpeg").write_bytes(b"x")
        before = tree(shelf.images)
        await shelf.store.scan()
        assert await stems(shelf) == []
        assert tree(shelf.images) == before


async def test_left_overs_of_interrupted_writes_are_cleared_away(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        for directory in (shelf.scalable, shelf.original, shelf.cache):
            (directory / f"{TEMPORARY_PREFIX}1").write_bytes(b"half")
        await shelf.store.scan()
        assert tree(shelf.images) == tree(shelf.cache) == []


async def test_a_name_in_an_old_encoding_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / os.fsdecode(b"\xea\xee\xf2.jpg")).write_bytes(b"x")
        (shelf.scalable / "good.jpg").write_bytes(b"x")
        await shelf.store.scan()
        await shelf.store.scan()
        assert await stems(shelf) == ["good"]
    assert len([record for record in caplog.records if "UTF-8" in record.message]) == 1


async def test_age_is_when_the_server_first_saw_a_picture(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        path = shelf.scalable / "old.jpeg"
        path.write_bytes(b"x")
        os.utime(path, (0, 0))
        await shelf.store.scan()
        first = shelf.clock.now()
        await shelf.clock.advance(3600)
        path.write_bytes(b"changed")
        await shelf.store.scan()
        assert (await shelf.picture("old")).added_at == first


async def test_a_picture_whose_files_are_gone_is_forgotten(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"x")
        (shelf.scalable / "f2.jpeg").write_bytes(b"x")
        (shelf.original / "f2.jpeg").write_bytes(b"x")
        await shelf.store.scan()
        (shelf.scalable / "f1.jpeg").unlink()
        (shelf.scalable / "f2.jpeg").unlink()
        await shelf.store.scan()
        assert await stems(shelf) == ["f2"]
        assert (await shelf.picture("f2")).scaled is None


async def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"x")
        await shelf.store.scan()
        first = await shelf.picture("f1")
        (shelf.scalable / "f1.jpeg").unlink()
        await shelf.store.scan()
        (shelf.scalable / "f2.jpeg").write_bytes(b"x")
        await shelf.store.scan()
        assert (await shelf.picture("f2")).id != first.id
        with pytest.raises(NotFoundError):
            await shelf.store.get(first.id)


async def test_a_changed_file_is_prepared_anew(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        path = shelf.scalable / "f1.jpeg"
        path.write_bytes(jpeg(64, 96, seed=1))
        await shelf.store.scan()
        picture = await shelf.picture("f1")
        before = await shelf.store.frame_jpeg(picture.id)
        path.write_bytes(jpeg(96, 144, seed=2))
        await shelf.store.scan()
        assert not await shelf.store.is_ready(picture.id)
        assert await shelf.store.frame_jpeg(picture.id) != before
        size = (await shelf.store.get(picture.id)).size
        assert size is not None
        assert size.width == 96


async def test_a_mended_file_comes_back(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        path = shelf.scalable / "f1.jpeg"
        path.write_bytes(b"copied only hal")
        await shelf.store.scan()
        picture = await shelf.picture("f1")
        with pytest.raises(PictureError):
            await shelf.store.frame_jpeg(picture.id)
        assert await stems(shelf) == []
        assert not await shelf.store.changed()

        path.write_bytes(jpeg(64, 96))
        assert await shelf.store.changed(), "although the directory has not changed"
        await shelf.store.scan()
        assert await stems(shelf) == ["f1"]
        assert await shelf.store.frame_jpeg(picture.id)


async def test_a_change_is_noticed_once(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        assert await shelf.store.changed(), "nobody has looked yet"
        await shelf.store.scan()
        assert not await shelf.store.changed()
        (shelf.original / "f1.jpeg").write_bytes(jpeg(64, 96))
        assert await shelf.store.changed()
        await shelf.store.scan()
        await shelf.add("g-1")
        await shelf.store.frame_jpeg((await shelf.picture("f1")).id)
        await shelf.store.delete((await shelf.picture("g-1")).id)
        assert not await shelf.store.changed(), "the server's own doings do not count"


async def test_the_first_answer_does_not_wait_for_the_scan(tmp_path: Path) -> None:
    (tmp_path / "images" / "scalable").mkdir(parents=True)
    for number in range(500):
        (tmp_path / "images" / "scalable" / f"f{number}.jpeg").write_bytes(jpeg(64, 96))
    async with open_store(tmp_path) as shelf:
        assert await shelf.store.has_any()
        drawn = await asyncio.gather(*(shelf.store.next() for _ in range(30)))
        assert len({picture.id for picture in drawn if picture}) == 30
        assert len(await stems(shelf)) == store_scan.GLIMPSE
        await shelf.store.scan()
        assert len(await stems(shelf)) == 500
        again = await shelf.draw(470)
        assert len(set(again)) == 470
        assert not {picture.stem for picture in drawn if picture}.intersection(again)


async def test_a_scan_in_several_slices_finds_everything(tmp_path: Path) -> None:
    amount = 2 * store_scan.SLICE + 1
    async with open_store(tmp_path) as shelf:
        for number in range(amount):
            (shelf.scalable / f"f{number}.jpeg").touch()
        await shelf.store.scan()
        assert len(await stems(shelf)) == amount
        for number in range(0, amount, 2):
            (shelf.scalable / f"f{number}.jpeg").unlink()
        await shelf.store.scan()
        assert sorted(await stems(shelf)) == sorted(f"f{number}" for number in range(1, amount, 2))


async def test_scans_at_the_same_time_find_everything_once(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        for number in range(50):
            (shelf.scalable / f"f{number}.jpeg").write_bytes(b"x")
        await asyncio.gather(*(shelf.store.scan() for _ in range(4)))
        assert len(await stems(shelf)) == 50


@pytest.mark.parametrize("remains", [False, True], ids=["gone", "an empty mount point"])
async def test_a_disk_that_is_not_mounted_loses_no_metadata(tmp_path: Path, remains: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", text=PromptText("кот"))
        await shelf.store.scan()
    images, away = tmp_path / "images", tmp_path / "unplugged"
    images.rename(away)
    if remains:
        images.mkdir()

    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert shelf.problem_codes() == [UNREADABLE]
        assert tree(tmp_path / "images") == []
        drawn = await shelf.store.next()
        assert drawn is not None
        with pytest.raises(StoreError, match="images"):
            await shelf.store.frame_jpeg(drawn.id)
        with pytest.raises(StoreError):
            await shelf.add("g-2")

        if remains:
            images.rmdir()
        away.rename(images)
        assert await shelf.store.changed()
        await shelf.store.scan()
        assert shelf.problem_codes() == []
        assert (await shelf.store.get(picture.id)).prompt == "кот"
        assert await shelf.store.frame_jpeg(picture.id)
        await shelf.add("g-2")


async def test_a_disk_that_goes_in_the_middle_of_a_scan_loses_no_metadata(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", text=PromptText("кот"))
        shelf.images.rename(tmp_path / "unplugged")
        with pytest.raises(OSError, match="not there"):
            await shelf.store._parts.scan._look_at_known()
        assert (await shelf.store.get(picture.id)).prompt == "кот"


async def test_pictures_that_were_removed_on_purpose_are_forgotten_once_the_folders_are_there(
    tmp_path: Path,
) -> None:
    async with open_store(tmp_path) as shelf:
        await shelf.add("g-1")
        shelf.images.rename(tmp_path / "away")
        await shelf.store.scan()
        assert shelf.problem_codes() == [UNREADABLE]
        shelf.scalable.mkdir(parents=True)
        await shelf.store.scan()
        assert shelf.problem_codes() == []
        assert await stems(shelf) == []
        assert shelf.original.is_dir()


async def test_another_directory_than_before_is_a_new_one_and_nothing_is_missing(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await shelf.add("g-1")
    async with open_store(tmp_path, images="elsewhere") as shelf:
        await shelf.store.scan()
        assert shelf.problem_codes() == []
        assert await stems(shelf) == []
        await shelf.add("g-2")
        assert tree(tmp_path / "elsewhere") == ["original/g-2-orig.jpeg", "scalable/g-2.jpeg"]


async def test_a_place_where_no_directory_can_be_is_an_error_at_start(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(b"a file")
    with pytest.raises(StoreError, match="images"):
        async with open_store(tmp_path):
            pass


async def test_useless_copies_leave_the_cache(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        for name in ("f1.jpeg", "f2.jpeg"):
            (shelf.scalable / name).write_bytes(jpeg(64, 96))
        await shelf.store.scan()
        first, second = await shelf.picture("f1"), await shelf.picture("f2")
        for picture in (first, second):
            await shelf.store.frame_jpeg(picture.id)
        (shelf.cache / "99.jpeg").write_bytes(b"of a former installation")
        (shelf.cache / "other.jpeg").write_bytes(b"somebody else's")
        (shelf.scalable / "f1.jpeg").unlink()
        await shelf.store.scan()
        assert tree(shelf.cache) == sorted([f"{second.id}.jpeg", "other.jpeg"])


async def test_a_lost_database_finds_everything_again_as_files(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        await shelf.add("g-1", text=PromptText("кот"))
        (shelf.scalable / "f1.jpeg").write_bytes(jpeg(64, 96))
        await shelf.store.scan()
    for path in (tmp_path / "data").glob("state.db*"):
        path.unlink()
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert await stems(shelf) == ["f1", "g-1"]
        picture = await shelf.picture("g-1")
        assert (picture.own, picture.scaled, picture.original) == (False, "g-1.jpeg", "g-1-orig.jpeg")
        assert await shelf.store.frame_jpeg(picture.id)


async def test_what_a_scan_did_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"x")
        await shelf.store.scan()
        assert "1 files are new, 0 changed or gone" in caplog.text
        caplog.clear()
        await shelf.store.scan()
        assert caplog.text == ""
