"""Compares what the API's description says of a value with the type that the client gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from tests.openapi_document import raw_document

if TYPE_CHECKING:
    from collections.abc import Iterator

type Schema = Mapping[str, Any]

NEWER = "other"
"""The word that enumerations keep for those that they do not know."""

_PLAIN: Mapping[tuple[str, str | None], type] = {
    ("string", None): str,
    ("string", "date-time"): datetime,
    ("string", "date"): date,
    ("integer", None): int,
    ("number", None): float,
    ("boolean", None): bool,
}


def differences(schema: Schema, hint: Any, where: str = "") -> Iterator[str]:
    """Say where a type does not fit a schema exactly: what the client lacks, and what it expects in vain."""
    schema, nullable = _without_null(_resolved(schema))
    arguments = get_args(hint)
    if isinstance(hint, UnionType) and NoneType in arguments:
        if not nullable:
            yield f"{where} is never null"
        yield from differences(schema, arguments[0], where)
        return
    if nullable and hint is not object:
        yield f"{where} may be null"
    yield from _of_one_kind(schema, hint, where)


def _of_one_kind(schema: Schema, hint: Any, where: str) -> Iterator[str]:
    kind = schema.get("type")
    if is_dataclass(hint):
        yield from _of_object(schema, hint, where)
    elif get_origin(hint) is tuple:
        yield from [] if kind == "array" else [f"{where} is no list"]
        yield from differences(schema.get("items", {}), get_args(hint)[0], f"{where}[]")
    elif get_origin(hint) is Mapping:
        yield from _of_mapping(schema, hint, where)
    elif isinstance(hint, type) and issubclass(hint, StrEnum):
        yield from _of_word(schema, hint, where)
    elif "const" in schema:
        yield from [] if isinstance(schema["const"], hint) else [f"{where} is {schema['const']!r}"]
    elif hint is object:
        yield from [] if kind is None and "enum" not in schema else [f"{where} is a {kind}"]
    elif _PLAIN.get((str(kind), schema.get("format"))) is not hint or "enum" in schema:
        yield f"{where} is {dict(schema)}, not {hint}"


def _of_object(schema: Schema, hint: Any, where: str) -> Iterator[str]:
    described, known = schema.get("properties", {}), {field.name: field for field in fields(hint)}
    yield from [f"{where}.{name} is not in {hint.__name__}" for name in described.keys() - known.keys()]
    yield from [f"{where}.{name} is not described" for name in known.keys() - described.keys()]
    hints = get_type_hints(hint)
    for name in sorted(described.keys() & known.keys()):
        if (name in schema.get("required", ())) != (known[name].default is MISSING):
            yield f"{where}.{name} has a default where it is required, or none where it is not"
        yield from differences(described[name], hints[name], f"{where}.{name}")


def _of_mapping(schema: Schema, hint: Any, where: str) -> Iterator[str]:
    values = [*schema.get("properties", {}).values(), schema.get("additionalProperties")]
    of_values = [value for value in values if value]
    if schema.get("type") != "object" or not of_values:
        yield f"{where} is no mapping"
    for value in of_values:
        yield from differences(value, get_args(hint)[1], f"{where}.*")


def _of_word(schema: Schema, hint: type[StrEnum], where: str) -> Iterator[str]:
    described, known = set(schema.get("enum", ())), {word.value for word in hint}
    if NEWER in described:
        yield f"{where} says the word that stands for unknown ones"
    if described | {NEWER} != known:
        yield f"{where} says {sorted(described)}, {hint.__name__} knows {sorted(known)}"


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = at(schema["$ref"])
    return schema


def at(reference: str) -> Schema:
    """Return what a reference into the document stands for."""
    target: Any = raw_document()
    for part in reference.removeprefix("#/").split("/"):
        target = target[part]
    found: Schema = target
    return found


def _without_null(schema: Schema) -> tuple[Schema, bool]:
    """Return a schema without null among its values, and whether it was there."""
    choices = schema.get("oneOf")
    if choices:
        (other,) = [choice for choice in choices if choice.get("type") != "null"]
        return _resolved(other), len(choices) > 1
    kinds, words = schema.get("type"), schema.get("enum", [])
    if isinstance(kinds, list):
        (kind,) = [kind for kind in kinds if kind != "null"]
        return {**schema, "type": kind}, "null" in kinds
    if None in words:
        return {**schema, "enum": [word for word in words if word is not None]}, True
    return schema, False
