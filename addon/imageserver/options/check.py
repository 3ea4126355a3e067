"""A part of the options against its schema: all that is wrong at once, and what is right without it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import voluptuous as vol

from .kinds import as_number, as_yes_or_no

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

type Path = tuple[str | int, ...]

_SHOWN = 40
_NOTHING = '""'
"""How a key without a letter is written."""
_WORDS = {
    "expected a dictionary": "must hold keys and values",
    "expected a list": "must be a list",
    "expected int": "must be a whole number",
    "expected float": "must be a number",
    "expected str": "must be text",
    "expected bool": "must be true or false",
    "required key not provided": "is missing",
}
_GONE: Any = object()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a part of the options: where in it, and what."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a part of the options.

    Attributes:
        values: What is right, as the schema made it.
        wrong: Each mistake; the value is not in `values`, of a list only the entry.
        unknown: Keys that nobody reads.
    """

    values: Mapping[str, Any]
    wrong: tuple[Finding, ...] = ()
    unknown: tuple[Finding, ...] = ()


def check(
    schema: vol.Schema,
    written: Mapping[str, Any],
    *,
    secret: Collection[str] = (),
    also_known: Iterable[str] = (),
) -> Checked:
    """Check what is written; keys without a value count as not written.

    Text that the schema refuses is tried as the number or the yes or no that it looks like, so that
    schemas may ask for `int` or `bool`.

    Args:
        schema: Of a mapping.
        written: As read from YAML or JSON.
        secret: Keys whose values no message repeats.
        also_known: Keys that are right elsewhere, to be suggested.
    """
    names, schema = set(_names(schema.schema)), _thorough(schema)
    given = _without_nothing(written)
    looks_like = {path: _looked_at(value) for path, value in _refused(schema, given)}
    tried = _changed(given, looks_like)
    unknown = [error for error in _errors(schema, tried) if _unknown(error)]
    # What follows on a mapping's own check is only looked at where that has nothing to complain about.
    tried = _changed(tried, {_path(error): _GONE for error in unknown})
    known = {*names, *also_known}
    return Checked(
        values=_right(schema, tried),
        wrong=tuple(
            Finding(_path(error), _message(error, given, secret)) for error in _errors(schema, tried)
        ),
        unknown=tuple(
            Finding(_path(error), f"is not known{similar(str(error.path[-1]), known)}") for error in unknown
        ),
    )


def dotted(path: Path) -> str:
    """Return a path as people write it: `sleep_time[1].time_range.start_time`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part or _NOTHING}" for part in path)
    return "".join(parts).removeprefix(".")


def similar(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean ...?` where a word looks like one that is known, else nothing."""
    by_case = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_case, n=1)
    return f"; did you mean {by_case[found[0]]}?" if found else ""


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None}
    return [_without_nothing(item) for item in value] if isinstance(value, list) else value


class _Each:
    """A list, as voluptuous takes one; but where it stops at the first entry with a mistake in it, go on."""

    def __init__(self, entry: Any) -> None:
        self._entry = vol.Schema(_in_lists_too(entry))

    def __call__(self, value: object) -> list[Any]:
        if not isinstance(value, list):
            raise vol.Invalid("expected a list")
        taken, errors = [], []
        for number, entry in enumerate(value):
            try:
                taken.append(self._entry(entry))
            except vol.MultipleInvalid as error:
                error.prepend([number])
                errors += error.errors
        if errors:
            raise vol.MultipleInvalid(errors)
        return taken


def _thorough(schema: vol.Schema) -> vol.Schema:
    """Return a schema that names the mistakes in every entry of a list."""
    return vol.Schema(_in_lists_too(schema.schema), required=schema.required, extra=schema.extra)


def _in_lists_too(schema: Any) -> Any:
    match schema:
        case dict():
            return {key: _in_lists_too(inner) for key, inner in schema.items()}
        case [entry]:
            return _Each(entry)
        case vol.All():
            return vol.All(*(_in_lists_too(validator) for validator in schema.validators), msg=schema.msg)
        case _:
            return schema


def _errors(schema: vol.Schema, given: Any) -> list[vol.Invalid]:
    try:
        schema(given)
    except vol.MultipleInvalid as error:
        return list(error.errors)
    return []


def _right(schema: vol.Schema, given: Any) -> Mapping[str, Any]:
    """Return what the schema makes of what is right; nothing where something that it needs is missing."""
    while errors := _errors(schema, given):
        rest = _changed(given, {_left_out(error): _GONE for error in errors})
        if rest == given:
            return {}
        given = rest
    values: Mapping[str, Any] = schema(given)
    return values


def _unknown(error: vol.Invalid) -> bool:
    return bool(error.error_message == "extra keys not allowed")


def _path(error: vol.Invalid) -> Path:
    return tuple(part if isinstance(part, int) else str(part) for part in error.path)


def _left_out(error: vol.Invalid) -> Path:
    """Return what goes because of an error: of a list the whole entry, unless a key is only unknown."""
    path = _path(error)
    entry = next((n for n, part in enumerate(path, start=1) if isinstance(part, int)), len(path))
    return path if _unknown(error) else path[:entry]


def _refused(schema: vol.Schema, given: Any) -> list[tuple[Path, str]]:
    paths = [_path(error) for error in _errors(schema, given)]
    found = [(path, _value_at(path, given)) for path in paths]
    return [(path, value) for path, value in found if isinstance(value, str)]


def _looked_at(value: str) -> Any:
    for found in (as_number(value), as_yes_or_no(value)):
        if found is not None:
            return found
    return value


def _value_at(path: Path, value: Any) -> Any:
    """Return what stands at a path, `_GONE` where nothing does; a single value is a list of one, too."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part), _GONE)
        elif isinstance(value, list):
            value = value[part] if isinstance(part, int) and part < len(value) else _GONE
        elif part != 0:
            return _GONE
    return value


def _changed(value: Any, changes: Mapping[Path, Any]) -> Any:
    """Return a copy with other values at some paths, or, for `_GONE`, without them."""
    if not changes:
        return value
    if () in changes:
        return changes[()]
    if not isinstance(value, dict | list):
        return next(iter(changes.values()))
    below: dict[str | int, dict[Path, Any]] = {}
    for (first, *rest), new in changes.items():
        below.setdefault(first, {})[tuple(rest)] = new
    items = [
        (key, _changed(item, below.get(key, {})))
        for key, item in (value.items() if isinstance(value, dict) else enumerate(value))
    ]
    kept = [(key, item) for key, item in items if item is not _GONE]
    return dict(kept) if isinstance(value, dict) else [item for _, item in kept]


def _message(error: vol.Invalid, given: Any, secret: Collection[str]) -> str:
    path = _path(error)
    message = _WORDS.get(error.error_message, error.error_message)
    value = _value_at(path, given)
    if not isinstance(value, str | int | float) or not set(secret).isdisjoint(path):
        return message
    shown = repr(value)
    return f"{message}, not {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'}"


def _names(schema: Any) -> Iterator[str]:
    """Yield every key that a schema knows, at any depth."""
    if isinstance(schema, dict):
        for key, inner in schema.items():
            yield str(key)
            yield from _names(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from _names(inner)
    elif isinstance(schema, vol.All):
        yield from _names(schema.validators)
