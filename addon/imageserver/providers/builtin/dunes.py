"""Dunes of sand below a low sun: each with a side in the light and a side in the shade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .colour import lit, mix
from .contour import contour, line, points_across
from .sky import shine

if TYPE_CHECKING:
    from random import Random

    from .canvas import Canvas, Point
    from .palette import Palette

_DUNES = 5


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint sky, sun, and the dunes from the farthest on."""
    horizon = canvas.height * random.uniform(0.44, 0.54)
    canvas.fill(canvas.gradient(palette.sky, 0, horizon + canvas.height * 0.05))
    place = canvas.width * random.uniform(0.25, 0.75), horizon - canvas.height * random.uniform(0.08, 0.22)
    shine(canvas, palette, place, canvas.width * random.uniform(0.08, 0.12))
    for number in range(_DUNES):
        _dune(canvas, palette, random, horizon, number / (_DUNES - 1))
    canvas.texture(2, 9, 60)
    canvas.grain(6)


def _dune(canvas: Canvas, palette: Palette, random: Random, horizon: float, share: float) -> None:
    # It begins and ends out of sight, where its shaded side may do what it likes.
    beyond = canvas.width / 3
    points, swings = points_across(canvas.width + 2 * beyond), 1.9 + 0.8 * (1 - share)
    heights = contour(random, points, swings=swings, octaves=2, roughness=0.3)
    level = horizon + (canvas.height * 0.9 - horizon) * share**1.1
    crest = line(heights, level, canvas.height * (0.035 + 0.055 * share), -beyond)
    sand = mix(mix(palette.sky[-1], palette.far, 0.35 + 0.5 * share), palette.accents[1], 0.35)
    bright, dark = lit(sand, 0.03 - 0.03 * share), mix(sand, palette.near, 0.3 + 0.34 * share)
    top = min(y for _, y in crest)
    with canvas.inked(
        canvas.gradient((bright, mix(bright, dark, 0.55)), top, top + canvas.height * 0.42)
    ) as body:
        body.below(crest)
    with canvas.inked(
        canvas.gradient((dark, mix(dark, bright, 0.35)), top, top + canvas.height * 0.38)
    ) as shade:
        shade.polygon(_shaded_side(canvas, random, crest))


def _shaded_side(canvas: Canvas, random: Random, crest: list[Point]) -> list[Point]:
    """Follow the crest, and come back below it along the line where shade and light meet."""
    wander = contour(random, len(crest), swings=2.4, octaves=2, roughness=0.4)
    lean, back = random.uniform(-1, 1), []
    for index, ((x, y), value) in enumerate(zip(crest, wander, strict=True)):
        depth = max(0.0, 0.5 + 0.75 * value + lean * (index / len(crest) - 0.5))
        back.append((x + canvas.width * 0.1 * depth, y + canvas.height * 0.2 * depth**1.4))
    return [*crest, *reversed(back)]
