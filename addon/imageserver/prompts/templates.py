"""Texts with `[[placeholders]]`: what stands in them, what they become, how long they can get."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..models import PromptText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from random import Random

type Lists = Mapping[str, Sequence[str]]
"""Values by the name of their placeholder."""

type Order = Callable[[Sequence[str]], Iterator[str]]
"""Hands out the values of one list, one for each use, for ever."""

# A pair of brackets that is no placeholder is matched too: as something to point at.
_BRACKETS = re.compile(r"\[\[(?P<inside>[^\[\]]*)\]\]|\[\[(?!\[)|\]\]")

# Joiners are part of words in Persian and in scripts of India.
_OTHER_NAME_CHARACTERS = "_-\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in a text that will not become what its author meant.

    Attributes:
        start, end: Where in the text, as a slice.
        placeholder: Its name, where it has one.
    """

    text: str
    start: int
    end: int
    placeholder: str | None = None


def name_of(written: str) -> str:
    """Return the name as it is compared: without white space around it, composed (NFC)."""
    return unicodedata.normalize("NFC", written.strip())


def is_name(name: str) -> bool:
    """Whether a placeholder can have this name: letters of any script, digits, `_` and `-`."""
    return bool(name) and all(
        char.isalnum() or char in _OTHER_NAME_CHARACTERS or unicodedata.category(char)[0] == "M"
        for char in name
    )


def merged(own: Lists, shared: Lists) -> Lists:
    """Return the lists that hold for a prompt: its own hide the shared ones of the same name.

    An empty list has nothing to give, so it hides nothing; one that no placeholder can name is left out.
    """
    lists: dict[str, Sequence[str]] = {}
    for written, values in itertools.chain(shared.items(), own.items()):
        name = name_of(written)
        if values and is_name(name):
            lists[name] = values
    return lists


def names(text: PromptText) -> frozenset[str]:
    """Return the names of all placeholders in a text, its negative part included."""
    found = (
        name_of(match["inside"])
        for part in (text.prompt, text.negative or "")
        for match in _BRACKETS.finditer(part)
        if match["inside"] is not None
    )
    return frozenset(name for name in found if is_name(name))


def expand(text: PromptText, lists: Lists, random: Random) -> PromptText:
    """Fill the placeholders by lot.

    Each use of one placeholder, in the prompt or its negative part, gets another value until the
    list is used up; then all of them again. A value that stands in a list twice comes first twice as
    often. Values are not expanded again; what has no values stays as it is.
    """

    def by_lot(values: Sequence[str]) -> Iterator[str]:
        while True:
            yield from dict.fromkeys(random.sample(values, len(values)))

    return _filled(text, lists, by_lot)


def longest(text: PromptText, lists: Lists) -> PromptText:
    """Return the longest text that `expand` can return; of these, one with the longest prompt."""
    return _filled(text, lists, lambda values: _by_length(values, longest_first=True))


def shortest(text: PromptText, lists: Lists) -> PromptText:
    """Return the shortest text that `expand` can return."""
    return _filled(text, lists, lambda values: _by_length(values, longest_first=False))


def flaws(text: str, lists: Lists) -> list[Flaw]:
    """Return what stays in a text although it looks like a placeholder, in its order."""
    found = (_flaw(match, lists) for match in _BRACKETS.finditer(text))
    return [flaw for flaw in found if flaw is not None]


def _by_length(values: Sequence[str], *, longest_first: bool) -> Iterator[str]:
    return itertools.cycle(sorted(dict.fromkeys(values), key=len, reverse=longest_first))


def _filled(text: PromptText, lists: Lists, order: Order) -> PromptText:
    # One supply for both parts: what the prompt has used, its negative part does not get again.
    supplies: dict[str, Iterator[str]] = {}

    def value(match: re.Match[str]) -> str:
        name = name_of(match["inside"] or "")
        if name not in lists:
            return match[0]
        if name not in supplies:
            supplies[name] = order(lists[name])
        return next(supplies[name])

    prompt = _BRACKETS.sub(value, text.prompt)
    negative = _BRACKETS.sub(value, text.negative or "")
    return PromptText(prompt, negative if negative.strip() else None)


def _flaw(match: re.Match[str], lists: Lists) -> Flaw | None:
    if match["inside"] is None:
        counterpart = "]] after it" if match[0] == "[[" else "[[ before it"
        return Flaw(f"{match[0]} has no {counterpart} and stays as it is.", *match.span())
    name = name_of(match["inside"])
    if not is_name(name):
        return Flaw(
            f"{match[0]} stays as it is: the name of a placeholder has letters, digits, _ and - only.",
            *match.span(),
        )
    if name in lists:
        return None
    return Flaw(f"{match[0]} has no values and stays as it is{_hint(name, lists)}.", *match.span(), name)


def _hint(name: str, lists: Lists) -> str:
    similar = [other for other in lists if other.casefold() == name.casefold()]
    return f": there is a list {similar[0]}, and case matters" if similar else ""
