"""Templates, against a reader that looks at one sign after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from imageserver.models import PromptText
from imageserver.prompts import templates
from tests.faults.oracles.property import Property

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMES = ("color", "цвет", "eye-color_2", "2", "ü", "Color", "none", "empty")
_PIECES = (
    *(f"[[{name}]]" for name in _NAMES),
    *(
        "[[ color ]]",
        "[[\tцвет]]",
        "[[u\u0308]]",
        "[[co lor]]",
        "[[]]",
        "[[color]",
        "[color]]",
        "[[[color]]]",
        "[[[[",
    ),
    *(
        "]]",
        "[",
        "]",
        " ",
        "a robot",
        "\\g<0>",
        "{color}",
        "$1",
        "\n",
        "[[color]][[color]]",
        "[[a[[color]]b]]",
    ),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A text with its lists; every value is recognizable in what it becomes."""

    prompt: str
    negative: str | None
    lists: dict[str, tuple[str, ...]]
    seed: int


def _lists() -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    def values(name: str) -> st.SearchStrategy[tuple[str, ...]]:
        inside = st.sampled_from(["", " x ", "[[color]]", "]]", "[[", "\\1"])
        return st.lists(inside, min_size=1, max_size=4).map(
            lambda found: tuple(f"<{name}{number}|{text}>" for number, text in enumerate(found))
        )

    known = [name for name in _NAMES if name not in {"none", "empty"}]
    return st.fixed_dictionaries({}, optional={name: values(name) for name in known}).map(
        lambda lists: {**lists, "empty": ()}
    )


_TRIALS = st.builds(
    Trial,
    prompt=st.lists(st.sampled_from(_PIECES), max_size=8).map("".join),
    negative=st.none() | st.lists(st.sampled_from(_PIECES), max_size=4).map("".join),
    lists=_lists(),
    seed=st.integers(0, 2**32),
)


def _pieces(text: str, lists: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str | None]]:
    """Cut a text into what stays, and placeholders with their names: two brackets, none, two brackets."""
    at = 0
    while at < len(text):
        name = _name_at(text, at)
        if name is None or not lists.get(name):
            yield text[at], None
            at += 1
        else:
            end = text.index("]]", at) + 2
            yield text[at:end], name
            at = end


def _name_at(text: str, at: int) -> str | None:
    if not text.startswith("[[", at):
        return None
    end = at + 2
    while end < len(text) and text[end] not in "[]":
        end += 1
    written = text[at + 2 : end].strip()
    return {"u\u0308": "ü"}.get(written, written) if text.startswith("]]", end) else None


def _drawn(text: str, became: str, lists: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return the values that placeholders became, in order; fails where anything else has changed."""
    drawn = []
    at = 0
    for piece, name in _pieces(text, lists):
        if name is None:
            assert became.startswith(piece, at), f"{text!r} became {became!r}"
            at += len(piece)
        else:
            value = re.compile(r"<[^|]*\|[^>]*>").match(became, at)
            assert value is not None, f"{piece} of {text!r} became nothing in {became!r}"
            drawn.append((name, value[0]))
            at = value.end()
    assert at == len(became), f"{text!r} became {became!r}"
    return drawn


def _is_expanded_as_described(trial: Trial) -> None:
    lists = templates.merged({}, trial.lists)
    text = PromptText(trial.prompt, trial.negative)
    result = templates.expand(text, lists, Random(trial.seed))
    drawn = _drawn(trial.prompt, result.prompt, trial.lists)
    if result.negative is None:
        assert not (trial.negative or "").strip()
    else:
        drawn += _drawn(trial.negative or "", result.negative, trial.lists)
    for name, values in trial.lists.items():
        _check_without_replacement([value for found, value in drawn if found == name], values)
    _check_bounds(text, result, lists)
    assert templates.expand(text, lists, Random(trial.seed)) == result


def _check_without_replacement(drawn: Sequence[str], values: Sequence[str]) -> None:
    assert set(drawn) <= set(values)
    for start in range(0, len(drawn), max(1, len(values))):
        round_ = drawn[start : start + len(values)]
        assert len(set(round_)) == len(round_), f"{round_} of {values}"


def _check_bounds(text: PromptText, result: PromptText, lists: templates.Lists) -> None:
    def length(one: PromptText) -> int:
        return len(one.prompt) + len(one.negative or "")

    assert length(templates.shortest(text, lists)) <= length(result) <= length(templates.longest(text, lists))


PROPERTIES = {
    "A placeholder becomes each of its values before one comes again, and nothing else changes": Property(
        _TRIALS, _is_expanded_as_described, 120
    )
}
