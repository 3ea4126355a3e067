"""The frame's picture decoder with its limits (TJpgDec R0.03), and what its panel makes of the colours.

The pixels themselves are decoded by libjpeg, which forgives what is broken among them.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from tests.simulators.frame_line import FirmwareError

SCREEN = (320, 480)

TAIL = 512
"""Zero bytes behind the picture that keep the decoder inside its buffer."""

_LARGEST_SEGMENT = 512
_SAMPLINGS = {0x11, 0x21, 0x22}
_TABLES = {0xC4, 0xDB, 0xDD}
_OTHER_CODINGS = set(range(0xC1, 0xD0)) - {0xC4, 0xC8, 0xCC}


def decode(data: bytes, screen: tuple[int, int] = SCREEN) -> tuple[bytes, Image.Image]:
    """Return the JPEG without what follows it, and its pixels.

    Raises:
        FirmwareError: The decoder can't read it, or the screen would not be filled exactly.
    """
    end = _end_of(data)
    tail = data[end:]
    if len(tail) < TAIL or any(tail):
        raise FirmwareError(f"{len(tail)} bytes behind the picture: the decoder reads past its buffer")
    try:
        image = Image.open(BytesIO(data[:end]), formats=("JPEG",))
        image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise FirmwareError(f"jpg error: {error}") from error
    if image.size != screen:
        raise FirmwareError(f"a picture of {image.size}: old pixels stay, or some are lost")
    return data[:end], image.convert("RGB")


def on_panel(image: Image.Image) -> Image.Image:
    """Show colours as the panel does: 5, 6 and 5 bits of each, the rest cut off."""

    def shown(value: int, bits: int) -> int:
        most = (1 << bits) - 1
        return (value >> (8 - bits)) * 255 // most

    return image.point([shown(value, bits) for bits in (5, 6, 5) for value in range(256)])


def _end_of(data: bytes) -> int:
    """Walk through the picture as the decoder does; return where it ends."""
    if not data.startswith(b"\xff\xd8"):
        raise FirmwareError("no JPEG: the search for its beginning crashes")
    at, components, ycbcr = 2, b"", True
    while True:
        marker, body = _segment(data, at)
        _check(marker, body)
        at += 4 + len(body)
        if marker == 0xC0:
            components = _components(body)
        elif marker == 0xEE and body.startswith(b"Adobe"):
            ycbcr = body[11] == 1
        elif marker == 0xDA:
            if len(components) == 3 and (not ycbcr or components == b"RGB"):
                raise FirmwareError("jpg error: not YCbCr")
            if not components or body[0] != len(components):
                raise FirmwareError("jpg error: scans that are not interleaved")
            return _end_of_scan(data, at)


def _check(marker: int, body: bytes) -> None:
    if marker in _OTHER_CODINGS:
        raise FirmwareError("jpg error: not baseline")
    if marker in _TABLES and len(body) + 2 > _LARGEST_SEGMENT:
        raise FirmwareError("jpg error: a table that does not fit")
    if marker == 0xDB and any(name >> 4 for name in body[::65]):
        raise FirmwareError("jpg error: a 16 bit table")


def _segment(data: bytes, at: int) -> tuple[int, bytes]:
    if data[at : at + 1] != b"\xff" or data[at + 1 : at + 2] in (b"", b"\xff"):
        raise FirmwareError("jpg error: no marker, or a fill byte before it")
    length = int.from_bytes(data[at + 2 : at + 4])
    body = data[at + 4 : at + 2 + length]
    if length < 2 or len(body) != length - 2:
        raise FirmwareError("jpg error: cut off")
    return data[at + 1], body


def _components(body: bytes) -> bytes:
    if body[0] != 8 or body[5] not in (1, 3):
        raise FirmwareError("jpg error: not 8 bit with one or three components")
    samplings = body[7::3]
    if samplings[0] not in _SAMPLINGS or set(samplings[1:]) > {0x11}:
        raise FirmwareError("jpg error: a sampling other than 4:4:4, 4:2:2, 4:2:0")
    return body[6::3]


def _end_of_scan(data: bytes, at: int) -> int:
    while (at := data.find(b"\xff", at)) >= 0:
        marker = data[at + 1] if at + 1 < len(data) else 0
        if marker == 0xD9:
            return at + 2
        if marker and not 0xD0 <= marker <= 0xD7:
            raise FirmwareError("jpg error: a marker among the pixels")
        at += 2
    raise FirmwareError("jpg error: no end")
