"""Pictures to measure with: made by rule, each with what a kind of real picture is hard for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests import pictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

type Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def sources(fonts: Path) -> Iterator[tuple[str, Image.Image]]:
    """Yield each picture with its name."""
    yield "evening sky", _sky(1024, 1536)
    yield "clouds", _clouds(1024, 1536, seed=1)
    yield "foliage", _foliage(1024, 1536, seed=2)
    yield "portrait", _portrait(832, 1280, seed=3)
    yield "poster", _poster(1024, 1536, seed=4)
    yield "page of text", _text(1024, 1536, fonts)
    yield "landscape", _landscape(1024, 1536, seed=5)
    yield "landscape photograph", _landscape(3000, 4500, seed=6)
    yield "objects", pictures.photo(1024, 1536, seed=7)
    yield "small objects", pictures.photo(640, 960, seed=8)


def spectrum(width: int, height: int, *, falloff: float, seed: int) -> Array:
    """Noise whose amplitude falls with frequency, in nature by 1 to 1.5; of mean 0 and deviation 1."""
    chance = np.random.default_rng(seed)
    fy, fx = np.fft.fftfreq(height)[:, None] * height, np.fft.rfftfreq(width)[None, :] * width
    radius = np.hypot(fx, fy)
    radius[0, 0] = np.inf
    phases = np.exp(2j * np.pi * chance.random(radius.shape))
    field: Array = np.fft.irfft2(phases * radius**-falloff, (height, width))
    scaled: Array = (field - field.mean()) / field.std()
    return scaled


def _grid(width: int, height: int) -> tuple[Array, Array]:
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return x, y


def _image(*channels: Array) -> Image.Image:
    return Image.fromarray(np.stack(channels, axis=-1).clip(0, 255).round().astype("uint8"), "RGB")


def _sky(width: int, height: int) -> Image.Image:
    x, y = _grid(width, height)
    sun = np.exp(-((x - 0.6) ** 2 + (y - 0.7) ** 2 * 2) * 9)
    return _image(40 + 150 * y + 90 * sun, 50 + 70 * y + 80 * sun, 110 - 10 * y + 20 * sun)


def _clouds(width: int, height: int, *, seed: int) -> Image.Image:
    _, y = _grid(width, height)
    cover = 1 / (1 + np.exp(-2.5 * spectrum(width, height, falloff=1.7, seed=seed)))
    return _image(70 + 60 * y + 120 * cover, 120 + 50 * y + 80 * cover, 190 + 20 * y + 40 * cover)


def _foliage(width: int, height: int, *, seed: int) -> Image.Image:
    light = spectrum(width, height, falloff=1.25, seed=seed)
    tint = spectrum(width, height, falloff=1.6, seed=seed + 100)
    return _image(90 + 34 * light + 22 * tint, 110 + 40 * light - 6 * tint, 60 + 26 * light - 14 * tint)


def _portrait(width: int, height: int, *, seed: int) -> Image.Image:
    image = Image.new("RGB", (width, height), (60, 72, 84))
    draw = ImageDraw.Draw(image)
    for box, colour in (
        ((0.1, 0.66, 0.9, 1.4), (120, 44, 52)),
        ((0.27, 0.16, 0.73, 0.62), (58, 38, 30)),
        ((0.31, 0.2, 0.69, 0.62), (214, 168, 142)),
        ((0.39, 0.36, 0.46, 0.385), (48, 34, 30)),
        ((0.54, 0.36, 0.61, 0.385), (48, 34, 30)),
        ((0.42, 0.51, 0.58, 0.535), (168, 84, 82)),
    ):
        draw.ellipse((box[0] * width, box[1] * height, box[2] * width, box[3] * height), fill=colour)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(width / 160)), "float64")
    x, y = _grid(width, height)
    light = 1.12 - 0.5 * np.hypot(x - 0.35, y - 0.3)
    skin = spectrum(width, height, falloff=1.1, seed=seed) * 4
    return _image(*(soft[..., channel] * light + skin for channel in range(3)))


def _poster(width: int, height: int, *, seed: int) -> Image.Image:
    chance = np.random.default_rng(seed)
    image = Image.new("RGB", (width * 2, height * 2), (238, 226, 200))
    draw = ImageDraw.Draw(image)
    for _ in range(26):
        x, y, size = chance.uniform(0, width * 2), chance.uniform(0, height * 2), chance.uniform(60, 700)
        colour = tuple(int(v) for v in chance.integers(0, 256, 3))
        kind = chance.integers(0, 3)
        if kind == 0:
            draw.ellipse((x, y, x + size, y + size), fill=colour)
        elif kind == 1:
            draw.polygon([(x, y), (x + size, y + size / 3), (x + size / 4, y + size)], fill=colour)
        else:
            draw.line((x, y, x + size, y + size / 2), fill=colour, width=int(size / 12) + 2)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _text(width: int, height: int, fonts: Path) -> Image.Image:
    image = Image.new("RGB", (width, height), (250, 248, 242))
    draw = ImageDraw.Draw(image)
    words = "Съешь же ещё этих мягких французских булок. The quick brown fox jumps over the lazy dog. " * 3
    top, size = 40, 84
    while top < height - size:
        font = ImageFont.truetype(fonts / "Inter-Regular.otf", size)
        draw.text((40, top), words, font=font, fill=(30, 34, 44) if size % 3 else (150, 30, 40))
        top += int(size * 1.4)
        size = max(30, int(size * 0.93))
    return image


def _landscape(width: int, height: int, *, seed: int) -> Image.Image:
    _, y = _grid(width, height)
    red, green, blue = 120 + 110 * y, 150 + 60 * y, 205 + 10 * y
    for number in range(5):
        ridge = 0.42 + 0.12 * number + 0.05 * spectrum(width, 8, falloff=1.3, seed=seed * 10 + number)[0]
        inside = ((y - ridge[None, :]) * height / 4 + 0.5).clip(0, 1)
        rough = 1 + 0.1 * spectrum(width, height, falloff=1.2, seed=seed * 10 + number + 50)
        tone = 1 - number / 6
        red, green, blue = (
            channel * (1 - inside) + inside * rough * (dark + (light - dark) * tone)
            for channel, dark, light in ((red, 34, 150), (green, 52, 164), (blue, 40, 182))
        )
    return _image(red, green, blue)
