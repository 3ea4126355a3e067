"""Outlines of plants: stems, leaves, blades of grass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from .canvas import Point

type Place = tuple[float, float, float]
"""A point and a direction there: radians from straight up, to the right."""

type Stem = list[Place]

_STEPS = 40
_LEAF_STEPS = 14


def stem(random: Random, foot: Point, lean: float, length: float) -> Stem:
    """Grow a curve upwards from `foot`, at first in the direction `lean`."""
    bend = random.uniform(-0.5, 0.5)
    x, y = foot
    places = []
    for step in range(_STEPS):
        direction = lean + bend * (step / _STEPS) ** 1.5
        x += math.sin(direction) * length / _STEPS
        y -= math.cos(direction) * length / _STEPS
        places.append((x, y, direction))
    return places


def points(of: Stem) -> list[Point]:
    """Return a stem's points alone."""
    return [(x, y) for x, y, _ in of]


def leaf(base: Point, direction: float, length: float, width: float, *, bulge: float = 0.8) -> list[Point]:
    """Return the outline of a leaf or petal that grows from `base`; the more `bulge`, the blunter its tip."""
    sine, cosine = math.sin(direction), math.cos(direction)
    outline: tuple[list[Point], list[Point]] = ([], [])
    for step in range(_LEAF_STEPS + 1):
        share = step / _LEAF_STEPS
        out = width / 2 * math.sin(math.pi * share**bulge)
        x, y = base[0] + sine * length * share, base[1] - cosine * length * share
        for side, edge in zip((1, -1), outline, strict=True):
            edge.append((x + side * cosine * out, y + side * sine * out))
    return [*outline[0], *reversed(outline[1])]


def blade(of: Stem, width: float) -> list[Point]:
    """Return a blade of grass along a stem: broad at the foot, pointed at the tip."""
    outline: tuple[list[Point], list[Point]] = ([], [])
    for step, (x, y, direction) in enumerate(of):
        half = width / 2 * (1 - step / (len(of) - 1)) ** 0.7
        for side, edge in zip((1, -1), outline, strict=True):
            edge.append((x + side * half * math.cos(direction), y + side * half * math.sin(direction)))
    return [*outline[0], *reversed(outline[1])]
