"""Waves cut out of paper, sheet upon sheet, each with its shadow on the one behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import ImageOps

from .chance import happens
from .colour import lit, ramp
from .contour import STEP

if TYPE_CHECKING:
    from random import Random

    from PIL import Image

    from .canvas import Canvas
    from .colour import Colour
    from .palette import Palette

_SHEETS = 7
_HANGING = 4
"""So many also hang from above, on some pictures."""


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Lay the sheets from the farthest on."""
    canvas.fill(canvas.gradient((lit(palette.sky[-1], 0.02), palette.light)))
    _sun(canvas, random.choice(palette.accents[:3]), random)
    closing_in, swings, slope = happens(random, 0.45), random.uniform(0.8, 1.6), random.uniform(-0.12, 0.12)
    for number, colour in enumerate(ramp((*reversed(palette.sky[:-1]), palette.near), _SHEETS)):
        level = canvas.height * (0.44 + 0.48 * number / (_SHEETS - 1))
        _lay(canvas, _sheet(canvas, random, level, swings, slope), colour, light=1)
        if closing_in and number < _HANGING:
            sheet = _sheet(canvas, random, canvas.height * (0.84 + 0.05 * number), swings, -slope)
            _lay(canvas, ImageOps.flip(sheet), colour, light=-1)
    canvas.texture(2, 50, 75)
    canvas.grain(4)


def _sun(canvas: Canvas, colour: Colour, random: Random) -> None:
    radius = canvas.width * random.uniform(0.12, 0.18)
    disc = canvas.stencil()
    disc.circle(canvas.width * random.uniform(0.3, 0.7), canvas.height * random.uniform(0.24, 0.4), radius)
    canvas.shadow(disc.mask(), blur=radius / 12, offset=(radius / 24, radius / 14), strength=0.3)
    canvas.ink(colour, disc)


def _lay(canvas: Canvas, sheet: Image.Image, colour: Colour, *, light: int) -> None:
    depth = canvas.height / 110
    canvas.shadow(sheet, blur=depth * 0.8, offset=(0, -depth * light), strength=0.42)
    canvas.fill(colour, sheet)


def _sheet(canvas: Canvas, random: Random, level: float, swings: float, slope: float) -> Image.Image:
    """Return a mask of everything below a soft line."""
    waves = [
        (
            canvas.height * size * random.uniform(0.6, 1.2),
            swings * times * random.uniform(0.85, 1.2),
            random.random(),
        )
        for size, times in ((0.042, 1.0), (0.018, 2.1))
    ]
    line = []
    for x in range(-STEP, canvas.width + 2 * STEP, STEP):
        across = x / canvas.width
        y = level + canvas.height * slope * (across - 0.5)
        line.append(
            (x, y + sum(size * math.sin(math.tau * (times * across + phase)) for size, times, phase in waves))
        )
    stencil = canvas.stencil()
    stencil.below(line)
    return stencil.mask()
