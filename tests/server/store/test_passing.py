from dataclasses import replace
from pathlib import Path

import pytest

from imageserver.exceptions import NotFoundError, PictureError
from imageserver.imaging.imaging import frame_jpeg
from imageserver.models import Size
from imageserver.store.passing import IN_MEMORY
from imageserver.store.store import StoreSettings
from tests.pictures import cut, jpeg, png
from tests.stores import FRAME, open_store, tree


async def test_a_passing_picture_is_prepared_and_not_in_the_store(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        name = await shelf.store.add_passing(png(64, 96))
        assert await shelf.store.passing_jpeg(name) == frame_jpeg(png(64, 96), FRAME)
        await shelf.store.scan()
        assert (await shelf.store.summary()).pictures == 0


async def test_it_outlives_a_restart(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        name = await shelf.store.add_passing(jpeg(64, 96))
    async with open_store(tmp_path, seed=8) as shelf:
        assert await shelf.store.passing_jpeg(name) == frame_jpeg(jpeg(64, 96), FRAME)


async def test_after_an_hour_it_goes_unless_somebody_waits_for_it(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        old, kept = [await shelf.store.add_passing(jpeg(64, 96)) for _ in range(2)]
        await shelf.clock.advance(3601)
        young = await shelf.store.add_passing(jpeg(64, 96))
        await shelf.store.remove_passing(keep=frozenset({kept}))
        assert tree(tmp_path / "data" / "passing") == sorted([kept, young])
        with pytest.raises(NotFoundError):
            await shelf.store.passing_jpeg(old)


async def test_new_settings_hold_for_those_that_wait(tmp_path: Path) -> None:
    smaller = replace(FRAME, size=Size(160, 240))
    async with open_store(tmp_path) as shelf:
        name = await shelf.store.add_passing(jpeg(64, 96))
        before = await shelf.store.passing_jpeg(name)
        shelf.store.apply(StoreSettings(frame_image=smaller))
        assert await shelf.store.passing_jpeg(name) == frame_jpeg(before, smaller)


async def test_a_bad_picture_is_refused(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        with pytest.raises(PictureError):
            await shelf.store.add_passing(cut(jpeg(64, 96)))


@pytest.mark.parametrize("name", ["", "../state.db", "/etc/passwd", f"{'0' * 32}.00000000.jpeg"])
async def test_a_name_that_was_never_given_is_not_found(tmp_path: Path, name: str) -> None:
    async with open_store(tmp_path) as shelf:
        with pytest.raises(NotFoundError):
            await shelf.store.passing_jpeg(name)


async def test_a_picture_that_no_directory_takes_is_shown_from_memory(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (tmp_path / "data" / "passing").write_bytes(b"a file where a directory should be")
        kept, old = [await shelf.store.add_passing(jpeg(64, 96)) for _ in range(2)]
        await shelf.clock.advance(3601)
        new = await shelf.store.add_passing(jpeg(64, 96))
        await shelf.store.remove_passing(keep=frozenset({kept}))
        for name in (kept, new):
            assert (await shelf.store.passing_jpeg(name)).startswith(b"\xff\xd8")
        with pytest.raises(NotFoundError):
            await shelf.store.passing_jpeg(old)


async def test_memory_takes_only_some(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (tmp_path / "data" / "passing").write_bytes(b"a file where a directory should be")
        names = [await shelf.store.add_passing(jpeg(16, 24)) for _ in range(IN_MEMORY + 1)]
        assert await shelf.store.passing_jpeg(names[1])
        with pytest.raises(NotFoundError):
            await shelf.store.passing_jpeg(names[0])
