"""What follows from how requests end: for the next ones, for the records, for who reads the log."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import ContentRefusedError, FateUnknownError, ProviderError, RateLimitedError
from imageserver.models import ContentKind, Fate, OperationKind, Picture, PromptText
from imageserver.providers.base import Capabilities
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import FRAME, OTHER_FRAME, open_house, put_pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from imageserver.models import Generation, Json
    from tests.houses import House
    from tests.manual_clock import ManualClock

PICTURE = pictures.jpeg(832, 1280, seed=5)
FULL = (
    "CREATE TRIGGER full BEFORE INSERT ON generations WHEN NEW.fate = 'sent'"
    " BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
)
FREE = Capabilities(prompt=False, costs_money=False, stored=False)
RESTS = [(None, [1, 2, 5, 10, 30, 60, 60]), (90.0, [1.5, 1.5, 1.5])]


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[House]:
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        yield house


@contextmanager
def in_the_way(folder: Path) -> Iterator[None]:
    """Let a folder take nothing for as long as the block lasts."""
    away = folder.with_name(f"{folder.name}.away")
    if folder.exists():
        folder.rename(away)
    folder.parent.mkdir(exist_ok=True)
    folder.write_bytes(b"a file where a directory should be")
    yield
    folder.unlink()
    if away.exists():
        away.rename(folder)


async def newest(house: House) -> Generation:
    (generation,) = await house.server.generations.newest(1)
    return generation


def told(house: House) -> list[tuple[str, str, str | None]]:
    return [(problem.code, problem.text, problem.remedy) for problem in house.server.problems.all()]


def test_who_can_not_be_reached_is_left_alone_ever_longer(house: House, clock: ManualClock) -> None:
    availability = house.server.availability
    pauses = []
    for _ in range(5):
        availability.unreachable("ydArt")
        until = availability.facts("ydArt").unreachable_until
        assert until is not None
        pauses.append((until - clock.now()).total_seconds() / 60)
    assert pauses == [1, 2, 5, 10, 10]
    availability.went_well("ydArt", asked_at=clock.now())
    availability.unreachable("ydArt")
    until = availability.facts("ydArt").unreachable_until
    assert until is not None
    assert (until - clock.now()).total_seconds() == 60, "it begins anew"


WASTE: list[Exception | bytes] = [FateUnknownError("500"), ProviderError("HTML"), b"no picture"]


@pytest.mark.parametrize("answer", WASTE, ids=["unknown", "wrong answer", "no picture"])
async def test_who_takes_money_for_nothing_is_asked_ever_less_often(
    tmp_path: Path, clock: ManualClock, answer: Exception | bytes
) -> None:
    script = Script(answers=deque([answer] * 20))
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        moments = await _asked(house, script, minutes=590)
        assert [after - before for before, after in pairwise(moments)] == [10, 10, 30, 60, 120, 120, 120]
        ((code, text, remedy),) = told(house)
        assert code == "provider_wasteful"
        assert text == "Scripted ydArt took requests that may have cost money, and gave no picture."
        assert remedy == (
            "It is asked less often until a picture comes. See its last error; once that is mended,"
            " ask for a picture yourself, or retry the provider."
        )
        await house.ended(await house.ask(OperationKind.DIRECT, text=PromptText("кот")))
        assert len(script.asked) == len(moments) + 1, "a person may try at any time"
        script.answers.clear()
        await house.ended(await house.ask(OperationKind.DIRECT, text=PromptText("кот")))
        assert told(house) == []
        assert await _asked(house, script, minutes=40) == [10, 20, 30]


async def test_what_costs_nothing_is_asked_at_each_turn(tmp_path: Path, clock: ManualClock) -> None:
    script = Script(answers=deque([FateUnknownError("500")] * 20))
    async with open_house(tmp_path, [scripted(script, capabilities=FREE)], clock=clock) as house:
        assert await _asked(house, script, minutes=60) == [0, 10, 20, 30, 40, 50]
        assert told(house) == []


async def test_a_refused_prompt_is_no_waste_of_the_providers(tmp_path: Path, clock: ManualClock) -> None:
    script = Script(answers=deque([ContentRefusedError("no")] * 5))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        for _ in range(5):
            await house.ended(await house.ask(OperationKind.DIRECT, text=PromptText("кот")))
        assert await _asked(house, script, minutes=30) == [0, 10, 20]
        assert told(house) == []


async def _asked(house: House, script: Script, *, minutes: int) -> list[int]:
    """Let a frame look every ten minutes; returns in which of them the provider was asked."""
    asked = []
    for minute in range(0, minutes, 10):
        before = len(script.asked)
        await house.see()
        await house.rest()
        if len(script.asked) > before:
            asked.append(minute)
        await house.clock.advance(600)
    return asked


@pytest.mark.parametrize(("retry_after", "minutes"), RESTS)
def test_who_asks_for_fewer_requests_is_left_alone_as_it_says_or_ever_longer(
    house: House, clock: ManualClock, retry_after: float | None, minutes: list[float]
) -> None:
    availability = house.server.availability
    pauses = []
    for _ in minutes:
        availability.rate_limited("ydArt", retry_after)
        until = availability.facts("ydArt").not_before
        assert until is not None
        pauses.append((until - clock.now()).total_seconds() / 60)
    assert pauses == minutes


async def test_the_rest_is_the_one_that_the_answer_names(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(RateLimitedError("slower", retry_after=3000))
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        until = house.server.availability.facts("ydArt").not_before
        assert until is not None
        assert (until - clock.now()).total_seconds() == 3000


async def test_a_request_that_a_crash_cut_is_kept_with_what_is_known_of_it(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.see()
        before = await newest(house)
        assert before.picture_id is not None
        await _cut(house)
        await house.server.store.delete(before.picture_id)
        await house.server.state.run(lambda connection: connection.execute("DELETE FROM pictures"))
        for path in (tmp_path / "images").rglob("*.jpeg"):
            path.unlink()
    await clock.advance(60)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        after = await newest(house)
        lines = [record.getMessage() for record in caplog.records if "request of" in record.getMessage()]
    assert (after.fate, after.accepted, after.picture_id) == (Fate.UNKNOWN, False, None)
    assert after.finished_at == clock.now()
    assert after.error_code == "FateUnknown"
    assert after.error is not None
    assert after.error.endswith(": nobody knows whether a picture was made")
    assert lines == [f"ydArt, request of {before.asked_at}: {after.error}"]


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_picture_that_a_crash_left_without_a_record_is_the_requests(
    tmp_path: Path, clock: ManualClock, *, accepted: bool
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.shown(await house.ask(OperationKind.DIRECT, text=PromptText("кот", "пёс")))
        before = await newest(house)
        assert before.picture_id is not None
        counted = house.server.metrics.snapshot(["ydArt"]).providers["ydArt"]
        await _cut(house, accepted=accepted)
        await house.server.state.run(lambda connection: connection.execute("DELETE FROM pictures"))
    await clock.advance(60)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        after = await newest(house)
        assert after.picture_id is not None
        assert after == replace(before, picture_id=after.picture_id, finished_at=clock.now())
        found = await house.server.store.get(after.picture_id)
        assert (found.provider, found.prompt, found.negative) == ("ydArt", "кот", "пёс")
        assert found.made_at == before.asked_at
        counts = house.server.metrics.snapshot(["ydArt"]).providers["ydArt"]
        assert counts.counts.success == counted.counts.success + 1
        assert counts.today == counted.today + (0 if accepted else 1)
        assert await house.server.queue.has_any(), "nobody knows whether it was seen"


async def test_a_picture_is_stored_with_what_was_asked_for_and_told(house: House) -> None:
    operation = await house.ended(await house.ask(OperationKind.DIRECT, text=PromptText("кот", "пёс")))
    assert operation.content is not None
    assert operation.content.picture_id is not None
    picture = await house.server.store.get(operation.content.picture_id)
    assert (picture.provider, picture.prompt, picture.negative) == ("ydArt", "кот", "пёс")
    told_of = [event.subject for event in house.events if event.kind is EventKind.PICTURE_MADE]
    assert [one.id for one in told_of if isinstance(one, Picture)] == [picture.id]


async def test_what_an_adapters_author_needs_to_see_is_in_the_log_once(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    script.answers.extend([ZeroDivisionError("a bug"), ZeroDivisionError("a bug"), PICTURE])
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        for _ in range(2):
            await house.ended(await house.ask(OperationKind.DIRECT))
    lines = [record for record in caplog.records if "gave no picture" in record.getMessage()]
    assert [record.levelno for record in lines] == [logging.WARNING, logging.WARNING]
    assert [bool(record.exc_info and record.exc_info[1]) for record in lines] == [True, False]


async def test_a_picture_that_is_only_in_memory_is_a_problem_that_says_what_helps(house: House) -> None:
    images, places = house.places.data.parent / "images", house.places
    with in_the_way(images / "original"), in_the_way(places.arrived), in_the_way(places.passing):
        await house.see(OperationKind.DIRECT)
        ((text, remedy),) = [
            (text, remedy) for code, text, remedy in told(house) if code == "picture_unstored"
        ]
    await house.clock.advance(10)
    await house.rest()
    assert text.startswith("A new picture is held in memory, since it can't be stored: ")
    assert remedy == "Make room on the disk or its directory writable, and do not stop the server."


async def test_what_a_full_disk_refuses_waits_and_is_known_meanwhile(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    ticket: Json = {"operation": "a1"}
    script.tickets.append(ticket)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.server.state.run(lambda connection: connection.execute(FULL))
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        ledger = house.server.generations._ledger
        (generation,) = house.server.generations.running
        known = (ledger.waiting(generation.id), ledger.waiting("another"), ledger.is_written(generation.id))
        await house.server.state.run(lambda connection: connection.execute("DROP TRIGGER full"))
        await ledger.try_again()
        assert known == (generation, None, False)
        assert ledger.is_written(generation.id)
        script.results[str(ticket)] = PICTURE
        await clock.advance(30)
        await house.rest()


async def test_a_picture_that_is_seen_before_it_can_be_written_down_does_not_come_twice(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.server.state.run(lambda connection: connection.execute(FULL.replace("sent", "done")))
        seen = await house.see()
        assert [path.name for path in house.places.arrived.iterdir()], "it is held until that is known"
        await house.server.state.run(lambda connection: connection.execute("DROP TRIGGER full"))
        await house.server.generations.write_down()
        assert await house.see(frame=OTHER_FRAME) != seen
    clock.set(clock.now() + timedelta(hours=2))
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        house.server.operations.expire()
        await house.server.queue.keep_claims(frozenset())
        assert not await house.server.queue.has_any(), "also not once nobody knows who has seen it"


async def test_a_picture_whose_frame_has_gone_on_is_for_anyone_once_it_is_written_down(
    tmp_path: Path, clock: ManualClock
) -> None:
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.server.state.run(lambda connection: connection.execute(FULL.replace("sent", "done")))
        made = (await house.ended(await house.ask())).content
        assert await house.see(OperationKind.OLD) != made
        await house.server.state.run(lambda connection: connection.execute("DROP TRIGGER full"))
        await house.server.generations.write_down()
        assert await house.see(frame=OTHER_FRAME) == made


async def test_what_is_forced_is_shown_by_itself_and_what_a_turn_brought_for_nothing_is_not(
    tmp_path: Path, clock: ManualClock
) -> None:
    lim = scripted(Script(), code="lim", capabilities=FREE)
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [lim], clock=clock, options=options) as house:
        turn = (await house.ended(await house.ask())).content
        assert turn is not None
        assert turn.kind is ContentKind.PASSING
        assert (await house.see(frame=OTHER_FRAME)).kind is ContentKind.PICTURE
        forced = await house.ended(await house.server.operations.start(OperationKind.FORCED, provider="lim"))
        assert await house.see(frame=OTHER_FRAME) == forced.content


async def test_a_picture_waits_for_whom_it_was_made_for(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        turn = await house.ended(await house.ask())
        direct = await house.ended(await house.ask(OperationKind.DIRECT, frame=OTHER_FRAME))
        forced = await house.ended(await house.server.operations.start(OperationKind.FORCED, frame=FRAME))
        rows = await house.server.state.read(
            lambda connection: connection.execute(
                "SELECT picture_id, frame, claimed_by FROM queue ORDER BY picture_id"
            ).fetchall()
        )
    waiting = [(row["picture_id"], row["frame"], row["claimed_by"]) for row in rows]
    assert None not in (turn.content, direct.content, forced.content)
    assert [picture_id for picture_id, _, _ in waiting] == [
        operation.content.picture_id for operation in (turn, direct, forced) if operation.content
    ]
    assert [(frame, claim) for _, frame, claim in waiting] == [
        (None, turn.id),
        (None, direct.id),
        (FRAME, None),
    ]


async def _cut(house: House, *, accepted: bool = False) -> None:
    """Leave what a crash leaves right after a picture was stored."""
    await house.server.state.note("what was posted is written")
    await house.server.state.run(
        lambda connection: connection.execute(
            "UPDATE generations SET fate = 'intended', accepted = ?, picture_id = NULL, finished_at = NULL",
            (accepted,),
        )
    )
