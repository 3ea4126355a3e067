from io import BytesIO

import pytest
from PIL import Image

from imageserver.imaging.frame_encoding import encode, save_jpeg, shown_by_panel
from imageserver.imaging.jpeg_structure import obstacle, read_structure
from imageserver.models import Size
from imageserver.settings import FrameImage, Panel
from tests import pictures

RGB888 = FrameImage(panel=Panel.RGB888)


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg)).convert("RGB")


@pytest.mark.parametrize("panel", Panel)
@pytest.mark.parametrize("quality", [50, 90, 100])
def test_a_frame_can_show_what_is_encoded_for_it(quality: int, panel: Panel) -> None:
    jpeg = encode(pictures.photo(), FrameImage(quality=quality, panel=panel))
    structure = read_structure(jpeg)
    assert obstacle(structure) is None
    assert structure.size == Size(320, 480)
    assert jpeg.endswith(b"\xff\xd9")


def test_higher_quality_is_nearer_to_the_picture_and_larger() -> None:
    sizes = [len(encode(pictures.photo(), FrameImage(quality=quality))) for quality in (50, 75, 90, 95, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] * 3 < sizes[-1]


def test_nothing_of_the_source_but_its_pixels_is_written() -> None:
    image = pictures.photo()
    image.info |= {
        "exif": b"Exif\0\0secret",
        "comment": b"secret",
        "icc_profile": b"secret",
        "xmp": b"secret",
    }
    for jpeg in (encode(image, FrameImage()), save_jpeg(image, quality=95)):
        assert b"secret" not in jpeg
        markers = {segment.marker for segment in read_structure(jpeg).segments}
        assert markers <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


@pytest.mark.parametrize("size", [(320, 480), (317, 475), (1, 1), (800, 600)])
def test_any_size_is_encoded(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (90, 120, 150))
    assert opened(encode(image, FrameImage(size=Size(*size)))).size == size


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_stay_what_they_are_on_the_panel(level: int) -> None:
    colour = (level, level, level)
    jpeg = encode(Image.new("RGB", (320, 480), colour), FrameImage())
    assert shown_by_panel(opened(jpeg)).getcolors() == [(320 * 480, colour)]


def mean(image: Image.Image) -> float:
    data = image.tobytes()
    return sum(data) / len(data)


def test_seen_from_afar_the_panel_shows_the_level_that_was_meant() -> None:
    levels = range(8, 248, 5)
    errors = dict.fromkeys((FrameImage(), RGB888), 0.0)
    for level in levels:
        image = Image.new("RGB", (16, 16), (level, level, level))
        for frame in errors:
            errors[frame] += abs(mean(shown_by_panel(opened(encode(image, frame)))) - level) / len(levels)
    assert errors[FrameImage()] < 1
    assert errors[RGB888] > 1.5


def test_a_step_between_two_colours_of_the_panel_is_drawn_in_both() -> None:
    between = Image.new("RGB", (320, 480), (101, 101, 101))
    assert len(shown_by_panel(opened(encode(between, FrameImage()))).getcolors() or []) > 1
    assert len(shown_by_panel(opened(encode(between, RGB888))).getcolors() or []) == 1


def test_the_panel_shows_32_reds_64_greens_32_blues() -> None:
    ramp = Image.merge("RGB", [Image.linear_gradient("L")] * 3)
    shown = shown_by_panel(ramp)
    counts = [len(set(channel.tobytes())) for channel in shown.split()]
    assert counts == [32, 64, 32]
    assert (shown.getpixel((0, 0)), shown.getpixel((0, 255))) == ((0, 0, 0), (255, 255, 255))
