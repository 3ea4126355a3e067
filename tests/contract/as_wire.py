"""Models as the server writes them, so that nothing can get lost or mixed up on the way."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def as_wire(value: Any) -> Any:
    """Return what the server must have sent for this value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_wire(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [as_wire(item) for item in value]
    if isinstance(value, dict):
        return _mapping(value)
    return value


def _mapping(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: as_wire(item) for key, item in value.items()}
