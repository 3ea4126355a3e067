"""What each program here prints when it is done: how it was called, on what machine, what it found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def report(
    *,
    arguments: Mapping[str, Any],
    conditions: Mapping[str, Any],
    found: Mapping[str, Any],
    wrong: Sequence[str],
) -> int:
    """Print it as JSON; returns the program's code, 1 if something was wrong."""
    whole = {"arguments": arguments, "conditions": conditions, **found, "wrong": wrong}
    print(json.dumps(whole, indent=2, ensure_ascii=False, default=str))
    return 1 if wrong else 0
