"""Values of settings as people are shown them: as JSON, the way they are written in `options.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Any

from ..settings import SleepPeriod

if TYPE_CHECKING:
    from ..models import Json

HIDDEN = "•••"
"""Stands for a secret."""


def shown(value: Any) -> Json:
    """Return a value as JSON."""
    match value:
        case None | bool() | int() | float():
            return value
        case SleepPeriod():
            times: dict[str, Json] = {"start_time": shown(value.start), "end_time": shown(value.end)}
            return {"time_range": times, "black_image_mode": value.black}
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case list() | tuple() | set() | frozenset():
            return [shown(item) for item in value]
        case Mapping():
            return {str(key): shown(item) for key, item in value.items()}
        case _:
            return str(value)
