"""A plugin for pytest: what is tried on thousands of mutants is tried with few examples on each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import Phase, settings

if TYPE_CHECKING:
    import pytest

FEW = 30
SETTINGS = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test: Any = getattr(item, "obj", None)
        test = getattr(test, "__func__", test)
        told = getattr(test, SETTINGS, None)
        if told is not None:
            setattr(test, SETTINGS, fewer(told))


def fewer(told: settings) -> settings:
    # Whether there is an example counts here, not which is the smallest.
    phases = (Phase.explicit, Phase.generate)
    return settings(told, max_examples=min(told.max_examples, FEW), phases=phases, database=None)
