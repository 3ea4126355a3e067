"""Telling from its pixels alone which prompt a frame's picture was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulators.drawn import STRIPES, colours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import Image

TOLERANCE = 24
"""What JPEG and the panel's 5-6-5 bits may change a colour by."""


def is_of(image: Image.Image, prompt: str) -> bool:
    """Whether every stripe has its colour: a picture that is cut or mixed has not."""
    width, height = image.size
    for number, wanted in enumerate(colours(prompt)):
        found = image.getpixel((width * 3 // 4, height * (2 * number + 1) // (2 * STRIPES)))
        assert isinstance(found, tuple)
        if any(abs(one - other) > TOLERANCE for one, other in zip(found, wanted, strict=True)):
            return False
    return True


def prompt_of(image: Image.Image, prompts: Iterable[str]) -> str | None:
    """Return whose picture it is; None where it is nobody's."""
    return next((prompt for prompt in prompts if is_of(image, prompt)), None)
