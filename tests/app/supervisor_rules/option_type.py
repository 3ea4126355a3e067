"""The small language in which an app's schema says what an option takes: `int(0,9)?`, `match(^a$)`, ...

Supervisor: apps/options.py, RE_SCHEMA_ELEMENT and AppOptions._single_validate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import voluptuous as vol

if TYPE_CHECKING:
    from collections.abc import Callable

_SHAPE = re.compile(r"(?P<kind>[a-z]*)(?:\((?P<argument>.*)\))?(?P<optional>\?)?")
_LENGTH = re.compile(r"(\d+)?,(\d+)?")
_WHOLE = re.compile(r"(-?\d+)?,(-?\d+)?")
_DECIMAL = re.compile(r"(-?\d*\.?\d+)?,(-?\d*\.?\d+)?")

_ARGUMENTS = {
    "str": _LENGTH,
    "password": _LENGTH,
    "int": _WHOLE,
    "float": _DECIMAL,
    "device": re.compile(r"subsystem=[a-z]+"),
    "match": re.compile(r".*"),
    "list": re.compile(r".+"),
}
"""What may stand in the brackets; kinds that are not here take none."""

_KINDS = {"", "bool", "email", "url", "port", *_ARGUMENTS}
_NEEDS_ARGUMENT = {"match", "list"}
_RANGED = {"str", "password", "int", "float"}

_YES = {"1", "true", "yes", "on", "enable"}
_NO = {"0", "false", "no", "off", "disable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionType:
    """What one option takes."""

    kind: str
    argument: str | None
    optional: bool

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return what the schema means; None where the Supervisor would not take it as a type."""
        shape = _SHAPE.fullmatch(text)
        if shape is None or shape["kind"] not in _KINDS:
            return None
        kind, argument = shape["kind"], shape["argument"]
        if argument is None:
            fits = kind not in _NEEDS_ARGUMENT
        else:
            fits = kind in _ARGUMENTS and _ARGUMENTS[kind].fullmatch(argument) is not None
        return cls(kind=kind, argument=argument, optional=shape["optional"] is not None) if fits else None

    def trouble(self) -> str | None:
        """Return why no value will ever do, though the Supervisor takes the type."""
        if self.kind == "":
            return "an empty type takes no value"
        if self.kind == "match":
            try:
                re.compile(self.argument or "")
            except re.error as error:
                return f"its pattern is none: {error}"
        low, high = self._range()
        return "its range holds nothing" if low is not None and high is not None and low > high else None

    def take(self, value: Any) -> Any:
        """Return the value as the app will find it.

        Raises:
            ValueError: It is refused.
        """
        take: Callable[[Any], Any] = getattr(self, f"_take_{self.kind or 'nothing'}")
        return take(value)

    def _range(self) -> tuple[float | None, float | None]:
        if self.kind not in _RANGED or self.argument is None:
            return None, None
        low, high = self.argument.split(",")
        return (float(low) if low else None), (float(high) if high else None)

    def _within(self, size: float, what: str) -> None:
        low, high = self._range()
        if low is not None and not size >= low:
            raise ValueError(f"{what} must be at least {low:g}")
        if high is not None and not size <= high:
            raise ValueError(f"{what} must be at most {high:g}")

    def _take_nothing(self, _: Any) -> Any:
        raise ValueError("its type in the schema is empty")

    def _take_str(self, value: Any) -> str:
        """A number is no text: YAML's 1234 has to be quoted."""
        if not isinstance(value, str):
            raise ValueError("must be text")  # noqa: TRY004 - one kind of refusal for all
        self._within(len(value), "its length")
        return value

    _take_password = _take_str

    def _take_int(self, value: Any) -> int:
        number = _number(int, value)
        self._within(number, "it")
        return number

    def _take_float(self, value: Any) -> float:
        number = _number(float, value)
        self._within(number, "it")
        return number

    def _take_bool(self, value: Any) -> bool:
        """Words are known; anything else is as true as it is in Python."""
        if not isinstance(value, str):
            return bool(value)
        word = value.lower()
        if word not in _YES | _NO:
            raise ValueError("must be true or false")
        return word in _YES

    def _take_email(self, value: Any) -> Any:
        return _by(vol.Email(), value, "must be an address for mail")

    def _take_url(self, value: Any) -> Any:
        return _by(vol.Url(), value, "must be an address such as https://example.com")

    def _take_port(self, value: Any) -> int:
        return take_port(value)

    def _take_match(self, value: Any) -> str:
        """The pattern is held against the start only: one that means all of it says `$`."""
        text = str(value)
        try:
            match = re.match(self.argument or "", text)
        except re.error as error:
            raise ValueError(f"its pattern in the schema is none: {error}") from error
        if match is None:
            raise ValueError(f"must match {self.argument}")
        return text

    def _take_list(self, value: Any) -> str:
        """What comes out is text, also of `list(1|2)`."""
        text, choices = str(value), (self.argument or "").split("|")
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    def _take_device(self, _: Any) -> str:
        """Only hardware that is plugged in will do, and here is none."""
        raise ValueError("there is no such device")


def take_port(value: Any) -> int:
    """Return a port's number (Supervisor: validate.py, network_port).

    Raises:
        ValueError: It is none.
    """
    number = _number(int, value)
    if not 1 <= number <= 65535:
        raise ValueError("must be a port from 1 to 65535")
    return number


def _number[T: (int, float)](kind: type[T], value: Any) -> T:
    try:
        return kind(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("must be a number") from error


def _by(check: Callable[[Any], Any], value: Any, message: str) -> Any:
    """Ask the library that the Supervisor asks."""
    try:
        return check(value)
    except vol.Invalid as error:
        raise ValueError(message) from error
