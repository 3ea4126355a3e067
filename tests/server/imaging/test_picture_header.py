import struct

import pytest

from imageserver.exceptions import PictureError
from imageserver.imaging.picture_header import PictureKind, exif_orientation, read_header
from imageserver.models import Size
from tests import pictures

GOOD = {
    "JPEG": (pictures.jpeg(310, 203), PictureKind.JPEG),
    "progressive JPEG": (pictures.jpeg(310, 203, progressive=True), PictureKind.JPEG),
    "PNG": (pictures.png(310, 203), PictureKind.PNG),
    "lossy WebP": (pictures.webp(310, 203), PictureKind.WEBP),
    "lossless WebP": (pictures.webp(310, 203, lossless=True), PictureKind.WEBP),
    "transparent WebP": (pictures.webp(310, 203, alpha=True), PictureKind.WEBP),
    "animated WebP": (pictures.animated_webp(310, 203), PictureKind.WEBP),
}


@pytest.mark.parametrize("name", GOOD)
def test_kind_and_size_are_read_without_decoding(name: str) -> None:
    data, kind = GOOD[name]
    for known in (data, pictures.cut(data, 0.9)):
        header = read_header(known)
        assert (header.kind, header.size, header.orientation) == (kind, Size(310, 203), 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_upright_size_follows_the_camera(orientation: int) -> None:
    for data in (
        pictures.jpeg(300, 200, orientation=orientation),
        pictures.rotated_png(orientation, 300, 200),
    ):
        header = read_header(data)
        assert (header.orientation, header.size) == (orientation, Size(300, 200))
        assert header.upright_size == (Size(300, 200) if orientation < 5 else Size(200, 300))


def test_a_webps_notes_are_read_too() -> None:
    assert read_header(pictures.rotated_webp(8, 300, 200)).upright_size == Size(200, 300)


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(PictureError, match="no pixels"):
        read_header(pictures.png_header(0, 10))


@pytest.mark.parametrize("name", list(pictures.foreign()))
def test_what_is_no_picture_is_refused(name: str) -> None:
    with pytest.raises(PictureError):
        read_header(pictures.foreign()[name])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "nothing at all"),
        ("HTML", "HTML"),
        ("SVG", "HTML or XML"),
        ("GIF", "a GIF"),
        ("TIFF", "a TIFF"),
        ("JSON", "JSON"),
    ],
)
def test_what_came_instead_of_a_picture_is_named(name: str, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        read_header(pictures.foreign()[name])


def tiff(order: str, *entries: tuple[int, int, int]) -> bytes:
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    return head + b"".join(
        struct.pack(f"{order}HHIHH", tag, kind, 1, value, 0) for tag, kind, value in entries
    )


@pytest.mark.parametrize(
    ("exif", "orientation"),
    [
        (None, 1),
        (b"", 1),
        (b"notes in some other format", 1),
        (tiff("<", (0x0100, 3, 9), (0x0112, 3, 6)), 6),
        (tiff(">", (0x0112, 3, 8)), 8),
        (tiff("<", (0x0112, 3, 6))[:-4], 1),
        (tiff("<", (0x0112, 3, 0)), 1),
        (tiff("<", (0x0112, 3, 9)), 1),
        (tiff("<", (0x0112, 2, 6)), 1),
        (b"II*\0\xff\xff\xff\xff", 1),
    ],
    ids=range(10),
)
def test_broken_notes_never_cost_a_picture(exif: bytes | None, orientation: int) -> None:
    assert exif_orientation(exif) == orientation
