from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageserver.exceptions import UnreadableFileError
from imageserver.prompts.file import Document, Entry, parse
from imageserver.prompts.patch import rewritten

BY_HAND = """\
# My prompts 😀
prompts:   # the oldest first
    # animals
    - idx: 1
      prompt: "a cat"   # not the dog

    # birds
    - idx: 2
      prompt: >
        a cuckoo
        on a   clock
      negative: fog

# shared words
global_placeholders:
    color: [red, green]   # more to come
# the end
"""


def changed(old: str, change: Callable[[Document], Document]) -> str:
    before = parse(old)
    after = change(before)
    text, document = rewritten(old, before, after)
    assert document == after == parse(text)
    assert document.orderly
    return text


def test_what_is_added_comes_after_the_last_and_nothing_else_moves() -> None:
    text = changed(
        BY_HAND, lambda document: replace(document, entries=(*document.entries, Entry(prompt="owl")))
    )
    assert text == BY_HAND.replace("negative: fog\n", "negative: fog\n    - idx: 3\n      prompt: owl\n")


def test_what_is_removed_takes_its_lines_and_the_others_are_counted_anew() -> None:
    text = changed(BY_HAND, lambda document: replace(document, entries=document.entries[1:]))
    assert text == BY_HAND.replace(
        '- idx: 1\n      prompt: "a cat"   # not the dog\n\n    # birds\n', "\0"
    ).replace("    # animals\n    \0    - idx: 2", "    # animals\n\n    # birds\n    - idx: 1")


def test_what_is_edited_is_written_anew_below_its_comments() -> None:
    def edit(document: Document) -> Document:
        first, second = document.entries
        return replace(document, entries=(first, replace(second, prompt="an owl", negative=None)))

    start, end = BY_HAND.index("    - idx: 2"), BY_HAND.index("\n# shared")
    assert changed(BY_HAND, edit) == f"{BY_HAND[:start]}    - idx: 2\n      prompt: an owl\n{BY_HAND[end:]}"


def test_what_is_moved_takes_its_comments_along() -> None:
    text = changed(BY_HAND, lambda document: replace(document, entries=document.entries[::-1]))
    assert text.index("# birds") < text.index("- idx: 1\n      prompt: >") < text.index("- idx: 2\n")
    assert text.count("#") == BY_HAND.count("#")


def test_new_lists_stand_where_the_old_ones_stood() -> None:
    text = changed(BY_HAND, lambda document: replace(document, global_placeholders={"color": ("blue",)}))
    assert text == BY_HAND.replace("color: [red, green]   # more to come\n", "color:\n      - blue\n")


def test_lists_are_added_at_the_end_and_removed_with_their_key() -> None:
    old = "prompts:\n- idx: 1\n  prompt: a\n"
    text = changed(old, lambda document: replace(document, global_placeholders={"a": ("b",)}))
    assert text == f"{old}global_placeholders:\n    a:\n      - b\n"
    assert changed(text, lambda document: replace(document, global_placeholders={})) == old


def test_wrong_counting_is_mended_in_the_file_too() -> None:
    old = "prompts:\n- prompt: a # no idx\n- idx: 7\n  prompt: b # seven\n- idx: '7'\n  prompt: c\n"
    text = changed(old, lambda document: replace(document, entries=(*document.entries, Entry(prompt="d"))))
    assert text == (
        "prompts:\n- idx: 1\n  prompt: b # seven\n- idx: 2\n  prompt: c\n- idx: 3\n  prompt: a # no idx\n"
        "- idx: 4\n  prompt: d\n"
    )


def test_lines_keep_the_ends_that_they_have() -> None:
    old = "prompts:\r\n  - idx: 1\r\n    prompt: a # x\r\n"
    text = changed(old, lambda document: replace(document, entries=(*document.entries, Entry(prompt="b"))))
    assert text == f"{old}  - idx: 2\r\n    prompt: b\r\n"
    text = changed(
        old.removesuffix("\r\n"), lambda document: replace(document, global_placeholders={"a": ()})
    )
    assert text.splitlines() == [*old.splitlines(), "global_placeholders:", "    a: []"]


