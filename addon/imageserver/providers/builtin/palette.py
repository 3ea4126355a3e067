"""The colours of one picture, by the part that each plays in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from .colour import Colour, faded, rgb, tinted

if TYPE_CHECKING:
    from collections.abc import Callable


class Mood(StrEnum):
    """The hour or the season of a picture."""

    DAY = "day"
    DAWN = "dawn"
    SUNSET = "sunset"
    NIGHT = "night"
    MIST = "mist"
    WINTER = "winter"
    SPRING = "spring"
    AUTUMN = "autumn"


class Tint(StrEnum):
    """A colour that was asked for by its name."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TURQUOISE = "turquoise"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    GRAY = "gray"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by their parts.

    Attributes:
        sky: From above to the horizon.
        light: Sun or moon, and what it shines on.
        far: Land that nearly melts into the sky.
        near: The darkest, closest land; also ink.
        paper: What is drawn on, where there is no sky.
        accents: Colours that go together on paper.
    """

    sky: tuple[Colour, ...]
    light: Colour
    far: Colour
    near: Colour
    paper: Colour
    accents: tuple[Colour, ...]

    def changed(self, change: Callable[[Colour], Colour]) -> Palette:
        """Return the same palette with each colour changed."""
        return replace(
            self,
            sky=tuple(map(change, self.sky)),
            light=change(self.light),
            far=change(self.far),
            near=change(self.near),
            paper=change(self.paper),
            accents=tuple(map(change, self.accents)),
        )


_HUES = {
    Tint.RED: 27,
    Tint.ORANGE: 55,
    Tint.YELLOW: 82,
    Tint.GREEN: 145,
    Tint.TURQUOISE: 195,
    Tint.BLUE: 255,
    Tint.PURPLE: 305,
    Tint.PINK: 355,
}
_TINT_STRENGTH = 0.8


def in_tint(palette: Palette, tint: Tint) -> Palette:
    """Return a palette in another colour, as light and dark as before."""
    if tint is Tint.GRAY:
        return palette.changed(lambda colour: faded(colour, 0.94))
    return palette.changed(lambda colour: tinted(colour, _HUES[tint], _TINT_STRENGTH))


def _palette(sky: str, light: str, land: str, paper: str, accents: str) -> Palette:
    far, near = map(rgb, land.split())
    return Palette(
        tuple(map(rgb, sky.split())), rgb(light), far, near, rgb(paper), tuple(map(rgb, accents.split()))
    )


PALETTES: dict[Mood, tuple[Palette, ...]] = {
    Mood.DAY: (
        _palette(
            "#4f8fc0 #8fbcd6 #d5e6e6",
            "#fff6da",
            "#a9c6cf #1f4a4d",
            "#f3ecdc",
            "#2f6f8f #e0a458 #c8553d #7fa99b #28464b",
        ),
        _palette(
            "#3d7ea6 #86b3c7 #f0e3c8",
            "#fff3cf",
            "#b7c4b1 #2c4a3e",
            "#f4eee0",
            "#35605a #d8a24a #bf4e30 #6b9080 #22333b",
        ),
    ),
    Mood.DAWN: (
        _palette(
            "#6d7fae #c99fb0 #f6cfae #fbe6c8",
            "#fff2d8",
            "#d9b4b4 #3b3a5a",
            "#f7ede2",
            "#84596b #f28482 #f6bd60 #84a59d #4a4e69",
        ),
        _palette(
            "#7a8fb8 #e0b7b4 #fbdcc0",
            "#fff7e4",
            "#d3b7c1 #42496b",
            "#f6eee6",
            "#5b7b9a #e5989b #ffcdb2 #b5838d #6d6875",
        ),
    ),
    Mood.SUNSET: (
        _palette(
            "#2d2a4a #7a3b69 #d9594c #f5a65b #fbd58a",
            "#fff0c4",
            "#c96f5b #221a33",
            "#f5e6d3",
            "#e4572e #f3a712 #a8294e #29335c #669bbc",
        ),
        _palette(
            "#3a3f6b #945a7a #ef8a62 #fcd08f",
            "#fff4d2",
            "#cf8266 #2a2140",
            "#f6e7cf",
            "#d1495b #edae49 #66547a #30638e #00798c",
        ),
        _palette(
            "#1f3a5f #54678f #c98b8b #f2b880",
            "#ffe9c2",
            "#b98a84 #1d2438",
            "#f3e8da",
            "#c44536 #e9b872 #772e25 #283d3b #5f8a8b",
        ),
    ),
    Mood.NIGHT: (
        _palette(
            "#0a1128 #16264d #31487a #6d7fa6",
            "#f4f0dc",
            "#45598a #080d1c",
            "#121a30",
            "#e9c46a #4f7cac #c0e0de #8d99ae #d68c6a",
        ),
        _palette(
            "#0b132b #1c2541 #3a506b #5f8a8b",
            "#f3ead0",
            "#3d5a6c #070b16",
            "#141d2e",
            "#ffd166 #5bc0be #ef8354 #6b84a3 #f0efeb",
        ),
        _palette(
            "#150f2e #2a1f54 #573c78 #a06a8c",
            "#f8ecd6",
            "#5c4a7d #0d0a1e",
            "#1a1633",
            "#f2c57c #b56576 #6d597a #e8d5c4 #5b8e9e",
        ),
    ),
    Mood.MIST: (
        _palette(
            "#b9c4c6 #d3d8d3 #e9e5da",
            "#fbf7ea",
            "#c0c9c7 #34454a",
            "#efece4",
            "#c9b79c #a3b1a8 #8d7b68 #48585c #6b7f82",
        ),
        _palette(
            "#a7b5bb #cdd3cf #ede4d3",
            "#fff8e6",
            "#bcc4bf #3b4a45",
            "#f1ebe0",
            "#d9ae94 #b8b08d #93a8a0 #3f4f4b #5e7a72",
        ),
    ),
    Mood.WINTER: (
        _palette(
            "#7d9cbb #b9cbd9 #f0e6e6",
            "#fffaf0",
            "#d7e0ea #38506b",
            "#f2f4f5",
            "#457b9d #a8dadc #e07a5f #1d3557 #9db4c0",
        ),
        _palette(
            "#8fa3c0 #d4cfe0 #fbe3dc",
            "#fff8ee",
            "#dfe3ee #40496a",
            "#f4f3f6",
            "#5c6b9c #c9cfe3 #d98c8c #30395c #9aaed0",
        ),
    ),
    Mood.SPRING: (
        _palette(
            "#8cc0cf #cfe3d6 #fbf0d9",
            "#fffbe6",
            "#c3dcc0 #2f5d4c",
            "#f6f3e6",
            "#e8a0a8 #d36582 #f2c14e #4d7c6f #7fb069",
        ),
        _palette(
            "#9fc6d9 #dbe7dd #fdeee0",
            "#fffaf0",
            "#cfe0c3 #3e6553",
            "#f8f4ea",
            "#f4acb7 #b5657d #f6d186 #60a3a0 #9dc08b",
        ),
    ),
    Mood.AUTUMN: (
        _palette(
            "#7c97a6 #c4bda5 #f1d9a8",
            "#fff0cb",
            "#c9ab7d #4a2a22",
            "#f4e9d5",
            "#bc4b27 #e09f3e #7f3b1e #54603a #9e2a2b",
        ),
        _palette(
            "#6f8a94 #d2b48c #f5d7a1",
            "#fff3d6",
            "#cfa672 #3f2a2b",
            "#f3e6cf",
            "#a44a3f #d4a24e #6b705c #cb6b3c #463f3a",
        ),
    ),
}
