"""A plugin for pytest, for what is tried on thousands of mutants: few examples, and quick tests first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, settings

if TYPE_CHECKING:
    import pytest

FEW = 30
DURATIONS = Path("mutmut-stats.json")
"""Which mutmut writes once the tests have run on the original."""
SETTINGS = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test: Any = getattr(item, "obj", None)
        test = getattr(test, "__func__", test)
        told = getattr(test, SETTINGS, None)
        if told is not None:
            setattr(test, SETTINGS, fewer(told))
    if DURATIONS.exists():
        seconds = json.loads(DURATIONS.read_text("utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))


def fewer(told: settings) -> settings:
    # Whether there is an example counts here, not which is the smallest.
    phases = (Phase.explicit, Phase.generate)
    return settings(told, max_examples=min(told.max_examples, FEW), phases=phases, database=None)
