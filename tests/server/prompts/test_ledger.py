"""What frames did to the book, and which prompt leaves it: the rules by themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from imageserver.exceptions import NotFoundError, PromptError
from imageserver.prompts.draft import Kept
from imageserver.prompts.file import Entry
from imageserver.prompts.leaving import for_a_frames, for_a_persons, for_a_restored, share
from imageserver.prompts.ledger import DAYS_KEPT, FRAMES_KEPT, KEPT, Day, Ledger, Left
from imageserver.prompts.prompt import PromptSettings

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
FRAME = "192.168.1.66"
MINE = [Kept("a", Entry(prompt="a")), Kept("b", Entry(prompt="b"))]
THEIRS = [Kept("c", Entry(prompt="c"), FRAME), Kept("d", Entry(prompt="d"), FRAME)]
FULL = PromptSettings(amount=4, from_frames_per_day=3)


def left(name: str, *, frame: str | None = None, at: datetime = NOW) -> Left:
    return Left(name, Entry(prompt=name), frame, at, FRAME)


def refusal(prompts: list[Kept], done: Day, settings: PromptSettings) -> str:
    with pytest.raises(PromptError) as caught:
        for_a_frames(prompts, done=done, settings=settings)
    return str(caught.value)


@pytest.mark.parametrize(("amount", "leave"), [(1, 1), (9, 1), (10, 2), (14, 2), (15, 3), (100, 20)])
def test_a_fifth_may_leave_in_a_day_and_at_least_one(amount: int, leave: int) -> None:
    assert share(amount) == leave


def test_one_leaves_where_the_book_is_full_or_fuller() -> None:
    assert for_a_persons(MINE, settings=FULL) is None
    assert for_a_persons([*MINE, THEIRS[0]], settings=FULL) is None
    assert for_a_persons([*MINE, *THEIRS], settings=FULL) is MINE[0]
    assert for_a_persons([*MINE, *THEIRS, *MINE], settings=FULL) is MINE[0]


def test_a_frames_prompt_drives_out_the_oldest_until_the_share_is_used_up() -> None:
    book = [*MINE, *THEIRS]
    assert for_a_frames(MINE, done=Day(), settings=FULL) is None
    assert for_a_frames(book, done=Day(), settings=FULL) is MINE[0]
    assert for_a_frames(book, done=Day(replaced=1), settings=FULL) is THEIRS[0]
    assert for_a_frames([THEIRS[1], *book], done=Day(replaced=1), settings=FULL) is THEIRS[1]
    unprotected = PromptSettings(amount=4, protected=False)
    assert for_a_frames(book, done=Day(replaced=9), settings=unprotected) is MINE[0]


def test_a_frame_that_may_add_none_is_told_why() -> None:
    assert refusal(MINE, Day(), PromptSettings(from_frames_per_day=0)) == "Frames may not add prompts"
    assert refusal(MINE, Day(added=3), FULL) == "Frames have added 3 prompts today, no more"
    assert refusal(MINE, Day(added=4), FULL) == "Frames have added 4 prompts today, no more"
    assert for_a_frames(MINE, done=Day(added=2), settings=FULL) is None
    said = "Frames have replaced 1 prompts today, no more"
    assert refusal([*MINE, *MINE], Day(replaced=1), FULL) == said


def test_what_comes_back_takes_the_place_of_a_frames_prompt() -> None:
    assert for_a_restored([*MINE, *THEIRS], settings=FULL) is THEIRS[0]
    assert for_a_restored([*MINE, *MINE], settings=FULL) is MINE[0]
    assert for_a_restored(THEIRS, settings=FULL) is None


def test_what_was_written_down_is_read_as_it_was() -> None:
    entry = Entry(
        prompt="a",
        negative="b",
        placeholders={"n": ("x", "y")},
        enabled=False,
        extra={"mood": "good"},
        source=3,
        line=7,
    )
    ledger = Ledger(
        {"2026-11-23": Day(1, 2), "2026-11-24": Day(3, 4)},
        (Left("id", entry, None, NOW, FRAME), left("c", frame=FRAME)),
    )
    again = Ledger.read(json.loads(json.dumps(ledger.written())))
    assert again == ledger
    assert [one.entry.negative for one in again.left] == ["b", None]
    assert Ledger.read(None) == Ledger()


def test_what_left_can_be_found_and_is_forgotten_once_it_is_back() -> None:
    ledger = Ledger({}, (left("a"), left("b")))
    assert ledger.find("b") is ledger.left[1]
    assert ledger.without("b").left == ledger.left[:1]
    with pytest.raises(NotFoundError, match=r"^No prompt c has left that could come back$"):
        ledger.find("c")


def test_what_frames_do_is_counted_by_day_and_the_newest_days_are_kept() -> None:
    ledger = Ledger()
    for day in range(1, DAYS_KEPT + 3):
        ledger = ledger.with_added(f"2026-11-{day:02}")
    assert list(ledger.days) == [f"2026-11-{day:02}" for day in range(3, DAYS_KEPT + 3)]
    today = "2026-11-24"
    ledger = ledger.with_added(today).with_added(today)
    ledger = ledger.with_left(today, left("mine")).with_left(today, left("theirs", frame=FRAME))
    assert ledger.on(today) == Day(added=2, replaced=1)
    assert ledger.on("2026-12-01") == Day()
    assert ledger.left == (left("mine"), left("theirs", frame=FRAME))


def test_what_left_is_kept_for_a_month() -> None:
    before, just = left("before", at=NOW - KEPT), left("just", at=NOW - KEPT + timedelta(seconds=1))
    assert Ledger({}, (before, just)).with_left("2026-11-24", left("now")).left == (just, left("now"))


def test_of_what_frames_had_added_only_the_newest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imageserver.prompts.ledger.PERSONS_KEPT", 3)
    ledger = Ledger()
    for number in range(FRAMES_KEPT + 1):
        ledger = ledger.with_left("2026-11-24", left(f"p{number}"))
        ledger = ledger.with_left("2026-11-24", left(f"f{number}", frame=FRAME))
    kept = [one.id for one in ledger.left]
    assert [name for name in kept if name.startswith("p")] == ["p18", "p19", "p20"]
    assert [name for name in kept if name.startswith("f")] == [f"f{n}" for n in range(1, FRAMES_KEPT + 1)]
