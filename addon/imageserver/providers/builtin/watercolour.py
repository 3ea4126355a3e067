"""A landscape in washes of watercolour: transparent, uneven, darker along the edge of each wash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from .colour import lit, mix
from .contour import contour, line, points_across

if TYPE_CHECKING:
    from random import Random

    from .canvas import Canvas
    from .colour import Colour
    from .palette import Palette

_HILLS = 5
_PAPER: Colour = (250, 247, 240)
_WHITE: Colour = (255, 255, 255)


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint sky, sun and hills in washes over each other, and leave the paper's edge free."""
    canvas.fill(_PAPER)
    sheet = _sheet(canvas)
    horizon = canvas.height * random.uniform(0.42, 0.55)
    sky = canvas.gradient(
        (*palette.sky[:-1], lit(palette.sky[-1], 0.05), _PAPER), 0, horizon + canvas.height * 0.12
    )
    clouds = canvas.noise(4, 7).point(lambda value: max(0, min(255, 330 - value * 1.5)))
    _wash(canvas, sky, ImageChops.multiply(sheet, clouds), 0.85)
    _sun(canvas, random.choice(palette.accents[:3]), random, horizon)
    for number in range(_HILLS):
        share = number / (_HILLS - 1)
        tinge = mix(palette.far, palette.accents[number % len(palette.accents)], 0.4)
        level = horizon + (canvas.height * 0.88 - horizon) * share
        hill = _hill(canvas, random, level, 0.1 - 0.05 * share)
        colour = mix(palette.far, palette.near, 0.1 + 0.7 * share)
        below = canvas.gradient(
            (colour, mix(mix(colour, tinge, 0.4), _PAPER, 0.5)), level - canvas.height * 0.1
        )
        _wash(canvas, below, ImageChops.multiply(sheet, hill), 0.85)
    _splashes(canvas, palette.accents[0], random)
    canvas.texture(3, 110, 165)
    canvas.grain(4)


def _sun(canvas: Canvas, colour: Colour, random: Random, horizon: float) -> None:
    disc = canvas.stencil()
    x, y = canvas.width * random.uniform(0.28, 0.72), horizon - canvas.height * random.uniform(0.1, 0.2)
    disc.circle(x, y, canvas.width * random.uniform(0.07, 0.1))
    _wash(canvas, colour, _ragged(canvas, disc.mask(), 3), 0.8)


def _hill(canvas: Canvas, random: Random, level: float, size: float) -> Image.Image:
    heights = contour(random, points_across(canvas.width), swings=1.8, octaves=4, roughness=0.4)
    stencil = canvas.stencil()
    stencil.below(line(heights, level, canvas.height * size))
    return _ragged(canvas, stencil.mask(), 5)


def _wash(canvas: Canvas, paint: Image.Image | Colour, mask: Image.Image, strength: float) -> None:
    """Let paint darken the paper: unevenly, and most where the wet edge dried."""
    inner = mask.filter(ImageFilter.BoxBlur(canvas.width / 110))
    rim = ImageChops.subtract(mask, inner).point(lambda value: min(255, value * 1.1))
    flow = canvas.noise(9, 13).point(lambda value: 165 + value * 0.35)
    density = ImageChops.add(ImageChops.multiply(mask, flow).point(lambda value: value * strength), rim)
    layer = Image.new("RGB", canvas.image.size, _WHITE)
    layer.paste(paint, (0, 0, *canvas.image.size), density)
    canvas.image = ImageChops.multiply(canvas.image, layer)


def _ragged(canvas: Canvas, mask: Image.Image, reach: float) -> Image.Image:
    """Make an edge wander, as paper draws water."""
    soft = mask.filter(ImageFilter.GaussianBlur(reach))
    rough = ImageChops.add(canvas.noise(60, 90), canvas.noise(140, 210), scale=2).point(
        lambda value: value * 0.6
    )
    wandering = ImageChops.add(soft, rough, offset=-77)
    return wandering.point(lambda value: max(0, min(255, (value - 110) * 7)))


def _sheet(canvas: Canvas) -> Image.Image:
    """Return the part of the paper that is painted, its border left free with an uneven line."""
    margin = canvas.width * 0.055
    stencil = canvas.stencil()
    stencil.rectangle((margin, margin, canvas.width - margin, canvas.height - margin))
    return _ragged(canvas, stencil.mask(), 6)


def _splashes(canvas: Canvas, colour: Colour, random: Random) -> None:
    drops = canvas.stencil()
    for _ in range(random.randint(9, 18)):
        x, y = random.uniform(0.1, 0.9) * canvas.width, random.uniform(0.06, 0.5) * canvas.height
        drops.circle(x, y, canvas.width * random.uniform(0.001, 0.006))
    _wash(canvas, colour, drops.mask(), 0.35)
