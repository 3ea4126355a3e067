"""Lines that go up and down as nature's do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from .canvas import Point

STEP = 3
"""Pixels between two points of a line."""


def contour(
    random: Random, points: int, *, swings: float, octaves: int = 5, roughness: float = 0.5
) -> list[float]:
    """Return heights around 0, most of them between -1 and 1.

    Args:
        random: Where the shape comes from.
        points: How many heights.
        swings: About how many ups and downs there are in the coarsest octave.
        octaves: How many lines are laid over each other, each with twice as many swings as the one before.
        roughness: How high each of them is against the one before.
    """
    heights = [0.0] * points
    for octave in range(octaves):
        frequency, amplitude = swings * 2**octave, roughness**octave
        lattice = [random.uniform(-1, 1) for _ in range(int(frequency) + 3)]
        phase = random.random()
        for point in range(points):
            cell, share = divmod(point / (points - 1) * frequency + phase, 1)
            share = share * share * (3 - 2 * share)
            start, end = lattice[int(cell) : int(cell) + 2]
            heights[point] += amplitude * (start + (end - start) * share)
    return heights


def peaks(random: Random, points: int, *, swings: float, octaves: int, roughness: float) -> list[float]:
    """Return a contour with sharp tops and wide valleys, from about 0 to 1."""
    coarse = contour(random, points, swings=swings, octaves=1)
    fine = contour(random, points, swings=swings * 2.3, octaves=octaves - 1, roughness=roughness)
    return [
        (1 - abs(top)) ** 1.3 + roughness * 0.5 * detail for top, detail in zip(coarse, fine, strict=True)
    ]


def points_across(width: float) -> int:
    """Say how many points a line needs to lead from edge to edge."""
    return int(width) // STEP + 2


def line(heights: list[float], level: float, size: float, left: float = 0) -> list[Point]:
    """Place heights around a level, `size` pixels up for a height of 1."""
    return [(left + index * STEP, level - size * height) for index, height in enumerate(heights)]


def height_at(of: list[Point], x: float) -> float:
    """Return how far down a line is at a place across; beyond its ends, at its ends."""
    return of[min(len(of) - 1, max(0, int((x - of[0][0]) / STEP)))][1]
