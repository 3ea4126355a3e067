"""Makes the pictures that tests need: good ones of every kind, and bad ones of every kind.

The same arguments always give the same bytes. Sizes default to the frame's screen.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH, HEIGHT = 320, 480


def photo(width: int = WIDTH, height: int = HEIGHT, *, seed: int = 0) -> Image.Image:
    """Something like a photograph: soft light, texture of all scales, a few hard edges, no two rows alike."""
    return _photo(width, height, seed).copy()


@cache
def _photo(width: int, height: int, seed: int) -> Image.Image:
    chance = np.random.default_rng(seed)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = np.stack([chance.uniform(40, 215) + chance.uniform(-90, 90) * v for v in (x, y, x * y)], axis=-1)
    texture = np.zeros((height, width), "float32")
    for level, cells in enumerate((4, 12, 40), 1):
        texture += _octave(chance, width, height, cells) * (26 / level)
    image = Image.fromarray(np.clip(light + texture[..., None], 0, 255).astype("uint8"), "RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        left, top = chance.uniform(0, width * 0.8), chance.uniform(0, height * 0.8)
        box = (left, top, left + chance.uniform(0.05, 0.3) * width, top + chance.uniform(0.05, 0.3) * height)
        colour = tuple(int(v) for v in chance.integers(0, 255, 3))
        (draw.ellipse if chance.random() < 0.5 else draw.rectangle)(box, fill=colour)
    return image.filter(ImageFilter.GaussianBlur(0.6))


def _octave(chance: np.random.Generator, width: int, height: int, cells: int) -> np.ndarray:
    noise = chance.normal(0, 127, (cells * 3 // 2, cells)).clip(-127, 127).astype("int16") + 127
    small = Image.fromarray(noise.astype("uint8"), "L")
    return (np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), "float32") - 127) / 127


def corners(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Four plain quarters: red, green, blue, white, from the top left by rows; shows which way is up."""
    image = Image.new("RGB", (width, height))
    colours = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
    for number, colour in enumerate(colours):
        column, row = number % 2, number // 2
        image.paste(
            colour,
            (width * column // 2, height * row // 2, width * (column + 1) // 2, height * (row + 1) // 2),
        )
    return image


# JPEG


def jpeg_of(
    image: Image.Image,
    *,
    quality: int = 90,
    sampling: str = "4:4:4",
    progressive: bool = False,
    orientation: int | None = None,
    icc: bytes | None = None,
    restart_rows: int = 0,
    keep_rgb: bool = False,
) -> bytes:
    """A JPEG of this image, of its mode (`RGB`, `L`, `CMYK`)."""
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    output = BytesIO()
    image.save(
        output,
        "JPEG",
        quality=quality,
        subsampling=sampling,
        progressive=progressive,
        exif=exif.tobytes() if orientation is not None else b"",
        icc_profile=icc,
        restart_marker_rows=restart_rows,
        keep_rgb=keep_rgb,
    )
    return output.getvalue()


@cache
def jpeg(
    width: int = WIDTH,
    height: int = HEIGHT,
    *,
    seed: int = 0,
    quality: int = 90,
    sampling: str = "4:4:4",
    progressive: bool = False,
    orientation: int | None = None,
    restart_rows: int = 0,
) -> bytes:
    """A JPEG photograph; baseline 4:4:4, which a frame can show as it is, unless told otherwise."""
    return jpeg_of(
        photo(width, height, seed=seed),
        quality=quality,
        sampling=sampling,
        progressive=progressive,
        orientation=orientation,
        restart_rows=restart_rows,
    )


def cmyk_jpeg(width: int = WIDTH, height: int = HEIGHT, *, seed: int = 0) -> bytes:
    return jpeg_of(photo(width, height, seed=seed).convert("CMYK"))


def gray_jpeg(width: int = WIDTH, height: int = HEIGHT, *, seed: int = 0) -> bytes:
    return jpeg_of(photo(width, height, seed=seed).convert("L"))


def rgb_jpeg(width: int = WIDTH, height: int = HEIGHT, *, seed: int = 0) -> bytes:
    """A JPEG whose three components are red, green and blue, not YCbCr."""
    return jpeg_of(photo(width, height, seed=seed), keep_rgb=True)


def rotated_jpeg(orientation: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """`corners` as a camera that was held so would store it: shown upright it is `width` x `height`."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = corners(width, height)
    return jpeg_of(image if undo is None else image.transpose(undo), orientation=orientation)


def separate_scans_jpeg(width: int = WIDTH, height: int = HEIGHT, *, seed: int = 0) -> bytes:
    """A valid baseline JPEG that sends Y, Cb and Cr one after the other."""
    planes = [jpeg_of(plane) for plane in photo(width, height, seed=seed).convert("YCbCr").split()]
    parts = [dict(jpeg_segments(plane)) for plane in planes]
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes((1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0))
    head = [(0xDB, parts[0][0xDB]), (0xC0, frame)]
    head += [(marker, body) for marker, body in jpeg_segments(planes[0]) if marker == 0xC4]
    output = b"\xff\xd8" + b"".join(_segment(marker, body) for marker, body in head)
    for number, plane in enumerate(planes, 1):
        scan = plane[plane.index(b"\xff\xda") + 2 + 8 : -2]
        output += _segment(0xDA, bytes((1, number, 0, 0, 63, 0))) + scan
    return output + b"\xff\xd9"


def with_wide_tables(jpeg: bytes) -> bytes:
    """The same JPEG with its quantization tables written in 16 bits."""

    def widen(body: bytes) -> bytes:
        tables = [body[at : at + 65] for at in range(0, len(body), 65)]
        return b"".join(bytes((0x10 | t[0],)) + struct.pack(">64H", *t[1:]) for t in tables)

    return _rewritten(jpeg, lambda marker, body: _segment(marker, widen(body) if marker == 0xDB else body))


def with_fill_bytes(jpeg: bytes) -> bytes:
    """The same JPEG with a fill byte before each marker of its head."""
    return _rewritten(jpeg, lambda marker, body: b"\xff" + _segment(marker, body))


def with_long_segment(jpeg: bytes) -> bytes:
    """The same JPEG with its Huffman tables in one segment of more than 512 bytes."""
    tables = b"".join(body for marker, body in jpeg_segments(jpeg) if marker == 0xC4)
    joined = tables * (512 // len(tables) + 1)

    def write(marker: int, body: bytes) -> bytes:
        if marker == 0xC4:
            return b""
        return (_segment(0xC4, joined) if marker == 0xDA else b"") + _segment(marker, body)

    return _rewritten(jpeg, write)


def with_arithmetic_marker(jpeg: bytes) -> bytes:
    """A JPEG that says it is coded arithmetically (it is not: nothing should get as far as decoding)."""
    return jpeg.replace(b"\xff\xc0\x00\x11", b"\xff\xc9\x00\x11", 1)


def without_end_marker(jpeg: bytes) -> bytes:
    """Lacks its last two bytes, as some writers leave them out."""
    assert jpeg.endswith(b"\xff\xd9")
    return jpeg[:-2]


def cut(data: bytes, share: float = 0.5) -> bytes:
    """What a broken connection leaves of a picture."""
    return data[: int(len(data) * share)]


def cut_but_ended(jpeg: bytes, share: float = 0.5) -> bytes:
    """A JPEG whose data ends early although its end marker is there."""
    return cut(jpeg, share).rstrip(b"\xff") + b"\xff\xd9"


def jpeg_segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment of the head, up to and with the first start of scan, as marker and body."""
    at = 2
    while True:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        yield marker, jpeg[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xDA:
            return


def _rewritten(jpeg: bytes, write: object) -> bytes:
    assert callable(write)
    segments = list(jpeg_segments(jpeg))
    head = 2 + sum(4 + len(body) for _, body in segments)
    return b"\xff\xd8" + b"".join(write(marker, body) for marker, body in segments) + jpeg[head:]


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


# PNG and WebP


def png_of(image: Image.Image, **parameters: object) -> bytes:
    output = BytesIO()
    image.save(output, "PNG", **parameters)
    return output.getvalue()


@cache
def png(width: int = WIDTH, height: int = HEIGHT, *, seed: int = 0, mode: str = "RGB") -> bytes:
    """A PNG photograph of this mode: `RGB`, `RGBA`, `L`, `LA`, `P`, `1`."""
    image = photo(width, height, seed=seed)
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    return png_of(image if image.mode == mode else image.convert(mode))


def half_transparent_png(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """White; the left half is opaque, the right half is not there at all."""
    image = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (0, 0, width // 2, height))
    return png_of(image)


def deep_png(width: int = WIDTH, height: int = HEIGHT, *, gray: bool = False) -> bytes:
    """16 bits a channel, from black at the top to white at the bottom."""
    ramp = np.linspace(0, 65535, height).astype(">u2").repeat(width).reshape(height, width)
    pixels = ramp if gray else ramp[..., None].repeat(3, axis=2)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, 0 if gray else 2, 0, 0, 0)
    return _png((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def animated_png(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The first frame is red, the second blue."""
    red, blue = (Image.new("RGB", (width, height), colour) for colour in ("red", "blue"))
    return png_of(red, save_all=True, append_images=[blue], duration=100)


@cache
def webp(
    width: int = WIDTH, height: int = HEIGHT, *, seed: int = 0, lossless: bool = False, alpha: bool = False
) -> bytes:
    image = photo(width, height, seed=seed)
    if alpha:
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    output = BytesIO()
    image.save(output, "WEBP", lossless=lossless, quality=80, method=0)
    return output.getvalue()


def animated_webp(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The first frame is red, the second blue."""
    red, blue = (Image.new("RGB", (width, height), colour) for colour in ("red", "blue"))
    output = BytesIO()
    red.save(output, "WEBP", save_all=True, append_images=[blue], duration=100, lossless=True, method=0)
    return output.getvalue()


def rotated_png(orientation: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A PNG whose EXIF says how to turn it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return png_of(photo(width, height), exif=exif)


def rotated_webp(orientation: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A WebP whose EXIF says how to turn it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    output = BytesIO()
    photo(width, height).save(output, "WEBP", method=0, exif=exif)
    return output.getvalue()


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def red_for_green_profile() -> bytes:
    """A colour profile that means green where sRGB means red, and the other way round."""
    profile = srgb_profile()
    for old, new in ((b"rXYZ", b"wasR"), (b"gXYZ", b"rXYZ"), (b"wasR", b"gXYZ")):
        profile = profile.replace(old, new, 1)
    return profile.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


# Attacks


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of this size, and no more."""
    return _png((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))


@cache
def png_bomb(edge: int = 50_000) -> bytes:
    """A small file that says it is `edge` x `edge` black pixels."""
    head = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    return _png((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000_000), 9)), (b"IEND", b""))


@cache
def png_with_bomb_in(chunk: str) -> bytes:
    """A small PNG with 200 MB of zeros packed into `iCCP`, `zTXt` or `iTXt`."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(10_000_000)) for _ in range(20)) + packer.flush()
    body = {"iCCP": b"p\0\0", "zTXt": b"k\0\0", "iTXt": b"k\0\1\0\0\0"}[chunk] + packed
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(24)) * 8)
    return _png((b"IHDR", head), (chunk.encode(), body), (b"IDAT", rows), (b"IEND", b""))


def jpeg_bomb(edge: int = 60_000) -> bytes:
    """A small JPEG that says it is `edge` x `edge` pixels."""
    good = jpeg()
    at = good.index(b"\xff\xc0") + 5
    return good[:at] + struct.pack(">HH", edge, edge) + good[at + 4 :]


def webp_bomb() -> bytes:
    """A small WebP that says it is 16383 x 16383 pixels."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16382).to_bytes(3, "little") * 2
    body += webp()[12:]
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def foreign() -> dict[str, bytes]:
    """What is not a picture for us, by its name."""
    made = {}
    for kind in ("GIF", "TIFF", "BMP"):
        output = BytesIO()
        photo(64, 96).save(output, kind)
        made[kind] = output.getvalue()
    return made | {
        "nothing": b"",
        "HTML": b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>",
        "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "JSON": b'{"error": "no such model"}',
        "PDF": b"%PDF-1.7\n",
        "noise": np.random.default_rng(1).bytes(5000),
        "a JPEG's first bytes": b"\xff\xd8\xff",
        "a PNG's first bytes": b"\x89PNG\r\n\x1a\n",
        "a WebP's first bytes": b"RIFF\x10\0\0\0WEBPVP8 ",
    }


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
