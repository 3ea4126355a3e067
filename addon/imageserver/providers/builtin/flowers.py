"""Plants: a print of leafy stems before a sun of paper, or a meadow in bloom."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import ImageFilter

from .blooms import BLOOMS
from .chance import happens
from .colour import lit, mix
from .plants import blade, leaf, points, stem

if TYPE_CHECKING:
    from random import Random

    from .canvas import Canvas
    from .colour import Colour
    from .palette import Palette
    from .plants import Place, Stem

_ROWS = 4
"""Of a meadow, one before the other."""


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint one of the two."""
    if happens(random, 0.5):
        _print(canvas, palette, random)
    else:
        _meadow(canvas, palette, random)
    canvas.texture(2.5, 40, 60)
    canvas.grain(4)


def _print(canvas: Canvas, palette: Palette, random: Random) -> None:
    width, height = canvas.width, canvas.height
    canvas.fill(palette.paper)
    sun, ground = random.sample(palette.accents[:4], 2)
    with canvas.inked(lit(mix(sun, palette.paper, 0.25), 0.02)) as shape:
        place = width * random.uniform(0.36, 0.64), height * random.uniform(0.3, 0.42)
        shape.circle(*place, width * random.uniform(0.25, 0.33))
    with canvas.inked(mix(ground, palette.paper, 0.45)) as shape:
        shape.ellipse((-width * 0.25, height * 0.83, width * random.uniform(0.7, 1.1), height * 1.25))
    inks = [
        mix(palette.near, accent, share)
        for accent, share in zip(palette.accents, (0.15, 0.5, 0.75), strict=False)
    ]
    count = random.randint(3, 4)
    for number in range(count):
        away = number - (count - 1) / 2
        foot = (width * (0.5 + away * 0.17 + random.uniform(-0.03, 0.03)), height * 1.01)
        grown = stem(
            random, foot, away * 0.16 + random.uniform(-0.06, 0.06), height * random.uniform(0.62, 0.84)
        )
        _leafy(canvas, random, grown, inks[number % len(inks)], palette.paper)


def _leafy(canvas: Canvas, random: Random, grown: Stem, colour: Colour, paper: Colour) -> None:
    """Draw a stem with pairs of leaves that grow smaller towards its tip."""
    leaves, veins = canvas.stencil(), canvas.stencil()
    leaves.line(points(grown), canvas.width * 0.007)
    size, count = canvas.width * random.uniform(0.14, 0.24), random.randint(8, 13)
    slender, spread = random.uniform(0.2, 0.46), random.uniform(0.55, 1.0)
    for number in range(count):
        share = 0.2 + 0.8 * number / (count - 1)
        x, y, direction = grown[min(len(grown) - 1, int(share * len(grown)))]
        length = size * (1.15 - 0.72 * share) * random.uniform(0.9, 1.1)
        for side in (-1, 1) if number < count - 1 else (0,):
            angle = direction + side * spread * (1.1 - 0.4 * share)
            leaves.polygon(leaf((x, y), angle, length, length * slender))
            tip = (x + math.sin(angle) * length * 0.86, y - math.cos(angle) * length * 0.86)
            veins.line([(x, y), tip], canvas.width * 0.0028)
    canvas.ink(colour, leaves)
    canvas.ink(mix(colour, paper, 0.55), veins, 0.8)


def _meadow(canvas: Canvas, palette: Palette, random: Random) -> None:
    canvas.fill(canvas.gradient(palette.sky, 0, canvas.height * 0.85))
    sun = canvas.width * random.uniform(0.25, 0.75), canvas.height * random.uniform(0.16, 0.34)
    canvas.glow(*sun, canvas.width * 0.8, palette.light, 0.7)
    for row in range(_ROWS):
        share = row / (_ROWS - 1)
        for top in _plants(canvas, palette, random, share):
            colour = mix(random.choice(palette.accents[:3]), palette.far, 0.5 * (1 - share))
            random.choice(BLOOMS)(canvas, top, canvas.width * (0.032 + 0.04 * share), colour, palette)


def _plants(canvas: Canvas, palette: Palette, random: Random, share: float) -> list[Place]:
    """Draw grass and the stems of one row, 0 is the farthest; return where the flowers go."""
    width, height = canvas.width, canvas.height
    shape, tops = canvas.stencil(), []
    for _ in range(34):
        foot = (random.uniform(-0.05, 1.05) * width, height * 1.02)
        tall = height * random.uniform(0.1, 0.34) * (1.25 - 0.35 * share)
        shape.polygon(blade(stem(random, foot, random.gauss(0, 0.16), tall), width * (0.012 + 0.012 * share)))
    flowers = round(7 - 3 * share)
    for number in range(flowers):
        foot = (width * (number + random.uniform(0.1, 0.9)) / flowers, height * 1.02)
        tall = height * random.uniform(0.36, 0.62) * (1.15 - 0.25 * share)
        grown = stem(random, foot, random.gauss(0, 0.1), tall)
        shape.line(points(grown), width * (0.004 + 0.004 * share))
        tops.append(grown[-1])
    green = mix(palette.far, mix(palette.near, palette.accents[3], 0.35), 0.2 + 0.8 * share)
    mask = shape.mask()
    canvas.fill(green, mask if share > 0 else mask.filter(ImageFilter.GaussianBlur(2)))
    return tops
