"""From a prompt to a picture: its theme, a palette, and the painter of its scene."""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import TYPE_CHECKING

from .canvas import Canvas
from .painters import PAINTERS
from .palette import PALETTES, in_tint
from .theme import theme_of

if TYPE_CHECKING:
    from ...models import Size

_QUALITY = 95


def draw(prompt: str, *, seed: int, size: Size) -> bytes:
    """Draw what a prompt asks for, as a JPEG; the same arguments always give the same bytes."""
    theme = theme_of(prompt)
    random = Random(f"{prompt}\n{seed}")
    palette = random.choice(PALETTES[theme.mood])
    if theme.tint is not None:
        palette = in_tint(palette, theme.tint)
    canvas = Canvas(size.width, size.height, random)
    PAINTERS[theme.scene](canvas, palette, random)
    output = BytesIO()
    canvas.image.save(output, "JPEG", quality=_QUALITY, subsampling="4:4:4", optimize=True)
    return output.getvalue()
