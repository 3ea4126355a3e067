import itertools
import unicodedata
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageserver.models import PromptText
from imageserver.prompts.templates import Flaw, Lists, expand, flaws, longest, merged, names, shortest

COLOURS = {"color": ("red", "green", "dark blue")}
ALLOWED = "the name of a placeholder has letters, digits, _ and - only"


def expanded(prompt: str, lists: Lists, seed: int = 1) -> str:
    return expand(PromptText(prompt), lists, Random(seed)).prompt


def all_expansions(text: PromptText, lists: Lists, times: int = 300) -> list[PromptText]:
    random = Random(7)
    return [expand(text, lists, random) for _ in range(times)]


def test_a_placeholder_becomes_one_of_its_values_and_each_has_its_turn() -> None:
    texts = {text.prompt for text in all_expansions(PromptText("a [[color]] robot"), COLOURS)}
    assert texts == {"a red robot", "a green robot", "a dark blue robot"}


def test_a_simple_prompt_stays_as_it_is() -> None:
    assert expand(PromptText("[cuckoo] {x} $1 \\g<0>", "fog"), COLOURS, Random(1)) == PromptText(
        "[cuckoo] {x} $1 \\g<0>", "fog"
    )


@pytest.mark.parametrize(
    "written",
    ["[[цвет]]", "[[色]]", "[[रंग]]", "[[eye-color_2]]", "[[2]]", "[[ цвет ]]", "[[\tцвет]]", "[[می‌خواهم]]"],
)
def test_names_are_words_of_any_script(written: str) -> None:
    name = written.strip("[] \t")
    lists = merged({name: ["red"]}, {})
    assert expanded(f"a {written} cat", lists) == "a red cat"
    assert names(PromptText(written)) == {name}
    assert flaws(written, lists) == []


def test_a_name_is_the_same_however_its_letters_are_composed() -> None:
    name = "трёйка"
    decomposed = unicodedata.normalize("NFD", name)
    assert decomposed != name
    assert expanded(f"[[{decomposed}]]", merged({name: ["three"]}, {})) == "three"
    assert expanded(f"[[{name}]]", merged({decomposed: ["three"]}, {})) == "three"


def test_case_matters_and_the_finding_says_so() -> None:
    assert expanded("[[Color]]", COLOURS) == "[[Color]]"
    (flaw,) = flaws("[[Color]]", COLOURS)
    assert flaw.text == "[[Color]] has no values and stays as it is: there is a list color, and case matters."


def test_an_own_list_hides_the_shared_one_of_the_same_name() -> None:
    lists = merged({"weapon": ["blaster"]}, {"weapon": ["axe", "stone"], "color": ["red"]})
    assert lists == {"weapon": ["blaster"], "color": ["red"]}


def test_an_empty_list_hides_nothing() -> None:
    assert merged({"weapon": []}, {"weapon": ["axe"]}) == {"weapon": ["axe"]}
    assert merged({"weapon": []}, {}) == {}


def test_values_are_not_expanded_again() -> None:
    lists = {"pet": ["[[color]] cat"], "color": ["red"]}
    assert expanded("[[pet]] and [[color]]", lists) == "[[color]] cat and red"


def test_equal_placeholders_get_different_values_while_the_list_lasts() -> None:
    for text in all_expansions(PromptText("[[n]] [[n]] [[n]]", "[[n]]"), {"n": "abcd"}):
        assert text.negative is not None
        assert sorted([*text.prompt.split(), text.negative]) == list("abcd")


def test_a_list_that_is_used_up_begins_again_in_a_new_order() -> None:
    rounds = set()
    for text in all_expansions(PromptText("[[n]]" * 7), {"n": "abc"}):
        first, second, rest = text.prompt[:3], text.prompt[3:6], text.prompt[6:]
        assert sorted(first) == sorted(second) == list("abc")
        assert rest in "abc"
        rounds.add(first == second)
    assert rounds == {True, False}


def test_a_value_that_stands_there_twice_comes_first_twice_as_often_but_only_once_a_prompt() -> None:
    texts = all_expansions(PromptText("[[n]][[n]]"), {"n": ["a", "a", "b"]}, times=3000)
    assert {text.prompt for text in texts} == {"ab", "ba"}
    assert 1850 < sum(text.prompt == "ab" for text in texts) < 2150


def test_a_negative_part_that_expands_to_nothing_is_none() -> None:
    assert expand(PromptText("cat", "[[n]]"), {"n": [""]}, Random(1)) == PromptText("cat")
    assert expand(PromptText("cat", " "), {}, Random(1)) == PromptText("cat")


def test_a_prompt_without_a_negative_part_gets_none() -> None:
    assert expand(PromptText("[[color]]"), {"color": ["red"]}, Random(1)) == PromptText("red", None)


