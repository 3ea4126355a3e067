"""Checks of single values in config.yaml: each returns what is wrong, or None.

A file is written by hand, so they ask for the plain form where the Supervisor would also take another one
(`init: "no"`): what it takes, and what the linter takes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import voluptuous as vol

from .option_type import take_port

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    type Check = Callable[[Any], str | None]

_IMAGE_PART = re.compile(r"[a-z0-9{][a-z0-9.\-_{}]*")
_REGISTRY = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d+)?")


def text(value: Any) -> str | None:
    """Check that it is text with something in it."""
    return None if isinstance(value, str) and value else "must be text"


def flag(value: Any) -> str | None:
    """Check that it is true or false."""
    return None if isinstance(value, bool) else "must be true or false"


def anything(_: Any) -> str | None:
    """Check nothing: another rule looks at it."""
    return None


def version(value: Any) -> str | None:
    """Check a version: 1.10 without quotes would become 1.1."""
    return None if isinstance(value, str) and value else "must be text in quotes"


def url(value: Any) -> str | None:
    """Check an address."""
    try:
        vol.Url()(value)
    except vol.Invalid:
        return "must be an address such as https://example.com"
    return None


def port(value: Any) -> str | None:
    """Check a port's number."""
    try:
        take_port(value)
    except ValueError as error:
        return str(error)
    return None


def port_or_none(value: Any) -> str | None:
    """Check where a port is published: null means that it is not."""
    return None if value is None else port(value)


def port_or_dynamic(value: Any) -> str | None:
    """Check an ingress port: 0 lets the Supervisor choose one."""
    return None if value == 0 else port(value)


def image(value: Any) -> str | None:
    """Check the name of a published image (Supervisor: validate.py, docker_image; docker/utils.py)."""
    if not isinstance(value, str) or not value:
        return "must be text"
    first, slash, rest = value.partition("/")
    has_registry = bool(slash) and (
        first == "localhost" or "." in first or ":" in first or first != first.lower()
    )
    if has_registry and not _REGISTRY.fullmatch(first):
        return f"{first} is no registry in lower case"
    path = rest if has_registry else value
    if ":" in path:
        return "must have no tag: the version is the tag"
    wrong = [part for part in path.split("/") if not _IMAGE_PART.fullmatch(part)]
    return f"{wrong[0]!r} can't be part of an image's name" if wrong else None


def one_of(*choices: str) -> Check:
    """Check that it is one of these."""
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}"


def like(pattern: str) -> Check:
    """Check that it is text of this shape, from start to end."""
    shape = re.compile(pattern)
    return lambda value: (
        None if isinstance(value, str) and shape.fullmatch(value) else f"must look like {pattern}"
    )


def whole_number(low: int, high: int) -> Check:
    """Check that it is a whole number in this range."""
    return lambda value: (
        None
        if type(value) is int and low <= value <= high
        else f"must be a whole number from {low} to {high}"
    )


def list_of(check: Check) -> Check:
    """Check that it is a list, each item with `check`."""

    def check_list(value: Any) -> str | None:
        if not isinstance(value, list):
            return "must be a list"
        return next((f"{item!r} {trouble}" for item in value if (trouble := check(item))), None)

    return check_list


def mapping_of(check_key: Check, check_value: Check) -> Check:
    """Check that it is a mapping, each key and value."""

    def check_mapping(value: Any) -> str | None:
        if not isinstance(value, dict):
            return "must be a mapping"
        for key, item in value.items():
            if trouble := check_key(key):
                return f"{key!r} {trouble}"
            if trouble := check_value(item):
                return f"{key}: {trouble}"
        return None

    return check_mapping


def limit(value: Any) -> str | None:
    """Check a user limit: a number, or one that is soft and one that is hard."""
    parts: Collection[Any] = value.values() if isinstance(value, dict) else (value,)
    if isinstance(value, dict) and value.keys() != {"soft", "hard"}:
        return "must have soft and hard"
    return None if all(type(part) is int for part in parts) else "must be a whole number"
