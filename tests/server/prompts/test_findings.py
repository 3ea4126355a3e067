"""What the book says about its prompts: to who asks, and in the log."""

from __future__ import annotations

import logging

import pytest

from imageserver.exceptions import PromptError
from imageserver.models import PromptText
from imageserver.prompts.prompt import Finding, PromptChanges
from tests.prompt_books import Library, Taker, prompts_yaml

BROKEN = "prompts:\n  - idx: 1\n    prompt: [a\n"


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == level]


def remedies(library: Library) -> list[str | None]:
    return [problem.remedy for problem in library.problems.all() if problem.code == "prompts_file"]


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Finding(text="It is."), "prompts.yaml: It is."),
        (Finding(text="It is.", line=7), "prompts.yaml, line 7: It is."),
        (Finding(text="It is.", idx=2), "prompts.yaml, prompt 2: It is."),
        (Finding(text="It is.", idx=2, line=7), "prompts.yaml, line 7, prompt 2: It is."),
    ],
)
def test_a_finding_is_a_line_that_says_where(finding: Finding, line: str) -> None:
    assert str(finding) == line


async def test_a_finding_about_a_prompt_knows_its_line(library: Library) -> None:
    library.takers = (Taker("a", 5),)
    book = await library.open(prompts_yaml("a", "a", "too long"))
    same, long = book.findings()
    ids = [prompt.id for prompt in book.all()]
    assert same == Finding(
        text="It is the same as prompt 1, so it is drawn twice as often.", prompt_id=ids[1], idx=2, line=4
    )
    assert long == Finding(
        text="It can get 8 characters long, which no provider takes: it is never drawn.",
        prompt_id=ids[2],
        idx=3,
        line=6,
    )


async def test_what_is_too_long_counts_its_negative_part(library: Library) -> None:
    library.takers = (Taker("a", 5),)
    book = await library.open(prompts_yaml("four\n    negative: two"))
    assert [finding.text for finding in book.findings()] == [
        "It can get 7 characters long, which no provider takes: it is never drawn."
    ]


async def test_more_prompts_than_the_amount_are_one_finding_about_the_file(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b", "c"), amount=2)
    text = "3 prompts are more than the 2 of prompts_amount: all of them are used."
    assert book.findings() == [Finding(text=text)]


@pytest.mark.parametrize(
    ("texts", "line"), [(["a"], "1 prompt"), ([], "0 prompts"), (["a", "b"], "2 prompts")]
)
async def test_the_log_tells_how_many_prompts_there_are(
    library: Library, caplog: pytest.LogCaptureFixture, texts: list[str], line: str
) -> None:
    caplog.set_level(logging.INFO)
    await library.open(prompts_yaml(*texts))
    assert lines(caplog, logging.INFO) == [f"The prompt book has {line}"]


async def test_the_log_tells_what_came_and_what_went(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    book = await library.open(prompts_yaml("a", "b"), amount=2)
    caplog.set_level(logging.INFO)
    await book.add("c\nd")
    await book.remove(book.all()[0].id)
    assert lines(caplog, logging.INFO) == [
        "Added prompt 2: c d",
        "A prompt left for it: a",
        "Removed prompt 1: b",
    ]
    caplog.clear()
    await book.add("e", frame="192.168.1.66")
    assert lines(caplog, logging.INFO) == ["Added prompt 2 from the frame at 192.168.1.66: e"]


async def test_a_problem_with_the_file_says_what_helps(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    library.write(BROKEN)
    await book.refresh()
    assert remedies(library) == [
        "Mend it; until then the prompts that were read last stay in force, and none can be added."
    ]
    library.path.unlink()
    await book.refresh()
    assert remedies(library) == [
        "Put it back, or add a prompt: then it is written anew with those that are in force still."
    ]


async def test_a_directory_that_can_not_be_written_is_a_line_of_the_log(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.directory.symlink_to("nowhere")
    await library.open()
    (line,) = [line for line in lines(caplog, logging.WARNING) if "directory" in line]
    assert line.startswith("The directory of prompts.yaml can't be written: [Errno 17] File exists")


async def test_a_prompt_that_is_there_is_told_by_its_place(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b\n    enabled: false"))
    with pytest.raises(PromptError, match=r"^This prompt is there already: it is prompt 1\.$"):
        await book.add("a")
    off = r"^This prompt is there already: it is prompt 2, which is switched off\.$"
    with pytest.raises(PromptError, match=off):
        await book.add("b")


async def test_a_preview_shows_the_negative_part_too(library: Library) -> None:
    book = await library.open("prompts: []\nglobal_placeholders: {a: [x]}\n")
    assert book.preview(" [[a]] ", negative=" no [[a]]\n").texts == (PromptText("x", "no x"),)
    assert book.preview("[[a]]", negative=None).texts == (PromptText("x", None),)
    assert book.preview("[[a]]", negative="").longest == PromptText("x", None)


async def test_an_edit_keeps_a_prompt_switched_off_and_its_comments(library: Library) -> None:
    book = await library.open("prompts:\n# the first\n- idx: 1\n  prompt: a\n# mine\n- idx: 2\n  prompt: b\n")
    first, second = book.all()
    await book.edit(second.id, changes=PromptChanges(enabled=False))
    await book.edit(second.id, changes=PromptChanges(prompt="c"))
    await book.edit(first.id, changes=PromptChanges(negative="fog"))
    assert [prompt.enabled for prompt in book.all()] == [True, False]
    assert library.read() == (
        "prompts:\n# the first\n- idx: 1\n  prompt: a\n  negative: fog\n"
        "# mine\n- idx: 2\n  prompt: c\n  enabled: false\n"
    )
