from __future__ import annotations

from typing import Any

import pytest

from tests.faults.month.flatness import BOUNDS, flatness, too_steep


def days_with(**growing: float) -> list[dict[str, Any]]:
    """Twenty days; what is named grows by so much a day, from 100 on."""
    return [{name: 100 + day * growing.get(name, 0) for name in BOUNDS} for day in range(20)]


def test_what_stays_where_it_is_is_flat() -> None:
    assert too_steep(flatness(days_with(), days=10)) == []


@pytest.mark.parametrize("name", BOUNDS)
def test_what_grows_by_more_than_its_bound_is_named(name: str) -> None:
    found = flatness(days_with(**{name: BOUNDS[name].a_day * 1.2}), days=10)
    (sentence,) = too_steep(found)
    assert sentence.startswith(name)
    assert found[name]["last_days"] > found[name]["first_days"]


@pytest.mark.parametrize("name", BOUNDS)
def test_what_grows_by_less_is_noise(name: str) -> None:
    assert too_steep(flatness(days_with(**{name: BOUNDS[name].a_day * 0.8}), days=10)) == []
