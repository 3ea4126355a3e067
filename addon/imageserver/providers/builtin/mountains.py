"""Ranges of mountains in the haze, one behind the other, below a sun or moon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chance import aside
from .colour import lit, mix
from .contour import contour, height_at, line, peaks, points_across
from .sky import shine
from .trees import pine

if TYPE_CHECKING:
    from random import Random

    from .canvas import Canvas
    from .palette import Palette

_ROUNDED = 0.6
"""From here to the nearest, ranges are hills."""


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint from the sky to the trees in front."""
    horizon = canvas.height * random.uniform(0.46, 0.56)
    canvas.fill(canvas.gradient(palette.sky, 0, horizon + canvas.height * 0.08))
    place = canvas.width * aside(random, 0.24, 0.4), horizon - canvas.height * random.uniform(0.14, 0.26)
    shine(canvas, palette, place, canvas.width * random.uniform(0.06, 0.1))
    ranges = random.randint(5, 7)
    for number in range(ranges):
        share = number / (ranges - 1)
        level = horizon + (canvas.height * 0.93 - horizon) * share**1.15
        _range(canvas, palette, random, level, share)
    _trees(canvas, palette, random)
    canvas.grain(3)


def _range(canvas: Canvas, palette: Palette, random: Random, level: float, share: float) -> None:
    """Draw one range; `share` is 0 for the farthest and 1 for the nearest."""
    points, size = points_across(canvas.width), canvas.height * (0.17 - 0.1 * share)
    if share < _ROUNDED:
        crest = line(peaks(random, points, swings=1.6 + 2.4 * share, octaves=6, roughness=0.5), level, size)
    else:
        crest = line(contour(random, points, swings=1.8, octaves=5, roughness=0.42), level, size / 2)
    colour = mix(palette.far, palette.near, share**1.25)
    haze = mix(colour, lit(palette.far, 0.05), 0.72 * (1 - share) + 0.08)
    top, bottom = min(y for _, y in crest), level + canvas.height * (0.16 - 0.04 * share)
    with canvas.inked(canvas.gradient((colour, haze), top, bottom)) as shape:
        shape.below(crest)


def _trees(canvas: Canvas, palette: Palette, random: Random) -> None:
    heights = contour(random, points_across(canvas.width), swings=1.2, octaves=3)
    ground = line(heights, canvas.height * 0.955, canvas.height * 0.02)
    with canvas.inked(lit(palette.near, -0.05)) as shape:
        shape.below(ground)
        for _ in range(random.randint(2, 4)):
            centre, spread = random.uniform(0, canvas.width), canvas.width * random.uniform(0.05, 0.14)
            for _ in range(random.randint(4, 9)):
                x = random.gauss(centre, spread)
                shape.polygon(
                    pine(random, x, height_at(ground, x) + 4, canvas.height * random.uniform(0.035, 0.1))
                )
