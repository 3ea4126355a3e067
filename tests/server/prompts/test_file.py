import pytest

from imageserver.exceptions import UnreadableFileError
from imageserver.models import PromptText
from imageserver.prompts.file import Document, Entry, parse

README_EXAMPLE = """\
prompts:
    - idx: 1
      prompt: '[[color]] робот-человек с крупными [[color]] глазами. Держит в руках [[weapon]]'
      placeholders:
        weapon:
        - автомат
        - бластер
    - idx: 2
      prompt: кукушка
global_placeholders:
    weapon:
      - камень
      - топор
    color:
      - кроваво красный
      - золотой
"""


def prompts(text: str) -> list[str]:
    return [entry.prompt for entry in parse(text).entries]


def notes(text: str) -> list[tuple[str, int | None, int | None]]:
    return [(note.text, note.idx, note.line) for note in parse(text).notes]


def test_the_example_of_the_description_is_read() -> None:
    document = parse(README_EXAMPLE.encode())
    assert document == Document(
        entries=(
            Entry(
                prompt="[[color]] робот-человек с крупными [[color]] глазами. Держит в руках [[weapon]]",
                placeholders={"weapon": ("автомат", "бластер")},
            ),
            Entry(prompt="кукушка"),
        ),
        global_placeholders={"weapon": ("камень", "топор"), "color": ("кроваво красный", "золотой")},
    )
    assert document.notes == ()
    assert document.orderly


def test_json_of_the_old_server_is_read() -> None:
    text = '{"prompts": [{"idx": 1, "prompt": "test"}, {"idx": 2, "prompt": "a", "negative": "b"}]}'
    assert [entry.text for entry in parse(text).entries] == [PromptText("test"), PromptText("a", "b")]


def test_every_field_is_read() -> None:
    (entry,) = parse(
        "prompts:\n- idx: 1\n  prompt: a cat\n  negative: fog\n  enabled: no\n  mood: 5\n"
        "  placeholders: {a: [x, y]}\n"
    ).entries
    assert entry == Entry(
        prompt="a cat",
        negative="fog",
        placeholders={"a": ("x", "y")},
        enabled=False,
        extra={"mood": "5"},
    )


def test_both_spellings_of_a_prompts_own_lists_are_read_and_the_shorter_wins() -> None:
    (entry,) = parse(
        "prompts:\n- idx: 1\n  prompt: x\n  global_placeholders: {a: [1], b: [2]}\n  placeholders: {a: [3]}\n"
    ).entries
    assert entry.placeholders == {"a": ("3",), "b": ("2",)}


@pytest.mark.parametrize("value", ["12", "yes", "12:30", "2026-11-24", "1.0", "0x10", "007", "1_000", ".inf"])
def test_text_is_text(value: str) -> None:
    document = parse(
        f"prompts:\n- idx: 1\n  prompt: {value}\n  negative: {value}\n"
        f"global_placeholders:\n  {value}: [{value}]\n"
    )
    assert document.entries == (Entry(prompt=value, negative=value),)
    assert document.global_placeholders == {value: (value,)}


def test_white_space_around_a_prompt_is_no_part_of_it() -> None:
    text = "prompts:\n- idx: 1\n  prompt: |\n    a cat\n    on a roof\n\n  negative: '  '\n"
    assert parse(text).entries == (Entry(prompt="a cat\non a roof"),)


@pytest.mark.parametrize("empty", ["prompts:", "prompts: []", "prompts: null\nglobal_placeholders:"])
def test_a_file_may_hold_no_prompt(empty: str) -> None:
    assert parse(empty) == Document()


def test_one_value_needs_no_list_and_empty_lines_of_a_list_are_no_values() -> None:
    text = "prompts: []\nglobal_placeholders:\n  a: red\n  b:\n    - x\n    -\n    - ''\n  c:\n"
    assert parse(text).global_placeholders == {"a": ("red",), "b": ("x", ""), "c": ()}


def test_prompts_may_be_mere_lines() -> None:
    text = "prompts:\n  - a cat\n  - a dog\n"
    assert prompts(text) == ["a cat", "a dog"]
    assert notes(text) == [
        ("idx is missing: it counts as 1.", 1, 2),
        ("idx is missing: it counts as 2.", 2, 3),
    ]


