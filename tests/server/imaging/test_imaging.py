import os
import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from imageserver.exceptions import PictureError
from imageserver.imaging import imaging
from imageserver.imaging.frame_encoding import encode
from imageserver.imaging.imaging import (
    black,
    fingerprint,
    frame_jpeg,
    on_panel,
    prepare,
    read_size,
    thumbnail,
)
from imageserver.imaging.jpeg_structure import obstacle, read_structure
from imageserver.models import Size
from imageserver.providers.builtin.drawing import draw
from imageserver.settings import FitMode, FrameImage, Panel
from tests import pictures
from tests.bench.picture_quality import mean, measured, old_recipe

FRAME = FrameImage()
PLAIN = FrameImage(panel=Panel.RGB888)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference, in levels."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def level(image: Image.Image, box: tuple[int, int, int, int]) -> float:
    return max(ImageStat.Stat(image.crop(box)).mean)


# What a frame can show is not touched


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_a_picture_that_a_frame_can_show_stays_byte_for_byte(sampling: str) -> None:
    jpeg = pictures.jpeg(sampling=sampling)
    assert frame_jpeg(jpeg, FRAME) == jpeg
    prepared = prepare(jpeg, FRAME)
    assert (prepared.original, prepared.scaled) == (jpeg, jpeg)


def test_what_follows_a_picture_is_not_sent_but_for_zeros() -> None:
    jpeg = pictures.jpeg()
    assert frame_jpeg(jpeg + b"another file", FRAME) == jpeg
    assert frame_jpeg(jpeg + bytes(700), FRAME) == jpeg + bytes(700)


NOT_FOR_FRAMES = {
    "progressive": pictures.jpeg(progressive=True),
    "gray": pictures.gray_jpeg(),
    "CMYK": pictures.cmyk_jpeg(),
    "RGB-coded": pictures.rgb_jpeg(),
    "separate scans": pictures.separate_scans_jpeg(),
    "16 bit tables": pictures.with_wide_tables(pictures.jpeg()),
    "fill bytes": pictures.with_fill_bytes(pictures.jpeg()),
    "long segment": pictures.with_long_segment(pictures.jpeg()),
    "no end marker": pictures.without_end_marker(pictures.jpeg()),
    "turned by 180 degrees": pictures.jpeg(orientation=3),
    "one column too many": pictures.jpeg(321, 480),
    "lies on its side": pictures.rotated_jpeg(6),
    "PNG": pictures.png(),
    "PNG with transparency": pictures.png(mode="RGBA"),
    "16 bit PNG": pictures.deep_png(),
    "animated PNG": pictures.animated_png(),
    "WebP": pictures.webp(),
    "animated WebP": pictures.animated_webp(),
}


@pytest.mark.parametrize("name", NOT_FOR_FRAMES)
def test_everything_else_becomes_what_a_frame_can_show(name: str) -> None:
    made = frame_jpeg(NOT_FOR_FRAMES[name], FRAME)
    structure = read_structure(made)
    assert obstacle(structure) is None
    assert structure.size == FRAME.size
    assert prepare(NOT_FOR_FRAMES[name], FRAME).scaled == made


def test_a_picture_with_much_beside_its_pixels_is_not_sent_as_it_is() -> None:
    jpeg = pictures.jpeg()
    notes = b"\xff\xe5" + (60_000).to_bytes(2) + bytes(59_998)
    assert frame_jpeg(jpeg[:2] + notes * 9 + jpeg[2:], FRAME).endswith(jpeg[2:])
    assert len(frame_jpeg(jpeg[:2] + notes * 10 + jpeg[2:], FRAME)) < 60_000


# The original


def test_a_jpeg_is_kept_as_received() -> None:
    for jpeg in (pictures.jpeg(1024, 1536), pictures.jpeg(orientation=6), pictures.cmyk_jpeg()):
        assert prepare(jpeg, FRAME).original == jpeg


def test_a_jpeg_without_its_end_marker_is_kept_with_it() -> None:
    jpeg = pictures.jpeg(640, 960)
    assert prepare(pictures.without_end_marker(jpeg), FRAME).original == jpeg


