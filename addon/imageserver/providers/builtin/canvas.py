"""A sheet to paint on: soft gradients, light, and shapes with smooth edges."""

from __future__ import annotations

from contextlib import contextmanager
from math import ceil, floor
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .colour import ramp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from .colour import Colour

type Point = tuple[float, float]
type Box = tuple[float, float, float, float]

_OVERSAMPLING = 2
_RAMP_STEPS = 48
_RIM = 179
"""Of Pillow's radial gradient: what it has at the middle of its sides."""


class Stencil:
    """Shapes with smooth edges: drawn larger than they are needed. Places are in pixels of the canvas."""

    def __init__(self, left: int, top: int, right: int, bottom: int) -> None:
        self.left = left
        self.top = top
        self._mask = Image.new("L", ((right - left) * _OVERSAMPLING, (bottom - top) * _OVERSAMPLING))
        self._draw = ImageDraw.Draw(self._mask)

    def polygon(self, points: Iterable[Point], value: int = 255) -> None:
        """Fill a polygon."""
        self._draw.polygon([self._place(x, y) for x, y in points], fill=value)

    def ellipse(self, box: Box, value: int = 255) -> None:
        """Fill an ellipse."""
        self._draw.ellipse(self._box(box), fill=value)

    def circle(self, x: float, y: float, radius: float, value: int = 255) -> None:
        """Fill a circle."""
        self.ellipse((x - radius, y - radius, x + radius, y + radius), value)

    def pie(self, box: Box, start: float, end: float, value: int = 255) -> None:
        """Fill a slice of an ellipse; degrees clockwise from the right."""
        self._draw.pieslice(self._box(box), start, end, fill=value)

    def rectangle(self, box: Box, value: int = 255) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = self._box(box)
        if right - left >= 1 and bottom - top >= 1:
            self._draw.rectangle((left, top, right - 1, bottom - 1), fill=value)

    def below(self, line: Sequence[Point]) -> None:
        """Fill everything below a line that leads from the left to the right."""
        (left, _), (right, _) = line[0], line[-1]
        foot = self.top + self._mask.height / _OVERSAMPLING
        self.polygon([(left, foot), *line, (right, foot)])

    def line(self, points: Iterable[Point], width: float, value: int = 255) -> None:
        """Draw a line with rounded joints."""
        corners = [self._place(x, y) for x, y in points]
        self._draw.line(corners, fill=value, width=max(1, round(width * _OVERSAMPLING)), joint="curve")

    def mask(self) -> Image.Image:
        """Return what was drawn, in the canvas's pixels."""
        return self._mask.reduce(_OVERSAMPLING)

    def _place(self, x: float, y: float) -> Point:
        return (x - self.left) * _OVERSAMPLING, (y - self.top) * _OVERSAMPLING

    def _box(self, box: Box) -> Box:
        return *self._place(*box[:2]), *self._place(*box[2:])


class Canvas:
    """The picture in the making."""

    def __init__(self, width: int, height: int, random: Random) -> None:
        self.width = width
        self.height = height
        self.image = Image.new("RGB", (width, height))
        self._random = random

    def stencil(self, box: Box | None = None) -> Stencil:
        """Return an empty stencil of the canvas's size, or for a part of it, which is quicker."""
        if box is None:
            return Stencil(0, 0, self.width, self.height)
        left, top, right, bottom = floor(box[0]), floor(box[1]), ceil(box[2]), ceil(box[3])
        return Stencil(left, top, max(right, left + 1), max(bottom, top + 1))

    def gradient(
        self, colours: tuple[Colour, ...], top: float = 0, bottom: float | None = None
    ) -> Image.Image:
        """Return colours from above to below; beyond `top` and `bottom` the outer ones go on."""
        bottom = self.height if bottom is None else bottom
        strip = Image.new("RGB", (1, _RAMP_STEPS))
        strip.putdata(ramp(colours if len(colours) > 1 else colours * 2, _RAMP_STEPS))
        middle = strip.resize((self.width, max(1, round(bottom - top))), Image.Resampling.BICUBIC)
        if (round(top), middle.height) == (0, self.height):
            return middle
        whole = Image.new("RGB", (self.width, self.height), colours[-1])
        whole.paste(colours[0], (0, 0, self.width, max(0, round(top))))
        whole.paste(middle, (0, round(top)))
        return whole

    def fill(self, paint: Image.Image | Colour, mask: Image.Image | None = None, opacity: float = 1) -> None:
        """Paint all over, or where the mask lets it through."""
        if mask is not None and opacity < 1:
            mask = mask.point(lambda value: value * opacity)
        if isinstance(paint, Image.Image):
            self.image.paste(paint, (0, 0), mask)
        else:
            self.image.paste(paint, (0, 0, self.width, self.height), mask)

    def ink(self, paint: Image.Image | Colour, stencil: Stencil, opacity: float = 1) -> None:
        """Paint what a stencil shows."""
        mask = stencil.mask()
        if opacity < 1:
            mask = mask.point(lambda value: value * opacity)
        box = (stencil.left, stencil.top, stencil.left + mask.width, stencil.top + mask.height)
        self.image.paste(paint.crop(box) if isinstance(paint, Image.Image) else paint, box, mask)

    @contextmanager
    def inked(
        self, paint: Image.Image | Colour, opacity: float = 1, *, box: Box | None = None
    ) -> Iterator[Stencil]:
        """Lend a stencil and paint what was drawn on it."""
        stencil = self.stencil(box)
        yield stencil
        self.ink(paint, stencil, opacity)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Let light shine from a point, fading out towards `radius`."""
        side = max(2, round(radius * 2))
        falloff = Image.radial_gradient("L").point(
            lambda away: 255 * strength * max(0.0, 1 - away / _RIM) ** 2
        )
        mask = falloff.resize((side, side), Image.Resampling.BICUBIC)
        self.image.paste(colour, (round(x) - side // 2, round(y) - side // 2), mask)

    def shadow(self, mask: Image.Image, *, blur: float, offset: Point, strength: float) -> None:
        """Darken what lies below a shape that is about to be painted."""
        soft = ImageChops.offset(mask, round(offset[0]), round(offset[1])).filter(ImageFilter.BoxBlur(blur))
        self.fill((12, 10, 20), soft.filter(ImageFilter.BoxBlur(blur)), strength)

    def noise(self, across: int, down: int) -> Image.Image:
        """Return soft gray noise of the canvas's size with so many spots across and down."""
        cells = Image.frombytes("L", (across, down), self._random.randbytes(across * down))
        return cells.resize((self.width, self.height), Image.Resampling.BICUBIC)

    def texture(self, strength: float, across: int, down: int) -> None:
        """Vary the light over the picture by some levels, in spots."""
        self._vary(self.noise(across, down), strength)

    def grain(self, strength: float) -> None:
        """Add a film's grain: it hides the steps in soft gradients, on a panel of few colours above all."""
        size = (self.width, self.height)
        self._vary(Image.frombytes("L", size, self._random.randbytes(self.width * self.height)), strength)

    def _vary(self, gray: Image.Image, strength: float) -> None:
        levels = gray.point(lambda value: round(128 + (value - 127.5) / 127.5 * strength))
        self.image = ImageChops.add(self.image, levels.convert("RGB"), offset=-128)
