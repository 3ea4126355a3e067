from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imageserver.problems import MOST_OF_ONE

if TYPE_CHECKING:
    from imageserver.problems import Problems
    from tests.manual_clock import ManualClock


async def test_a_problem_is_said_once_when_it_begins_and_once_when_it_ends(
    problems: Problems, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(3):
        problems.report("store_unreadable", "The pictures can't be read.", remedy="Mount the disk.")
        await clock.advance(60)
    problems.resolve("store_unreadable")
    problems.resolve("store_unreadable")
    assert caplog.messages == [
        "The pictures can't be read. Mount the disk.",
        "No longer: The pictures can't be read.",
    ]
    assert problems.all() == []


@pytest.mark.parametrize(("text", "remedy"), [("161 of 200.", "Wait."), ("160 of 200.", "Raise it.")])
async def test_a_problem_keeps_the_time_it_began_when_something_else_is_said_of_it(
    problems: Problems, clock: ManualClock, text: str, remedy: str
) -> None:
    began = clock.now()
    problems.report("budget_near", "160 of 200.", remedy="Wait.", subject="ydArt")
    await clock.advance(60)
    problems.report("budget_near", text, remedy=remedy, subject="ydArt")
    (problem,) = problems.all()
    assert (problem.since, problem.text, problem.remedy) == (began, text, remedy)


def test_the_same_problem_of_two_subjects_is_two_problems(problems: Problems) -> None:
    problems.report("budget_near", "a", remedy="r", subject="ydArt")
    problems.report("budget_near", "b", remedy="r", subject="other")
    problems.resolve("budget_near", "ydArt")
    assert [problem.subject for problem in problems.all()] == ["other"]


def test_a_problem_of_everyone_in_the_house_fills_no_memory(problems: Problems) -> None:
    problems.report("budget_near", "a", remedy="r", subject="ydArt")
    for number in range(MOST_OF_ONE * 3):
        problems.report("frame_speaks_plain_http", "t", remedy="r", subject=f"10.0.0.{number}")
    standing = [problem.subject for problem in problems.all()]
    assert len(standing) == MOST_OF_ONE + 1
    assert standing[0] == "ydArt"
    assert standing[-1] == f"10.0.0.{MOST_OF_ONE * 3 - 1}"
