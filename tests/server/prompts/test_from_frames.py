"""What frames add: anybody in the house can say that they are one, and drives out nobody's prompts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import NotFoundError, PromptError
from imageserver.prompts import ledger
from imageserver.prompts.leaving import share
from imageserver.prompts.prompt import PromptChanges, PromptSettings
from imageserver.prompts.records import PromptRecords
from tests.prompt_books import prompts_yaml, texts

if TYPE_CHECKING:
    from imageserver.prompts.book import PromptBook
    from tests.prompt_books import Library

FRAME, STRANGER = "192.168.1.5", "192.168.1.66"
DAY = 24 * 3600.0
MINE = [f"mine {number}" for number in range(10)]


async def flood(book: PromptBook, name: str, times: int, *, frame: str = STRANGER) -> int:
    """Add as fast as can be; returns how many were taken."""
    answers = await asyncio.gather(
        *(book.add(f"{name} {number}", frame=frame) for number in range(times)), return_exceptions=True
    )
    assert all(isinstance(answer, PromptError) for answer in answers if isinstance(answer, Exception))
    return sum(not isinstance(answer, BaseException) for answer in answers)


def mine(book: PromptBook) -> list[str]:
    return [text for text in texts(book) if text.startswith("mine")]


async def test_no_more_are_taken_in_a_day_however_many_come_at_once(library: Library) -> None:
    book = await library.open(prompts_yaml("mine"), amount=100, per_day=7)
    assert await flood(book, "junk", 40) == 7
    assert len(texts(book)) == 8


async def test_neither_another_address_nor_a_restart_nor_a_removal_gives_more(
    library: Library,
) -> None:
    book = await library.open(prompts_yaml("mine"), amount=100, per_day=3)
    await flood(book, "junk", 5)
    await book.remove(book.all()[-1].id)
    assert await flood(book, "more", 5, frame="192.168.1.67") == 0
    book = await library.open(amount=100, per_day=3)
    assert await flood(book, "still more", 5) == 0
    await library.clock.advance(DAY)
    assert await flood(book, "tomorrow", 5) == 3


async def test_a_crash_right_after_the_file_was_written_makes_no_prompt_a_persons(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await library.open(prompts_yaml("mine"))
    with monkeypatch.context() as cut:
        cut.setattr(PromptRecords, "keep", lambda *_: None)
        await book.add("a frame's", frame=FRAME)
    book = await library.open()
    assert [(prompt.prompt, prompt.frame) for prompt in book.all()] == [("mine", None), ("a frame's", FRAME)]


async def test_a_clock_that_leaps_a_day_and_back_gives_no_more_either(library: Library) -> None:
    book = await library.open(prompts_yaml("mine"), amount=100, per_day=3)
    await flood(book, "junk", 5)
    await library.clock.advance(DAY)
    await flood(book, "of tomorrow", 1)
    library.clock.set(library.clock.now().replace(day=24))
    assert await flood(book, "again", 5) == 0


async def test_a_stranger_drives_out_a_small_share_in_a_day_and_then_only_what_frames_added(
    library: Library,
) -> None:
    book = await library.open(prompts_yaml(*MINE))
    assert await flood(book, "junk", 50) == 20
    assert mine(book) == MINE[share(10) :]
    assert len(texts(book)) == 10
    await library.clock.advance(DAY)
    book = await library.open()
    await flood(book, "more junk", 50)
    assert mine(book) == MINE[2 * share(10) :]
    assert {left.entry.prompt for left in book.replaced()} > {*MINE[: 2 * share(10)]}


async def test_what_frames_added_goes_first_only_once_the_share_is_used_up(library: Library) -> None:
    book = await library.open(prompts_yaml(*MINE))
    left = [(await book.add(f"of the frame {number}", frame=FRAME)).removed[0].prompt for number in range(3)]
    assert left == ["mine 0", "mine 1", "of the frame 0"]


async def test_who_adds_only_by_frames_sees_the_oldest_go_as_ever(library: Library) -> None:
    book = await library.open("prompts: []", amount=3)
    for number in range(10):
        await book.add(f"mine {number}", frame=FRAME)
    assert texts(book) == ["mine 7", "mine 8", "mine 9"]


async def test_where_nothing_of_a_frame_may_leave_the_frame_is_told(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b", "c"), amount=3)
    added = await book.add("of a frame", frame=FRAME)
    await book.remove(added.prompt.id)
    await book.add("mine")
    with pytest.raises(PromptError, match="replaced 1 prompts today, no more") as error:
        await book.add("another", frame=FRAME)
    assert len(str(error.value)) < 100
    assert texts(book) == ["b", "c", "mine"]


async def test_with_the_switch_off_the_oldest_goes_whoever_adds(library: Library) -> None:
    book = await library.open(prompts_yaml(*MINE), protected=False)
    await flood(book, "wanted", 10, frame=FRAME)
    assert mine(book) == []
    assert {left.entry.prompt for left in book.replaced()} == {*MINE}


async def test_the_switch_works_while_the_server_runs(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"), amount=2)
    book.apply(PromptSettings(amount=2, protected=False))
    await flood(book, "new", 2)
    assert {text[:3] for text in texts(book)} == {"new"}


async def test_a_persons_prompts_leave_by_age_alone_for_those_of_a_person(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"), amount=2)
    for number in range(2):
        await book.add(f"mine {number}")
    assert texts(book) == ["mine 0", "mine 1"]
    assert book.replaced() == [], "who adds is told what left, and can undo it there"


# Where a prompt comes from


async def test_a_prompt_says_which_frame_added_it_over_restarts_and_moves(library: Library) -> None:
    book = await library.open(prompts_yaml("mine"))
    added = await book.add("of a frame", frame=FRAME)
    await book.move(added.prompt.id, 1)
    for opened in (book, await library.open()):
        assert {prompt.prompt: prompt.frame for prompt in opened.all()} == {"of a frame": FRAME, "mine": None}


async def test_who_rewrites_a_frames_prompt_makes_it_his_own(library: Library) -> None:
    book = await library.open("prompts: []")
    added = (await book.add("of a frame", frame=FRAME)).prompt
    off = await book.edit(added.id, changes=PromptChanges(enabled=False))
    assert off.frame == FRAME
    assert (await book.edit(added.id, changes=PromptChanges(prompt="better"))).frame is None
    assert book.all()[0].id == added.id


async def test_who_rewrites_it_by_hand_does_so_too(library: Library) -> None:
    book = await library.open("prompts: []")
    await book.add("of a frame", frame=FRAME)
    library.write(library.read().replace("of a frame", "by hand"))
    await book.refresh()
    assert [prompt.frame for prompt in book.all()] == [None]


# What was driven out comes back


async def test_what_left_is_shown_newest_first_and_comes_back_in_the_place_of_a_frames(
    library: Library,
) -> None:
    templated = "'[[x]]'\n    negative: no\n    placeholders: {x: [cat]}"
    book = await library.open(prompts_yaml(templated, "b", "c"), amount=3)
    await book.add("junk 0", frame=STRANGER)
    await book.add("junk 1", frame=STRANGER)
    newest, oldest = (await library.open(amount=3)).replaced()
    assert (newest.entry.prompt, newest.frame, newest.left_for) == ("junk 0", STRANGER, STRANGER)
    assert (oldest.entry.prompt, oldest.frame, oldest.left_for) == ("[[x]]", None, STRANGER)

    back = await book.restore(oldest.id)

    assert (back.prompt.prompt, back.prompt.negative) == ("[[x]]", "no")
    assert back.prompt.placeholders == {"x": ("cat",)}
    assert back.prompt.frame is None
    assert [removed.prompt for removed in back.removed] == ["junk 1"]
    assert texts(book) == ["b", "c", "[[x]]"]
    assert [left.entry.prompt for left in book.replaced()] == ["junk 0"]


async def test_what_comes_back_stays_the_day(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"), amount=2)
    await book.add("junk", frame=STRANGER)
    await book.restore(book.replaced()[0].id)
    assert await flood(book, "junk", 19) == 0
    assert texts(book) == ["b", "a"]


async def test_what_is_there_again_does_not_come_back_twice(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"), amount=2)
    await book.add("junk", frame=STRANGER)
    (left,) = book.replaced()
    await book.add("a")
    assert book.replaced() == []
    with pytest.raises(PromptError, match="there already"):
        await book.restore(left.id)


async def test_what_never_left_can_not_come_back(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    for prompt_id in ("", "..", "no such", book.all()[0].id):
        with pytest.raises(NotFoundError):
            await book.restore(prompt_id)


async def test_what_left_long_ago_is_forgotten(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"), amount=2)
    await book.add("junk", frame=STRANGER)
    await library.clock.advance(ledger.KEPT.total_seconds() + DAY)
    await book.add("more junk", frame=STRANGER)
    assert [left.entry.prompt for left in book.replaced()] == ["b"]


async def test_junk_that_leaves_crowds_out_nothing_of_a_persons(library: Library) -> None:
    book = await library.open(prompts_yaml(*MINE), per_day=200)
    await flood(book, "junk", 150)
    left = [left.entry.prompt for left in book.replaced()]
    assert len(left) == ledger.FRAMES_KEPT + share(10)
    assert {"mine 0", "mine 1"} < {*left}


async def test_a_file_that_can_not_be_written_costs_nothing(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"), amount=2, per_day=2)
    library.path.unlink()
    library.path.mkdir()
    for number in range(5):
        with suppress(PromptError):
            await book.add(f"lost {number}", frame=FRAME)
    library.path.rmdir()
    assert book.replaced() == []
    assert await flood(book, "kept", 5, frame=FRAME) == 2
