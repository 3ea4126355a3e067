from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import NotSentError
from imageserver.providers.base import Done, PictureRequest
from imageserver.providers.local_folder import Bag, LocalFolder
from tests.manual_clock import settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from imageserver.providers.base import ProviderContext
    from tests.manual_clock import ManualClock

ANY = PictureRequest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
async def lim(folder: Path, context: ProviderContext) -> AsyncIterator[LocalFolder]:
    provider = LocalFolder(LocalFolder.schema({"local_image_folder": str(folder)}), context)
    yield provider
    await provider.close()


def put(folder: Path, *names: str) -> None:
    """Files that start like a JPEG and then tell their name."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"\xff\xd8\xff" + name.encode())


def put_broken(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"broken{number}.jpg").write_bytes(b"no picture")


def put_100_000(folder: Path) -> None:
    for number in range(100):
        below = folder / str(number)
        below.mkdir(parents=True)
        put(below, "0.jpg")
        for one in range(1, 1000):
            os.link(below / "0.jpg", below / f"{one}.jpg")


def clear(folder: Path) -> None:
    if folder.is_file():
        folder.unlink()
    elif folder.is_dir():
        for path in folder.iterdir():
            path.unlink()


def make_trouble(folder: Path, trouble: str) -> None:
    if trouble == "file":
        folder.write_bytes(b"")
    elif trouble == "empty":
        folder.mkdir()


async def shown(lim: LocalFolder) -> str:
    answer = await lim.submit(ANY)
    assert isinstance(answer, Done)
    return answer.image[3:].decode()


async def look(lim: LocalFolder) -> None:
    """Let a look that has begun come to its end."""
    await settle()
    async with lim._looking:
        pass
    await settle()


# Pictures


async def test_each_picture_is_shown_once_before_any_comes_again(lim: LocalFolder, folder: Path) -> None:
    names = [f"{number}.jpg" for number in range(5)]
    put(folder, *names)
    rounds = [[await shown(lim) for _ in names] for _ in range(20)]
    assert all(sorted(one) == names for one in rounds)
    assert len({tuple(one) for one in rounds}) > 10, "in another order each time"
    assert all(one[-1] != following[0] for one, following in pairwise(rounds))


async def test_a_picture_that_is_alone_is_shown_again(lim: LocalFolder, folder: Path) -> None:
    put(folder, "a.jpg")
    assert [await shown(lim) for _ in range(3)] == ["a.jpg"] * 3


async def test_files_that_have_gone_or_are_none_give_way_to_the_next(
    lim: LocalFolder, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(folder, "a.jpg", "b.jpg", "c.jpg", "gone.jpg")
    put_broken(folder, 1)
    await shown(lim)
    (folder / "gone.jpg").unlink()

    seen = Counter([await shown(lim) for _ in range(30)])

    assert set(seen) - {"gone.jpg"} == {"a.jpg", "b.jpg", "c.jpg"}
    assert caplog.text.count("broken0.jpg") == 1


async def test_nothing_that_can_be_read_is_said_and_ends_when_there_is(
    lim: LocalFolder, folder: Path
) -> None:
    put_broken(folder, 30)
    with pytest.raises(NotSentError, match="can be read"):
        await lim.submit(ANY)

    clear(folder)
    put(folder, "a.jpg")
    with pytest.raises(NotSentError):
        await lim.submit(ANY)
    assert await shown(lim) == "a.jpg", "it looked anew"


async def test_100_000_pictures_are_chosen_from_at_once(lim: LocalFolder, folder: Path) -> None:
    put_100_000(folder)
    await lim.submit(ANY)
    times = []
    for _ in range(50):
        began = perf_counter()
        await lim.submit(ANY)
        times.append(perf_counter() - began)
    assert sorted(times)[25] < 0.05


# Ready or not


TROUBLES = {
    "missing": "does not exist",
    "file": "is no folder",
    "empty": "holds no JPEG, PNG or WebP pictures",
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_with_the_folder_is_said_once_and_its_end_too(
    lim: LocalFolder, folder: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    said = TROUBLES[trouble]
    make_trouble(folder, trouble)
    caplog.set_level(logging.INFO)
    await lim.start()
    for _ in range(4):
        await look(lim)
        assert said in (lim.not_ready() or "")
        with pytest.raises(NotSentError, match=said):
            await lim.submit(ANY)
        await clock.advance(30)
    assert caplog.text.count(said) == 1

    await look(lim)
    clear(folder)
    put(folder, "a.jpg", "b.jpg")
    for _ in range(3):
        await clock.advance(30)
        await look(lim)
    assert lim.not_ready() is None
    assert await shown(lim)
    assert caplog.text.count("2 pictures in") == 1


async def test_until_it_has_looked_it_is_not_ready(lim: LocalFolder, folder: Path) -> None:
    put(folder, "a.jpg")
    assert "being looked through" in (lim.not_ready() or "")
    await lim.start()
    await look(lim)
    assert lim.not_ready() is None


async def test_the_servers_own_store_is_no_source(context: ProviderContext) -> None:
    put(context.image_dir, "its.jpeg")
    provider = LocalFolder({"local_image_folder": str(context.image_dir)}, context)
    with pytest.raises(NotSentError, match="server's own store"):
        await provider.submit(ANY)


async def test_an_impossible_name_is_said_too(context: ProviderContext) -> None:
    provider = LocalFolder({"local_image_folder": "a\0b"}, context)
    with pytest.raises(NotSentError, match="such a name"):
        await provider.submit(ANY)


@pytest.mark.parametrize("options", [{}, {"local_image_folder": " "}])
async def test_without_a_folder_it_is_not_set_up(context: ProviderContext, options: dict[str, str]) -> None:
    checked = LocalFolder.schema(options)
    assert "local_image_folder" in (LocalFolder.not_set_up(checked) or "")
    provider = LocalFolder(checked, context)
    await provider.start()
    with pytest.raises(NotSentError):
        await provider.submit(ANY)
    await provider.close()


# Changes


async def test_a_new_picture_joins_within_half_a_minute_and_a_round_goes_on(
    lim: LocalFolder, folder: Path, clock: ManualClock
) -> None:
    put(folder, "a.jpg", "b.jpg")
    await lim.start()
    await look(lim)
    first = await shown(lim)

    put(folder, "c.jpg")
    await clock.advance(30)
    await look(lim)

    assert {await shown(lim), await shown(lim)} == {"a.jpg", "b.jpg", "c.jpg"} - {first}


async def test_a_picture_that_came_in_the_same_instant_as_the_look_is_found_at_the_next(
    lim: LocalFolder, folder: Path, clock: ManualClock
) -> None:
    put(folder, "a.jpg")
    instant = folder.stat().st_mtime_ns  # noqa: ASYNC240 - of a folder in memory
    await lim.start()
    await look(lim)
    put(folder, "b.jpg")
    os.utime(folder, ns=(instant, instant))

    await clock.advance(30)
    await look(lim)

    assert {await shown(lim), await shown(lim)} == {"a.jpg", "b.jpg"}


async def test_at_minute_30_it_looks_anew_even_if_nothing_seems_changed(
    lim: LocalFolder, folder: Path, clock: ManualClock
) -> None:
    put(folder, "a.jpg")
    clock.set(datetime(2026, 11, 24, 9, 28, 20, tzinfo=UTC))
    await lim.start()
    await look(lim)
    await clock.advance(30)
    await look(lim)
    before = lim._listing

    await clock.advance(30)
    await look(lim)
    assert lim._listing is before
    for _ in range(2):
        await clock.advance(30)
        await look(lim)

    assert lim._listing is not before
    again = lim._listing
    for _ in range(5):
        await clock.advance(30)
        await look(lim)
    assert lim._listing is again


async def test_a_look_that_breaks_does_not_end_the_watch(
    lim: LocalFolder, folder: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def intersection_update(self, _: object) -> None:
            raise RuntimeError("broken")

    put(folder, "a.jpg")
    lim._unreadable = Broken()  # type: ignore[assignment]  # nothing that really happens breaks a look
    await lim.start()
    await look(lim)
    assert "could not be looked through" in caplog.text

    lim._unreadable = set()
    put(folder, "b.jpg")
    await clock.advance(30)
    await look(lim)
    assert lim.not_ready() is None


async def test_a_watch_ends_with_its_owner(lim: LocalFolder, folder: Path) -> None:
    put(folder, "a.jpg")
    await lim.start()
    await look(lim)
    await lim.close()
    await lim.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_bag_is_fair_and_forgets_what_has_gone() -> None:
    bag = Bag(Random(1))
    bag.fill("abcdef")
    firsts: Counter[str] = Counter()
    for _ in range(600):
        drawn = [bag.draw() for _ in range(6)]
        assert sorted(drawn) == list("abcdef")
        firsts[drawn[0]] += 1
    assert min(firsts.values()) > 60

    bag.draw()
    bag.fill("xyz")
    assert sorted(bag.draw() for _ in range(3)) == list("xyz")
    bag.fill("")
    assert len(bag) == 0
