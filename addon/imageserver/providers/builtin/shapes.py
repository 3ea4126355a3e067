"""A composition of circles, arcs and squares on a grid, as a school of design in Dessau liked them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chance import happens
from .colour import mix

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from .canvas import Box, Canvas
    from .colour import Colour
    from .palette import Palette

type Motif = Callable[[Canvas, Box, tuple[Colour, Colour], Random], None]

_COLUMNS = 4
_MARGIN = 0.35
"""Of a cell, left and right."""


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Fill a grid of square cells, some of them joined to larger ones."""
    canvas.fill(palette.paper)
    cell = canvas.width / (_COLUMNS + 2 * _MARGIN)
    rows = max(1, int(canvas.height / cell - 2 * _MARGIN))
    left, top = cell * _MARGIN, (canvas.height - cell * rows) / 2
    for column, row, span in _cells(random, rows):
        x, y, side = left + column * cell, top + row * cell, span * cell
        _fill_cell(canvas, (x, y, x + side, y + side), palette, random)
    canvas.texture(2, 60, 90)
    canvas.grain(5)


def _cells(random: Random, rows: int) -> list[tuple[int, int, int]]:
    """Return column, row and span of each cell: most span one, some two."""
    places = [(column, row) for column in range(_COLUMNS) for row in range(rows)]
    random.shuffle(places)
    free, cells = set(places), []
    for column, row in places:
        if (column, row) in free:
            block = {(column + across, row + down) for across in (0, 1) for down in (0, 1)}
            large = block <= free and happens(random, 0.3)
            free -= block if large else {(column, row)}
            cells.append((column, row, 2 if large else 1))
    return cells


def _fill_cell(canvas: Canvas, box: Box, palette: Palette, random: Random) -> None:
    ground, figure = random.sample((*palette.accents, palette.near), 2)
    if happens(random, 0.4):
        ground = palette.paper  # air between the colours
    with canvas.inked(ground, box=box) as shape:
        shape.rectangle(box)
    random.choice(_MOTIFS)(canvas, box, (figure, mix(ground, figure, 0.45)), random)


def _quarter(canvas: Canvas, box: Box, colours: tuple[Colour, Colour], random: Random) -> None:
    """A quarter of a circle, and mostly a smaller one in it."""
    left, top, right, bottom = box
    corner = random.randrange(4)
    x, y = ((left, top), (right, top), (right, bottom), (left, bottom))[corner]
    for share, colour in zip((1.0, 0.55)[: random.choice((1, 2, 2))], colours, strict=False):
        radius = (right - left) * share
        with canvas.inked(colour, box=box) as shape:
            shape.pie((x - radius, y - radius, x + radius, y + radius), 90 * corner, 90 * corner + 90)


def _half(canvas: Canvas, box: Box, colours: tuple[Colour, Colour], random: Random) -> None:
    """Half a circle, or two, hanging."""
    left, top, right, bottom = box
    half = (right - left) / 2
    for number in range(random.choice((1, 2))):
        shift = (number - 1) * half
        with canvas.inked(colours[number], box=box) as shape:
            shape.pie((left, top + shift, right, bottom + shift), 0, 180)


def _rings(canvas: Canvas, box: Box, colours: tuple[Colour, Colour], random: Random) -> None:
    """A circle, or rings in each other."""
    left, top, right, bottom = box
    for number in range(random.choice((1, 2, 4))):
        with canvas.inked(colours[number % 2], box=box) as shape:
            shape.circle((left + right) / 2, (top + bottom) / 2, (right - left) * (0.43 - 0.105 * number))


def _triangle(canvas: Canvas, box: Box, colours: tuple[Colour, Colour], random: Random) -> None:
    """A square cut along its diagonal."""
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    del corners[random.randrange(4)]
    with canvas.inked(colours[0], box=box) as shape:
        shape.polygon(corners)


def _stripes(canvas: Canvas, box: Box, colours: tuple[Colour, Colour], random: Random) -> None:
    """Bars, upright or lying."""
    left, top, right, bottom = box
    bars, upright = random.choice((2, 3, 4)), happens(random, 0.5)
    step = (right - left) / bars
    with canvas.inked(colours[0], box=box) as shape:
        for start in (bar * step for bar in range(bars)):
            if upright:
                shape.rectangle((left + start, top, left + start + step / 2, bottom))
            else:
                shape.rectangle((left, top + start, right, top + start + step / 2))


def _leaf(canvas: Canvas, box: Box, colours: tuple[Colour, Colour], random: Random) -> None:
    """Two small quarters that look at each other from opposite corners."""
    left, top, right, bottom = box
    radius = (right - left) / 2
    falling = happens(random, 0.5)
    centres = ((left, top), (right, bottom)) if falling else ((right, top), (left, bottom))
    for (x, y), start, colour in zip(centres, (0, 180) if falling else (90, 270), colours, strict=True):
        with canvas.inked(colour, box=box) as shape:
            shape.pie((x - radius, y - radius, x + radius, y + radius), start, start + 90)


_MOTIFS: tuple[Motif, ...] = (_quarter, _quarter, _half, _rings, _triangle, _stripes, _leaf)
