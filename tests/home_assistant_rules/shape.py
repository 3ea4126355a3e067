"""Shapes of JSON, and what does not fit them, with its place."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

type Shape = dict[str, Any]

TEXT: Shape = {"type": "string", "minLength": 1}
FLAG: Shape = {"type": "boolean"}
TEXTS: Shape = {"type": "array", "items": TEXT}

SLUG = r"^[a-z0-9]+(_[a-z0-9]+)*$"
KEY = r"^(?!.+[_-]{2})(?![_-])[a-z0-9_-]+(?<![_-])$"
"""What a text or an icon is found by."""


def record(*required: str, **parts: Shape) -> Shape:
    """Return the shape of a mapping with these keys and no others."""
    return {"type": "object", "properties": parts, "required": required, "additionalProperties": False}


def each(inner: Shape, keys: str = KEY) -> Shape:
    """Return the shape of a mapping with keys of somebody's own."""
    return {"type": "object", "patternProperties": {keys: inner}, "additionalProperties": False}


def misfits(shape: Shape, value: Any) -> list[str]:
    """Return what is wrong, each with where."""
    errors = sorted(Draft202012Validator(shape).iter_errors(value), key=lambda error: error.json_path)
    return [f"{error.json_path.removeprefix('$').lstrip('.')}: {error.message}" for error in errors]
