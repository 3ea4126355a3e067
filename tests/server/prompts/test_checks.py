"""What is taken for a prompt from a person, and what becomes of it."""

from __future__ import annotations

import pytest

from imageserver.exceptions import Mistake, PromptError
from imageserver.models import PromptText
from imageserver.prompts.checks import accepted, accepted_lists, check, edited
from imageserver.prompts.file import Entry
from imageserver.prompts.prompt import PromptChanges, PromptSettings
from imageserver.settings import Settings


def message(prompt: str, negative: str | None = None) -> str:
    with pytest.raises(PromptError) as caught:
        accepted(prompt, negative, {}, enabled=True)
    return str(caught.value)


def test_lines_end_as_in_a_file_whatever_a_browser_sends() -> None:
    entry = accepted(" a\r\nb\r\n", "\r\n c\r\nd", {}, enabled=True)
    assert entry == Entry(prompt="a\nb", negative="c\nd")
    assert accepted_lists({"n": ["x\r\ny "]}) == {"n": ("x\ny",)}


@pytest.mark.parametrize(("names", "end"), [(10, "only"), (13, "; and 3 more")])
def test_of_many_mistakes_ten_are_told_and_the_others_counted(names: int, end: str) -> None:
    with pytest.raises(PromptError) as caught:
        accepted_lists({f"no name {number}": ["x"] for number in range(names)})
    assert len(caught.value.mistakes) == names
    told = str(caught.value)
    assert told.count("placeholders.") == 10
    assert told.endswith(end)


def test_what_is_kept_is_as_it_was_sent() -> None:
    lists = {"n": ("1",)}
    entry = accepted("a", "b", lists, enabled=False)
    assert entry == Entry(prompt="a", negative="b", placeholders=lists, enabled=False)
    assert accepted("a", "  ", {}, enabled=True) == Entry(prompt="a")


def test_what_is_refused_is_said_with_what_would_be_right() -> None:
    assert message("") == "The prompt is empty: say what is to be drawn."
    assert message("x" * 2001) == "The prompt has 2001 characters, but at most 2000 are taken."
    assert message("a", "x" * 2001) == "The negative part has 2001 characters, but at most 2000 are taken."
    assert message("a\x1b") == "The prompt has a control character (U+001B), which has no place in it."


def test_every_list_that_can_not_be_kept_is_said_with_its_place() -> None:
    with pytest.raises(PromptError) as caught:
        accepted_lists({"a b": ["x"], "n": ["ok", "\x1b", "y" * 2001]})
    mistakes = (
        Mistake("placeholders.a b", "the name of a placeholder has letters, digits, _ and - only"),
        Mistake("placeholders.n", "a value has a control character (U+001B), which has no place in it"),
        Mistake("placeholders.n", "a value has 2001 characters, but at most 2000 are taken"),
    )
    assert caught.value.mistakes == mistakes
    assert str(caught.value) == "; ".join(map(str, mistakes))


@pytest.mark.parametrize(
    "changes", [PromptChanges(prompt="b"), PromptChanges(negative="b"), PromptChanges(placeholders={"n": []})]
)
def test_an_edit_of_the_words_leaves_everything_else(changes: PromptChanges) -> None:
    entry = Entry(prompt="a", negative="fog", enabled=False, extra={"mood": "good"}, source=3)
    after = edited(entry, changes)
    assert after != entry
    assert (after.enabled, after.extra, after.source) == (False, {"mood": "good"}, 3)
    assert edited(after, PromptChanges(enabled=True)).enabled


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (Entry(prompt=""), "The prompt is empty: it is never drawn."),
        (
            Entry(prompt="[[n]]", placeholders={"n": ("a", " ")}),
            "The prompt can become empty, for a placeholder has an empty value: it is never drawn.",
        ),
    ],
)
def test_what_can_not_be_drawn_is_a_finding(entry: Entry, fault: str) -> None:
    checked = check(entry, {})
    assert not checked.drawable
    (finding,) = checked.findings
    assert finding.text == fault
    assert (finding.prompt_id, finding.idx, finding.line, finding.position) == (None, None, None, None)


def test_a_check_knows_the_lists_that_are_used_and_the_longest_text() -> None:
    entry = Entry(prompt="[[own]] [[shared]]", negative="[[own]]", placeholders={"own": ("a", "bb")}, line=7)
    checked = check(entry, {"shared": ("ccc",), "other": ("d",)}, prompt_id="id", idx=2)
    assert checked.lists == {"own": ("a", "bb"), "shared": ("ccc",)}
    assert checked.longest == PromptText("bb ccc", "a")
    assert checked.drawable
    assert (checked.id, checked.idx, checked.entry, checked.findings) == ("id", 2, entry, ())


def test_a_finding_knows_its_prompt_and_its_line() -> None:
    (finding,) = check(Entry(prompt="[[none]]", line=7), {}, prompt_id="id", idx=2).findings
    assert (finding.prompt_id, finding.idx, finding.line, finding.placeholder) == ("id", 2, 7, "none")


def test_the_book_takes_its_part_of_the_settings() -> None:
    settings = Settings(prompts_amount=7, frame_prompts_per_day=3, protect_prompts=False)
    assert PromptSettings.of(settings) == PromptSettings(amount=7, from_frames_per_day=3, protected=False)
