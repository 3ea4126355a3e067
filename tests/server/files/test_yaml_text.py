from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from imageserver.exceptions import UnreadableFileError
from imageserver.files.yaml_text import MAX_DEPTH, MAX_NODES, Text, dump, load

if TYPE_CHECKING:
    from imageserver.models import Json

BILLION_LAUGHS = "a0: &a0 [ha, ha]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 28)
)


@pytest.mark.parametrize(
    "written",
    [
        "23:00",
        "1:2:3",
        "2026-11-24",
        "yes",
        "No",
        "on",
        "off",
        "true",
        "007",
        "0x1F",
        "1_000",
        "1e3",
        ".inf",
        "12",
    ],
)
@pytest.mark.parametrize("form", ["{}", "'{}'", '"{}"', "!!str {}"])
def test_text_stays_as_it_is_written(written: str, form: str) -> None:
    text = form.format(written)
    assert load(f"key: {text}\nlist: [{text}]\n") == {"key": written, "list": [written]}


def test_keys_stay_as_they_are_written_too() -> None:
    assert load("on: a\n12: b\n~: c\n") == {"on": "a", "12": "b", "~": "c"}


@pytest.mark.parametrize("written", ["", " ", "~", "null", "Null", "NULL", "# nothing"])
def test_nothing_is_none(written: str) -> None:
    assert load(f"key: {written}\n") == {"key": None}


def test_a_character_that_is_escaped_in_halves_as_json_does_it_is_whole() -> None:
    assert load(json.dumps({"a": "😀"})) == {"a": "😀"}


@pytest.mark.parametrize("written", ["'null'", '""', "'~'", "nULL", "!!str null"])
def test_quoted_nothing_is_text(written: str) -> None:
    value = load(f"key: {written}\n")
    assert isinstance(value, dict)
    assert isinstance(value["key"], str)


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    assert load(text) is None


def test_russian_emoji_and_blocks_are_text() -> None:
    text = "prompt: |\n  Робот 🤖\n  [[цвет]]\nfolded: >-\n  one\n  two\n"
    assert load(text.encode()) == {"prompt": "Робот 🤖\n[[цвет]]\n", "folded": "one two"}


def test_aliases_and_merge_keys_work() -> None:
    text = """
    night: &night {start_time: 23:00, end_time: 08:00}
    day: &day {start_time: 12:00, black: no}
    copy: *night
    mine: {<<: [*night, *day], end_time: 09:00}
    one: {<<: *day}
    """
    assert load(text) == {
        "night": {"start_time": "23:00", "end_time": "08:00"},
        "day": {"start_time": "12:00", "black": "no"},
        "copy": {"start_time": "23:00", "end_time": "08:00"},
        "mine": {"start_time": "23:00", "end_time": "09:00", "black": "no"},
        "one": {"start_time": "12:00", "black": "no"},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' is there twice, first in line 1"),
        ("x:\n  - k: 1\n    'k': 2\n", "line 3, column 5: the key 'k' is there twice, first in line 2"),
        ("a:\n\tb: 1\n", "line 2, column 1: a tab can't stand here"),
        ("a: b: c\n", "line 1, column 5: a colon that begins no value"),
        ("a: 1\n b: 2\n", "line 2, column 3: a colon that begins no value"),
        ("- a\nb: 1\n", "line 2, column 1: the indentation does not fit"),
        ("a: @x\n", "line 1, column 4: text that begins with this character needs quotes"),
        ("цвет: [1, 2\n", "line 2, column 1: a comma is missing here, or a closing bracket"),
        ("a: 'x\n", "line 2, column 1: quotes that were opened above are not closed"),
        ("a: 'x\n---\n", "line 2, column 1: quotes that were opened above are not closed"),
        ("a\nb: 1\n", "line 2, column 2: a colon that begins no value"),
        ("a: 1\nb\n", "line 3, column 1: a key without a colon"),
        ('a: "C:\\Users"\n', "line 1, column 9: in double quotes a \\ begins an escape; use single ones"),
        ("a: > b\n", "line 1, column 6: text of several lines begins below its | or >"),
        ("a: &x 1\nb: &x 2\n", "line 2, column 4: an anchor (&) of this name is there already"),
        ("a: [1}\n", "line 1, column 6: a comma is missing here, or a closing bracket"),
        ("%YAML 2.0\n---\na: 1\n", "line 1, column 1: a line that begins with % has no place here"),
        ("a: - b\n", "line 1, column 4: the indentation does not fit"),
        ("a: *x\n", "line 1, column 4: text that begins with this character needs quotes"),
        ("a: !my!key b\n", "line 1, column 4: text that begins with this character needs quotes"),
        ("a: 1\n---\nb: 1\n", "line 2, column 1: a second document"),
        ("a: !!python/object/apply:os.system ['x']\n", "line 1, column 4: tags"),
        ("a: !!binary aGk=\n", "line 1, column 4: tags"),
        ("a: !!null b\n", "line 1, column 4: tags"),
        ("!!seq {a: b}\n", "line 1, column 1: tags"),
        ("a: !mine\n  b: 1\n", "line 1, column 4: tags"),
        ("? [a]\n: b\n", "line 1, column 3: a key must be text"),
        ("a: {<<: 1}\n", "line 1, column 9: what is merged"),
        ("a: &a [*a]\n", f"line 1, column 4: nested deeper than {MAX_DEPTH} levels"),
        pytest.param(
            "[" * 100_000,
            f"line 1, column {MAX_DEPTH + 1}: nested deeper than {MAX_DEPTH}",
            id="deep brackets",
        ),
        pytest.param(
            "- " * 100_000,
            f"line 1, column {MAX_DEPTH * 2 + 1}: nested deeper than {MAX_DEPTH}",
            id="deep lists",
        ),
        pytest.param(
            f"[{'a,' * MAX_NODES}]", f"line 1, column {2 * MAX_NODES}: more than {MAX_NODES} keys", id="long"
        ),
        pytest.param(BILLION_LAUGHS, f"line 1, column 10: more than {MAX_NODES} keys", id="billion laughs"),
        ("a: \x00", "line 1, column 4: the control character U+0000"),
        ('a: "\\U00110000"\n', "line 1, column 7: a number that is far too large"),
        (f"%YAML 9{'9' * 5000}.1\n---\na: 1\n", "line 1, column 7: a number that is far too large"),
        ('a: "\\ud83d"\n', "line 1, column 4: an escape that stands for half a character"),
        ('"\\ude00": a\n', "line 1, column 1: an escape that stands for half a character"),
        (b"\xff", "line 1, column 1: byte 0xff is no UTF-8"),
    ],
)
def test_what_is_no_yaml_for_us_says_where_and_why(text: str | bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=f"^{re.escape(message)}") as caught:
        load(text)
    assert message.startswith(f"line {caught.value.line}, column {caught.value.column}: ")


