"""The icons and logos are those that `scripts/brand` draws."""

from itertools import chain

import pytest
from PIL import Image, ImageChops, ImageStat

from docs.brand import draw

PAGES = {"light": (0xFF, 0xFF, 0xFF), "dark": (0x1C, 0x1C, 0x1C)}


BRAND = "custom_components/aiframes/brand"
STORED = [
    "addon/icon.png",
    "addon/logo.png",
    *(f"{BRAND}/{name}{suffix}.png" for name in ("icon", "logo", "dark_logo") for suffix in ("", "@2x")),
]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    return {**draw.app_pictures(), **draw.integration_pictures()}


def test_there_is_no_other_one(drawn: dict[str, Image.Image]) -> None:
    """Home Assistant takes the icon in the dark too, where there is no `dark_icon`: it suits both."""
    assert set(drawn) == set(STORED)
    assert {f"{BRAND}/{file.name}" for file in (draw.ROOT / BRAND).iterdir()} == set(STORED[2:])


@pytest.mark.parametrize("path", STORED)
def test_what_is_stored_is_what_is_drawn(path: str, drawn: dict[str, Image.Image]) -> None:
    with Image.open(draw.ROOT / path) as stored:
        assert stored.mode == "RGBA"
        assert stored.size == drawn[path].size
        difference = ImageChops.difference(stored, drawn[path])
    # Another version of Pillow or FreeType may smooth an edge a little differently.
    assert max(chain.from_iterable(ImageStat.Stat(difference).extrema)) <= 24
    assert max(ImageStat.Stat(difference).mean) < 0.2


def test_the_app_store_gets_the_sizes_it_wants(drawn: dict[str, Image.Image]) -> None:
    assert {path: drawn[path].size for path in STORED[:2]} == {
        "addon/icon.png": (128, 128),
        "addon/logo.png": (250, 100),
    }


def test_the_integration_gets_the_sizes_it_wants(drawn: dict[str, Image.Image]) -> None:
    """Icons of 256 and 512 pixels; logos whose shorter side has 128 to 256, and twice that."""
    assert {path.rsplit("/")[-1]: drawn[path].size for path in STORED[2:]} == {
        "icon.png": (256, 256),
        "icon@2x.png": (512, 512),
        "logo.png": (640, 256),
        "logo@2x.png": (1280, 512),
        "dark_logo.png": (640, 256),
        "dark_logo@2x.png": (1280, 512),
    }


@pytest.mark.parametrize(
    ("word", "page"), [(draw.WORD, "light"), (draw.WORD, "dark"), (draw.WORD_ON_DARK, "dark")]
)
def test_the_word_is_legible_on_the_page(word: draw.Colour, page: str) -> None:
    darker, lighter = sorted((luminance(word), luminance(PAGES[page])))
    assert (lighter + 0.05) / (darker + 0.05) >= 3  # WCAG 2.2's least for large letters


def test_nothing_is_cut_off_or_lost_in_empty_space(drawn: dict[str, Image.Image]) -> None:
    for picture in drawn.values():
        left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
        width, height = picture.size
        room = height * 0.06
        assert 0 <= left <= room
        assert 0 <= top <= room
        assert width - room <= right < width
        assert height - room <= bottom <= height


def luminance(colour: draw.Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
