"""Heads of flowers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .colour import lit, mix
from .plants import leaf

if TYPE_CHECKING:
    from .canvas import Box, Canvas, Point
    from .colour import Colour
    from .palette import Palette
    from .plants import Place


def daisy(canvas: Canvas, top: Place, size: float, colour: Colour, palette: Palette) -> None:
    """Paint a ring of narrow petals round a heart."""
    x, y, direction = top
    with canvas.inked(mix(colour, palette.light, 0.45), box=_around(top, size)) as petals:
        for angle in _turns(direction, 13):
            petals.polygon(leaf((x, y), angle, size * 1.3, size * 0.42, bulge=1.7))
    with canvas.inked(palette.accents[2], box=_around(top, size)) as heart:
        heart.circle(x, y, size * 0.4)


def tulip(canvas: Canvas, top: Place, size: float, colour: Colour, palette: Palette) -> None:
    """Paint a cup of three petals."""
    x, y, direction = top
    base = _away((x, y), direction, -size * 0.4)
    with canvas.inked(mix(colour, palette.near, 0.12), box=_around(top, size)) as outer:
        for turn in (-0.36, 0.36):
            outer.polygon(leaf(base, direction + turn, size * 1.9, size * 1.05))
    with canvas.inked(colour, box=_around(top, size)) as inner:
        inner.polygon(leaf(base, direction, size * 1.8, size))


def poppy(canvas: Canvas, top: Place, size: float, colour: Colour, palette: Palette) -> None:
    """Paint broad petals over each other, and seeds round the heart."""
    x, y, direction = top
    for number, angle in enumerate(_turns(direction, 5)):
        with canvas.inked(lit(colour, 0.025 * (number % 2)), 0.92, box=_around(top, size)) as petal:
            petal.circle(*_away((x, y), angle, size * 0.62), size * 0.66)
    with canvas.inked(palette.near, box=_around(top, size)) as heart:
        heart.circle(x, y, size * 0.3)
        for angle in _turns(direction, 11):
            heart.circle(*_away((x, y), angle, size * 0.46), size * 0.05)


BLOOMS = (daisy, tulip, poppy)


def _turns(start: float, count: int) -> list[float]:
    return [start + number / count * math.tau for number in range(count)]


def _away(point: Point, direction: float, distance: float) -> Point:
    return point[0] + math.sin(direction) * distance, point[1] - math.cos(direction) * distance


def _around(top: Place, size: float) -> Box:
    reach = size * 2
    return top[0] - reach, top[1] - reach, top[0] + reach, top[1] + reach
