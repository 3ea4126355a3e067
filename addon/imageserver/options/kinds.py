"""The kinds of values that options have, for schemas: each takes what is written, or says what it must be.

YAML comes as text (`yaml_text.py`), so numbers and yes/no are made of text here.
"""

from __future__ import annotations

import math
import re
from datetime import time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import voluptuous as vol

from ..files.text_decoding import is_text
from ..timing import cron

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

    from ..settings import Network

_YES = frozenset({"yes", "true", "on"})
_NO = frozenset({"no", "false", "off"})
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE
)


def whole_number(least: int, most: int) -> Callable[[object], int]:
    """Return what takes a whole number in a range."""

    def check(value: object) -> int:
        number = as_number(value)
        if not isinstance(number, int) or not least <= number <= most:
            raise vol.Invalid(f"must be a whole number from {least} to {most}")
        return number

    return check


def number(least: float, most: float) -> Callable[[object], float]:
    """Return what takes any number in a range; a whole one stays whole."""

    def check(value: object) -> float:
        found = as_number(value)
        if found is None or not least <= found <= most:
            raise vol.Invalid(f"must be a number from {least:g} to {most:g}")
        return found

    return check


def as_number(value: object) -> float | None:
    """Return the number that a value is or is written as; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    if _WHOLE.fullmatch(value):
        return int(value)
    return float(value) if _NUMBER.fullmatch(value) else None


def as_yes_or_no(value: object) -> bool | None:
    """Return the truth that a value is or is written as; None if it is none."""
    if isinstance(value, bool):
        return value
    word = value.casefold() if isinstance(value, str) else ""
    return True if word in _YES else False if word in _NO else None


def yes_or_no(value: object) -> bool:
    """Take yes, no, true, false, on, off in any case."""
    found = as_yes_or_no(value)
    if found is None:
        raise vol.Invalid("must be true or false")
    return found


def text(value: object) -> str:
    """Take text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise vol.Invalid("must be text that is not empty")
    if not is_text(value):
        raise vol.Invalid("must be text without control characters")
    return value.strip()


def one_of[E: StrEnum](choices: type[E]) -> Callable[[object], E]:
    """Return what takes one of some words, in any case."""

    def check(value: object) -> E:
        for choice in choices:
            if isinstance(value, str) and value.strip().casefold() == choice.casefold():
                return choice
        raise vol.Invalid(f"must be one of {', '.join(choices)} (in any case)")

    return check


def schedule(value: object) -> str:
    """Take a cron schedule."""
    try:
        cron.check(text(value))
    except ValueError as error:
        raise vol.Invalid(
            "must be a cron schedule: minute, hour, day, month, weekday, such as '0 0 * * *' for midnight"
        ) from error
    return text(value)


def clock_time(value: object) -> time:
    """Take HH:MM or HH:MM:SS."""
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (24, 0, 0)
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise vol.Invalid("must be a time from 00:00 to 23:59:59, as HH:MM or HH:MM:SS") from error


def network(value: object) -> Network:
    """Take a network in CIDR notation, or one address."""
    try:
        return ip_network(text(value), strict=False)
    except ValueError as error:
        raise vol.Invalid("must be a network such as 192.168.1.0/24, or an address") from error


def address(value: object) -> str:
    """Take an IP address or a host name."""
    found = text(value)
    try:
        return str(ip_address(found))
    except ValueError as error:
        if _HOST.fullmatch(found):
            return found
        raise vol.Invalid("must be an IP address or a host name, without https:// and port") from error


def list_of(check: Callable[[object], Any]) -> Callable[[object], list[Any]]:
    """Return what takes a list, or a single value as a list of one."""
    schema = vol.Schema([check])

    def check_all(value: object) -> list[Any]:
        if isinstance(value, dict):
            raise vol.Invalid("must be a list")
        items: list[Any] = schema(value if isinstance(value, list) else [value])
        return items

    return check_all


def not_empty(value: list[Any]) -> list[Any]:
    """Refuse a list that would shut everyone out."""
    if not value:
        raise vol.Invalid("must not be empty; leave it out for the default")
    return value
