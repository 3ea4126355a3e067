"""Outlines of trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from .canvas import Point


def pine(random: Random, x: float, foot: float, height: float) -> list[Point]:
    """Return the outline of a conifer that stands at `x`, `foot`."""
    tiers = random.randint(6, 9) + int(height / 60)
    spread = height * random.uniform(0.17, 0.24)
    left: list[Point] = []
    right: list[Point] = []
    for tier in range(tiers):
        share = (tier + 1) / tiers
        y = foot - height * (1 - share * 0.94)
        reach = spread * share**0.85
        for side, points in ((-1, left), (1, right)):
            out = reach * random.uniform(0.8, 1.15)
            points.append((x + side * out, y + height * 0.018))
            points.append((x + side * out * 0.42, y - height * 0.012))
    trunk = height * 0.022
    return [(x, foot - height), *right, (x + trunk, foot), (x - trunk, foot), *reversed(left)]
