"""Pictures: bytes -> bytes. Everything here blocks; `ImagingPool` runs it beside the event loop."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from ..models import Size
from ..settings import FitMode
from .decoding import MAX_BYTES, MAX_PIXELS, checked_header, decode, mended, room
from .fit import Placement, cover, inside, place
from .frame_encoding import encode, save_jpeg, shown_by_panel
from .jpeg_structure import obstacle, without_rest
from .picture_header import PictureHeader, read_header

if TYPE_CHECKING:
    from ..settings import FrameImage

__all__ = (
    "MAX_BYTES",
    "MAX_PIXELS",
    "Fitted",
    "Prepared",
    "black",
    "encode",
    "fingerprint",
    "fitted",
    "frame_jpeg",
    "on_panel",
    "prepare",
    "read_size",
    "thumbnail",
)

ALGORITHM = 1
"""Counts up whenever the same picture and settings give other bytes than before."""

_MAX_AS_IS = 600_000
"""Bytes of a picture that is sent as it is: more were never tried on a frame, nor are they ever needed."""

_ORIGINAL_QUALITY = 95
_THUMBNAIL_QUALITY = 80

_REDUCING_GAP = 3.0
"""Large pictures are first reduced by whole numbers, down to this many times what is needed."""

_BLUR_SHRINK = 8
_BLUR_RADIUS = 2.5
_BLUR_LIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture as the store keeps it.

    Attributes:
        original: A JPEG of full size, as received where it came as one.
        scaled: What frames get.
        size: Pixels of the original, upright.
    """

    original: bytes
    scaled: bytes
    size: Size


def prepare(data: bytes, frame: FrameImage) -> Prepared:
    """Check a picture from outside to its last byte, and make the store's two files of it.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, too large, cut or broken.
    """
    header = checked_header(data)
    if header.structure is not None:
        return Prepared(mended(data, header), _frame_jpeg(data, header, frame), header.upright_size)
    with room(header):
        image = decode(data, header)
        original = save_jpeg(image, quality=_ORIGINAL_QUALITY)
        scaled = encode(_fitted(image, place(header.upright_size, frame), frame), frame)
    return Prepared(original, scaled, header.upright_size)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a frame is sent, and the size of the picture that it was made of, upright."""

    jpeg: bytes
    size: Size


def fitted(data: bytes, frame: FrameImage) -> Fitted:
    """Return what a frame is sent: the very same JPEG where it can be shown as it is.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, too large, cut or broken.
    """
    header = checked_header(data)
    with room(header):
        return Fitted(_frame_jpeg(data, header, frame), header.upright_size)


def frame_jpeg(data: bytes, frame: FrameImage) -> bytes:
    """Return what a frame is sent, where nobody asks for the size.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, too large, cut or broken.
    """
    return fitted(data, frame).jpeg


def _frame_jpeg(data: bytes, header: PictureHeader, frame: FrameImage) -> bytes:
    placement = place(header.upright_size, frame)
    image = decode(data, header, at_least=placement.whole_size(header.upright_size))
    if header.structure is not None and len(data) <= _MAX_AS_IS and _as_is(header, frame):
        return without_rest(data, header.structure)
    source = header.upright_size
    decoded = placement.scaled(image.width / source.width, image.height / source.height)
    return encode(_fitted(image, decoded, frame), frame)


def _as_is(header: PictureHeader, frame: FrameImage) -> bool:
    if header.structure is None or header.size != frame.size or header.orientation != 1:
        return False
    return obstacle(header.structure) is None


def check(data: bytes, size: Size) -> None:
    """Make sure that a screen of this size can be shown a picture.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, too large, cut or broken.
    """
    header = checked_header(data)
    with room(header):
        decode(data, header, at_least=inside(header.upright_size, size))


def read_size(data: bytes) -> Size:
    """Return the size of a picture, upright, without decoding it.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, or its head is broken.
    """
    return read_header(data).upright_size


def thumbnail(data: bytes, edge: int = 320) -> bytes:
    """Return a JPEG for lists of pictures, no side of it longer than `edge`.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, too large, cut or broken.
    """
    header = checked_header(data)
    size = inside(header.upright_size, Size(edge, edge))
    with room(header):
        image = decode(data, header, at_least=size)
        small = image.resize((size.width, size.height), Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)
    return save_jpeg(small, quality=_THUMBNAIL_QUALITY)


def on_panel(data: bytes) -> bytes:
    """Return a PNG of how a panel of 5-6-5 bits shows a JPEG.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, too large, cut or broken.
    """
    output = BytesIO()
    shown_by_panel(decode(data, checked_header(data))).save(output, "PNG")
    return output.getvalue()


def black(frame: FrameImage) -> bytes:
    """Return what a frame shows while it sleeps."""
    return encode(Image.new("RGB", (frame.size.width, frame.size.height)), frame)


def fingerprint(frame: FrameImage) -> str:
    """Name everything that `frame_jpeg` depends on beside the picture: another name, another result."""
    size = f"{frame.size.width}x{frame.size.height}"
    return f"{ALGORITHM}:{size}:{frame.fit_mode}:{frame.fit_threshold:g}:{frame.panel}:{frame.quality}"


def _fitted(image: Image.Image, placement: Placement, frame: FrameImage) -> Image.Image:
    screen = (frame.size.width, frame.size.height)
    size = (placement.size.width, placement.size.height)
    part = image.resize(size, Image.Resampling.LANCZOS, placement.box, _REDUCING_GAP)
    if size == screen:
        return part
    canvas = _blurred(image, frame.size) if frame.fit_mode is FitMode.BLUR else Image.new("RGB", screen)
    canvas.paste(part, placement.offset)
    return canvas


def _blurred(image: Image.Image, screen: Size) -> Image.Image:
    """Fill the screen with a soft, darker copy of the picture."""
    small = Size(max(1, screen.width // _BLUR_SHRINK), max(1, screen.height // _BLUR_SHRINK))
    box = cover(Size(*image.size), small).box
    soft = image.resize((small.width, small.height), Image.Resampling.BOX, box, _REDUCING_GAP)
    soft = soft.filter(ImageFilter.GaussianBlur(_BLUR_RADIUS)).point(lambda value: value * _BLUR_LIGHT)
    return soft.resize((screen.width, screen.height), Image.Resampling.BICUBIC)
