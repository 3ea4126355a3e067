"""A city in the evening: towers one behind the other, lit windows, and all of it again in the water."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageFilter, ImageOps

from .chance import happens
from .colour import lit, mix
from .sky import shine

if TYPE_CHECKING:
    from random import Random

    from .canvas import Box, Canvas, Stencil
    from .colour import Colour
    from .palette import Palette

_LAMPS: tuple[Colour, ...] = ((255, 214, 140), (255, 190, 110), (255, 232, 190))


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint sky, three rows of buildings, and their reflection."""
    shore = canvas.height * random.uniform(0.76, 0.82)
    canvas.fill(canvas.gradient(palette.sky, 0, shore))
    place = canvas.width * random.uniform(0.25, 0.75), shore - canvas.height * random.uniform(0.3, 0.46)
    shine(canvas, palette, place, canvas.width * random.uniform(0.09, 0.13))
    for share in (0.0, 0.5, 1.0):
        _row(canvas, palette, random, shore, share)
    _reflection(canvas, palette, random, round(shore))
    canvas.grain(3)


def _row(canvas: Canvas, palette: Palette, random: Random, shore: float, share: float) -> None:
    """Draw one row of buildings; `share` is 0 for the farthest."""
    buildings = _buildings(canvas, random, shore, share)
    colour = mix(palette.far, lit(palette.near, 0.02), 0.18 + 0.8 * share)
    haze = mix(colour, palette.sky[-1], 0.5 * (1 - share) + 0.1)
    with canvas.inked(canvas.gradient((colour, haze), shore - canvas.height * 0.36, shore)) as walls:
        for box in buildings:
            walls.rectangle(box)
            random.choice(_ROOFS)(walls, random, box)
    if share > 0:
        windows = [canvas.stencil() for _ in _LAMPS]
        for box in buildings:
            _windows(windows, random, box, 7.5 + 5 * share)
        for stencil, lamp in zip(windows, _LAMPS, strict=True):
            canvas.ink(lamp, stencil, 0.35 + 0.6 * share)


def _buildings(canvas: Canvas, random: Random, shore: float, share: float) -> list[Box]:
    boxes = []
    left = -canvas.width * random.uniform(0, 0.05)
    while left < canvas.width:
        wide = canvas.width * random.uniform(0.05, 0.1) * (1 + 0.35 * share)
        tall = canvas.height * random.choice((0.16, 0.2, 0.26, 0.34)) * random.uniform(0.75, 1.15)
        boxes.append((left, shore - tall * (1.25 - 0.6 * share), left + wide, shore + 1))
        left += wide + (canvas.width * random.uniform(0, 0.015) if happens(random, 0.4) else 0)
    return boxes


def _antenna(walls: Stencil, random: Random, box: Box) -> None:
    left, top, right, _ = box
    wide, middle = right - left, (left + right) / 2
    walls.line([(middle, top), (middle, top - wide * random.uniform(0.6, 1.3))], 1.6)
    walls.rectangle((left + wide * 0.25, top - wide * 0.16, right - wide * 0.25, top))


def _steps(walls: Stencil, _random: Random, box: Box) -> None:
    left, top, right, _ = box
    wide = right - left
    walls.rectangle((left + wide * 0.15, top - wide * 0.22, right - wide * 0.15, top))
    walls.rectangle((left + wide * 0.32, top - wide * 0.42, right - wide * 0.32, top))


def _slope(walls: Stencil, _random: Random, box: Box) -> None:
    left, top, right, _ = box
    walls.polygon([(left, top), (right, top), (right, top - (right - left) * 0.45)])


def _spire(walls: Stencil, _random: Random, box: Box) -> None:
    left, top, right, _ = box
    wide = right - left
    walls.polygon([(left + wide * 0.1, top), (right - wide * 0.1, top), (left + wide / 2, top - wide * 1.5)])


def _flat(_walls: Stencil, _random: Random, _box: Box) -> None:
    pass


_ROOFS = (*(_antenna, _steps) * 3, *(_slope,) * 2, _spire, *(_flat,) * 4)


def _windows(windows: list[Stencil], random: Random, box: Box, cell: float) -> None:
    left, top, right, bottom = box
    columns = max(1, int((right - left - cell * 0.6) / cell))
    margin = (right - left - columns * cell) / 2
    awake = random.uniform(0.12, 0.5)
    for row in range(int((bottom - top - cell) / (cell * 1.25))):
        for column in range(columns):
            if happens(random, awake):
                x, y = left + margin + (column + 0.22) * cell, top + cell * 0.7 + row * cell * 1.25
                random.choice(windows).rectangle((x, y, x + cell * 0.56, y + cell * 0.72))


def _reflection(canvas: Canvas, palette: Palette, random: Random, shore: int) -> None:
    """Turn what is above the shore upside down, and let the water stir it."""
    depth = canvas.height - shore
    above = canvas.image.crop((0, shore - round(depth * 1.7), canvas.width, shore))
    mirror = ImageOps.flip(above).resize((canvas.width, depth)).filter(ImageFilter.GaussianBlur(1.2))
    water = mirror.copy()
    for row in range(depth):
        sway = round(random.uniform(-1, 1) * (1 + 5 * row / depth))
        water.paste(mirror.crop((0, row, canvas.width, row + 1)), (sway, row))
    dark = Image.new("RGB", mirror.size, mix(palette.near, palette.sky[0], 0.35))
    canvas.image.paste(Image.blend(water, dark, 0.42), (0, shore))
    with canvas.inked(lit(palette.near, -0.03)) as quay:
        quay.rectangle((0, shore - 1.5, canvas.width, shore + 1.5))
