from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imageserver.models import Card, Content, ContentKind, OperationKind, PromptText
from imageserver.providers.base import Capabilities
from imageserver.store import show_queue
from imageserver.store.show_queue import MOST_WAITING
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import FRAME, OTHER_FRAME, House, open_house, put_pictures

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.manual_clock import ManualClock

SILENT = Script(missing="no key")
FREE = Capabilities(prompt=False, costs_money=False, stored=False)


async def waiting(house: House) -> int:
    """Return how many entries there are, claimed or not."""
    (count,) = await house.server.state.read(
        lambda connection: connection.execute("SELECT count(*) FROM queue").fetchone()
    )
    return int(count)


def images(house: House) -> Path:
    assert house.places.images is not None
    return house.places.images


async def choose(house: House, picture_id: int, *, frame: str | None = None) -> Content:
    chosen = Content(kind=ContentKind.PICTURE, picture_id=picture_id)
    await house.server.queue.choose(chosen, frame=frame)
    return chosen


async def lose_picture(house: House) -> None:
    """A person deletes what waits."""
    await choose(house, 1)
    await house.server.store.delete(1)


async def lose_file(house: House) -> None:
    """What waits vanishes from the disk."""
    chosen = await choose(house, 1)
    assert chosen.picture_id is not None
    picture = await house.server.store.get(chosen.picture_id)
    (images(house) / "scalable" / str(picture.scaled)).unlink()


async def lose_passing_file(house: House) -> None:
    """What waits and is not kept vanishes from the disk."""
    name = await house.server.store.add_passing(pictures.jpeg(320, 480))
    await house.server.queue.choose(Content(kind=ContentKind.PASSING, passing=name), frame=None)
    (house.places.passing / name).unlink()


async def break_file(house: House) -> None:
    """What waits turns out to be no picture."""
    chosen = await choose(house, 1)
    assert chosen.picture_id is not None
    picture = await house.server.store.get(chosen.picture_id)
    path = images(house) / "scalable" / str(picture.scaled)
    path.write_bytes(pictures.cut(path.read_bytes()))


type Lose = Callable[[House], Awaitable[None]]


@pytest.mark.parametrize("lose", [lose_picture, lose_file, lose_passing_file, break_file])
async def test_what_can_not_be_shown_any_more_leaves_the_queue_and_holds_nobody_up(
    tmp_path: Path, clock: ManualClock, lose: Lose
) -> None:
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        await lose(house)
        after = await choose(house, 4)
        assert (await house.see()).kind is ContentKind.PICTURE
        assert await house.see() == after
        assert await waiting(house) == 0


