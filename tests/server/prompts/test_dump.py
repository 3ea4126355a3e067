import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageserver.prompts.dump import dump, dump_entry
from imageserver.prompts.file import Document, Entry, parse

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(str.strip)
LISTS = st.dictionaries(
    TEXTS.filter(lambda name: name != "<<"), st.lists(TEXTS, max_size=3).map(tuple), max_size=3
)
ENTRIES = st.builds(
    Entry,
    prompt=TEXTS,
    negative=TEXTS.map(lambda text: text or None),
    placeholders=LISTS,
    enabled=st.booleans(),
    extra=st.dictionaries(st.sampled_from(["code", "note"]), TEXTS | st.lists(TEXTS, max_size=2), max_size=2),
)


def test_a_file_looks_as_the_description_shows_it() -> None:
    document = Document(
        entries=(
            Entry(
                prompt="[[color]] робот 🤖",
                negative="fog",
                placeholders={"weapon": ("автомат", "бластер")},
                enabled=False,
            ),
            Entry(prompt="кукушка"),
        ),
        global_placeholders={"color": ("красный",)},
        extra={"mine": ["a"]},
    )
    assert dump(document) == (
        "prompts:\n"
        "    - idx: 1\n"
        "      prompt: '[[color]] робот 🤖'\n"
        "      negative: fog\n"
        "      placeholders:\n"
        "        weapon:\n"
        "          - автомат\n"
        "          - бластер\n"
        "      enabled: false\n"
        "    - idx: 2\n"
        "      prompt: кукушка\n"
        "global_placeholders:\n"
        "    color:\n"
        "      - красный\n"
        "mine:\n"
        "  - a\n"
    )


def test_a_long_prompt_stays_one_line() -> None:
    prompt = "a very long prompt, " * 90
    assert dump_entry(Entry(prompt=prompt.strip()), 1).count("\n") == 2


def test_a_prompt_of_several_lines_stays_readable() -> None:
    assert dump_entry(Entry(prompt="a cat\n\non a roof"), 3, indent=0) == (
        "- idx: 3\n  prompt: |-\n    a cat\n\n    on a roof\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        "12",
        "yes",
        "12:30",
        "2026-11-24",
        "null",
        "~",
        "",
        "- a",
        "a: b",
        "#",
        "<<",
        "a\x85b",
        "a\u2028\nb",
        "a\r\nb",
    ],
)
def test_text_that_looks_like_something_else_reads_as_the_same_text(value: str) -> None:
    document = Document(entries=(Entry(prompt=value, placeholders={"a": (value,)}),))
    assert parse(dump(document)) == document


def test_no_prompts_are_an_empty_list() -> None:
    assert dump(Document()) == "prompts: []\n"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.builds(Document, entries=st.lists(ENTRIES, max_size=3).map(tuple), global_placeholders=LISTS))
def test_whatever_is_written_reads_as_the_same(document: Document) -> None:
    reread = parse(dump(document))
    assert reread == document
    assert reread.orderly
