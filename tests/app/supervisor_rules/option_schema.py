"""An app's options against the schema in its config.yaml.

Supervisor: apps/options.py (AppOptions), apps/validate.py (SCHEMA_ELEMENT), apps/app.py (_OPTIONS_MERGER).
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from .option_type import OptionType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECRET = "!secret "
"""How an option names an entry of Home Assistant's secrets.yaml."""


class InvalidOptionError(Exception):
    """The Supervisor refuses the options, and so to save them or to start the app.

    Attributes:
        path: Of the option, such as `providers.lim.sleep_time[0].time_range`; empty for all of them.
        message: What is wrong with it.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


def validate(
    schema: Mapping[str, Any], options: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the options as the app will find them in `/data/options.json`.

    Options that the schema does not know are left out (the Supervisor logs a warning).

    Args:
        schema: Of the app.
        options: The user's over the defaults, as `merge` makes them.
        secrets: Home Assistant's, for values such as `!secret name`.

    Raises:
        InvalidOptionError: For the first that is refused.
    """
    return _Reader(secrets or {}).mapping(schema, options, "")


def merge(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Put the user's options over the defaults: mappings at any depth; all else is replaced whole."""
    merged = {key: deepcopy(value) for key, value in defaults.items()}
    for key, value in given.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = merge(known, value)
        else:
            merged[key] = deepcopy(value)
    return merged


def unknown(schema: Any, options: Any, path: str = "") -> list[str]:
    """Return the paths of what `validate` leaves out."""
    if isinstance(schema, list) and schema and isinstance(options, list):
        items = enumerate(options)
        return [found for n, item in items for found in unknown(schema[0], item, f"{path}[{n}]")]
    if not isinstance(schema, dict) or not isinstance(options, dict):
        return []
    found = []
    for key, value in options.items():
        below = _below(path, key)
        found += unknown(schema[key], value, below) if key in schema else [below]
    return found


def types(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every single option of a schema with its type; the items of a list are at `path[]`."""
    if isinstance(schema, dict):
        for key, element in schema.items():
            yield from types(element, _below(path, key))
    elif isinstance(schema, list) and len(schema) == 1:
        yield from types(schema[0], f"{path}[]")
    else:
        yield path, schema


def findings(schema: Any) -> list[str]:
    """Return what is wrong with a schema itself.

    Mappings may be nested to any depth (since Supervisor 2025.09.1). A list holds exactly one thing, which is
    no list; of longer ones only the first item would ever count.
    """
    if not isinstance(schema, dict):
        return ["schema: must be a mapping"]
    return list(_findings(schema, ""))


def _findings(schema: Any, path: str) -> Iterator[str]:
    match schema:
        case dict():
            for key, element in schema.items():
                below = _below(path, key)
                if not isinstance(key, str):
                    yield f"schema, {below}: a key must be text; quote it"
                yield from _findings(element, below)
        case [list()]:
            yield f"schema, {path}: a list must not hold a list"
        case [element]:
            yield from _findings(element, f"{path}[]")
        case list():
            yield f"schema, {path}: a list must hold the type of its items, and nothing else"
        case str():
            kind = OptionType.parse(schema)
            if kind is None:
                yield f"schema, {path}: {schema!r} is no type"
            elif trouble := kind.trouble():
                yield f"schema, {path}: {trouble}"
        case _:
            yield f"schema, {path}: must be a type, a list or a mapping, not {schema!r}"


def _below(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


class _Reader:
    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets

    def mapping(self, schema: Mapping[str, Any], given: Any, path: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise InvalidOptionError(path, "must be a mapping")
        taken = {
            key: self._element(schema[key], value, _below(path, key))
            for key, value in given.items()
            if key in schema
        }
        for key in schema:
            if key not in taken and not _may_be_absent(schema[key]):
                raise InvalidOptionError(_below(path, key), "is missing")
        return taken

    def _element(self, schema: Any, value: Any, path: str) -> Any:
        if isinstance(schema, dict):
            return self.mapping(schema, value, path)
        if not isinstance(schema, list):
            return self._single(schema, value, path)
        if not schema:
            raise InvalidOptionError(path, "its schema is an empty list, which takes nothing")
        if not isinstance(value, list):
            raise InvalidOptionError(path, "must be a list")
        return [self._element(schema[0], item, f"{path}[{number}]") for number, item in enumerate(value)]

    def _single(self, text: str, value: Any, path: str) -> Any:
        """None is refused, also where the option may be absent: as a default it means "fill me in"."""
        if value is None:
            raise InvalidOptionError(path, "must be filled in")
        kind = OptionType.parse(text)
        if kind is None:
            raise InvalidOptionError(path, f"its type in the schema is none: {text}")
        try:
            return kind.take(self._resolved(value))
        except ValueError as error:
            raise InvalidOptionError(path, str(error)) from error

    def _resolved(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.startswith(SECRET):
            return value
        name = value.removeprefix(SECRET)
        if name not in self._secrets:
            raise ValueError(f"there is no secret {name}")
        return self._secrets[name]


def _may_be_absent(schema: Any) -> bool:
    """Only a single option that ends in `?`, or a list of such: a mapping never, nor a list of mappings."""
    first = schema[0] if isinstance(schema, list) and schema else schema
    return isinstance(first, str) and first.endswith("?")
