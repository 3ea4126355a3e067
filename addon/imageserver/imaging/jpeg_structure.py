"""The parts of a JPEG without its pixels: where they are, and whether a frame's decoder can read them.

Frames decode with TJpgDec R0.03 in 3,500 bytes of work space, which takes far less than the format
allows. What it was seen to refuse or to misread is refused here; what is merely unusual is refused too,
since such a picture is then encoded anew and loses next to nothing.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from ..exceptions import PictureError
from ..models import Size

START = b"\xff\xd8"
END = b"\xff\xd9"

_SOF0, _DHT, _EOI, _SOS, _DQT, _DNL, _DRI = 0xC0, 0xC4, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))
"""Markers without a length."""

_MARKER = re.compile(rb"\xff([\x01-\xfe])")
_MARKER_AFTER_SCAN = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")

MAX_SEGMENTS = 5000
MAX_SCANS = 100
"""More than any writer needs; each costs memory here, or a pass over the whole picture in the decoder."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker, where it stands, and what follows its length."""

    marker: int
    start: int
    body: bytes

    @property
    def end(self) -> int:
        """Where the next thing begins."""
        return self.start + 4 + len(self.body)


@dataclass(frozen=True, slots=True)
class JpegStructure:
    """What stands in a JPEG, in its order.

    Attributes:
        segments: All but the coded pixels.
        end: Where the end marker stands, None where it is missing.
        regular: No fill bytes, no lone markers and nothing else between the segments.
    """

    segments: tuple[Segment, ...]
    end: int | None
    regular: bool

    def first(self, *markers: int) -> bytes | None:
        """Return the body of the first segment with one of these markers."""
        return next((segment.body for segment in self.segments if segment.marker in markers), None)

    def all(self, marker: int) -> list[bytes]:
        """Return the body of each segment with this marker."""
        return [segment.body for segment in self.segments if segment.marker == marker]

    @property
    def size(self) -> Size:
        """As stored, before any rotation."""
        _, height, width = struct.unpack_from(">BHH", self.first(*_FRAME_HEADERS) or b"")
        return Size(width, height)

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.size.width * self.size.height

    @property
    def passes(self) -> int:
        """In how many scans the pixels come; a progressive picture has many."""
        return len(self.all(_SOS))

    @property
    def exif(self) -> bytes | None:
        """The camera's notes, as a TIFF file."""
        prefix = b"Exif\0\0"
        found = (body[len(prefix) :] for body in self.all(_APP1) if body.startswith(prefix))
        return next(found, None)


def read_structure(data: bytes) -> JpegStructure:
    """Find the parts of a JPEG; what follows its end is left alone.

    Raises:
        PictureError: It has no beginning, ends in its head, or is nothing but segments.
    """
    if not data.startswith(START):
        raise PictureError("The picture does not begin as a JPEG does")
    segments: list[Segment] = []
    at, scans, regular, pattern = len(START), 0, True, _MARKER
    while (found := pattern.search(data, at)) is not None:
        marker = found[1][0]
        stuffing = data.find(b"\xff\xff", at, found.end()) >= 0
        regular = regular and not stuffing and (pattern is _MARKER_AFTER_SCAN or found.start() == at)
        at = found.end()
        if marker == _EOI:
            return _structure(segments, found.start(), regular)
        if marker in _ALONE:
            regular = False
            continue
        segments.append(_segment(data, found.start(), marker))
        scans += marker == _SOS
        if len(segments) > MAX_SEGMENTS or scans > MAX_SCANS:
            raise PictureError(f"The JPEG has over {MAX_SEGMENTS} segments or {MAX_SCANS} scans")
        at = segments[-1].end
        pattern = _MARKER_AFTER_SCAN if marker == _SOS else _MARKER
    return _structure(segments, None, regular)


def _segment(data: bytes, start: int, marker: int) -> Segment:
    length = int.from_bytes(data[start + 2 : start + 4])
    body = data[start + 4 : start + 2 + length]
    if length < 2 or len(body) != length - 2:  # noqa: PLR2004 - the length counts its own two bytes
        raise PictureError("The JPEG is cut off in its head")
    return Segment(marker, start, body)


def _structure(segments: list[Segment], end: int | None, regular: bool) -> JpegStructure:  # noqa: FBT001 - a field
    structure = JpegStructure(tuple(segments), end, regular)
    header = structure.first(*_FRAME_HEADERS)
    if header is None or len(header) < 6 or structure.first(_SOS) is None:  # noqa: PLR2004 - its fixed part
        raise PictureError("The JPEG is cut off before its pixels")
    return structure


