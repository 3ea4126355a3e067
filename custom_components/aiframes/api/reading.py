"""JSON becomes models, by what their fields say; whatever does not fit is named with its path.

A key that a model does not have is passed over, a word that an enumeration does not have becomes its
`OTHER`: a newer server may say more. A field with a default may be missing.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints

from .errors import NotAnImageServerError

type Reader = Callable[[object], Any]


def read[T](kind: type[T], value: object) -> T:
    """Return what parsed JSON says, as a model.

    Raises:
        NotAnImageServerError: It says something else.
    """
    hint: Any = kind
    try:
        model: T = _reader(hint)(value)
    except _MisfitError as misfit:
        raise NotAnImageServerError(f"The answer is not what the API describes: {misfit}") from None
    return model


class _MisfitError(Exception):
    """A value that does not fit; its path grows from the end while it is passed upwards."""

    def __init__(self, wanted: str, value: object) -> None:
        super().__init__()
        self.path = ""
        # Never the value itself: it may be a secret, or very long.
        self._text = f"should be {wanted}, but is {_NAMES[type(value)]}"

    def below(self, step: str) -> Self:
        self.path = step + self.path
        return self

    def __str__(self) -> str:
        return f"{self.path.removeprefix('.') or 'it'} {self._text}"


_NAMES: Mapping[type, str] = {
    NoneType: "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "another text",
    list: "a list",
    dict: "an object",
    object: "missing",
}
_MISSING = object()
_LARGEST = 2**53
"""The largest number that everyone who reads JSON takes for what it is."""


@cache
def _reader(kind: Any) -> Reader:
    """Make what reads values of a type, once."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_dataclass(kind):
        return _object(kind)
    arguments = get_args(kind)
    if isinstance(kind, UnionType) and arguments[1:] == (NoneType,):
        return _optional(_reader(arguments[0]))
    if get_origin(kind) is tuple:
        return _list(_reader(arguments[0]))
    if get_origin(kind) is Mapping:
        return _mapping(_reader(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _word(kind)
    raise TypeError(f"{kind} can't be read")


def _object(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    rows = [(field.name, _reader(hints[field.name]), field.default is MISSING) for field in fields(kind)]

    def read_object(value: object) -> Any:
        if not isinstance(value, dict):
            raise _MisfitError("an object", value)
        taken = {}
        for name, reader, is_required in rows:
            part = value.get(name, _MISSING)
            if part is _MISSING and not is_required:
                continue
            try:
                taken[name] = reader(part)
            except _MisfitError as misfit:
                raise misfit.below(f".{name}") from None
        return kind(**taken)

    return read_object


def _list(reader: Reader) -> Reader:
    def read_list(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _MisfitError("a list", value)
        taken = []
        for number, item in enumerate(value):
            try:
                taken.append(reader(item))
            except _MisfitError as misfit:
                raise misfit.below(f"[{number}]") from None
        return tuple(taken)

    return read_list


def _mapping(reader: Reader) -> Reader:
    def read_mapping(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _MisfitError("an object", value)
        taken = {}
        for key, item in value.items():
            try:
                taken[_text(key)] = reader(item)
            except _MisfitError as misfit:
                raise misfit.below(f".{key}") from None
        return taken

    return read_mapping


def _optional(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _word(kind: type[StrEnum]) -> Reader:
    words = {word.value: word for word in kind}

    def read_word(value: object) -> StrEnum:
        return words.get(_text(value)) or kind["OTHER"]

    return read_word


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _MisfitError("text", value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:  # half a character, which nobody could hand on
            raise _MisfitError("text", value) from None
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise _MisfitError("true or false", value)
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _MisfitError("an integer", value)
    if abs(value) > _LARGEST:
        raise _MisfitError("a smaller integer", value)
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _MisfitError("a number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _MisfitError("a finite number", value)
    return number


def _time(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
        if moment.tzinfo is None:
            raise _MisfitError("a time with its offset", value)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):  # none, or beyond the ends of all calendars elsewhere
        raise _MisfitError("a time", value) from None
    return moment


def _date(value: object) -> date:
    try:
        return date.fromisoformat(_text(value))
    except ValueError:
        raise _MisfitError("a date", value) from None


def _anything(value: object) -> object:
    if value is _MISSING:
        raise _MisfitError("anything", value)
    return value


_PLAIN: Mapping[Any, Reader] = {
    str: _text,
    bool: _boolean,
    int: _integer,
    float: _number,
    datetime: _time,
    date: _date,
    object: _anything,
}
