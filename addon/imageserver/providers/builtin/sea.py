"""The sea to the horizon, and the way of light that sun or moon lay on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageFilter

from .chance import aside, happens
from .colour import lit, mix
from .contour import contour, line, points_across
from .sky import shine

if TYPE_CHECKING:
    from random import Random

    from .canvas import Canvas
    from .palette import Palette


def paint(canvas: Canvas, palette: Palette, random: Random) -> None:
    """Paint sky, light, far coasts, water, and mostly a sail."""
    horizon = canvas.height * random.uniform(0.5, 0.62)
    x, radius = canvas.width * random.uniform(0.3, 0.7), canvas.width * random.uniform(0.07, 0.12)
    canvas.fill(canvas.gradient(palette.sky, 0, horizon))
    _clouds(canvas, palette, horizon)
    above = random.uniform(-0.25, 0.4) if happens(random, 0.5) else random.uniform(1.4, 3)
    shine(canvas, palette, (x, horizon - radius * above), radius)
    _coasts(canvas, palette, random, horizon)
    _water(canvas, palette, horizon)
    _glitter(canvas, palette, random, x, horizon)
    if happens(random, 0.75):
        _sail(canvas, palette, random, horizon)
    canvas.grain(3)


def _clouds(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """Lay thin bands of cloud across the sky, most of them low."""
    bands = canvas.noise(3, 22).point(lambda value: max(0, value - 138) * 1.5)
    fine = canvas.noise(7, 60).point(lambda value: max(0, value - 120) * 1.2)
    bands.paste(fine, mask=bands)
    hidden = canvas.gradient(((255, 255, 255), (105, 105, 105), (45, 45, 45), (255, 255, 255)), 0, horizon)
    bands.paste(0, mask=hidden.convert("L"))
    canvas.fill(mix(palette.light, palette.sky[-1], 0.35), bands.filter(ImageFilter.GaussianBlur(2)), 0.6)


def _coasts(canvas: Canvas, palette: Palette, random: Random, horizon: float) -> None:
    for share in (0.15, 0.4):
        heights = contour(random, points_across(canvas.width), swings=1.4, roughness=0.45)
        coast = line(
            [max(0.0, height - 0.25 + 0.3 * share) for height in heights], horizon + 1, canvas.height * 0.045
        )
        with canvas.inked(
            mix(palette.far, palette.near, share), box=(0, 0, canvas.width, horizon + 1)
        ) as shape:
            shape.below(coast)


def _water(canvas: Canvas, palette: Palette, horizon: float) -> None:
    near = mix(palette.sky[0], palette.near, 0.55)
    far, middle = mix(palette.sky[-1], palette.far, 0.45), mix(palette.sky[-2], near, 0.35)
    with canvas.inked(canvas.gradient((far, middle, near, lit(near, -0.06)), horizon)) as shape:
        shape.rectangle((0, horizon, canvas.width, canvas.height))


def _glitter(canvas: Canvas, palette: Palette, random: Random, x: float, horizon: float) -> None:
    """Scatter strokes of light on the waves: small and dense far away, large and few close by."""
    bright, dim = canvas.stencil(), canvas.stencil()
    depth, share = canvas.height - horizon, 0.0
    while share < 1:
        y, size = horizon + 2 + depth * share**1.6, 0.25 + share
        for _ in range(7):
            centre = random.gauss(x, canvas.width * (0.035 + 0.1 * share))
            length = canvas.width * random.uniform(0.01, 0.07) * size
            thick = 0.9 + 2.6 * share * random.uniform(0.5, 1)
            stencil = bright if happens(random, 0.75 - 0.6 * share) else dim
            stencil.ellipse((centre - length, y - thick, centre + length, y + thick))
        for _ in range(5):
            centre, length = random.uniform(0, canvas.width), canvas.width * random.uniform(0.01, 0.08) * size
            dim.ellipse((centre - length, y - 0.8 - share, centre + length, y + 0.8 + share), 90)
        share += 0.012 + 0.01 * share
    canvas.ink(mix(palette.light, palette.sky[-1], 0.5), dim, 0.4)
    canvas.ink(palette.light, bright, 0.9)


def _sail(canvas: Canvas, palette: Palette, random: Random, horizon: float) -> None:
    size = canvas.height * random.uniform(0.05, 0.1)
    left, foot = canvas.width * aside(random, 0.14, 0.3), horizon + size * random.uniform(0.35, 0.9)

    def placed(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(left + size * across, foot - size * up) for across, up in points]

    mirror = canvas.stencil()
    mirror.polygon(placed((-0.22, 0), (0.26, 0), (0.02, -0.7)))
    canvas.fill(palette.near, mirror.mask().filter(ImageFilter.GaussianBlur(3)), 0.35)
    with canvas.inked(lit(palette.near, -0.03)) as shape:
        shape.polygon(placed((-0.3, 0.07), (0.36, 0.07), (0.24, 0), (-0.2, 0)))
        shape.polygon(placed((0, 1), (0.34, 0.12), (0, 0.12)))
        shape.polygon(placed((-0.03, 0.86), (-0.03, 0.12), (-0.26, 0.12)))
