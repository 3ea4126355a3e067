"""The JPEG that a frame gets: baseline, 4:4:4, and made for the panel that shows it.

A panel of 5-6-5 bits cuts off the low bits of each colour: it shows others than were sent, and draws steps
into soft gradients. Both are met before encoding: values are shifted so that what is left is the nearest
the panel can show, and a fine pattern lets neighbouring pixels take neighbouring steps. The pattern is one
cosine of the JPEG's own 8 x 8 blocks, the finest: it costs one coefficient a block, survives encoding
unharmed, and is too fine to be seen.

The quantization tables are flatter than the usual ones, which were made for larger viewing angles: at the
same size the picture is nearer to its source. `tests/bench/picture_quality.py` measures all of it.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops

from ..settings import Panel

if TYPE_CHECKING:
    from ..settings import FrameImage

_BLOCK = 8
_FINEST = _BLOCK - 1

_AMPLITUDE = 2.0
"""Of the pattern, in levels of 256: half a step of the panel's green, a quarter of its red and blue."""

_DARKEST = 4
"""Where a picture is darker it has no pattern, so that black stays black."""

_BIAS = 16
"""The pattern is stored as gray levels above this."""

_LUMINANCE = (12.0, 30.0)
_CHROMINANCE = (18.0, 40.0)
"""Steps at quality 50: of the mean of a block, and what is added up to its finest detail."""

_CHANNEL_BITS = (5, 6, 5)
_LOST_IN_DECODING = 0.5
"""Levels: the frame's decoder cuts off where others round."""


def encode(image: Image.Image, frame: FrameImage) -> bytes:
    """Return an RGB image, which has the frame's size already, as the JPEG that the frame is sent."""
    luminance = list(_steps(*_LUMINANCE, frame.quality))
    chrominance = list(_steps(*_CHROMINANCE, frame.quality))
    if frame.panel is Panel.RGB565:
        image = _for_panel(image)
        luminance[_FINEST * _BLOCK + _FINEST] = round(_AMPLITUDE * 4)  # just what the pattern comes to
    return _save(image, qtables=[luminance, chrominance], optimize=True)


def save_jpeg(image: Image.Image, *, quality: int) -> bytes:
    """Return an RGB image of any size as baseline 4:4:4, with libjpeg's tables and in little memory."""
    return _save(image, quality=quality)


def _save(image: Image.Image, **parameters: Any) -> bytes:
    """Write a JPEG without its source's EXIF, profile or comment."""
    output = BytesIO()
    # Pillow writes the source's comment unless told otherwise, all else only if told to.
    image.save(output, "JPEG", subsampling="4:4:4", comment=None, **parameters)
    return output.getvalue()


def shown_by_panel(image: Image.Image) -> Image.Image:
    """Return what a panel of 5-6-5 bits makes of an RGB image."""
    return image.point(_SHOWN)


def _for_panel(image: Image.Image) -> Image.Image:
    rounded = image.point(_ROUNDED)
    patterned = ImageChops.add(rounded, _pattern(image.size), offset=-_BIAS)
    gray = image.convert("L")
    if not any(gray.histogram()[:_DARKEST]):
        return patterned
    return Image.composite(patterned, rounded, gray.point(_BRIGHT))


@cache
def _steps(mean: float, growth: float, quality: int) -> tuple[int, ...]:
    """Return a quantization table, scaled by quality as libjpeg does it; 100 = as fine as can be."""
    scale = (100 - quality) / 50 if quality >= 50 else 50 / quality  # noqa: PLR2004 - the middle, by convention
    finest = math.hypot(_FINEST, _FINEST)
    return tuple(
        min(255, max(1, round(scale * (mean + growth * math.hypot(across, down) / finest))))
        for down in range(_BLOCK)
        for across in range(_BLOCK)
    )


@lru_cache(maxsize=2)
def _pattern(size: tuple[int, int]) -> Image.Image:
    width, height = size
    wave = [math.cos((2 * place + 1) * _FINEST * math.pi / (2 * _BLOCK)) for place in range(_BLOCK)]
    rows = [bytes(_BIAS + round(_AMPLITUDE * across * down) for across in wave) for down in wave]
    across, down = -(-width // _BLOCK), -(-height // _BLOCK)
    tiled = Image.frombytes(
        "L", (across * _BLOCK, down * _BLOCK), b"".join(row * across for row in rows) * down
    )
    return tiled.crop((0, 0, width, height)).convert("RGB")


def _rounded(value: int, bits: int) -> int:
    """Shift a value so that cutting off its low bits rounds it; 0 and 255 come out as they are."""
    middle = ((1 << (8 - bits)) - 1) / 2
    return round(value + middle * (1 - 2 * value / 255) + _LOST_IN_DECODING)


def _shown(value: int, bits: int) -> int:
    return round((value >> (8 - bits)) * 255 / ((1 << bits) - 1))


_ROUNDED = [_rounded(value, bits) for bits in _CHANNEL_BITS for value in range(256)]
_BRIGHT = [255 * (value >= _DARKEST) for value in range(256)]
_SHOWN = [_shown(value, bits) for bits in _CHANNEL_BITS for value in range(256)]
