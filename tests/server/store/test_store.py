import logging
from pathlib import Path

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import NotFoundError
from imageserver.store.pictures import Showing
from tests.stores import open_store


async def test_showings_are_counted_by_frame_and_survive_a_restart(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        start = shelf.clock.now()
        for frame in ("192.168.1.5", "192.168.1.5", "192.168.1.6"):
            shelf.store.mark_shown(picture.id, frame=frame)
            await shelf.clock.advance(60)
    async with open_store(tmp_path) as shelf:
        picture = await shelf.store.get(picture.id)
        assert picture.shown == 3
        assert picture.shown_at is not None
        assert (picture.shown_at - start).total_seconds() == 120
        assert await shelf.store.showings(picture.id) == (
            Showing("192.168.1.6", 1, picture.shown_at),
            Showing("192.168.1.5", 2, start.replace(minute=1)),
        )


async def test_a_picture_that_is_gone_is_not_counted_and_nobody_complains(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_store(tmp_path) as shelf:
        shelf.store.mark_shown(77, frame="192.168.1.5")
        assert await shelf.store.showings(77) == ()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_favourite_is_marked_and_told(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        picture = await shelf.add("g-1")
        favourite = await shelf.store.set_favourite(picture.id, True)
        assert favourite.favourite
        ordinary = await shelf.store.set_favourite(picture.id, False)
        assert ordinary == picture
        assert [e.subject for e in shelf.events if e.kind is EventKind.PICTURE] == [favourite, ordinary]
        with pytest.raises(NotFoundError, match="77"):
            await shelf.store.set_favourite(77, True)


async def test_an_empty_place_becomes_a_store(tmp_path: Path) -> None:
    async with open_store(tmp_path) as shelf:
        assert shelf.original.is_dir()
        assert shelf.scalable.is_dir()
        assert shelf.problem_codes() == []
