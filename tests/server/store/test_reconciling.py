from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from random import Random

import pytest

from imageserver.store import reconciling
from imageserver.store.picture_files import Place, Stamp
from imageserver.store.pictures import set_file
from imageserver.store.reconciling import Known
from tests.stores import Shelf, open_store

OLD, NEW, NEWER = Stamp(3, 1), Stamp(3, 2), Stamp(3, 3)


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with open_store(tmp_path) as shelf:
        yield shelf


async def admit(shelf: Shelf, name: str, stamp: Stamp) -> list[int]:
    found = partial(
        reconciling.admit, place=Place.SCALED, found={name: stamp}, now=shelf.clock.now(), random=Random(1)
    )
    return await shelf.state.run(found)


async def differ(shelf: Shelf, known: Known, stamp: Stamp | None) -> list[int]:
    return await shelf.state.run(partial(reconciling.differ, different=[(known, stamp)], random=Random(1)))


async def test_what_was_seen_before_the_index_moved_on_is_no_news(shelf: Shelf) -> None:
    (picture_id,) = await admit(shelf, "f1.jpeg", OLD)
    seen = Known(picture_id, Place.SCALED, "f1.jpeg", OLD)
    await shelf.state.run(
        partial(set_file, picture_id=picture_id, place=Place.SCALED, name="f1.jpeg", stamp=NEW)
    )
    assert await differ(shelf, seen, NEWER) == []
    assert await differ(shelf, seen, None) == []
    assert (await shelf.store.get(picture_id)).scaled == "f1.jpeg"


async def test_what_was_seen_of_a_picture_that_is_gone_is_no_news(shelf: Shelf) -> None:
    assert await differ(shelf, Known(77, Place.SCALED, "f1.jpeg", OLD), NEW) == []


async def test_a_file_that_was_admitted_meanwhile_is_not_admitted_again(shelf: Shelf) -> None:
    assert len(await admit(shelf, "f1.jpeg", OLD)) == 1
    assert await admit(shelf, "f1.jpeg", OLD) == []


async def test_a_picture_stays_as_long_as_it_has_one_file(shelf: Shelf) -> None:
    (picture_id,) = await admit(shelf, "f1.jpeg", OLD)
    original = partial(set_file, picture_id=picture_id, place=Place.ORIGINAL, name="f1.jpeg", stamp=OLD)
    await shelf.state.run(original)
    assert await differ(shelf, Known(picture_id, Place.SCALED, "f1.jpeg", OLD), None) == [picture_id]
    picture = await shelf.store.get(picture_id)
    assert (picture.scaled, picture.original, picture.bytes) == (None, "f1.jpeg", 3)
    assert await differ(shelf, Known(picture_id, Place.ORIGINAL, "f1.jpeg", OLD), None) == [picture_id]
    assert (await shelf.store.summary()).pictures == 0
