"""What a frame shows where there is no picture: what is missing and where to set it, in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from ..models import Card
from .frame_encoding import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..settings import FrameImage

type Box = tuple[float, float, float, float]
type Colour = tuple[int, int, int]

_FONTS = Path(__file__).parent / "fonts"
_TITLE_FONT, _TEXT_FONT = _FONTS / "Inter-SemiBold.otf", _FONTS / "Inter-Regular.otf"
_TITLE_SIZE, _TEXT_SIZE, _ABOVE_TITLE, _TEXT_WIDTH = 26, 19.5, 12, 268
"""In pixels of a screen of 320 x 480; others have theirs in proportion."""

_NIGHT: Colour = (17, 24, 36)
_DUSK: Colour = (52, 62, 82)
_PAPER: Colour = (246, 240, 228)
_QUIET: Colour = (200, 203, 206)
_GOLD: Colour = (234, 190, 112)
_CORAL: Colour = (240, 134, 108)
_OVERSAMPLING = 4


@dataclass(frozen=True, slots=True)
class _Message:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class _Design:
    english: _Message
    russian: _Message
    accent: Colour
    sign: Callable[[ImageDraw.ImageDraw, float], None]


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    font: ImageFont.FreeTypeFont
    colour: Colour
    height: float


def draw_card(card: Card, frame: FrameImage) -> bytes:
    """Return a card as the JPEG that a frame is sent; made to be read at arm's length from 320 x 480."""
    design = _DESIGNS[card]
    width, height = frame.size.width, frame.size.height
    image = _background(width, height)
    english, russian, emblem = _areas(width, height)
    _draw_emblem(image, emblem, design)
    _draw_messages(ImageDraw.Draw(image), {english: design.english, russian: design.russian}, design.accent)
    return encode(image, frame)


def _background(width: int, height: int) -> Image.Image:
    night, dusk = (Image.new("RGB", (width, height), colour) for colour in (_NIGHT, _DUSK))
    return Image.composite(dusk, night, Image.linear_gradient("L").resize((width, height)))


def _areas(width: int, height: int) -> tuple[Box, Box, Box]:
    """Return where both messages and the emblem go: below each other, or side by side on a wide screen."""
    if width <= height:
        edge, size = width * 0.08, min(width * 0.27, height * 0.18)
        top, bottom = height * 0.055 + size * 1.22, height * 0.975
        middle = (top + bottom) / 2
        areas = (edge, top, width - edge, middle), (edge, middle, width - edge, bottom)
        return *areas, ((width - size) / 2, height * 0.055, (width + size) / 2, height * 0.055 + size)
    edge, size = height * 0.08, height * 0.24
    top, bottom, middle = edge + size * 1.15, height - edge, width / 2
    areas = (edge, top, middle - edge / 2, bottom), (middle + edge / 2, top, width - edge, bottom)
    return *areas, (middle - size / 2, edge, middle + size / 2, edge + size)


def _draw_messages(draw: ImageDraw.ImageDraw, messages: dict[Box, _Message], accent: Colour) -> None:
    scale = _scale(messages)
    for (left, top, right, _), message in messages.items():
        draw.line((left, top, left + 34 * scale, top), fill=accent, width=max(1, round(2.5 * scale)))
        below = top + _ABOVE_TITLE * scale
        for line in _lines(message, right - left, scale):
            draw.text((left, below), line.text, font=line.font, fill=line.colour)
            below += line.height


def _scale(messages: dict[Box, _Message]) -> float:
    """Return the largest scale at which all messages fit; 1 is that of a screen of 320 x 480."""
    scale = min((right - left) / _TEXT_WIDTH for left, _, right, _ in messages)
    while any(
        _ABOVE_TITLE * scale + sum(line.height for line in _lines(message, right - left, scale))
        > bottom - top
        for (left, top, right, bottom), message in messages.items()
    ):
        scale *= 0.97
    return scale


def _lines(message: _Message, width: float, scale: float) -> Iterator[_Line]:
    for text, path, size, leading, colour in (
        (message.title, _TITLE_FONT, _TITLE_SIZE * scale, 1.32, _PAPER),
        (message.text, _TEXT_FONT, _TEXT_SIZE * scale, 1.27, _QUIET),
    ):
        font = _font(path, size)
        for line in _wrapped(text, font, width):
            yield _Line(line, font, colour, size * leading)


def _font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, max(1.0, size), layout_engine=ImageFont.Layout.BASIC)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


# The emblem: a picture frame, and in it a sign; drawn on a square of 100 units


def _draw_emblem(image: Image.Image, box: Box, design: _Design) -> None:
    side = max(1, round(box[2] - box[0]))
    unit = side * _OVERSAMPLING / 100
    mask = Image.new("L", (side * _OVERSAMPLING, side * _OVERSAMPLING))
    draw = ImageDraw.Draw(mask)
    draw.rounded_rectangle(
        (14 * unit, 2 * unit, 86 * unit, 98 * unit), 9 * unit, outline=255, width=round(6 * unit)
    )
    design.sign(draw, unit)
    small = mask.resize((side, side), Image.Resampling.BOX)
    image.paste(design.accent, (round(box[0]), round(box[1])), small)


def _landscape(draw: ImageDraw.ImageDraw, unit: float) -> None:
    draw.ellipse(_scaled((56, 26, 70, 40), unit), fill=255)
    draw.polygon(_scaled((24, 80, 43, 48, 54, 66, 61, 57, 76, 80), unit), fill=255)


def _switch(draw: ImageDraw.ImageDraw, unit: float) -> None:
    draw.arc(_scaled((32, 34, 68, 70), unit), -50, 230, fill=255, width=round(6 * unit))
    draw.rounded_rectangle(_scaled((47, 26, 53, 50), unit), 3 * unit, fill=255)


def _question(draw: ImageDraw.ImageDraw, unit: float) -> None:
    draw.text((50 * unit, 50 * unit), "?", font=_font(_TITLE_FONT, 58 * unit), fill=255, anchor="mm")


def _scaled(coordinates: tuple[float, ...], unit: float) -> tuple[float, ...]:
    return tuple(value * unit for value in coordinates)


_DESIGNS = {
    Card.NO_PICTURES: _Design(
        _Message(
            "No pictures yet",
            "Set up a provider in options.yml or on the server’s page, "
            "or put pictures into the folder “scalable”.",
        ),
        _Message(
            "Картинок пока нет",
            "Настройте провайдера в options.yml или на странице сервера "
            "либо положите картинки в папку «scalable».",
        ),
        _GOLD,
        _landscape,
    ),
    Card.NO_PICTURES_PROVIDER_OFF: _Design(
        _Message(
            "The provider is off",
            "It refused access, so no pictures are made. "
            "Check its key and balance: the server’s page says why.",
        ),
        _Message(
            "Провайдер отключён",
            "Он отказал в доступе, картинок нет. Проверьте ключ и баланс: причина на странице сервера.",
        ),
        _CORAL,
        _switch,
    ),
    Card.STORE_UNREADABLE: _Design(
        _Message(
            "Folder unreadable",
            "Check image_path in options.yml: is its disk connected, may the server read it?",
        ),
        _Message(
            "Папка не читается",
            "Проверьте image_path в options.yml: подключён ли диск, есть ли право читать.",
        ),
        _CORAL,
        _question,
    ),
}
