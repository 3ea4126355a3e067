from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import BadAnswerError, ContentRefusedError, NotFoundError
from imageserver.models import Content, ContentKind, OperationKind, OperationStatus, PromptText
from imageserver.operations import operations
from imageserver.operations.operations import KEPT
from imageserver.operations.readying import PATIENCE
from imageserver.server import new_id
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import FRAME, OTHER_FRAME, open_house, put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manual_clock import ManualClock


def test_ids_never_meet_and_are_at_home_in_urls() -> None:
    ids = {new_id() for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(re.fullmatch(r"[0-9a-z-]{1,40}", one) for one in ids)


async def test_a_start_never_waits_for_a_provider(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        async with asyncio.timeout(5):
            operation = await house.ask()
        assert operation.status is OperationStatus.PENDING
        script.held.set()


async def test_the_poll_in_which_the_picture_arrives_answers_done(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        poll = asyncio.create_task(house.server.operations.result(operation.id))
        await asyncio.sleep(0)
        script.held.set()
        assert (await poll).operation.status is OperationStatus.DONE


async def test_a_poll_that_finds_nothing_says_pending_within_a_second(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        async with asyncio.timeout(1.5):
            result = await house.server.operations.result(operation.id)
        assert result.operation.status is OperationStatus.PENDING
        assert result.image is None
        script.held.set()


async def test_a_late_picture_is_replaced_by_a_stored_one_and_shown_afterwards(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.held.clear()
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        await clock.advance(PATIENCE - 1)
        assert house.server.operations.get(operation.id).status is OperationStatus.PENDING
        await clock.advance(2)
        instead = await house.shown(operation)
        assert instead.kind is ContentKind.PICTURE

        script.held.set()
        await house.rest()
        late = await house.see()
        assert late.picture_id is not None
        assert (await house.server.store.get(late.picture_id)).provider == "ydArt"
        assert late != instead
        assert len(script.asked) == 1


@pytest.mark.parametrize("error", [ContentRefusedError("not this"), BadAnswerError("no picture in it")])
async def test_an_auto_frame_never_hears_of_a_providers_failure(
    tmp_path: Path, clock: ManualClock, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    script.answers.append(error)
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert (await house.see()).kind is ContentKind.PICTURE
        assert caplog.text.count(str(error)) == 1
        assert house.server.availability.last_error("ydArt") == str(error)
        assert house.server.metrics.snapshot(["ydArt"]).providers["ydArt"].counts.errors == 1


async def test_a_direct_operation_ends_with_the_providers_words(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(ContentRefusedError("not this"))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT, text=PromptText("кот"))
        result = await house.server.operations.result(operation.id)
        assert result.image is None
        ended = result.operation
        assert (ended.status, ended.error_code, ended.error) == (
            OperationStatus.ERROR,
            "ContentRefused",
            "not this",
        )
        assert (await house.shown(await house.ask(OperationKind.DIRECT))).kind is ContentKind.PICTURE


async def test_a_result_can_be_fetched_again_for_an_hour(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        operation = await house.ask(OperationKind.OLD)
        first = await house.server.operations.result(operation.id)
        await clock.advance(KEPT.total_seconds() - 60)
        again = await house.server.operations.result(operation.id)
        assert again.image == first.image
        await clock.advance(120)
        house.server.operations.expire()
        with pytest.raises(NotFoundError, match=operation.id):
            await house.server.operations.result(operation.id)
        with pytest.raises(NotFoundError):
            house.server.operations.get("unknown")


async def test_a_picture_deleted_meanwhile_is_replaced_by_another(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        operation = await house.ask(OperationKind.OLD)
        shown = await house.shown(operation)
        assert shown.picture_id is not None
        await house.server.store.delete(shown.picture_id)
        other = await house.shown(operation)
        assert other.kind is ContentKind.PICTURE
        assert other != shown


async def test_broken_files_are_stepped_over(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    folder = tmp_path / "images" / "scalable"
    for number in range(5):
        (folder / f"broken{number}.jpeg").write_bytes(pictures.cut(pictures.jpeg(320, 480)))
    (folder / "empty.jpeg").write_bytes(b"")
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        for _ in range(10):
            assert (await house.see(OperationKind.OLD)).kind is ContentKind.PICTURE
        summary = await house.server.store.summary()
        assert (summary.pictures, summary.unreadable) == (2, 6)


async def test_pictures_do_not_return_until_the_others_were_shown_also_over_restarts(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 9)
    seen = []
    for _ in range(3):
        async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
            await house.server.store.scan()
            seen += [(await house.see(OperationKind.OLD)).picture_id for _ in range(3)]
    assert len(set(seen)) == 9


async def test_what_is_pending_goes_on_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append({"operation": "a1"})
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        assert house.server.operations.get(operation.id).status is OperationStatus.PENDING
    script.results[str({"operation": "a1"})] = pictures.jpeg(832, 1280, seed=5)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await clock.advance(30)
        await house.rest()
        content = await house.shown(operation)
        assert content.kind is ContentKind.PICTURE
        assert len(script.asked) == 1
        assert await house.see(OperationKind.AUTO) != content, "it was seen, so it does not come twice"


async def test_a_finished_operation_is_there_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        operation = await house.ask(OperationKind.OLD)
        before = await house.shown(operation)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        assert await house.shown(operation) == before


async def test_a_picture_counts_as_sent_each_time_it_was_written_wholly(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        operation = await house.ask(OperationKind.OLD)
        content = await house.shown(operation)
        await house.shown(operation)
        house.server.operations.not_delivered()
        images = house.server.metrics.snapshot([]).images
        assert (images.success, images.errors) == (2, 1)
        frame = house.server.frames.get(FRAME)
        assert (frame.pictures_sent, frame.content) == (2, content)
        assert content.picture_id is not None
        await house.server.state.note("wait for what was posted")
        assert (await house.server.store.get(content.picture_id)).shown == 2


async def test_what_a_frame_may_still_come_for_is_in_use(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        content = await house.see(OperationKind.OLD)
        assert house.server.operations.pictures_in_use() == {content.picture_id}
        await clock.advance(KEPT.total_seconds() + 120)
        house.server.operations.expire()
        assert house.server.operations.pictures_in_use() == set()


async def test_a_passing_picture_is_shown_once(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(Script(missing="x"))], clock=clock) as house:
        name = await house.server.store.add_passing(pictures.jpeg(600, 600))
        passing = Content(kind=ContentKind.PASSING, passing=name)
        await house.server.queue.choose(passing, frame=None)
        assert await house.see() == passing
        assert (await house.see()).kind is ContentKind.PICTURE
        assert house.server.frames.passing() == set()


async def test_two_frames_get_different_pictures(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 8)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.server.store.scan()
        starts = await asyncio.gather(
            *(house.ask(OperationKind.OLD, frame=frame) for frame in (FRAME, OTHER_FRAME) for _ in range(4))
        )
        shown = [await house.shown(start) for start in starts]
        assert len({content.picture_id for content in shown}) == 8


async def test_a_new_picture_does_not_return_before_the_others_were_shown(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 4)
    options = "image_generate_threshold: 100000"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.server.store.scan()
        seen = [(await house.see()).picture_id for _ in range(5)]
        assert len(set(seen)) == 5


async def test_what_was_chosen_does_not_return_before_the_others_were_shown(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        await house.server.store.scan()
        await house.server.queue.choose(Content(kind=ContentKind.PICTURE, picture_id=3), frame=None)
        seen = [(await house.see()).picture_id for _ in range(5)]
        assert seen[0] == 3
        assert len(set(seen)) == 5


async def test_a_frame_on_an_old_operation_does_not_hold_what_its_new_one_needs(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.held.clear()
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        abandoned = await house.ask(OperationKind.DIRECT)
        await house.ended(await house.ask(OperationKind.OLD))
        script.held.set()
        await house.rest()
        made = (await house.ended(abandoned)).content
        assert await house.see() == made, "nobody came for it, so it is shown now"


async def test_an_auto_frame_gets_a_picture_although_its_request_is_forgotten(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append({"operation": "a1"})
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        await house.ticket()
        await house.server.state.run(lambda connection: connection.execute("DELETE FROM generations"))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert (await house.shown(operation)).kind is ContentKind.PICTURE


async def test_a_direct_operation_ends_where_its_request_is_forgotten(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append({"operation": "a1"})
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await house.server.state.run(lambda connection: connection.execute("DELETE FROM generations"))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert (await house.ended(operation)).status is OperationStatus.ERROR


async def test_however_many_frames_come_late_each_gets_what_it_was_promised(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 40)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.server.store.scan()
        starts = [await house.ask(OperationKind.OLD, frame=f"192.168.1.{n}") for n in range(40)]
        ended = [await house.ended(start) for start in starts]
        await clock.advance(KEPT.total_seconds() - 60)
        house.server.operations.expire()
        shown = [await house.shown(start) for start in starts]
        assert shown == [operation.content for operation in ended]
        assert len({content.picture_id for content in shown}) == 40


async def test_after_a_restart_a_picture_is_still_for_who_asked_for_it(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append({"operation": "a1"})
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
    script.results[str({"operation": "a1"})] = pictures.jpeg(832, 1280, seed=5)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await clock.advance(30)
        await house.rest()
        others = await house.see(frame=OTHER_FRAME)
        assert await house.shown(operation) != others


async def test_after_a_restart_a_picture_whose_frame_has_gone_on_is_for_anyone(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append({"operation": "a1"})
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        abandoned = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(1)
        await house.see(OperationKind.OLD)
    script.results[str({"operation": "a1"})] = pictures.jpeg(832, 1280, seed=5)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await clock.advance(30)
        await house.rest()
        made = (await house.ended(abandoned)).content
        assert await house.see(frame=OTHER_FRAME) == made


async def test_a_late_picture_is_for_whichever_frame_asks_next(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        await clock.advance(PATIENCE + 1)
        await house.shown(operation)
        script.held.set()
        await house.rest()
        late = await house.see(frame=OTHER_FRAME)
        assert late.picture_id is not None
        assert (await house.server.store.get(late.picture_id)).provider == "ydArt"
        assert len(script.asked) == 1


async def test_a_picture_is_first_for_who_asked_for_it(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ended(await house.ask(OperationKind.DIRECT))
        others = await house.see(frame=OTHER_FRAME)
        assert await house.shown(operation) != others


async def test_a_frames_patience_goes_on_over_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append({"operation": "a1"})
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        await house.ticket()
        await clock.advance(PATIENCE - 10)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert house.server.operations.get(operation.id).status is OperationStatus.PENDING
        await clock.advance(11)
        assert (await house.ended(operation)).status is OperationStatus.DONE


async def test_who_starts_without_end_fills_no_memory(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_KEPT", 5)
    put_pictures(tmp_path, 2)
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        pending = await house.ask(OperationKind.DIRECT, frame=OTHER_FRAME)
        ended = [await house.ended(await house.ask(OperationKind.OLD)) for _ in range(10)]
        kept = {pending.id, *(operation.id for operation in ended[-4:])}
        assert {operation.id for operation in house.server.operations.all()} == kept
        rows = await house.server.state.read(
            lambda connection: connection.execute("SELECT id FROM operations").fetchall()
        )
        assert {row["id"] for row in rows} == kept
        script.held.set()
        await house.ended(pending)


async def test_who_has_most_loses_the_oldest_where_there_are_too_many(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_KEPT", 8)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [], clock=clock) as house:
        few = [await house.ended(await house.ask(OperationKind.OLD)) for _ in range(3)]
        many = [await house.ended(await house.ask(OperationKind.OLD, frame=OTHER_FRAME)) for _ in range(6)]
        kept = {operation.id for operation in [*few, *many[1:]]}
        assert {operation.id for operation in house.server.operations.all()} == kept


async def test_a_picture_that_was_to_be_seen_is_given_back_when_its_operation_is_forgotten(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_KEPT", 1)
    put_pictures(tmp_path, 8)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        await house.server.store.scan()
        chosen = Content(kind=ContentKind.PICTURE, picture_id=1)
        await house.server.queue.choose(chosen, frame=None)
        await house.ended(await house.ask())
        await house.ended(await house.ask(OperationKind.OLD, frame=OTHER_FRAME))
        assert await house.see(frame=OTHER_FRAME) == chosen


async def test_who_starts_without_end_takes_no_picture_from_another_frame(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_KEPT", 40)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [], clock=clock) as house:
        operation = await house.ended(await house.ask(OperationKind.OLD))
        for _ in range(100):
            await house.ended(await house.ask(OperationKind.OLD, frame="192.168.1.66"))
        assert len(house.server.operations.all()) <= 41
        assert (await house.shown(operation)).picture_id is not None
