"""Which painter paints which scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import city, dunes, flowers, forest, mountains, sea, shapes, stars, watercolour, waves
from .scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from .canvas import Canvas
    from .palette import Palette

PAINTERS: dict[Scene, Callable[[Canvas, Palette, Random], None]] = {
    Scene.MOUNTAINS: mountains.paint,
    Scene.SEA: sea.paint,
    Scene.STARS: stars.paint,
    Scene.CITY: city.paint,
    Scene.FOREST: forest.paint,
    Scene.FLOWERS: flowers.paint,
    Scene.DUNES: dunes.paint,
    Scene.SHAPES: shapes.paint,
    Scene.WAVES: waves.paint,
    Scene.WATERCOLOUR: watercolour.paint,
}