@pytest.mark.parametrize("name", ["PNG", "WebP"])
def test_other_kinds_are_kept_as_a_jpeg_of_full_size(name: str) -> None:
    data = {"PNG": pictures.png(640, 960), "WebP": pictures.webp(640, 960)}[name]
    prepared = prepare(data, FRAME)
    original = Image.open(BytesIO(prepared.original))
    assert (original.format, original.size, prepared.size) == ("JPEG", (640, 960), Size(640, 960))
    assert difference(opened(prepared.original), pictures.photo(640, 960)) < 6


def test_the_size_is_the_upright_one() -> None:
    lying = pictures.jpeg(480, 320, orientation=8)
    assert prepare(lying, FRAME).size == read_size(lying) == Size(320, 480)
    assert read_size(pictures.cut(pictures.png(100, 50))) == Size(100, 50)


# Fitting


@pytest.mark.parametrize("size", [(1024, 1536), (832, 1280), (640, 960), (32, 48), (325, 480)])
def test_pictures_of_nearly_the_screens_ratio_fill_it(size: tuple[int, int]) -> None:
    made = opened(frame_jpeg(pictures.jpeg(*size), PLAIN))
    expected = opened(pictures.jpeg(*size)).resize((320, 480), Image.Resampling.LANCZOS)
    assert difference(made, expected) < 2.5


def white(width: int, height: int) -> bytes:
    return pictures.png_of(Image.new("RGB", (width, height), "white"))


def test_pad_puts_black_bars_beside_the_picture() -> None:
    made = opened(frame_jpeg(white(1000, 1000), FRAME))
    assert level(made, (0, 80, 320, 400)) > 240
    assert level(made, (0, 0, 320, 79)) < 8
    assert level(made, (0, 401, 320, 480)) < 8


def test_stretch_fills_the_screen_whatever_the_ratio() -> None:
    made = opened(frame_jpeg(white(1000, 1000), FrameImage(fit_mode=FitMode.STRETCH)))
    assert min(ImageStat.Stat(made).extrema)[0] > 240


def test_cover_shows_the_middle() -> None:
    wide = Image.new("RGB", (900, 480), "red")
    wide.paste((255, 255, 255), (290, 0, 610, 480))
    made = opened(frame_jpeg(pictures.png_of(wide), FrameImage(fit_mode=FitMode.COVER, panel=Panel.RGB888)))
    assert difference(made, Image.new("RGB", (320, 480), "white")) < 1


def test_blur_surrounds_the_picture_with_itself_darker() -> None:
    made = opened(frame_jpeg(white(1000, 1000), FrameImage(fit_mode=FitMode.BLUR)))
    assert level(made, (0, 82, 320, 398)) > 240
    assert 150 < level(made, (0, 0, 320, 79)) < 200
    assert 150 < level(made, (0, 401, 320, 480)) < 200


@pytest.mark.parametrize("mode", FitMode)
@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (2, 3000), (7, 5), (1537, 1023)])
def test_any_shape_fits_in_any_mode(size: tuple[int, int], mode: FitMode) -> None:
    for data in (pictures.jpeg(*size), pictures.png(*size)):
        assert read_size(frame_jpeg(data, FrameImage(fit_mode=mode))) == Size(320, 480)


def test_another_screen_gets_another_size() -> None:
    frame = FrameImage(size=Size(480, 320))
    assert read_size(frame_jpeg(pictures.jpeg(), frame)) == Size(480, 320)
    assert read_size(black(frame)) == Size(480, 320)


def test_turned_pictures_are_fitted_upright() -> None:
    for orientation in range(1, 9):
        made = opened(frame_jpeg(pictures.rotated_jpeg(orientation, 640, 960), PLAIN))
        assert difference(made, pictures.corners(320, 480)) < 4


def test_decoding_small_costs_next_to_nothing_of_the_picture() -> None:
    data = pictures.jpeg(1280, 1920, quality=95)
    whole = opened(data).resize((320, 480), Image.Resampling.LANCZOS)
    assert difference(opened(frame_jpeg(data, PLAIN)), opened(encode(whole, PLAIN))) < 1


