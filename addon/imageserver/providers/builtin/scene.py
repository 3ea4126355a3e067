"""The families of pictures."""

from __future__ import annotations

from enum import StrEnum


class Scene(StrEnum):
    """What a picture shows; each has its painter in the file of that name."""

    MOUNTAINS = "mountains"
    SEA = "sea"
    STARS = "stars"
    CITY = "city"
    FOREST = "forest"
    FLOWERS = "flowers"
    DUNES = "dunes"
    SHAPES = "shapes"
    WAVES = "waves"
    WATERCOLOUR = "watercolour"
