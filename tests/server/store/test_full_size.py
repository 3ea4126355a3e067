from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from imageserver.exceptions import NotFoundError, PictureError, StoreError
from tests.pictures import cut, jpeg
from tests.stores import open_store


def width(data: bytes) -> int:
    with Image.open(BytesIO(data)) as image:
        return image.width


async def test_the_original_is_given_as_it_is(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1", jpeg(800, 600))
        assert await shelf.store.original(picture.id) == jpeg(800, 600)
        assert width(await shelf.store.thumbnail(picture.id)) == 320


async def test_without_an_original_the_scaled_file_has_to_do(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(jpeg(400, 300))
        await shelf.store.scan()
        picture = await shelf.picture("f1")
        assert await shelf.store.original(picture.id) == jpeg(400, 300)
        assert width(await shelf.store.thumbnail(picture.id)) == 320


async def test_a_broken_original_still_has_a_thumbnail(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(jpeg(400, 300))
        (shelf.original / "f1.jpeg").write_bytes(cut(jpeg(800, 600)))
        await shelf.store.scan()
        assert width(await shelf.store.thumbnail((await shelf.picture("f1")).id)) == 320


async def test_what_is_no_picture_is_shown_to_nobody(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(b"no picture")
        await shelf.store.scan()
        picture = await shelf.picture("f1")
        for serve in (shelf.store.thumbnail, shelf.store.frame_jpeg, shelf.store.original):
            with pytest.raises(PictureError):
                await serve(picture.id)


async def test_files_that_are_gone_are_not_found_and_a_missing_disk_says_so(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        shelf.images.rename(tmp_path / "unplugged")
        for serve in (shelf.store.original, shelf.store.thumbnail):
            with pytest.raises(StoreError):
                await serve(picture.id)
        (tmp_path / "unplugged").rename(shelf.images)
        (shelf.original / "g-1-orig.jpeg").unlink()
        (shelf.scalable / "g-1.jpeg").unlink()
        for serve in (shelf.store.original, shelf.store.thumbnail):
            with pytest.raises(NotFoundError):
                await serve(picture.id)


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN PRIVATE KEY-----\n",
        b"\xff\xd8\xff-----BEGIN PRIVATE KEY-----\n",
        b"",
        cut(jpeg(400, 300)),
    ],
)
async def test_what_only_bears_the_name_of_a_picture_is_shown_to_nobody(tmp_path: Path, data: bytes) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "key.jpeg").write_bytes(data)
        await shelf.store.scan()
        with pytest.raises(PictureError):
            await shelf.store.original((await shelf.picture("key")).id)


async def test_where_the_original_is_cut_the_scaled_file_is_shown(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        (shelf.scalable / "f1.jpeg").write_bytes(jpeg(400, 300))
        (shelf.original / "f1.jpeg").write_bytes(cut(jpeg(800, 600)))
        await shelf.store.scan()
        assert await shelf.store.original((await shelf.picture("f1")).id) == jpeg(400, 300)