def test_frames_are_sent_better_pictures_than_by_the_old_server_in_no_more_bytes() -> None:
    """The full measurement is `tests/bench/picture_quality.py`."""
    sources = [pictures.jpeg(1024, 1536, seed=seed, quality=95) for seed in (7, 8)]
    sources += [draw(prompt, seed=1, size=Size(640, 960)) for prompt in ("sunset over the sea", "flowers")]
    old, plain, panel = [], [], []
    for data in sources:
        reference, jpeg = old_recipe(data)
        old.append(measured(jpeg, reference))
        plain.append(measured(frame_jpeg(data, PLAIN), reference))
        panel.append(measured(frame_jpeg(data, FRAME), reference))
    assert mean(plain).bytes <= mean(old).bytes
    assert mean(panel).bytes <= mean(old).bytes
    assert mean(plain).psnr >= mean(old).psnr + 0.5
    assert mean(plain).ssim > mean(old).ssim
    assert mean(panel).panel_psnr >= mean(old).panel_psnr + 0.8
    assert mean(panel).panel_low_pass >= mean(old).panel_low_pass + 4


# Bad input

BAD = pictures.foreign() | {
    "cut JPEG": pictures.cut(pictures.jpeg()),
    "JPEG that ends early": pictures.cut_but_ended(pictures.jpeg(), 0.9),
    "cut PNG": pictures.cut(pictures.png()),
    "cut WebP": pictures.cut(pictures.webp()),
    "PNG bomb": pictures.png_bomb(),
    "JPEG bomb": pictures.jpeg_bomb(),
    "WebP bomb": pictures.webp_bomb(),
    "text bomb": pictures.png_with_bomb_in("zTXt"),
    "profile bomb": pictures.png_with_bomb_in("iCCP"),
    "21 MB": pictures.jpeg() + bytes(21 * 1024 * 1024),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_refused_by_everything_that_decodes(name: str) -> None:
    data = BAD[name]
    for call in (lambda: prepare(data, FRAME), lambda: frame_jpeg(data, FRAME), lambda: thumbnail(data)):
        with pytest.raises(PictureError):
            call()
    assert frame_jpeg(pictures.jpeg(), FRAME) == pictures.jpeg()


BOMBS = """
import contextlib, resource
from imageserver.exceptions import PictureError
from imageserver.imaging.imaging import prepare
from imageserver.settings import FrameImage
from tests import pictures

bombs = [pictures.jpeg_bomb(), pictures.png_bomb(), pictures.webp_bomb()]
bombs += [pictures.png_with_bomb_in(chunk) for chunk in ("iCCP", "zTXt", "iTXt")]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for bomb in bombs:
    with contextlib.suppress(PictureError):
        prepare(bomb, FrameImage())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes there")
def test_bombs_take_no_memory() -> None:
    """In a process of its own, whose peak is not that of the tests before."""
    grown = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", BOMBS],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert int(grown.stdout) < 20_000


def test_even_a_picture_that_would_be_sent_as_it_is_is_checked_to_its_end() -> None:
    with pytest.raises(PictureError, match="cut"):
        frame_jpeg(pictures.cut_but_ended(pictures.jpeg(), 0.99), FRAME)


# The rest


def test_thumbnails_keep_the_ratio() -> None:
    assert read_size(thumbnail(pictures.jpeg(1024, 1536))) == Size(213, 320)
    assert read_size(thumbnail(pictures.jpeg(1536, 1024), edge=100)) == Size(100, 67)
    assert read_size(thumbnail(pictures.jpeg(400, 200, orientation=6), edge=100)) == Size(50, 100)
    assert read_size(thumbnail(pictures.png(mode="RGBA"))) == Size(213, 320)


def test_black_is_black_on_the_panel() -> None:
    assert opened(on_panel(black(FRAME))).getcolors() == [(320 * 480, (0, 0, 0))]
    assert obstacle(read_structure(black(FRAME))) is None


def test_what_the_panel_shows_is_a_png_without_loss() -> None:
    shown = Image.open(BytesIO(on_panel(pictures.jpeg())))
    assert (shown.format, shown.size) == ("PNG", (320, 480))
    assert len(set(shown.getchannel("R").tobytes())) <= 32


def test_the_fingerprint_changes_with_everything_that_changes_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variants = [
        FRAME,
        FrameImage(size=Size(480, 320)),
        FrameImage(fit_threshold=0.05),
        FrameImage(fit_mode=FitMode.COVER),
        FrameImage(panel=Panel.RGB888),
        FrameImage(quality=91),
    ]
    seen = {fingerprint(frame) for frame in variants}
    assert len(seen) == len(variants)
    assert fingerprint(FrameImage()) in seen
    monkeypatch.setattr(imaging, "ALGORITHM", imaging.ALGORITHM + 1)
    assert fingerprint(FRAME) not in seen
