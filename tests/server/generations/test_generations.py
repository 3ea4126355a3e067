from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from imageserver.events import EventKind
from imageserver.exceptions import (
    BadAnswerError,
    ContentRefusedError,
    FateUnknownError,
    NotSentError,
)
from imageserver.models import Fate, OperationKind, OperationStatus, PromptText
from imageserver.providers.base import Capabilities
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from imageserver.models import Generation, Json
    from tests.houses import House
    from tests.manual_clock import ManualClock

TICKET: Json = {"operation": "a1"}
PICTURE = pictures.jpeg(832, 1280, seed=5)


async def newest(house: House) -> Generation:
    (generation,) = await house.server.generations.newest(1)
    return generation


def problems(house: House) -> list[str]:
    return [problem.code for problem in house.server.problems.all()]


async def stored(house: House) -> int:
    return (await house.server.store.summary()).pictures


async def test_what_was_asked_and_what_became_of_it_is_kept(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.shown(await house.ask(OperationKind.DIRECT, text=PromptText("кот", "собака")))
        generation = await newest(house)
    assert generation.fate is Fate.DONE
    assert generation.text == PromptText("кот", "собака")
    assert generation.day == "2026-11-24"
    assert (generation.asked_at, generation.finished_at) == (clock.now(), clock.now())
    assert generation.accepted
    assert [event.kind for event in house.events].count(EventKind.PICTURE_MADE) == 1


async def test_a_ticket_is_fetched_until_the_picture_is_there(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(20)
        assert script.fetched
        assert (await newest(house)).fate is Fate.SENT
        assert house.server.metrics.snapshot(["ydArt"]).providers["ydArt"].today == 1
        script.results[str(TICKET)] = PICTURE
        await clock.advance(30)
        await house.rest()
        await house.shown(operation)
        assert await stored(house) == 1
        assert house.server.metrics.snapshot(["ydArt"]).providers["ydArt"].today == 1


async def test_a_ticket_is_fetched_at_once_when_a_frame_polls(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(40)
        script.results[str(TICKET)] = PICTURE
        await house.shown(operation)


async def test_trouble_while_fetching_loses_nothing(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        for trouble in (NotSentError("no such host"), FateUnknownError("503"), RuntimeError("broken")):
            script.results[str(TICKET)] = trouble
            await clock.advance(60)
        script.results[str(TICKET)] = PICTURE
        await clock.advance(60)
        await house.rest()
        assert (await newest(house)).fate is Fate.DONE
        assert await stored(house) == 1


async def test_a_ticket_that_the_provider_lost_ends_as_failed(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    script.results[str(TICKET)] = BadAnswerError("operation not found")
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(5)
        assert (await house.ended(operation)).error == "operation not found"
        counts = house.server.metrics.snapshot(["ydArt"]).providers["ydArt"]
        assert (counts.today, counts.counts.errors) == (1, 1), "a later failure takes nothing back"


async def test_a_ticket_is_given_up_after_three_days(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
    clock.set(clock.now() + timedelta(days=3))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await clock.advance(3700)
        await house.rest()
        generation = await newest(house)
        assert generation.fate is Fate.FAILED
        assert "3 days" in (generation.error or "")


async def test_a_paid_picture_survives_restarts_and_is_stored_once(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask()
        await house.ticket()
    await clock.advance(3600)
    script.results[str(TICKET)] = PICTURE
    for _ in range(2):
        async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
            await clock.advance(10)
            await house.rest()
            assert await stored(house) == 1
            assert (await newest(house)).fate is Fate.DONE
    assert len(script.asked) == 1


async def test_a_stop_waits_for_an_answer_that_would_be_lost(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask()
        asyncio.get_running_loop().call_later(0.2, script.held.set)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert await stored(house) == 1
        assert (await newest(house)).fate is Fate.DONE


async def test_a_stop_does_not_wait_for_what_costs_nothing(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    free = Capabilities(costs_money=False)
    async with asyncio.timeout(10):
        async with open_house(tmp_path, [scripted(script, capabilities=free)], clock=clock) as house:
            await house.ask()


async def test_a_request_cut_by_a_crash_counts_and_is_not_repeated(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        await house.server.state.note("written")
        for task in asyncio.all_tasks():
            if task.get_name().startswith("generation "):
                task.cancel()  # what a crash leaves: an intent, and no answer
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        generation = await newest(house)
        assert generation.fate is Fate.UNKNOWN
        assert house.server.availability.facts("ydArt").asked_today == 1
        assert "nobody knows" in caplog.text
        await house.shown(operation)
        await house.see()
        assert len(script.asked) == 1
        assert house.server.metrics.snapshot(["ydArt"]).providers["ydArt"].counts.errors == 1


async def test_a_picture_stored_just_before_a_crash_is_found(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask()
        await house.rest()
        await house.server.state.run(
            lambda connection: connection.execute(
                "UPDATE generations SET fate = 'intended', accepted = 0, picture_id = NULL"
            )
        )
        await house.server.state.run(lambda connection: connection.execute("DELETE FROM queue"))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        generation = await newest(house)
        assert generation.fate is Fate.DONE
        assert generation.picture_id is not None
        assert (await house.see()).picture_id == generation.picture_id


async def test_a_ticket_that_a_full_disk_refused_is_kept_once_there_is_room(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append(TICKET)
    full = (
        "CREATE TRIGGER full BEFORE INSERT ON generations WHEN NEW.fate = 'sent'"
        " BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    )
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.server.state.run(lambda connection: connection.execute(full))
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        assert "state_unwritable" in problems(house)
        await house.server.generations.write_down()
        assert "state_unwritable" in problems(house), "the disk is still full"
        await house.server.state.run(lambda connection: connection.execute("DROP TRIGGER full"))
        await house.server.generations.write_down()
        assert "state_unwritable" not in problems(house)
    script.results[str(TICKET)] = PICTURE
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await clock.advance(10)
        await house.rest()
        assert (await newest(house)).fate is Fate.DONE
        assert await stored(house) == 1
        assert house.server.metrics.snapshot(["ydArt"]).providers["ydArt"].today == 1
    assert len(script.asked) == 1


async def test_what_cannot_be_decided_at_a_start_waits_for_the_next_one(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        await house.server.state.run(
            lambda connection: connection.execute("UPDATE generations SET fate = 'intended'")
        )
        # A disk that reads and does not write: what `find` would make anew can't be written down.
        await house.server.state.run(lambda connection: connection.execute("DELETE FROM pictures"))
        await house.server.state.run(
            lambda connection: connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON pictures BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            )
        )
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert (await newest(house)).fate is Fate.INTENDED
        assert "disk is full" in caplog.text
        await house.server.state.run(lambda connection: connection.execute("DROP TRIGGER full"))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert (await newest(house)).fate is Fate.DONE


async def test_a_refused_prompt_is_not_drawn_again_for_that_provider(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(ContentRefusedError("not this"))
    put_pictures(tmp_path, 2)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see()
        assert (await newest(house)).fate is Fate.REFUSED
        await house.see()
        assert len(script.asked) == 1
        (prompt,) = house.server.prompts.all()
        assert prompt.refused_by == {"ydArt": "not this"}
        await house.server.prompts.add("кукушка")
        await house.see()
        assert [request.prompt for request in script.asked] == ["test", "кукушка"]


async def test_a_broken_picture_is_counted_kept_and_not_asked_for_again(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(pictures.cut(PICTURE))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        ended = await house.ended(operation)
        assert (ended.status, ended.error_code) == (OperationStatus.ERROR, "PictureError")
        counts = house.server.metrics.snapshot(["ydArt"]).providers["ydArt"]
        assert (counts.today, counts.counts.errors, counts.counts.success) == (1, 1, 0)
        assert len(list((house.places.data / "rejected").iterdir())) == 1
        assert await stored(house) == 0
        assert len(script.asked) == 1


async def test_a_request_whose_caller_left_before_the_intent_was_written_is_not_sent(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        asking = asyncio.create_task(house.ask(OperationKind.DIRECT))
        await house.until(lambda: house.server.availability.facts("ydArt").asked_today == 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert asking.cancelled()
        assert house.server.availability.facts("ydArt").asked_today == 0
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert (await newest(house)).fate is Fate.NOT_SENT
        assert house.server.availability.facts("ydArt").asked_today == 0
        assert script.asked == []


async def test_a_ticket_waits_for_an_adapter_that_is_away_for_a_while(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append(TICKET)
    script.results[str(TICKET)] = PICTURE
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask()
        await house.ticket()
    async with open_house(tmp_path, [scripted(Script(), code="other")], clock=clock) as house:
        await house.shown(operation)
        assert (await newest(house)).fate is Fate.SENT
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await clock.advance(5)
        await house.rest()
        assert (await newest(house)).fate is Fate.DONE
        assert len(script.asked) == 1


async def test_a_clock_that_leaps_ahead_gives_no_ticket_up(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask()
        await house.ticket()
        clock.set(clock.now() + timedelta(days=30))
        await clock.advance(60)
        assert (await newest(house)).fate is Fate.SENT
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        script.results[str(TICKET)] = PICTURE
        await clock.advance(60)
        await house.rest()
        assert (await newest(house)).fate is Fate.DONE


async def test_trouble_with_a_ticket_is_said_once(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    script = Script()
    script.tickets.append(TICKET)
    script.results[str(TICKET)] = RuntimeError("a bug of the adapter")
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(300)
        assert len(script.fetched) > 5
        assert caplog.text.count("Traceback") == 1
        assert len([line for line in caplog.messages if "a bug of the adapter" in line]) == 1
        script.results[str(TICKET)] = PICTURE
        await clock.advance(30)
        await house.rest()
        assert await stored(house) == 1


async def test_a_stop_writes_a_ticket_down_that_comes_meanwhile(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask()
        asyncio.get_running_loop().call_later(0.2, script.held.set)
    assert script.fetched == []
    script.results[str(TICKET)] = PICTURE
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await clock.advance(5)
        await house.rest()
        assert (await newest(house)).fate is Fate.DONE
        assert len(script.asked) == 1


async def test_a_ticket_is_fetched_by_the_settings_that_hold_now(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    keys = []

    class Keyed(scripted(script)):  # type: ignore[misc]  # made for the test
        async def fetch(self, ticket: Json) -> bytes | None:
            keys.append(self.options.get("note"))
            return await super().fetch(ticket)  # type: ignore[no-any-return]  # as above

    async with open_house(tmp_path, [Keyed], clock=clock) as house:
        await house.ask()
        await house.ticket()
        await clock.advance(3)
        house.places.options.write_text("providers: {ydArt: {note: new}}\ndisabled_providers: [ydArt]")
        await house.server.reload()
        await house.server.jobs.close()
        script.results[str(TICKET)] = PICTURE
        await clock.advance(40)
        await house.rest()
        assert (keys[0], keys[-1]) == (None, "new")
        assert (await newest(house)).fate is Fate.DONE


async def test_two_polls_at_once_store_a_picture_once(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        script.results[str(TICKET)] = PICTURE
        polls = [house.server.operations.result(operation.id) for _ in range(5)]
        results = await asyncio.gather(*polls)
        assert {result.operation.status for result in results} == {OperationStatus.DONE}
        assert len({result.image for result in results}) == 1
        assert len(script.fetched) == 1
        assert await stored(house) == 1


async def test_a_ticket_of_an_adapter_that_stays_away_ends_in_time(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask()
        await house.ticket()
    clock.set(clock.now() + timedelta(days=3))
    async with open_house(tmp_path, [scripted(Script(), code="other")], clock=clock) as house:
        assert (await newest(house)).fate is Fate.UNKNOWN
