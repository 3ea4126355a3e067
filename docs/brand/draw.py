#!/usr/bin/env python3
"""Draws the icon and the logo: `scripts/brand` for the app, `scripts/brand integration` for the integration.

Everything is drawn several times too large and then scaled down, so that one drawing serves every size.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

type Colour = tuple[int, int, int]
type Point = tuple[float, float]

ROOT = Path(__file__).parents[2]
FONTS = ROOT / "addon/imageserver/imaging/fonts"
FINE = 2048
"""Pixels of the side that everything is drawn at before it is scaled down."""
STEPS = 24
"""Straight pieces that a curve is drawn with between two points."""


SIDE = 128
"""The sheet that everything is measured on; at this size, straight edges fall on pixels."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    def inside(self, by: float) -> Box:
        """Return this one, smaller by as much on each side."""
        return Box(self.left + by, self.top + by, self.right - by, self.bottom - by)

    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Return the corners, clockwise from the top left."""
        return (
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
        )


FRAME = Box(4, 0, 100, 128)
WOOD, PASSEPARTOUT = 8, 8  # which leaves 64 to 96: the frame's screen has 320 to 480
ROUNDING = 4
STAR_AT = (100, 27)
STAR_RADIUS, GAP_RADIUS = 26, 33

WOOD_SIDES: tuple[Colour, Colour, Colour, Colour] = (
    (0xE9, 0xB0, 0x6C),  # top, in the light
    (0xC0, 0x7C, 0x3E),
    (0xA5, 0x64, 0x2E),  # bottom, in its own shade
    (0xD8, 0x98, 0x52),
)
PAPER: Colour = (0xFB, 0xF6, 0xEC)
PAPER_IN_SHADE: Colour = (0xE2, 0xD6, 0xC2)

SKY: tuple[tuple[float, Colour], ...] = (
    (0.0, (0x2B, 0x4F, 0x8C)),
    (0.3, (0x7B, 0x6F, 0xB0)),
    (0.5, (0xF0, 0x8F, 0x86)),
    (0.66, (0xFD, 0xCB, 0x8B)),
    (1.0, (0xFD, 0xE3, 0xB2)),
)
FAR_HILLS = ((-0.1, 0.6), (0.1, 0.5), (0.29, 0.33), (0.48, 0.5), (0.66, 0.54), (0.84, 0.5), (1.1, 0.58))
NEAR_HILLS = ((-0.1, 0.7), (0.2, 0.69), (0.48, 0.73), (0.75, 0.64), (0.92, 0.6), (1.1, 0.62))
MEADOW = ((-0.1, 0.77), (0.15, 0.77), (0.45, 0.85), (0.75, 0.87), (1.1, 0.82))
SUN: Colour = (0xFF, 0xF3, 0xC9)
STAR: Colour = (0xFF, 0xC1, 0x3D)
WORD: Colour = (0x3F, 0x7D, 0xA8)
WORD_ON_DARK: Colour = (0xE8, 0xEE, 0xF4)
LINES = (("AIFrames", "SemiBold", 0.33, 0.5), ("ImageServer", "Regular", 0.23, 0.78))
"""The logo's lines: text, weight, size and base line in parts of the height."""


