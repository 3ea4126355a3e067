"""Whether figures stay where they are: the first days after the warm-up against the last ones."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import linear_regression, mean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Bound:
    """How much a figure may grow a day, in its own unit, and why it may at all."""

    a_day: float
    why: str = "it does not grow"


BOUNDS = {
    "rss_mb": Bound(0.25, "the allocator's noise"),
    "uss_mb": Bound(0.25, "the allocator's noise"),
    "descriptors": Bound(0.1),
    "threads": Bound(0.1),
    "tasks": Bound(0.2),
    "children": Bound(0.05),
    "database_kb": Bound(60, "requests to providers are kept for 400 days, daily counts too"),
    "wal_kb": Bound(20, "it is used again from its beginning"),
    "log_lines": Bound(3, "what a day brings differs"),
    "log_kb": Bound(0.5, "what a day brings differs"),
    "files_beside_pictures": Bound(0.15, "prepared copies come and go, backups are five"),
}


def flatness(rows: Sequence[dict[str, Any]], *, days: int) -> dict[str, Any]:
    """Compare the first and the last so many days of these rows; each figure with its slope a day."""
    found = {}
    for name, bound in BOUNDS.items():
        values = [float(row[name]) for row in rows]
        slope = linear_regression(range(len(values)), values).slope if len(values) > 1 else 0.0
        first, last = mean(values[:days]), mean(values[-days:])
        found[name] = {
            "first_days": round(first, 2),
            "last_days": round(last, 2),
            "slope_a_day": round(slope, 3),
            "most_a_day": bound.a_day,
            "because": bound.why,
        }
    return found


def too_steep(found: dict[str, Any]) -> list[str]:
    """Return what grows more than it may, in words."""
    return [
        f"{name} grows by {figure['slope_a_day']} a day, from {figure['first_days']} to {figure['last_days']}"
        for name, figure in found.items()
        if figure["slope_a_day"] > figure["most_a_day"]
    ]