def test_names_are_those_of_both_parts() -> None:
    assert names(PromptText("[[a]] [[ b ]] [[no name]] [[", "[[c]]")) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "marked", "placeholder", "words"),
    [
        ("a [[weapon]]", "[[weapon]]", "weapon", "has no values and stays as it is."),
        ("a [[ weapon ]]", "[[ weapon ]]", "weapon", "has no values and stays as it is."),
        ("a [[dark color]]", "[[dark color]]", None, f"stays as it is: {ALLOWED}."),
        ("a [[]]", "[[]]", None, f"stays as it is: {ALLOWED}."),
        ("a [[a=b]]", "[[a=b]]", None, f"stays as it is: {ALLOWED}."),
        ("a [[color] cat", "[[", None, "has no ]] after it and stays as it is."),
        ("a color]] cat", "]]", None, "has no [[ before it and stays as it is."),
        ("a [[color and [[color]]", "[[", None, "has no ]] after it and stays as it is."),
    ],
)
def test_what_looks_like_a_placeholder_and_is_none_is_pointed_at(
    text: str, marked: str, placeholder: str | None, words: str
) -> None:
    start = text.index(marked)
    assert flaws(text, COLOURS) == [Flaw(f"{marked} {words}", start, start + len(marked), placeholder)]


@pytest.mark.parametrize("text", ["a [[color]] cat", "a [[[color]]] cat", "[a] ][ b]", "", "x[0][1]"])
def test_what_is_right_has_no_flaw(text: str) -> None:
    assert flaws(text, COLOURS) == []


def test_extra_brackets_stay_around_the_value() -> None:
    assert expanded("[[[color]]]", {"color": ["red"]}) == "[red]"


WORDS = st.text("ab [].-_я\u0306", max_size=6)
NAMES = st.sampled_from(["a", "b", "я"])
LISTS = st.dictionaries(NAMES, st.lists(st.text("xy", max_size=4), min_size=1, max_size=4))
PIECES = st.lists(st.one_of(WORDS, NAMES.map(lambda name: f"[[{name}]]")), max_size=5).map("".join)


def every_expansion(text: str, lists: Lists) -> set[str]:
    """Write every text that the rules allow, by hand and slowly."""
    results = set()
    pieces = text.split("|")
    uses = {name: pieces.count(f"[[{name}]]") for name in lists}
    orders = [[(name, order) for order in all_orders(lists[name], uses[name])] for name in lists]
    for choice in itertools.product(*orders):
        left = {name: list(order) for name, order in choice}
        results.add("".join(left[piece[2:-2]].pop(0) if piece[2:-2] in left else piece for piece in pieces))
    return results


def all_orders(values: Sequence[str], uses: int) -> set[tuple[str, ...]]:
    distinct = tuple(dict.fromkeys(values))
    rounds = -(-uses // len(distinct))
    permutations = itertools.product(itertools.permutations(distinct), repeat=rounds)
    return {tuple(itertools.chain(*order))[:uses] for order in permutations}


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("[[a]]| and |[[a]]", {"a": ("x", "yyy", "zz")}),
        ("[[a]]|[[a]]|[[a]]", {"a": ("x", "yyy")}),
        ("[[a]]|[[b]]|[[a]]|!", {"a": ("x", "yyy", "zz"), "b": ("", "long one")}),
        ("[[a]]|[[a]]", {"a": ("yyy", "yyy", "z")}),
        ("[[a]]|[[c]]", {"a": ("yyy", "z")}),
    ],
)
def test_lengths_are_exact_and_nothing_but_what_the_rules_allow_is_drawn(text: str, lists: Lists) -> None:
    allowed = every_expansion(text, lists)
    written = PromptText(text.replace("|", ""))
    assert {drawn.prompt for drawn in all_expansions(written, lists)} == allowed
    assert len(longest(written, lists).prompt) == max(map(len, allowed))
    assert len(shortest(written, lists).prompt) == min(map(len, allowed))


def test_the_longest_values_go_to_the_prompt() -> None:
    assert longest(PromptText("[[n]]", "[[n]]"), {"n": ["x", "long", "yy"]}) == PromptText("long", "yy")


@settings(max_examples=500, deadline=None, derandomize=True)
@given(prompt=PIECES, negative=PIECES, lists=LISTS, seed=st.integers(0, 9))
def test_no_text_hangs_or_raises_and_no_expansion_leaves_its_bounds(
    prompt: str, negative: str, lists: Lists, seed: int
) -> None:
    text = PromptText(prompt, negative)
    drawn = expand(text, lists, Random(seed))
    for part in (prompt, negative):
        assert all(part[flaw.start : flaw.end] for flaw in flaws(part, lists))
    low, high = shortest(text, lists), longest(text, lists)
    total = len(drawn.prompt) + len(drawn.negative or "")
    assert len(low.prompt) <= len(drawn.prompt) <= len(high.prompt)
    assert total <= len(high.prompt) + len(high.negative or "")


@pytest.mark.parametrize("brackets", ["[[", "]]", "[[a", "[[a]", "[", "[[ ", "[[a]] "])
def test_a_long_text_of_brackets_takes_no_long_time(brackets: str) -> None:
    text = brackets * 20_000
    assert len(expanded(text, {"a": ["b"]})) <= len(text)
    assert len(flaws(text, {})) <= len(text)


def test_a_hundred_thousand_random_texts_pass() -> None:
    random = Random(5)
    lists = {"a": ["[[a]]", "]]"], "я": ["", "[["]}
    for _ in range(100_000):
        text = "".join(random.choices("[]aя -\n", k=random.randrange(12)))
        expand(PromptText(text, text), lists, random)
        flaws(text, lists)
