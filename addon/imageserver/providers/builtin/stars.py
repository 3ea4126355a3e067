"""A night sky over hills: stars, the Milky Way, a thin moon, a house where somebody is still awake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from .chance import aside, happens
from .colour import lit, mix
from .contour import contour, height_at, line, points_across
from .trees import pine

if TYPE_CHECKING:
    from random import Random

    from .canvas import Canvas, Point, Stencil
    from .colour import Colour
    from .palette import Palette

_HILLS = 4
_LAMPLIGHT: Colour = (255, 206, 122)


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint the sky first, then the hills before it."""
    canvas.fill(canvas.gradient(palette.sky, 0, canvas.height * 0.86))
    _milky_way(canvas, palette, random)
    _stars(canvas, palette, random)
    if happens(random, 0.7):
        _moon(canvas, palette, random)
    for number in range(_HILLS):
        hill = _hill(canvas, palette, random, number / (_HILLS - 1))
        if number == _HILLS - 2:
            _house(canvas, palette, random, hill)
    canvas.grain(3)


def _milky_way(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Lay a band of light across the sky, with darker clouds in it."""
    diagonal = round((canvas.width**2 + canvas.height**2) ** 0.5)
    across = Image.linear_gradient("L").point(
        lambda value: 255 * max(0.0, 1 - abs(value - 127.5) / 62) ** 1.6
    )
    band = across.resize((diagonal, diagonal)).rotate(random.choice((-1, 1)) * random.uniform(38, 62))
    left, top = (diagonal - canvas.width) // 2, (diagonal - canvas.height) // 2 + round(canvas.height * 0.12)
    band = band.crop((left, top, left + canvas.width, top + canvas.height))
    clouds = ImageChops.multiply(
        canvas.noise(7, 11), canvas.noise(19, 29).point(lambda value: 90 + value * 0.65)
    )
    light = ImageChops.multiply(band, clouds.point(lambda value: min(255, value * 2)))
    canvas.fill(mix(palette.sky[-1], palette.light, 0.35), light, 0.62)


def _stars(canvas: Canvas, palette: Palette, random: Random) -> None:
    sky = canvas.height * 0.82
    with canvas.inked(palette.light) as faint:
        for _ in range(520):
            x, y = random.uniform(0, canvas.width), sky * random.random() ** 1.25
            faint.circle(x, y, random.uniform(0.5, 1.25), random.randint(70, 230))
    bright = canvas.stencil()
    for _ in range(34):
        x, y = random.uniform(0, canvas.width), sky * random.random() ** 1.4
        bright.circle(x, y, random.uniform(1.3, 2.4))
    halo = bright.mask().filter(ImageFilter.GaussianBlur(5)).point(lambda value: min(255, value * 5))
    canvas.fill(palette.light, halo, 0.5)
    canvas.ink((255, 255, 255), bright)


def _moon(canvas: Canvas, palette: Palette, random: Random) -> None:
    x, y = canvas.width * random.uniform(0.2, 0.8), canvas.height * random.uniform(0.12, 0.3)
    radius, side = canvas.width * random.uniform(0.05, 0.08), random.choice((-1, 1))
    canvas.glow(x, y, radius * 7, palette.light, 0.34)
    with canvas.inked(palette.light) as crescent:
        crescent.circle(x, y, radius)
        crescent.circle(x + side * radius * 0.42, y - radius * 0.16, radius * 0.92, 0)


def _hill(canvas: Canvas, palette: Palette, random: Random, share: float) -> list[Point]:
    """Draw one hill, 0 is the farthest, and return its line."""
    heights = contour(random, points_across(canvas.width), swings=1.3, octaves=3, roughness=0.35)
    hill = line(heights, canvas.height * (0.7 + 0.19 * share), canvas.height * (0.05 - 0.012 * share))
    colour = lit(mix(palette.far, palette.near, 0.25 + 0.75 * share), -0.03)
    crest = mix(colour, palette.far, 0.3 * (1 - share))
    with canvas.inked(canvas.gradient((crest, colour), min(y for _, y in hill))) as shape:
        shape.below(hill)
        if share > 0:
            _wood(shape, canvas, random, hill, share)
    return hill


def _wood(shape: Stencil, canvas: Canvas, random: Random, hill: list[Point], share: float) -> None:
    for _ in range(random.randint(1, 3)):
        centre = random.uniform(0, canvas.width)
        for _ in range(random.randint(3, 9)):
            x, size = random.gauss(centre, canvas.width * 0.07), canvas.height * (0.02 + 0.04 * share)
            shape.polygon(pine(random, x, height_at(hill, x) + 3, size * random.uniform(0.6, 1.4)))


def _house(canvas: Canvas, palette: Palette, random: Random, hill: list[Point]) -> None:
    x, size = canvas.width * aside(random, 0.15, 0.38), canvas.height * 0.026
    foot = height_at(hill, x) + 3
    corners = ((-1, 0), (-1, 1), (0, 1.75), (1, 1), (1, 0))
    with canvas.inked(lit(palette.near, -0.04)) as walls:
        walls.polygon([(x + size * across, foot - size * up) for across, up in corners])
        walls.rectangle((x + size * 0.4, foot - size * 1.9, x + size * 0.65, foot - size))
    with canvas.inked(_LAMPLIGHT) as windows:
        for left in (-0.55, 0.15):
            windows.rectangle(
                (x + left * size, foot - size * 0.75, x + (left + 0.4) * size, foot - size * 0.3)
            )
    canvas.glow(x, foot - size * 0.5, size * 4, _LAMPLIGHT, 0.4)