class Sheet:
    """A transparent square, on which parts are painted one over the other."""

    def __init__(self) -> None:
        self.image = Image.new("RGBA", (FINE, FINE))

    def at(self, points: Iterable[Point]) -> list[Point]:
        """Return points in pixels."""
        return [(x * FINE / SIDE, y * FINE / SIDE) for x, y in points]

    def mask(self, draw: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
        """Return what is drawn, as a mask."""
        mask = Image.new("L", self.image.size)
        draw(ImageDraw.Draw(mask))
        return mask

    def polygon(self, points: Iterable[Point]) -> Image.Image:
        """Return a polygon, as a mask."""
        corners = self.at(points)
        return self.mask(lambda draw: draw.polygon(corners, fill=255))

    def box(self, box: Box, rounding: float = 0) -> Image.Image:
        """Return a rectangle with round corners, as a mask."""
        (left, top), (right, bottom) = self.at(((box.left, box.top), (box.right, box.bottom)))
        return self.mask(
            lambda draw: draw.rounded_rectangle(
                (round(left), round(top), round(right) - 1, round(bottom) - 1),
                rounding * FINE / SIDE,
                fill=255,
            )
        )

    def disc(self, centre: Point, radius: float) -> Image.Image:
        """Return a disc, as a mask."""
        x, y = centre
        (left, top), (right, bottom) = self.at(((x - radius, y - radius), (x + radius, y + radius)))
        return self.mask(lambda draw: draw.ellipse((left, top, right, bottom), fill=255))

    def paint(self, mask: Image.Image, paint: Colour | Image.Image) -> None:
        """Paint a colour or a picture where the mask is."""
        if isinstance(paint, Image.Image):
            self.image.paste(paint, (0, 0), mask)
        else:
            self.image.paste((*paint, 255), (0, 0), mask)

    def cut(self, mask: Image.Image) -> None:
        """Make it transparent where the mask is."""
        self.image.paste((0, 0, 0, 0), (0, 0), mask)


def icon(pixels: int) -> Image.Image:
    """Draw the icon: a photo frame with an evening in it, and the star that says who painted it."""
    return _large_icon().resize((pixels, pixels), Image.Resampling.BOX)


@cache
def _large_icon() -> Image.Image:
    sheet = Sheet()
    _wood(sheet)
    _passepartout(sheet)
    _landscape(sheet, FRAME.inside(WOOD + PASSEPARTOUT))
    sheet.cut(sheet.polygon(_star(STAR_AT, GAP_RADIUS)))
    sheet.paint(sheet.polygon(_star(STAR_AT, STAR_RADIUS)), STAR)
    return sheet.image


def logo(height: int, *, word: Colour = WORD) -> Image.Image:
    """Draw the logo: the icon and the name, two and a half times as wide as high."""
    beside = icon(height * 24 // 25)
    image = _name(word).resize((height * 5 // 2, height), Image.Resampling.BOX)
    image.alpha_composite(beside, (height // 50, (height - beside.height) // 2))
    return image


def _name(colour: Colour) -> Image.Image:
    image = Image.new("RGBA", (FINE * 5 // 2, FINE))
    draw = ImageDraw.Draw(image)
    for line, weight, size, base in LINES:
        file = FONTS / f"Inter-{weight}.otf"
        font = ImageFont.truetype(file, size * FINE, layout_engine=ImageFont.Layout.BASIC)
        draw.text((0.955 * FINE, base * FINE), line, font=font, fill=(*colour, 255), anchor="ls")
    return image


def _wood(sheet: Sheet) -> None:
    whole = sheet.box(FRAME, ROUNDING)
    sheet.paint(whole, WOOD_SIDES[2])
    outer, inner = FRAME.corners(), FRAME.inside(WOOD).corners()
    for side, colour in enumerate(WOOD_SIDES):
        following = (side + 1) % 4
        part = sheet.polygon((outer[side], outer[following], inner[following], inner[side]))
        sheet.paint(ImageChops.multiply(part, whole), colour)


def _passepartout(sheet: Sheet) -> None:
    board = FRAME.inside(WOOD)
    sheet.paint(sheet.box(board), PAPER_IN_SHADE)
    sheet.paint(sheet.box(Box(board.left + 1, board.top + 2, board.right, board.bottom)), PAPER)


def _landscape(sheet: Sheet, window: Box) -> None:
    glass = sheet.box(window)
    width, height = window.size

    def place(x: float, y: float) -> Point:
        return window.left + x * width, window.top + y * height

    def hill(colour: Colour, outline: Sequence[Point]) -> None:
        points = [place(x, y) for x, y in (*_smooth(outline), (1.1, 1.1), (-0.1, 1.1))]
        sheet.paint(ImageChops.multiply(sheet.polygon(points), glass), colour)

    sheet.paint(glass, _sky(window))
    sheet.paint(sheet.disc(place(0.66, 0.44), 11.5), SUN)
    hill((0x8E, 0x6C, 0x9E), FAR_HILLS)
    hill((0x4B, 0x5B, 0x8E), NEAR_HILLS)
    hill((0x26, 0x49, 0x66), MEADOW)


def _star(centre: Point, radius: float) -> list[Point]:
    """Return the outline of a star with four points and hollow sides."""
    points: list[Point] = []
    for quarter in range(4):
        tip, hollow, following = (
            (centre[0] + length * math.cos(angle), centre[1] + length * math.sin(angle))
            for angle, length in (
                (quarter * math.pi / 2, radius),
                ((quarter + 0.5) * math.pi / 2, radius / 10),
                ((quarter + 1) * math.pi / 2, radius),
            )
        )
        points += [_between(tip, hollow, following, step / STEPS) for step in range(STEPS)]
    return points


def _between(start: Point, bend: Point, end: Point, part: float) -> Point:
    """Return a point of the quadratic curve that leaves `start` towards `bend` and comes from there."""
    rest = 1 - part
    x, y = (rest * rest * start[i] + 2 * rest * part * bend[i] + part * part * end[i] for i in (0, 1))
    return x, y


def _smooth(points: Sequence[Point]) -> list[Point]:
    """Return a smooth line through all the points (Catmull and Rom's)."""
    padded = (points[0], *points, points[-1])
    line: list[Point] = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(STEPS):
            t = step / STEPS
            x, y = (
                0.5
                * (
                    2 * start[i]
                    + (end[i] - before[i]) * t
                    + (2 * before[i] - 5 * start[i] + 4 * end[i] - after[i]) * t**2
                    + (3 * start[i] - before[i] - 3 * end[i] + after[i]) * t**3
                )
                for i in (0, 1)
            )
            line.append((x, y))
    return [*line, points[-1]]


def _sky(window: Box) -> Image.Image:
    column = Image.new("RGBA", (1, FINE))
    for y in range(FINE):
        column.putpixel((0, y), (*_sky_at((y * SIDE / FINE - window.top) / window.size[1]), 255))
    return column.resize((FINE, FINE))


def _sky_at(part: float) -> Colour:
    """Return the colour at a part of the way down."""
    below = next((step for step in range(1, len(SKY)) if part <= SKY[step][0]), len(SKY) - 1)
    (start, upper), (end, lower) = SKY[below - 1], SKY[below]
    share = min(max((part - start) / (end - start), 0), 1)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(upper, lower, strict=True))
    return red, green, blue


def app_pictures() -> dict[str, Image.Image]:
    """Draw what Home Assistant's app store shows, by path."""
    return {"addon/icon.png": icon(128), "addon/logo.png": logo(100)}


def integration_pictures() -> dict[str, Image.Image]:
    """Draw what Home Assistant shows of the integration, by path."""
    pictures: dict[str, Image.Image] = {}
    for suffix, side in (("", 256), ("@2x", 512)):
        pictures[f"icon{suffix}"] = icon(side)
        pictures[f"logo{suffix}"] = logo(side)
        pictures[f"dark_logo{suffix}"] = logo(side, word=WORD_ON_DARK)
    return {f"custom_components/aiframes/brand/{name}.png": picture for name, picture in pictures.items()}


def main(arguments: Sequence[str]) -> None:
    """Write the pictures of what is named: `app` (also when nothing is), `integration`."""
    drawings = {"app": app_pictures, "integration": integration_pictures}
    for name in arguments or ("app",):
        for path, picture in drawings[name]().items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            picture.save(ROOT / path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
