"""The values of a request: taken one by one, every mistake collected with its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from ..exceptions import BadRequestError, Mistake

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from ..models import Json

MAX_TEXT = 2000
"""Characters of a text, unless told otherwise: what a prompt may have."""

TOLD = 10
"""Mistakes of which one sentence tells; the others stand beside it."""

MAX_LIST = 1000
"""Values of one placeholder."""


class Fields:
    """Takes an object apart; a value that is absent, null or wrong is None.

    What is wrong is told by `finish`, all of it at once; a value that nobody asked for is wrong too.
    """

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values
        self._asked: list[str] = []
        self._mistakes: list[Mistake] = []

    def __contains__(self, name: str) -> bool:
        """Whether it is there, be it null."""
        return name in self._values

    def text(self, name: str, *, maximum: int = MAX_TEXT, may_be_blank: bool = False) -> str | None:
        """Take a text; a blank one is None where it may be blank, else wrong."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(name, "has to be text")
        elif not value.strip():
            if not may_be_blank:
                self.wrong(name, "is empty")
        elif len(value) > maximum:
            self.wrong(name, f"has {len(value)} characters; at most {maximum} are possible")
        else:
            return value
        return None

    def flag(self, name: str) -> bool | None:
        """Take true or false."""
        value = self._take(name)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(name, "has to be true or false")
        return None

    def number(self, name: str, *, minimum: float, maximum: float) -> float | None:
        """Take a number of this range."""
        value = self._take(name)
        if value is None:
            return None
        if _is_number(value) and minimum <= value <= maximum:
            return value
        self.wrong(name, f"has to be a number from {minimum:g} to {maximum:g}")
        return None

    def integer(self, name: str, *, minimum: int, maximum: int) -> int | None:
        """Take a whole number of this range."""
        value = self._take(name)
        if value is None:
            return None
        if _is_number(value) and minimum <= value <= maximum and value == int(value):
            return int(value)  # to JSON, 1.0 is the same as 1
        self.wrong(name, f"has to be a whole number from {minimum} to {maximum}")
        return None

    def choice[E: StrEnum](self, name: str, choices: type[E]) -> E | None:
        """Take one of the words of an enumeration, in its spelling."""
        value = self._take(name)
        if value is None:
            return None
        for choice in choices:
            if choice == value:
                return choice
        self.wrong(name, f"has to be one of: {', '.join(choices)}")
        return None

    def lists(self, name: str) -> dict[str, tuple[str, ...]] | None:
        """Take lists of texts by name, such as placeholders."""
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return {key: self._list(f"{name}.{key or '""'}", item) for key, item in value.items()}
        self.wrong(name, "has to be an object of lists")
        return None

    def require(self, *names: str) -> None:
        """These have to be there."""
        for name in names:
            if self._values.get(name) is None:
                self.wrong(name, "is missing")

    def require_any(self, *names: str, or_null: bool = True) -> None:
        """At least one of these has to be there; null counts where it means something."""
        if not any(name in self if or_null else self._values.get(name) is not None for name in names):
            self.wrong("", f"nothing to change; possible are: {', '.join(names)}")

    def wrong(self, name: str, message: str) -> None:
        """Note a mistake."""
        self._mistakes.append(Mistake(name, message))

    def finish(self) -> None:
        """Tell what is wrong.

        Raises:
            BadRequestError: Something is.
        """
        for name in self._values:
            if name not in self._asked:
                self.wrong(name or '""', f"is not known here; known are: {', '.join(self._asked) or 'none'}")
        if self._mistakes:
            told = [str(mistake) for mistake in self._mistakes[:TOLD]]
            more = len(self._mistakes) - len(told)
            told += [f"and {more} more"] if more else []
            raise BadRequestError("; ".join(told), mistakes=tuple(self._mistakes))

    def _take(self, name: str) -> Json:
        self._asked.append(name)
        return self._values.get(name)

    def _list(self, path: str, value: Json) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) > MAX_LIST:
            self.wrong(path, f"has to be a list of at most {MAX_LIST} texts")
            return ()
        for number, item in enumerate(value):
            if not isinstance(item, str):
                self.wrong(f"{path}[{number}]", "has to be text")
        return tuple(item for item in value if isinstance(item, str))


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
