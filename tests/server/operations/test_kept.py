"""What is kept of operations, for who watches and over restarts; and when the next turn is."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from imageserver.events import EventKind
from imageserver.exceptions import ContentRefusedError
from imageserver.models import Card, Content, ContentKind, OperationKind, OperationStatus, PromptText, Size
from imageserver.operations import gallery
from imageserver.providers.base import Capabilities
from imageserver.settings import FrameImage
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import FRAME, OTHER_FRAME, open_house, put_pictures
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House

FREE = Capabilities(prompt=False, costs_money=False, stored=False)
BLACK = Content(kind=ContentKind.BLACK)


def sent(house: House) -> list[object]:
    return [event.subject for event in house.events if event.kind is EventKind.PICTURE_SENT]


async def test_operations_are_the_same_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(ContentRefusedError("not this"))
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        refused = await house.ask(OperationKind.DIRECT, text=PromptText("кот"))
        await house.ended(refused)
        await clock.advance(1)
        await house.see(OperationKind.OLD)
        await clock.advance(1)
        await house.ended(await house.server.operations.start(OperationKind.FORCED))
        before = house.server.operations.all()
    assert [operation.kind for operation in before] == [
        OperationKind.FORCED,
        OperationKind.OLD,
        OperationKind.DIRECT,
    ], "the newest first"
    assert [operation.frame for operation in before] == [None, FRAME, FRAME]
    assert [operation.status for operation in before] == [
        OperationStatus.DONE,
        OperationStatus.DONE,
        OperationStatus.ERROR,
    ]
    assert before[1].delivered_at is not None
    assert before[2].error == "not this"
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert house.server.operations.all() == before


async def test_what_is_forgotten_does_not_come_back(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.see(OperationKind.OLD)
        await clock.advance(1800)
        kept = await house.ask(OperationKind.OLD, frame=OTHER_FRAME)
        await house.ended(kept)
        await clock.advance(1801)
        house.server.operations.expire()
        assert [operation.id for operation in house.server.operations.all()] == [kept.id]
        assert house.server.operations._tasks == {}, "what has ended is no work any more"
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        assert [operation.id for operation in house.server.operations.all()] == [kept.id]


async def test_what_ended_just_an_hour_ago_is_known_still(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        operation = await house.ended(await house.ask(OperationKind.OLD))
        assert operation.finished_at is not None
        clock.set(operation.finished_at + timedelta(hours=1))
        house.server.operations.expire()
        assert house.server.operations.all() == [operation]


async def test_what_a_frame_forgot_is_free_also_after_others_were_forgotten(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 8)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        await house.server.store.scan()
        chosen = Content(kind=ContentKind.PICTURE, picture_id=1)
        await house.server.queue.choose(chosen, frame=None)
        assert (await house.ended(await house.ask())).content == chosen
        house.server.operations.expire()
        assert await house.see() == chosen


async def test_a_picture_that_a_person_orders_for_a_frame_is_no_request_of_the_frames(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        ordered = await house.server.operations.start(OperationKind.FORCED, frame=FRAME)
        assert (await house.ended(ordered)).frame is None


async def test_who_watches_is_told_of_each_step_of_an_operation(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        began = await house.ask(OperationKind.OLD)
        ended = await house.ended(began)
        told = [event.subject for event in house.events if event.kind is EventKind.OPERATION]
    assert told == [began, ended]


async def test_who_watches_is_told_of_each_picture_that_was_sent(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        operation = await house.ask(OperationKind.OLD)
        await house.shown(operation, deliver=False)
        house.server.operations.delivered("unknown")
        assert sent(house) == []
        await clock.advance(5)
        house.server.operations.delivered(operation.id)
        known = house.server.operations.get(operation.id)
        assert known.delivered_at == clock.now()
        assert sent(house) == [known]


async def test_a_picture_for_nobody_in_particular_is_no_frames_last(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        made = await house.ended(await house.server.operations.start(OperationKind.DIRECT))
        house.server.operations.delivered(made.id)
        assert house.server.frames.all() == []
        assert house.server.metrics.snapshot([]).images.success == 1
        assert made.content is not None
        assert made.content.picture_id is not None
        await house.server.state.note("wait for what was posted")
        assert (await house.server.store.get(made.content.picture_id)).shown == 0


async def test_a_passing_picture_is_in_use_while_a_frame_may_come_for_it(
    tmp_path: Path, clock: ManualClock
) -> None:
    adapter = scripted(Script(), code="lim", capabilities=FREE)
    async with open_house(tmp_path, [adapter], clock=clock) as house:
        content = await house.shown(await house.ask(OperationKind.DIRECT))
        assert content.kind is ContentKind.PASSING
        assert house.server.operations.passing_in_use() == {content.passing}
        assert house.server.operations.pictures_in_use() == set()


async def test_after_many_broken_files_a_card_is_shown(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "ATTEMPTS", 3)
    folder = tmp_path / "images" / "scalable"
    folder.mkdir(parents=True)
    for number in range(4):
        (folder / f"broken{number}.jpeg").write_bytes(pictures.cut(pictures.jpeg(320, 480)))
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        await house.server.store.scan()
        assert await house.see(OperationKind.OLD) == Content(
            kind=ContentKind.CARD, card=Card.NO_PICTURES_PROVIDER_OFF
        )


async def test_what_is_drawn_is_drawn_once_for_a_size(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        drawer = house.server.operations._readying._gallery
        card = Content(kind=ContentKind.CARD, card=Card.NO_PICTURES)
        first, black = await drawer.jpeg(card), await drawer.jpeg(BLACK)
        assert first != black
        assert await drawer.jpeg(card) is first
        drawer.apply(FrameImage())
        assert await drawer.jpeg(card) is first
        drawer.apply(FrameImage(size=Size(480, 320)))
        assert Image.open(BytesIO(await drawer.jpeg(card))).size == (480, 320)
        assert Image.open(BytesIO(await drawer.jpeg(BLACK))).size == (480, 320)


@pytest.mark.parametrize(
    ("options", "after"),
    [
        ("image_generate_threshold: 10\nproviders: {a: {image_generate_threshold: 30}}", 10),
        ("image_generate_threshold: 10\nproviders: {a: {image_generate_threshold: 30}, b: {}}", 10),
    ],
)
async def test_the_next_turn_is_when_both_the_house_and_a_provider_are_ready(
    tmp_path: Path, clock: ManualClock, options: str, after: int
) -> None:
    ready, other = Script(), Script()
    adapters = [scripted(ready, code="a"), scripted(other, code="b")]
    async with open_house(tmp_path, adapters, clock=clock, options=options) as house:
        assert house.server.choosing.next_turn_at() == clock.now()
        await house.see()
        began = clock.now()
        await clock.advance(30)
        turn = house.server.choosing.next_turn_at()
        assert turn is not None
        assert minutes(turn - began) == after


async def test_a_provider_that_is_not_ready_is_waited_for(tmp_path: Path, clock: ManualClock) -> None:
    options = "image_generate_threshold: 1\nproviders: {ydArt: {image_generate_threshold: 30}}"
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see()
        turn = house.server.choosing.next_turn_at()
        assert turn is not None
        assert minutes(turn - clock.now()) == 30
        script.not_ready = "nothing there"
        assert house.server.choosing.next_turn_at() is None


async def test_the_next_turn_is_after_sleep_in_the_zone_of_the_house(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 11, 24, 20, 30, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
    options = 'sleep_time:\n  - time_range: {start_time: "23:00", end_time: "07:00"}\n'
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        assert house.server.choosing.next_turn_at() == datetime(2026, 11, 25, 4, 0, 1, tzinfo=UTC)


async def test_a_picture_of_a_turn_is_first_for_the_frame_whose_turn_it_was(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 2)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        operation = await house.ended(await house.ask())
        (generation,) = await house.server.generations.newest(1)
        assert generation.frame == FRAME
        assert generation.prompt_id == house.server.prompts.all()[0].id
        assert await house.see(frame=OTHER_FRAME) != operation.content
        assert await house.shown(operation) == operation.content


@pytest.mark.parametrize(("frame", "waits"), [(FRAME, False), (OTHER_FRAME, True)])
async def test_what_waits_for_a_frame_waits_until_that_frame_has_seen_it(
    tmp_path: Path, clock: ManualClock, frame: str, *, waits: bool
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        assert (await house.see(OperationKind.OLD)).kind is ContentKind.CARD  # now the frame is known
        forced = await house.ended(await house.server.operations.start(OperationKind.FORCED, frame=FRAME))
        assert await house.see(OperationKind.OLD, frame=frame) == forced.content
        await house.server.state.note("wait for what was posted")
        assert await house.server.queue.has_any() == waits


async def test_after_a_long_stop_a_frame_waits_no_more(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    script.tickets.append({"operation": "a1"})
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        await house.ticket()
    clock.set(clock.now() + timedelta(minutes=5))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert (await house.ended(operation)).status is OperationStatus.DONE
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_card_knows_no_thresholds(tmp_path: Path, clock: ManualClock) -> None:
    options = "providers: {ydArt: {image_generate_threshold: 60}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.see()
        assert not house.server.availability.readiness("ydArt").ready
        assert house.server.choosing.card() is Card.NO_PICTURES


async def test_who_is_named_is_asked(tmp_path: Path, clock: ManualClock) -> None:
    scripts = [Script(), Script()]
    adapters = [scripted(script, code=f"p{n}") for n, script in enumerate(scripts)]
    async with open_house(tmp_path, adapters, clock=clock) as house:
        for text in (None, PromptText("кот")):
            for _ in range(4):
                start = house.server.operations.start(OperationKind.FORCED, provider="P1", text=text)
                await house.ended(await start)
    assert [len(script.asked) for script in scripts] == [0, 8]


def minutes(pause: timedelta) -> float:
    return pause.total_seconds() / 60