@pytest.mark.parametrize(
    ("numbers", "order", "said"),
    [
        (["2", "1"], "ba", []),
        (["5"], "a", ["found 5"]),
        (["1", "2", "10"], "abc", ["found 1, 2, 10"]),
        (["2", "2", "1"], "cab", ["idx 2 is there already: it counts as 3."]),
        (["", "1"], "ba", ["idx is missing: it counts as 2."]),
        (["one", "", "1"], "cab", ["idx one is not a number: it counts as 2.", "idx is missing"]),
        (["-3", "0"], "ab", ["found -3, 0"]),
        (["1.0", "2"], "ba", ["idx 1.0 is not a number", "found 2"]),
    ],
)
def test_wrong_counting_is_mended_and_said(numbers: list[str], order: str, said: list[str]) -> None:
    text = "prompts:\n" + "".join(
        f"  - idx: {number}\n    prompt: {name}\n" for number, name in zip(numbers, "abc", strict=False)
    )
    document = parse(text)
    assert [entry.prompt for entry in document.entries] == list(order)
    assert len(document.notes) == len(said)
    assert all(words in note.text for words, note in zip(said, document.notes, strict=True))
    assert not document.orderly


def test_unknown_keys_are_kept_and_each_is_said_once() -> None:
    text = "prompts:\n- {idx: 1, prompt: a, code: x}\n- {idx: 2, prompt: b, code: y}\nmore: [1]\n"
    document = parse(text)
    assert document.extra == {"more": ["1"]}
    assert [entry.extra for entry in document.entries] == [{"code": "x"}, {"code": "y"}]
    assert notes(text) == [
        ("The key more is not known here and means nothing.", None, 4),
        ("The key code is not known in a prompt and means nothing.", 1, 2),
    ]


def test_an_enabled_that_is_neither_is_true_and_said() -> None:
    text = "prompts:\n- idx: 1\n  prompt: a\n  enabled: maybe\n"
    assert parse(text).entries[0].enabled
    assert notes(text) == [("enabled is maybe, neither true nor false: it counts as true.", 1, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("# nothing yet\n", "it is empty"),
        ("- a\n- b\n", "line 1: the file has to be keys"),
        ("global_placeholders: {}\n", "line 1: the key prompts is missing"),
        ("# x\nprompts: a cat\n", "line 2: prompts has to be a list"),
        ("prompts:\n  - [a]\n", "line 2: each of prompts has to be keys"),
        ("prompts:\n  - idx: 1\n    prompt: [a]\n", "line 3: prompt has to be a text"),
        (
            "prompts:\n  - idx: 1\n    prompt: a\n    placeholders: [a]\n",
            "line 4: placeholders has to be keys",
        ),
        ("prompts: []\nglobal_placeholders:\n  a:\n    - [x]\n", "line 3: each value of a has to be a text"),
        ("prompts: []\nglobal_placeholders:\n  a: {x: y}\n", "line 3: a has to be a list"),
        ("prompts:\n  - idx: 1\n prompt: a\n", "line 3, column 2: "),
        ("prompts: []\nprompts: []\n", "line 2, column 1: "),
        ("prompts:\n  - prompt: 'cut o", "line "),
        ("x: &x {prompt: [a]}\nprompts:\n  - idx: 1\n    <<: *x\n", "line 3: prompt has to be a text"),
    ],
)
def test_what_can_not_be_understood_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UnreadableFileError) as raised:
        parse(text)
    assert str(raised.value).startswith(message)


def test_a_file_that_is_not_utf_8_is_refused_with_line_and_column() -> None:
    with pytest.raises(UnreadableFileError, match=r"line 2, column 13: .*UTF-8"):
        parse("prompts:\n  - prompt: кот\n".encode("cp1251"))


def test_a_byte_order_mark_is_no_part_of_it() -> None:
    assert parse("prompts: []\n".encode("utf-8-sig")) == Document()


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(UnreadableFileError, match="more than"):
        parse("\n".join([*lines, "prompts: []"]))


def test_lists_may_be_shared_by_an_alias() -> None:
    text = (
        "prompts:\n- {idx: 1, prompt: a, placeholders: &p {x: [y]}}\n"
        "- {idx: 2, prompt: b, placeholders: *p}\n"
    )
    assert [entry.placeholders for entry in parse(text).entries] == [{"x": ("y",)}] * 2
