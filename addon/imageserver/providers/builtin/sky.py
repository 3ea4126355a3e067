"""Sun and moon."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .canvas import Canvas, Point
    from .palette import Palette


def shine(canvas: Canvas, palette: Palette, place: Point, radius: float, *, reach: float = 6.5) -> None:
    """Paint a sun or full moon and the light around it, which ends at `reach` times its radius."""
    canvas.glow(*place, radius * reach, palette.light, 0.52)
    canvas.glow(*place, radius * 2.5, palette.light, 0.6)
    x, y = place
    with canvas.inked(palette.light, 0.96, box=(x - radius, y - radius, x + radius, y + radius)) as shape:
        shape.circle(x, y, radius)
