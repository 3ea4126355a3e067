"""A forest in the mist: rows of trees that fade the farther they stand, and light that falls between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageFilter

from .chance import happens
from .colour import lit, mix
from .contour import contour, height_at, line, points_across
from .sky import shine
from .trees import pine

if TYPE_CHECKING:
    from random import Random

    from .canvas import Canvas, Point
    from .palette import Palette

_ROWS = 6


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint from the sky to the trees close by, mist between the rows."""
    canvas.fill(canvas.gradient(palette.sky, 0, canvas.height * 0.7))
    sun = canvas.width * random.uniform(0.25, 0.75), canvas.height * random.uniform(0.2, 0.34)
    shine(canvas, palette, sun, canvas.width * 0.075, reach=12)
    for row in range(_ROWS):
        _row(canvas, palette, random, row / (_ROWS - 1))
        if row == _ROWS // 2:
            _rays(canvas, palette, random, sun)
    canvas.grain(3)


def _row(canvas: Canvas, palette: Palette, random: Random, share: float) -> None:
    """Draw one row of trees; `share` is 0 for the farthest."""
    level, size = canvas.height * (0.52 + 0.46 * share), canvas.height * (0.13 + 0.34 * share**1.3)
    heights = contour(random, points_across(canvas.width), swings=1.2, octaves=3, roughness=0.4)
    ground = line(heights, level, canvas.height * 0.03)
    colour = mix(palette.far, palette.near, 0.12 + 0.88 * share**1.2)
    mist = mix(colour, lit(palette.far, 0.06), 0.85 - 0.6 * share)
    glade = canvas.width * random.uniform(0.35, 0.65)
    with canvas.inked(
        canvas.gradient((colour, mist), level - size * 0.75, level + canvas.height * 0.1)
    ) as shape:
        shape.below(ground)
        x = -canvas.width * 0.05
        while x < canvas.width * 1.05:
            # The nearer the row, the wider the glade that lets the eye through; few trees stand in it.
            clear = abs(x - glade) < canvas.width * 0.3 * share
            if not clear or happens(random, 0.12):
                tall = size * random.uniform(0.5, 1.05) * (0.5 if clear else 1)
                shape.polygon(pine(random, x, height_at(ground, x) + size * 0.03, tall))
            x += size * random.uniform(0.1, 0.34)


def _rays(canvas: Canvas, palette: Palette, random: Random, sun: Point) -> None:
    stencil = canvas.stencil()
    for _ in range(7):
        foot, wide = (
            sun[0] + canvas.width * random.uniform(-0.9, 0.9),
            canvas.width * random.uniform(0.02, 0.09),
        )
        corners = [sun, (foot - wide, canvas.height), (foot + wide, canvas.height)]
        stencil.polygon(corners, random.randint(90, 200))
    canvas.fill(palette.light, stencil.mask().filter(ImageFilter.GaussianBlur(canvas.width / 60)), 0.2)
