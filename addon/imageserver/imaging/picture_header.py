"""What a picture says of itself before a pixel is decoded: its kind, its size, which way is up."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

from ..exceptions import PictureError
from ..models import Size
from .jpeg_structure import START, JpegStructure, read_structure

_PNG = b"\x89PNG\r\n\x1a\n"

_FOREIGN = (
    (b"GIF8", "a GIF"),
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"BM", "a BMP"),
    (b"%PDF", "a PDF"),
    (b"<", "HTML or XML"),
    (b"{", "JSON"),
)
"""What is often sent instead of a picture, by its first bytes."""


class PictureKind(StrEnum):
    """The formats that are taken; the values are their names for people."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What stands before the pixels.

    Attributes:
        size: As stored.
        orientation: How it must be turned, EXIF's 1 to 8; 1 is upright already.
        structure: Of a JPEG, None of others.
    """

    kind: PictureKind
    size: Size
    orientation: int
    structure: JpegStructure | None = None

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.size.width * self.size.height

    @property
    def upright_size(self) -> Size:
        """The size once it is turned as EXIF says."""
        return turned(self.size, self.orientation)


def turned(size: Size, orientation: int) -> Size:
    """Return the size of a picture after it was turned upright, and just so the other way round."""
    lies = orientation >= 5  # noqa: PLR2004 - EXIF: 5 to 8 swap rows and columns
    return Size(size.height, size.width) if lies else size


def read_header(data: bytes) -> PictureHeader:
    """Read kind, size and orientation.

    Raises:
        PictureError: It is no JPEG, PNG or WebP, or its head is broken.
    """
    try:
        if data.startswith(START):
            header = _jpeg(data)
        elif data.startswith(_PNG):
            header = _png(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            header = _webp(data)
        else:
            raise PictureError(f"Not a JPEG, PNG or WebP picture but {_name(data)}")
    except (struct.error, IndexError) as error:
        raise PictureError("The picture is cut off in its head") from error
    if not header.pixels:
        raise PictureError("The picture has no pixels")
    return header


def _name(data: bytes) -> str:
    if not data:
        return "nothing at all"
    start = data[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
    return next((name for prefix, name in _FOREIGN if start.startswith(prefix)), "something else")


def _jpeg(data: bytes) -> PictureHeader:
    structure = read_structure(data)
    return PictureHeader(PictureKind.JPEG, structure.size, exif_orientation(structure.exif), structure)


def _png(data: bytes) -> PictureHeader:
    if data[12:16] != b"IHDR":
        raise PictureError("The PNG does not begin with its header")
    width, height = struct.unpack_from(">II", data, 16)
    exif, at = None, len(_PNG)
    while exif is None and at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"eXIf":
            exif = data[at + 8 : at + 8 + length]
        at += 12 + length
    return PictureHeader(PictureKind.PNG, Size(width, height), exif_orientation(exif))


def _webp(data: bytes) -> PictureHeader:
    exif, at = None, 12
    while exif is None and at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            exif = data[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0")
        at += 8 + length + length % 2
    return PictureHeader(PictureKind.WEBP, _webp_size(data), exif_orientation(exif))


def _webp_size(data: bytes) -> Size:
    name = data[12:16]
    if name == b"VP8X":
        return Size(1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<xI", data, 20)
        return Size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Size(width & 0x3FFF, height & 0x3FFF)
    raise PictureError("The WebP holds no picture")


_ORIENTATION, _SHORT = 0x0112, 3


def exif_orientation(exif: bytes | None) -> int:
    """Return the orientation of EXIF data (a TIFF file without pixels); 1 where it says none that counts.

    Broken data is no error: a picture is not lost for a camera's notes.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get((exif or b"")[:4])
    if exif is None or order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, directory)
        for number in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, directory + 2 + 12 * number)
            if tag == _ORIENTATION and kind == _SHORT and value in range(1, 9):
                return int(value)
    except struct.error:
        pass
    return 1
