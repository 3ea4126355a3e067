"""What a prompt asks for, as far as this provider understands it: a scene, a mood, a tint.

What no word names is drawn by lot from the prompt itself: the same prompt always gives the same family.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from .palette import Mood, Tint
from .scene import Scene
from .vocabulary import MOODS, SCENES, TINTS, first_meaning

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Theme:
    """What is drawn; without a tint, in the palette's own colours."""

    scene: Scene
    mood: Mood
    tint: Tint | None = None


_FITTING_MOODS: Mapping[Scene, tuple[Mood, ...]] = {
    Scene.MOUNTAINS: (Mood.DAWN, Mood.SUNSET, Mood.MIST, Mood.DAY, Mood.WINTER, Mood.AUTUMN, Mood.NIGHT),
    Scene.SEA: (Mood.DAWN, Mood.SUNSET, Mood.DAY, Mood.NIGHT, Mood.MIST),
    Scene.STARS: (Mood.NIGHT,),
    Scene.CITY: (Mood.SUNSET, Mood.NIGHT, Mood.DAWN),
    Scene.FOREST: (Mood.MIST, Mood.AUTUMN, Mood.WINTER, Mood.DAWN, Mood.SPRING),
    Scene.FLOWERS: (Mood.SPRING, Mood.DAY, Mood.AUTUMN, Mood.DAWN, Mood.MIST),
    Scene.DUNES: (Mood.SUNSET, Mood.DAWN, Mood.DAY, Mood.AUTUMN),
    Scene.SHAPES: (Mood.DAY, Mood.SUNSET, Mood.AUTUMN, Mood.DAWN, Mood.WINTER),
    Scene.WAVES: (Mood.SUNSET, Mood.DAWN, Mood.DAY, Mood.NIGHT, Mood.AUTUMN),
    Scene.WATERCOLOUR: (Mood.DAWN, Mood.SPRING, Mood.MIST, Mood.DAY, Mood.SUNSET),
}

_OF_ANY_HOUR = (Scene.MOUNTAINS, Scene.SEA, Scene.FOREST, Scene.CITY, Scene.WATERCOLOUR)
"""What is drawn where only an hour or a season was named."""


def theme_of(prompt: str) -> Theme:
    """Read a prompt; only its words count, the first that names something before later ones."""
    words = re.findall(r"[^\W\d_]+", prompt.lower().replace("ё", "е"))
    lot = Random(" ".join(words))
    scene, mood = first_meaning(words, SCENES), first_meaning(words, MOODS)
    if scene is None:
        scene = lot.choice(tuple(Scene) if mood is None else _OF_ANY_HOUR)
    if mood is None or scene is Scene.STARS:
        mood = lot.choice(_FITTING_MOODS[scene])
    return Theme(scene, mood, first_meaning(words, TINTS))
