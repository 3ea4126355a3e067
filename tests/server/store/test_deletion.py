import asyncio
import os
from pathlib import Path

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import ConflictError, NotFoundError, StoreError
from imageserver.models import Picture, PromptText
from imageserver.store.health import UNWRITABLE
from imageserver.store.picture_search import PictureQuery
from imageserver.store.pictures import set_deleted
from tests.pictures import jpeg
from tests.stores import Shelf, open_store, tree

DAY = 24 * 3600


async def prompt(shelf: Shelf, picture: Picture) -> str | None:
    return (await shelf.store.get(picture.id)).prompt


async def test_a_deleted_picture_is_served_no_more(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.frame_jpeg(picture.id)
        deleted = await shelf.store.delete(picture.id)
        assert deleted.deleted_at == shelf.clock.now()
        for serve in (
            shelf.store.frame_jpeg,
            shelf.store.original,
            shelf.store.thumbnail,
            shelf.store.is_ready,
        ):
            with pytest.raises(NotFoundError):
                await serve(picture.id)
        assert await shelf.store.next() is None
        assert tree(shelf.images) == [
            f".deleted/{picture.id}/original/g-1-orig.jpeg",
            f".deleted/{picture.id}/scalable/g-1.jpeg",
        ]
        await shelf.store.scan()
        assert await shelf.store.next() is None, "a scan brings nothing back"


async def test_within_a_day_it_comes_back_as_it_was(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", text=PromptText("кот"))
        shelf.store.mark_shown(picture.id, frame="192.168.1.5")
        before = await shelf.store.frame_jpeg(picture.id)
        await shelf.store.delete(picture.id)
        await shelf.clock.advance(DAY - 1)
        await shelf.store.purge()
    async with open_store(tmp_path, clock=shelf.clock) as shelf:
        restored = await shelf.store.restore(picture.id)
        assert (restored.deleted_at, restored.prompt, restored.shown) == (None, "кот", 1)
        assert await shelf.store.is_ready(picture.id)
        assert await shelf.store.frame_jpeg(picture.id) == before
        assert await shelf.draw(1) == ["g-1"]
        assert sorted(path.name for path in shelf.scalable.iterdir()) == ["g-1.jpeg"]


async def test_after_a_day_it_is_gone_for_good(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        await shelf.clock.advance(DAY)
        await shelf.store.purge()
        assert tree(shelf.images) == []
        for action in (shelf.store.restore, shelf.store.get, shelf.store.delete):
            with pytest.raises(NotFoundError):
                await action(picture.id)


async def test_what_is_brought_back_in_the_last_moment_stays(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        await shelf.clock.advance(DAY)
        async with shelf.store._parts.deletion._locks.of(picture.id):
            purging = asyncio.create_task(shelf.store.purge())
            for _ in range(3):
                await shelf.state.note("a turn of the state's thread")
            await shelf.state.run(lambda connection: set_deleted(connection, picture.id, None))
        await purging
        assert (await shelf.store.get(picture.id)).deleted_at is None


async def test_deleting_twice_and_restoring_what_is_not_deleted_are_refused(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        with pytest.raises(ConflictError):
            await shelf.store.restore(picture.id)
        await shelf.store.delete(picture.id)
        with pytest.raises(NotFoundError):
            await shelf.store.delete(picture.id)
        with pytest.raises(NotFoundError):
            await shelf.store.set_favourite(picture.id, True)
        await shelf.store.restore(picture.id)
        with pytest.raises(ConflictError):
            await shelf.store.restore(picture.id)


async def test_both_are_told_to_those_who_watch(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        deleted = await shelf.store.delete(picture.id)
        restored = await shelf.store.restore(picture.id)
        assert [e.subject for e in shelf.events if e.kind is EventKind.PICTURE] == [deleted, restored]


async def test_a_name_that_is_taken_by_now_is_a_conflict_and_nothing_is_lost(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"old")
        await shelf.store.scan()
        old = await shelf.picture("f1")
        await shelf.store.delete(old.id)
        (shelf.scalable / "f1.jpeg").write_bytes(b"another")
        for _ in range(2):
            with pytest.raises(ConflictError):
                await shelf.store.restore(old.id)
            await shelf.store.scan()
        assert (await shelf.store.search(PictureQuery())).total == 1

        (shelf.scalable / "f1.jpeg").rename(shelf.scalable / "f2.jpeg")
        await shelf.store.scan()
        await shelf.store.restore(old.id)
        assert (shelf.scalable / "f1.jpeg").read_bytes() == b"old"
        assert (shelf.scalable / "f2.jpeg").read_bytes() == b"another"


async def test_a_conflict_over_one_of_two_files_moves_neither(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        waiting = tree(shelf.images)
        (shelf.scalable / "g-1.jpeg").write_bytes(b"another")
        with pytest.raises(ConflictError, match=r"g-1\.jpeg"):
            await shelf.store.restore(picture.id)
        assert tree(shelf.images) == [*waiting, "scalable/g-1.jpeg"]


async def test_a_stem_that_is_taken_in_the_other_directory_is_a_conflict_too(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"old")
        await shelf.store.scan()
        old = await shelf.picture("f1")
        await shelf.store.delete(old.id)
        (shelf.original / "f1-orig.jpeg").write_bytes(b"another")
        await shelf.store.scan()
        with pytest.raises(ConflictError):
            await shelf.store.restore(old.id)
        assert tree(shelf.images) == [f".deleted/{old.id}/scalable/f1.jpeg", "original/f1-orig.jpeg"]


async def test_a_picture_whose_waiting_files_were_taken_is_gone(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        for name in tree(shelf.images):
            (shelf.images / name).unlink()
        with pytest.raises(NotFoundError, match="gone"):
            await shelf.store.restore(picture.id)


async def test_half_a_picture_can_still_be_brought_back(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        (shelf.images / ".deleted" / str(picture.id) / "scalable" / "g-1.jpeg").unlink()
        restored = await shelf.store.restore(picture.id)
        assert (restored.scaled, restored.original) == (None, "g-1-orig.jpeg")
        assert await shelf.store.frame_jpeg(picture.id) == (shelf.scalable / "g-1.jpeg").read_bytes()


async def test_a_deletion_that_a_crash_cut_short_is_finished(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.state.run(
            lambda connection: set_deleted(connection, picture.id, shelf.clock.now()), durable=True
        )
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert tree(shelf.scalable) == tree(shelf.original) == []
        await shelf.store.restore(picture.id)
        assert await shelf.store.frame_jpeg(picture.id)


async def leave(shelf: Shelf, picture: Picture, *, moving: tuple[str, ...], deleted: bool) -> None:
    """Leave what a crash leaves in the middle of a move: these directories' files are in the folder yet."""
    waiting = shelf.images / ".deleted" / str(picture.id)
    folder = waiting.with_name(f"{picture.id}.moving")
    waiting.rename(folder)
    for path in [path for path in folder.glob("*/*") if path.parent.name not in moving]:
        path.rename(shelf.images / path.parent.name / path.name)
    if not deleted:
        await shelf.state.run(lambda connection: set_deleted(connection, picture.id, None), durable=True)


@pytest.mark.parametrize("moving", [(), ("original",), ("original", "scalable")])
async def test_a_move_that_a_crash_cut_short_leaves_a_deletion_that_can_be_undone(
    tmp_path: Path, moving: tuple[str, ...]
) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", text=PromptText("кот"))
        before = await shelf.store.frame_jpeg(picture.id)
        await shelf.store.delete(picture.id)
        await leave(shelf, picture, moving=moving, deleted=True)
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert {name.partition("/")[0] for name in tree(shelf.images)} == {".deleted"}
        assert (await shelf.store.restore(picture.id)).prompt == "кот"
        assert await shelf.store.frame_jpeg(picture.id) == before
        assert not list((shelf.images / ".deleted").iterdir())


@pytest.mark.parametrize("moving", [(), ("original",), ("original", "scalable")])
async def test_a_picture_that_is_there_again_gets_all_its_files_whatever_a_crash_cut_short(
    tmp_path: Path, moving: tuple[str, ...]
) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", text=PromptText("кот"))
        before = await shelf.store.frame_jpeg(picture.id)
        await shelf.store.delete(picture.id)
        await leave(shelf, picture, moving=moving, deleted=False)
    async with open_store(tmp_path) as shelf:
        await shelf.store.scan()
        assert await prompt(shelf, picture) == "кот"
        assert await shelf.store.frame_jpeg(picture.id) == before
        assert tree(shelf.images) == ["original/g-1-orig.jpeg", "scalable/g-1.jpeg"]
        assert not list((shelf.images / ".deleted").iterdir())


async def test_a_second_deletion_that_a_crash_cut_short_is_finished_too(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        await shelf.store.delete(picture.id)
        await shelf.store.restore(picture.id)
        await shelf.state.run(
            lambda connection: set_deleted(connection, picture.id, shelf.clock.now()), durable=True
        )
    async with open_store(tmp_path, clock=shelf.clock) as shelf:
        assert {name.partition("/")[0] for name in tree(shelf.images)} == {".deleted"}
        await shelf.clock.advance(DAY)
        await shelf.store.purge()
        await shelf.store.scan()
        assert await shelf.store.next() is None, "nothing of it comes back"


async def test_files_that_a_person_has_taken_out_of_the_folder_are_left_to_them(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(jpeg())
        await shelf.store.scan()
        picture = await shelf.picture("f1")
        await shelf.store.delete(picture.id)
        (shelf.images / ".deleted" / str(picture.id) / "scalable" / "f1.jpeg").rename(
            shelf.scalable / "f1.jpeg"
        )
    async with open_store(tmp_path, clock=shelf.clock) as shelf:
        await shelf.store.scan()
        assert (await shelf.store.search(PictureQuery())).total == 0, "as long as it may be brought back"
        await shelf.clock.advance(DAY)
        await shelf.store.purge()
        await shelf.store.scan()
        assert (await shelf.store.search(PictureQuery())).total == 1
        assert (shelf.scalable / "f1.jpeg").read_bytes() == jpeg()


async def test_what_nobody_knows_is_purged_after_a_day_too(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        now = shelf.clock.now().timestamp()
        for name, age in (("71", DAY + 1), ("72", DAY - 1), ("notes", DAY + 1)):
            folder = shelf.images / ".deleted" / name
            folder.mkdir(parents=True)
            (folder / "f1.jpeg").write_bytes(b"x")
            os.utime(folder, (now - age, now - age))
        await shelf.store.purge()
        assert tree(shelf.images) == [".deleted/72/f1.jpeg", ".deleted/notes/f1.jpeg"]


async def test_where_files_can_not_be_moved_the_picture_stays(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", text=PromptText("кот"))
        blocker = shelf.images / ".deleted"
        blocker.write_bytes(b"a file where a folder should be")
        with pytest.raises(StoreError):
            await shelf.store.delete(picture.id)
        assert shelf.problem_codes() == [UNWRITABLE]
        assert await prompt(shelf, picture) == "кот"
        assert await shelf.store.frame_jpeg(picture.id)
        blocker.unlink()
        await shelf.store.delete(picture.id)


async def test_a_picture_of_which_one_file_can_not_be_moved_stays_whole(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        blocker = shelf.images / ".deleted" / str(picture.id) / "scalable"
        blocker.parent.mkdir(parents=True)
        blocker.write_bytes(b"a file where a folder should be")
        with pytest.raises(StoreError):
            await shelf.store.delete(picture.id)
        assert tree(shelf.original) == ["g-1-orig.jpeg"]
        assert tree(shelf.scalable) == ["g-1.jpeg"]


async def test_a_prepared_copy_does_not_outlive_its_picture(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(jpeg(64, 96))
        await shelf.store.scan()
        picture = await shelf.picture("f1")
        served = await shelf.store.frame_jpeg(picture.id)
        await shelf.store.delete(picture.id)
        assert tree(shelf.cache) == []
        await shelf.store.restore(picture.id)
        assert await shelf.store.frame_jpeg(picture.id) == served


async def test_a_disk_that_is_not_mounted_deletes_nothing(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        shelf.images.rename(tmp_path / "unplugged")
        with pytest.raises(StoreError):
            await shelf.store.delete(picture.id)
        (tmp_path / "unplugged").rename(shelf.images)
        assert await shelf.store.frame_jpeg(picture.id)