@pytest.mark.parametrize("above", ["", "\n", "# mine\n\n"])
@pytest.mark.parametrize("lists", ["{color: [red]} # words", "\n  color: [red]\n  # more of them\n"])
def test_lists_above_the_prompts_are_written_anew_where_they_stand(above: str, lists: str) -> None:
    prompts = "prompts:\n- idx: 1\n  prompt: a # mine\n"
    old = f"{above}global_placeholders: {lists}\n{prompts}"
    text = changed(old, lambda document: replace(document, global_placeholders={"color": ("blue",)}))
    assert text.startswith(f"{above}global_placeholders:\n    color:\n      - blue\n")
    assert text.endswith(prompts)


def test_comments_below_the_lists_stay_if_they_stand_at_the_edge() -> None:
    prompts = "prompts:\n- idx: 1\n  prompt: a\n"
    old = f"{prompts}global_placeholders:\n  a: [x]\n # to a\n# to all\n"
    text = changed(old, lambda document: replace(document, global_placeholders={}))
    assert text == f"{prompts}# to all\n"


@pytest.mark.parametrize(
    "old",
    [
        '{"prompts": [{"idx": 1, "prompt": "a"}]}',
        "prompts: [{idx: 1, prompt: a}]",
        "prompts:\n- {idx: 1, prompt: a}\n",
        "prompts:\n- a\n",
        "prompts: []\n",
        "x: &x {idx: 1, prompt: a}\nprompts:\n- *x\n",
        "prompts:\n- &x\n  idx: 1\n  prompt: a\n- <<: *x\n  idx: 2\n",
        "prompts:\n-\n  idx: 1\n  prompt: a\n-\n  idx: 2\n  prompt: b\n",
        "prompts:\n- idx: 1\n  prompt: a\n...\n",
        "---\nprompts:\n- idx: 1\n  prompt: |\n    a\n\n    # b\n",
        "prompts:\n- idx: 1\n  prompt: a\nglobal_placeholders: {}",
    ],
)
def test_whatever_a_file_looks_like_it_says_what_it_should_afterwards(old: str) -> None:
    def everything(document: Document) -> Document:
        entries = (Entry(prompt="new"), *document.entries[:0:-1], *document.entries[:1], Entry(prompt="last"))
        return replace(document, entries=entries, global_placeholders={"a": ("b",)})

    changed(old, everything)
    changed(old, lambda document: replace(document, entries=()))
    changed(old, lambda document: replace(document, entries=(*document.entries, Entry(prompt="last"))))


CHUNKS = st.sampled_from(
    [
        "- idx: 1\n  prompt: a",
        "- idx: 2\n  prompt: |\n    b\n\n    # no comment\n",
        "- prompt: c # c\n  negative: 'two\n    lines'\n",
        "- &a\n  idx: 9\n  prompt: e",
        "- *a",
        "- <<: *a\n  idx: 3",
        "-\n  prompt: f",
        "- {idx: 2, prompt: g}",
        "- h",
        "  placeholders: {x: [y]}",
        "  prompt: again",
        "  # indented",
        "# not indented",
        "    # deep",
        "",
    ]
)
ENDS = st.sampled_from(
    ["", "\nglobal_placeholders:\n  z: [w]\n", "\n# end\nmore: 1", "\n...", "\n\n  # end\n"]
)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(chunks=st.lists(CHUNKS, max_size=6), end=ENDS, seed=st.integers(0, 99))
def test_no_way_of_writing_a_file_makes_it_say_something_else(chunks: list[str], end: str, seed: int) -> None:
    old = "\n".join(["prompts:", *chunks]) + end
    try:
        parse(old)
    except UnreadableFileError:
        return

    def shuffle(document: Document) -> Document:
        random = Random(seed)
        entries = [*document.entries, Entry(prompt="new")]
        random.shuffle(entries)
        lists = random.choice([{}, {"a": ("b",)}, document.global_placeholders])
        return replace(document, entries=tuple(entries[seed % 3 :]), global_placeholders=lists)

    changed(old, shuffle)


def test_what_would_be_too_large_is_refused() -> None:
    before = parse("prompts: []\n")
    after = replace(before, entries=tuple(Entry(prompt="x" * 2000) for _ in range(600)))
    with pytest.raises(UnreadableFileError, match="bytes are too many"):
        rewritten("prompts: []\n", before, after)