def nested(leaves: st.SearchStrategy[Text]) -> st.SearchStrategy[Text]:
    keys = st.text(st.characters(exclude_categories=["C"]), max_size=8)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=20,
    )


@settings(max_examples=150, derandomize=True, deadline=None)
@given(nested(st.none() | st.text(st.characters(exclude_categories=["C"]), max_size=20)))
def test_whatever_is_written_is_read_again(value: Text) -> None:
    assert load(yaml.safe_dump(value, allow_unicode=True)) == value


@settings(max_examples=150, derandomize=True, deadline=None)
@given(nested(st.none() | st.text(max_size=20)))
def test_text_that_is_dumped_is_read_again(value: Text) -> None:
    assert load(dump(cast("Json", value))) == value


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)))
def test_others_read_what_is_dumped_as_it_was(values: list[Json]) -> None:
    assert yaml.safe_load(dump(values)) == values


def test_only_plain_words_are_dumped_without_quotes() -> None:
    value: Json = {"word": "ydArt", "path": "/media/aiframes", "time": "23:00", "yes": "no", "empty": ""}
    assert dump(value) == ("word: ydArt\npath: /media/aiframes\ntime: \"23:00\"\n'yes': 'no'\nempty: \"\"\n")


@pytest.mark.parametrize(
    ("number", "written"), [(0.03, "0.03"), (1e-7, "0.0000001"), (10.0, "10.0"), (1e20, f"1{'0' * 20}.0")]
)
def test_numbers_are_dumped_without_an_exponent(number: float, written: str) -> None:
    assert dump([number]) == f"- {written}\n"


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(st.sampled_from("ab:- \n'\"[]{}#&*!|>?,~<\t%@й"), max_size=40) | st.binary(max_size=20))
def test_rubbish_is_read_or_refused_in_our_own_words(rubbish: str | bytes) -> None:
    with suppress(UnreadableFileError):
        load(rubbish)


@pytest.mark.parametrize(
    "value", ["*{}", "!{}!x", '"{}', "[{}", "&{} x: y", '"{}\\q"', "@{}", "|{}", "{}: x", "!{} x"]
)
def test_a_message_never_repeats_a_value_which_may_be_a_key(value: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        load(f"api_key: {value.format('canary')}\n")
    assert "canary" not in str(caught.value)
