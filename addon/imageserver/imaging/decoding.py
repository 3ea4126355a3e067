"""Pictures from outside: bytes -> pixels, checked to the last byte.

Whatever comes in, out comes an opaque RGB image in sRGB, upright: transparency lies on black, of an
animation the first frame is taken, a colour profile is applied (and left out where it is broken).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ..exceptions import NoMemoryError, PictureError
from .jpeg_structure import END, without_exif
from .picture_header import PictureHeader, PictureKind, read_header, turned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.ImageFile import ImageFile

    from ..models import Size
    from .jpeg_structure import JpegStructure

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000

_MAX_PROFILE_BYTES = 4 * 1024 * 1024
_LARGE_PIXELS = 3_000_000
_ONE_LARGE = threading.Lock()
"""Memory belongs to the process, and so does this lock: two large pictures may not fit a small machine."""

_TURN_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_FILLER = bytes(37 * number % 251 for number in range(1, 400))
"""Looks like coded pixels: no 0xFF, no pattern."""

_FILLED_IN = frozenset((127, 128))
"""The middle gray that libjpeg puts where pixels are missing, in RGB, gray and CMYK."""


def checked_header(data: bytes) -> PictureHeader:
    """Read a picture's header and refuse what would be too much to decode.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, or too large.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(f"The picture has {len(data)} bytes; {MAX_BYTES} are the limit")
    header = read_header(data)
    if header.pixels > MAX_PIXELS:
        raise PictureError(
            f"The picture has {header.size.width} x {header.size.height} pixels; {MAX_PIXELS} are the limit"
        )
    return header


@contextmanager
def room(header: PictureHeader) -> Iterator[None]:
    """Wait until no other large picture is in memory, where this is one.

    A JPEG counts as small, since it is decoded at the size that is needed.
    """
    if header.structure is not None or header.pixels < _LARGE_PIXELS:
        yield
    else:
        with _ONE_LARGE:
            yield


def mended(data: bytes, header: PictureHeader) -> bytes:
    """Append the end marker to a JPEG that lacks it; whether nothing else is missing shows in `decode`."""
    return data + END if header.structure is not None and header.structure.end is None else data


def decode(data: bytes, header: PictureHeader, *, at_least: Size | None = None) -> Image.Image:
    """Decode all of a picture; a JPEG may lack its end marker, but nothing else.

    Args:
        data: The file.
        header: What `checked_header` read in it.
        at_least: A JPEG may come out smaller than it is (to a half, quarter or eighth), which is much
            quicker, but not smaller than this, upright.

    Raises:
        PictureError: It is cut or broken.
    """
    try:
        if header.structure is not None:
            image = _decode_jpeg(data, header.structure, at_least and turned(at_least, header.orientation))
        else:
            image = (PngImageFile if header.kind is PictureKind.PNG else WebPImageFile)(BytesIO(data))
            image.load()
        opaque = _srgb(_opaque(image), image.info.get("icc_profile"))
    except PictureError:
        raise
    except MemoryError as error:
        raise NoMemoryError("There is too little memory for a picture of this size") from error
    except Exception as error:  # Pillow has no error of its own: bytes from outside make it raise anything
        raise PictureError(f"The {header.kind} is cut or broken: {error}") from error
    turn = _TURN_UPRIGHT.get(header.orientation)
    return opaque if turn is None else opaque.transpose(turn)


def _decode_jpeg(data: bytes, structure: JpegStructure, at_least: Size | None) -> ImageFile:
    coded = without_exif(data[: structure.end], structure)
    image = _load_jpeg(coded + END, at_least)
    corner = image.getpixel((image.width - 1, image.height - 1))
    filled_in = set(corner if isinstance(corner, tuple) else (corner,)) <= _FILLED_IN
    if structure.passes > 1:
        # What the last pass adds may not be seen in a smaller picture.
        _check_end(coded, at_least if structure.pixels > _LARGE_PIXELS else None)
    elif filled_in or structure.end is None:
        # Where only the end of the last block is missing, its corner has any colour.
        _check_end(coded, at_least)
    return image


def _check_end(coded: bytes, at_least: Size | None) -> None:
    """Refuse a JPEG whose pixels end early, which libjpeg shows without a word.

    Where they are all there, what stands between them and the end marker changes nothing; where some are
    missing, it is read as such.
    """
    plain, filled = (_load_jpeg(coded + filler + END, at_least).tobytes() for filler in (b"", _FILLER))
    if plain != filled:
        raise PictureError("The JPEG is cut off in its pixels")


def _load_jpeg(data: bytes, at_least: Size | None) -> ImageFile:
    image = JpegImageFile(BytesIO(data))
    if at_least is not None:
        image.draft(None, (at_least.width, at_least.height))
    image.load()
    return image


def _opaque(image: Image.Image) -> Image.Image:
    """Make it RGB, gray or CMYK, 8 bit, without transparency."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 257).convert("L")
    if image.has_transparency_data:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        black = Image.new("RGB", image.size)
        black.paste(layer, mask=layer.getchannel("A"))
        return black
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    converted = None
    if profile and len(profile) <= _MAX_PROFILE_BYTES:
        # Broken, or for another kind of picture: the colours are close enough without.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    if converted is not None:
        return converted
    return image if image.mode == "RGB" else image.convert("RGB")