async def test_what_can_not_be_read_for_the_moment_stays_in_the_queue(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        chosen = await choose(house, 2)
        images(house).rename(tmp_path / "away")
        assert (await house.see()).card is Card.STORE_UNREADABLE
        (tmp_path / "away").rename(images(house))
        assert await house.see() == chosen


async def test_a_card_instead_of_a_promised_picture_is_not_that_picture(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        chosen = await choose(house, 2)
        operation = await house.ask()
        assert await house.shown(operation, deliver=False) == chosen
        images(house).rename(tmp_path / "away")
        assert (await house.shown(operation)).kind is ContentKind.CARD
        (tmp_path / "away").rename(images(house))
        assert await house.see() == chosen


async def test_what_a_frame_has_shown_in_whatever_way_is_not_shown_as_new_again(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.held.clear()
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.server.operations.start(OperationKind.FORCED)
        waits_for_the_first = await house.ask()
        script.held.set()
        await house.rest()
        first = await house.shown(waits_for_the_first)
        assert await waiting(house) == 0
        assert await house.see() != first
        assert len(script.asked) == 2


async def test_what_was_chosen_is_shown_although_it_was_just_there(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        operation = await house.ask(OperationKind.OLD)
        content = await house.shown(operation, deliver=False)
        assert content.picture_id is not None
        await choose(house, content.picture_id)
        await house.shown(operation)
        assert await house.see() == content


async def test_what_was_made_for_a_frame_that_is_forgotten_is_shown_to_any(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 5)
    options = "image_generate_threshold: 100000"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.see()
        await house.see(frame=OTHER_FRAME)
        forced = await house.server.operations.start(
            OperationKind.FORCED, frame=OTHER_FRAME, text=PromptText("кот")
        )
        made = (await house.ended(forced)).content
        assert await house.see() != made, "it waits for the other frame"
        house.server.frames.forget(OTHER_FRAME)
        assert await house.see() == made
        assert await house.see() != made


async def test_what_was_chosen_for_a_frame_is_forgotten_with_it(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.see(frame=OTHER_FRAME)
        chosen = await choose(house, 3, frame=OTHER_FRAME)
        house.server.frames.forget(OTHER_FRAME)
        assert await waiting(house) == 0
        assert await house.see() != chosen


async def test_a_picture_for_a_frame_that_does_not_come_holds_nobody_up(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    put_pictures(tmp_path, 5)
    options = "image_generate_threshold: 10"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see(frame=OTHER_FRAME)
        chosen = await choose(house, 3, frame=OTHER_FRAME)
        await clock.advance(3600)
        await house.see()
        assert len(script.asked) == 2, "the other frames go on as ever"
        assert await house.see(frame=OTHER_FRAME) == chosen


async def test_a_frame_that_starts_anew_after_a_restart_gives_back_what_it_held(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        chosen = await choose(house, 3)
        assert await house.shown(await house.ask(frame=FRAME), deliver=False) == chosen
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        assert await house.see(frame=FRAME) == chosen


async def test_a_claim_of_an_operation_that_nobody_knows_ends_with_a_restart(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        chosen = await choose(house, 3)
        assert await house.server.queue.claim("never-written-down", frame=FRAME, chosen=True) == chosen
        assert await house.see() != chosen
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        assert await house.see() == chosen


async def test_a_frame_that_never_fetches_keeps_a_picture_from_others_for_an_hour_at_most(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        chosen = await choose(house, 3)
        await house.ended(await house.ask(frame=OTHER_FRAME))
        assert await house.see() != chosen
        await clock.advance(3700)
        house.server.operations.expire()
        assert await house.see() == chosen


async def test_a_picture_of_a_folder_that_a_person_asked_for_is_shown_next(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    folder = scripted(Script(), code="lim", capabilities=FREE)
    async with open_house(tmp_path, [folder], clock=clock, options=options) as house:
        await house.see()
        forced = await house.server.operations.start(OperationKind.FORCED, provider="lim")
        made = (await house.ended(forced)).content
        assert made is not None
        assert made.kind is ContentKind.PASSING
        assert await house.see() == made
        assert (await house.see()).kind is ContentKind.PICTURE


async def test_a_picture_that_shall_not_be_shown_by_itself_waits_for_nobody(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.ended(await house.server.operations.start(OperationKind.FORCED, show=False))
        assert await waiting(house) == 0


async def test_a_frame_that_is_forgotten_while_its_picture_is_made_is_not_waited_for(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see(frame=OTHER_FRAME)
        script.held.clear()
        forced = await house.server.operations.start(OperationKind.FORCED, frame=OTHER_FRAME)
        house.server.frames.forget(OTHER_FRAME)
        script.held.set()
        made = (await house.ended(forced)).content
        assert await house.see() == made


async def test_what_was_chosen_does_not_come_twice_in_a_row(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        for _ in range(5):
            chosen = await choose(house, 1)
            assert await house.see() == chosen
            assert await house.see() != chosen


@pytest.mark.parametrize("frame", [None, OTHER_FRAME])
async def test_what_is_pushed_for_a_frame_that_does_not_come_fills_no_disk(
    tmp_path: Path, clock: ManualClock, frame: str | None
) -> None:
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        names = [await house.server.store.add_passing(pictures.jpeg(16, 16)) for _ in range(2)]
        for name in names[:1] * MOST_WAITING + names[1:]:
            await house.server.queue.choose(Content(kind=ContentKind.PASSING, passing=name), frame=frame)
        assert await waiting(house) == MOST_WAITING
        assert names[1] in await house.server.queue.passing(), "the oldest leave, the newest waits"


async def test_the_one_crowd_does_not_drive_out_the_other(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        mine = await choose(house, 1, frame=FRAME)
        for _ in range(MOST_WAITING + 1):
            await choose(house, 2, frame=OTHER_FRAME)
        assert await waiting(house) == MOST_WAITING + 1
        assert await house.see() == mine


async def test_what_a_frame_is_just_coming_for_is_not_driven_out(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(SILENT)], clock=clock) as house:
        await house.server.store.scan()
        mine = await choose(house, 1)
        operation = await house.ask()
        for _ in range(MOST_WAITING + 1):
            await choose(house, 2)
        assert await waiting(house) == MOST_WAITING + 1
        assert await house.shown(operation) == mine


async def test_a_made_picture_that_waits_too_long_for_its_turn_stays_in_the_rotation(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show_queue, "MOST_WAITING", 3)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        for _ in range(5):
            await house.ended(await house.server.operations.start(OperationKind.FORCED))
        assert await waiting(house) == 3
        assert (await house.server.store.summary()).pictures == 5