def without_exif(data: bytes, structure: JpegStructure) -> bytes:
    """Leave out the camera's notes, which may be broken in many ways; the pixels are the same."""
    kept, at = [], 0
    for segment in structure.segments:
        if segment.marker == _APP1:
            kept.append(data[at : segment.start])
            at = segment.end
    return b"".join((*kept, data[at:]))


def without_rest(data: bytes, structure: JpegStructure) -> bytes:
    """Leave out what follows the end, which is no part of the picture; zeros alone may stay."""
    end = len(data) if structure.end is None else structure.end + len(END)
    return data[:end] if data[end:].strip(b"\0") else data


# What the frame's decoder can read

_MAX_SEGMENT = 512
"""Its input buffer; segments that it skips may be longer."""

_MAX_QUANTIZATION_TABLES = 2
_MAX_SYMBOLS = {0: 12, 1: 162}
"""Of a Huffman table for DC and for AC: more than the standard ones would not fit its work space."""

_LUMINANCE_SAMPLING = frozenset((0x11, 0x21, 0x22))
_QUANTIZATION_TABLE, _HUFFMAN_COUNTS = 65, 16


def obstacle(structure: JpegStructure) -> str | None:
    """Say why a frame can't show this JPEG as it is; None where it can."""
    if not structure.regular:
        return "fill bytes"
    if structure.end is None:
        return "no end marker"
    if any(
        len(segment.body) > _MAX_SEGMENT
        for segment in structure.segments
        if segment.marker in (_SOF0, _DHT, _SOS, _DQT, _DRI)
    ):
        return "a segment that is too long"
    if not all(segment.body for segment in structure.segments):
        return "an empty segment"
    return (
        _frame_header_obstacle(structure)
        or _scan_obstacle(structure)
        or _quantization_obstacle(structure)
        or _huffman_obstacle(structure)
    )


def _frame_header_obstacle(structure: JpegStructure) -> str | None:
    header = structure.first(*_FRAME_HEADERS) or b""
    if structure.first(_SOF0) is None or structure.first(*_FRAME_HEADERS - {_SOF0}) is not None:
        return "not baseline"
    if header[0] != 8:  # noqa: PLR2004 - bits
        return "not 8 bit"
    if header[5] != 3 or len(header) != 6 + 3 * 3:  # noqa: PLR2004 - components
        return "not three components"
    luminance, *chrominance = header[7::3]
    if luminance not in _LUMINANCE_SAMPLING or set(chrominance) != {0x11}:
        return "a sampling other than 4:4:4, 4:2:2, 4:2:0"
    return None if _is_ycbcr(structure, header[6::3]) else "not YCbCr"


def _is_ycbcr(structure: JpegStructure, components: bytes) -> bool:
    """Judge as libjpeg does: JFIF says so, else Adobe's word counts, else the components' names."""
    if any(body.startswith(b"JFIF\0") for body in structure.all(_APP0)):
        return True
    for body in structure.all(_APP14):
        if body.startswith(b"Adobe") and len(body) >= 12:  # noqa: PLR2004 - its last byte is the transform
            return body[11] == 1
    return components != b"RGB"


def _quantization_obstacle(structure: JpegStructure) -> str | None:
    tables = b"".join(structure.all(_DQT))
    names = tables[::_QUANTIZATION_TABLE]
    if any(name > 3 for name in names):  # noqa: PLR2004 - the high bits would say 16 bit
        return "quantization tables of 16 bit"
    if len(tables) % _QUANTIZATION_TABLE or len(names) > _MAX_QUANTIZATION_TABLES:
        return "too many quantization tables"
    header = structure.first(_SOF0) or b""
    return None if set(header[8::3]) <= set(names) else "a missing quantization table"


def _huffman_obstacle(structure: JpegStructure) -> str | None:
    names = []
    tables = b"".join(structure.all(_DHT))
    while tables:
        name, counts = tables[0], tables[1 : 1 + _HUFFMAN_COUNTS]
        if name & ~0x11 or sum(counts) > _MAX_SYMBOLS[name >> 4]:
            return "an unusual Huffman table"
        names.append(name)
        tables = tables[1 + _HUFFMAN_COUNTS + sum(counts) :]
    return None if sorted(names) == [0x00, 0x01, 0x10, 0x11] else "a missing or doubled Huffman table"


def _scan_obstacle(structure: JpegStructure) -> str | None:
    scans = structure.all(_SOS)
    header = structure.first(_SOF0) or b""
    components = zip(header[6::3], (0x00, 0x11, 0x11), strict=False)
    expected = bytes((3, *(value for pair in components for value in pair), 0, 63, 0))
    # It takes the first tables for luminance and the second for chrominance, whatever the scan says.
    if scans != [expected] or structure.first(_DNL) is not None or structure.size.height == 0:
        return "more than one scan, or an unusual one"
    return None
