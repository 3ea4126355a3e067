"""Makes the pictures of `docs/pictures`: frames with a built-in picture and with a card, and more pictures.

    python -m tests.bench.picture_samples

All are shown as a panel of 5-6-5 bits shows what the server sends.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from imageserver.imaging.card import draw_card
from imageserver.imaging.imaging import frame_jpeg, on_panel
from imageserver.models import Card
from imageserver.providers.builtin import picture_size
from imageserver.providers.builtin.drawing import draw
from imageserver.settings import SCREEN, FrameImage

DIRECTORY = Path(__file__).parents[2] / "docs" / "pictures"
FRAME = FrameImage()
HUNG = ("sunset over the sea", 12)
GALLERY = (
    ("misty mountains at dawn", 1),
    ("акварель, закат", 3),
    ("starry night", 2),
    ("abstract composition", 5),
    ("ночной город", 2),
    ("spring meadow", 4),
    ("зимний лес", 6),
    ("paper waves at sunset", 7),
)
COLUMNS, THUMBNAIL, GAP = 4, (200, 300), 14


def shown(prompt: str, seed: int) -> Image.Image:
    picture = draw(prompt, seed=seed, size=picture_size(SCREEN))
    return Image.open(BytesIO(on_panel(frame_jpeg(picture, FRAME)))).convert("RGB")


def framed(picture: Image.Image) -> Image.Image:
    """Hang a picture: wood, a passe-partout, a soft shadow on a light wall."""
    wood, mat, wall = 26, 30, 56
    width, height = picture.width + 2 * (wood + mat), picture.height + 2 * (wood + mat)
    image = Image.new("RGB", (width + 2 * wall, height + 2 * wall), (231, 227, 220))
    shadow = Image.new("L", image.size)
    ImageDraw.Draw(shadow).rectangle((wall - 2, wall + 12, wall + width + 2, wall + height + 16), fill=120)
    image.paste((60, 54, 48), mask=shadow.filter(ImageFilter.GaussianBlur(14)))
    draw_on = ImageDraw.Draw(image)
    for inset, colour in (
        (0, (74, 52, 36)),
        (2, (104, 74, 52)),
        (wood - 4, (66, 46, 32)),
        (wood, (246, 243, 236)),
    ):
        box = (wall + inset, wall + inset, wall + width - inset - 1, wall + height - inset - 1)
        draw_on.rectangle(box, fill=colour)
    edge = wall + wood + mat
    draw_on.rectangle(
        (edge - 2, edge - 2, edge + picture.width + 1, edge + picture.height + 1), fill=(206, 200, 190)
    )
    image.paste(picture, (edge, edge))
    return image


def gallery() -> Image.Image:
    rows = -(-len(GALLERY) // COLUMNS)
    width, height = THUMBNAIL[0] + GAP, THUMBNAIL[1] + GAP
    sheet = Image.new("RGB", (COLUMNS * width + GAP, rows * height + GAP), (231, 227, 220))
    for number, (prompt, seed) in enumerate(GALLERY):
        place = GAP + number % COLUMNS * width, GAP + number // COLUMNS * height
        sheet.paste(shown(prompt, seed).resize(THUMBNAIL, Image.Resampling.LANCZOS), place)
    return sheet


def main() -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    card = Image.open(BytesIO(on_panel(draw_card(Card.NO_PICTURES, FRAME)))).convert("RGB")
    for name, image in (("frame-screen", framed(shown(*HUNG))), ("card", framed(card))):
        image.save(DIRECTORY / f"{name}.png", optimize=True)
    gallery().save(DIRECTORY / "built-in.jpg", quality=86, optimize=True)


if __name__ == "__main__":
    main()
