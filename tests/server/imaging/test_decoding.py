import random
import threading
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from imageserver.exceptions import PictureError
from imageserver.imaging import decoding
from imageserver.imaging.decoding import MAX_BYTES, checked_header, decode, mended, room
from imageserver.models import Size
from tests import pictures

CORNERS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


def decoded(data: bytes, at_least: Size | None = None) -> Image.Image:
    return decode(data, checked_header(data), at_least=at_least)


def distance(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two RGB images, in levels."""
    assert (one.mode, one.size) == (other.mode, other.size) == ("RGB", other.size)
    pairs = list(zip(one.tobytes(), other.tobytes(), strict=True))
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


WHOLE = {
    "baseline": pictures.jpeg(200, 300),
    "4:2:0": pictures.jpeg(200, 300, sampling="4:2:0"),
    "restart markers": pictures.jpeg(200, 300, restart_rows=1),
    "progressive": pictures.jpeg(200, 300, progressive=True),
    "RGB-coded": pictures.rgb_jpeg(200, 300),
    "separate scans": pictures.separate_scans_jpeg(200, 300),
    "16 bit tables": pictures.with_wide_tables(pictures.jpeg(200, 300)),
    "fill bytes": pictures.with_fill_bytes(pictures.jpeg(200, 300)),
    "CMYK": pictures.cmyk_jpeg(200, 300),
    "PNG": pictures.png(200, 300),
    "WebP": pictures.webp(200, 300),
    "lossless WebP": pictures.webp(200, 300, lossless=True),
    "end marker missing": pictures.without_end_marker(pictures.jpeg(200, 300)),
    "progressive, end marker missing": pictures.without_end_marker(pictures.jpeg(200, 300, progressive=True)),
    "bytes after the end": pictures.jpeg(200, 300) + b"\xff\xd8 something else",
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_pictures_of_every_kind_come_out_as_they_are(name: str) -> None:
    assert distance(decoded(WHOLE[name]), pictures.photo(200, 300)) < 8


def test_a_palette_is_looked_up() -> None:
    assert distance(decoded(pictures.png(200, 300, mode="P")), pictures.photo(200, 300)) < 30


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_gray_pictures_become_rgb(mode: str) -> None:
    image = decoded(pictures.png(mode=mode))
    assert image.mode == "RGB"
    red, green, blue = image.split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()
    assert max(red.tobytes()) > 60


@pytest.mark.parametrize("name", ["gray", "colour"])
def test_sixteen_bits_become_eight(name: str) -> None:
    image = decoded(pictures.deep_png(gray=name == "gray"))
    column = [image.getpixel((5, y)) for y in (0, 120, 240, 360, 479)]
    for pixel, expected in zip(column, (0, 64, 128, 191, 255), strict=True):
        assert isinstance(pixel, tuple)
        assert all(abs(value - expected) <= 1 for value in pixel)


def test_transparency_lies_on_black() -> None:
    image = decoded(pictures.half_transparent_png())
    assert image.getpixel((10, 10)) == (255, 255, 255)
    assert image.getpixel((310, 470)) == (0, 0, 0)


def test_a_transparent_palette_colour_lies_on_black() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((0, 0), 0)
    output = BytesIO()
    image.save(output, "PNG", transparency=b"\xff\x00")
    shown = decoded(output.getvalue())
    assert (shown.getpixel((0, 0)), shown.getpixel((5, 5))) == ((255, 0, 0), (0, 0, 0))


@pytest.mark.parametrize("make", [pictures.animated_png, pictures.animated_webp])
def test_of_an_animation_the_first_frame_is_taken(make: type) -> None:
    assert decoded(make()).getpixel((100, 100)) == (255, 0, 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(orientation: int) -> None:
    for at_least in (None, Size(40, 60)):
        image = decoded(pictures.rotated_jpeg(orientation, 320, 480), at_least)
        assert image.width < image.height
        quarters = [
            image.getpixel((image.width * x // 4, image.height * y // 4)) for y in (1, 3) for x in (1, 3)
        ]
        for pixel, expected in zip(quarters, CORNERS, strict=True):
            assert isinstance(pixel, tuple)
            assert all(abs(a - b) < 12 for a, b in zip(pixel, expected, strict=True))


@pytest.mark.parametrize(
    ("at_least", "size"),
    [
        (Size(320, 480), (512, 768)),
        (Size(512, 768), (512, 768)),
        (Size(513, 768), (1024, 1536)),
        (Size(128, 192), (128, 192)),
        (Size(1, 1), (128, 192)),
        (Size(2000, 3000), (1024, 1536)),
    ],
)
def test_a_jpeg_is_decoded_no_larger_than_needed(at_least: Size, size: tuple[int, int]) -> None:
    assert decoded(pictures.jpeg(1024, 1536), at_least).size == size


def test_a_jpeg_that_lies_is_decoded_small_too() -> None:
    lying = pictures.jpeg(1536, 1024, orientation=6)
    assert decoded(lying, Size(320, 480)).size == (512, 768)


# Colour profiles


def profiled(profile: bytes) -> bytes:
    return pictures.jpeg_of(pictures.photo(64, 96), icc=profile)


def test_a_profile_other_than_srgb_is_applied() -> None:
    red = Image.new("RGB", (64, 96), (255, 0, 0))
    for image in (red, red.convert("P")):
        output = BytesIO()
        image.save(output, "PNG", icc_profile=pictures.red_for_green_profile())
        assert decoded(output.getvalue()).getpixel((9, 9)) == (0, 255, 0)


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile at all",
        pictures.srgb_profile()[:300],
        pictures.srgb_profile(),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
    ],
    ids=["nonsense", "cut", "sRGB", "for other colours"],
)
def test_a_profile_that_says_nothing_changes_nothing(profile: bytes) -> None:
    plain = decoded(pictures.jpeg_of(pictures.photo(64, 96)))
    assert decoded(profiled(profile)).tobytes() == plain.tobytes()


def test_broken_notes_of_a_camera_cost_nothing() -> None:
    jpeg = pictures.jpeg(200, 300)
    notes = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(30)
    broken = jpeg[:2] + b"\xff\xe1" + (len(notes) + 2).to_bytes(2) + notes + jpeg[2:]
    assert decoded(broken).tobytes() == decoded(jpeg).tobytes()


# Cut and broken


CUT = {
    "baseline": pictures.jpeg(),
    "4:2:0": pictures.jpeg(sampling="4:2:0"),
    "restart markers": pictures.jpeg(restart_rows=1),
    "progressive": pictures.jpeg(progressive=True),
    "gray": pictures.gray_jpeg(),
    "CMYK": pictures.cmyk_jpeg(),
    "separate scans": pictures.separate_scans_jpeg(),
}


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.99, 0.998])
@pytest.mark.parametrize("name", CUT)
def test_a_cut_jpeg_is_refused_with_or_without_an_end_marker(name: str, share: float) -> None:
    for broken in (pictures.cut(CUT[name], share), pictures.cut_but_ended(CUT[name], share)):
        for at_least in (None, Size(40, 60)):
            with pytest.raises(PictureError, match="cut"):
                decoded(broken, at_least)


def test_a_jpeg_without_an_end_marker_is_whole_to_its_last_block() -> None:
    whole = pictures.jpeg(seed=1)
    assert decoded(whole[:-2]) == decoded(whole)
    for missing in range(2, 9):
        with pytest.raises(PictureError, match="cut"):
            decoded(whole[: -2 - missing])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", ["PNG", "WebP", "lossless WebP"])
def test_a_cut_png_or_webp_is_refused(name: str, share: float) -> None:
    with pytest.raises(PictureError, match="cut"):
        decoded(pictures.cut(WHOLE[name], share))


@pytest.mark.parametrize("restart_rows", [0, 1])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_gray_corner_is_no_reason_to_refuse(mode: str, restart_rows: int) -> None:
    gray = Image.new(mode, (100, 100), 128 if mode == "L" else (128, 128, 128))
    for sampling in ("4:4:4", "4:2:0"):
        jpeg = pictures.jpeg_of(gray, sampling=sampling, restart_rows=restart_rows)
        assert decoded(jpeg).getpixel((99, 99)) == (128, 128, 128)


def test_an_end_marker_is_appended_only_where_it_is_missing() -> None:
    jpeg, png = pictures.jpeg(), pictures.png()
    assert mended(jpeg, checked_header(jpeg)) == jpeg
    assert mended(png, checked_header(png)) == png
    endless = pictures.without_end_marker(jpeg)
    assert mended(endless, checked_header(endless)) == jpeg


def test_whatever_is_changed_in_a_picture_nothing_but_a_picture_error_comes_of_it() -> None:
    chance = random.Random(7)
    good = [
        pictures.jpeg(48, 72),
        pictures.jpeg(48, 72, progressive=True),
        pictures.rotated_jpeg(6, 48, 72),
        pictures.cmyk_jpeg(48, 72),
        pictures.png(48, 72),
        pictures.png(48, 72, mode="P"),
        pictures.animated_png(48, 72),
        pictures.webp(48, 72),
        pictures.webp(48, 72, lossless=True, alpha=True),
        pictures.animated_webp(48, 72),
    ]
    refused = 0
    for _ in range(600):
        data = bytearray(chance.choice(good))
        for _ in range(chance.choice((1, 3, 10))):
            data[chance.randrange(min(len(data), chance.choice((200, 5000))))] = chance.randrange(256)
        try:
            image = decoded(bytes(data[: chance.choice((None, None, chance.randrange(len(data))))]))
        except PictureError:
            refused += 1
        else:
            assert image.mode == "RGB"
    assert 50 < refused < 600


# Too large


@pytest.mark.parametrize("bomb", [pictures.png_bomb, pictures.jpeg_bomb, pictures.webp_bomb])
def test_a_bomb_is_refused_by_its_header(bomb: type) -> None:
    with pytest.raises(PictureError, match="40000000 are the limit"):
        checked_header(bomb())


@pytest.mark.parametrize("chunk", ["iCCP", "zTXt", "iTXt"])
def test_a_bomb_beside_the_pixels_is_refused(chunk: str) -> None:
    with pytest.raises(PictureError, match="too large"):
        decoded(pictures.png_with_bomb_in(chunk))


def test_a_file_over_the_limit_is_refused() -> None:
    good = pictures.jpeg()
    assert checked_header(good + bytes(MAX_BYTES - len(good))).size == Size(320, 480)
    with pytest.raises(PictureError, match="20971520 are the limit"):
        checked_header(good + bytes(MAX_BYTES - len(good) + 1))


def test_large_pictures_wait_for_each_other_and_small_ones_do_not() -> None:
    large = checked_header(pictures.png_header(3000, 2000))
    entered = threading.Event()

    def second() -> None:
        with room(large):
            entered.set()

    with room(large):
        with room(checked_header(pictures.png())), room(checked_header(pictures.jpeg())):
            pass
        thread = threading.Thread(target=second)
        thread.start()
        assert decoding._ONE_LARGE.locked()
        assert not entered.is_set()
    thread.join()
    assert entered.is_set()
