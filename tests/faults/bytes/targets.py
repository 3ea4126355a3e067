"""What is tried with any bytes: each target takes them, or says that something is wrong with the product.

Wrong is every exception that is not the one for bad input, and every result that breaks a promise.
"""

from __future__ import annotations

import time
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from imageserver.exceptions import PictureError
from imageserver.imaging import imaging
from imageserver.imaging.decoding import checked_header, decode
from imageserver.imaging.jpeg_structure import obstacle, read_structure
from imageserver.models import Size
from imageserver.settings import FitMode, FrameImage
from tests.faults.oracles.options_judge import judge_options, judge_provider_file
from tests.faults.oracles.prompts_judge import judge_prompts
from tests.simulators.frame_panel import TAIL
from tests.simulators.frame_panel import decode as decode_as_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCREEN = Size(32, 48)
"""Of the frame that pictures are made for: small, since each picture is encoded."""

MOST_PIXELS = 1_000_000
"""More are decoded as fewer are, only slower."""

MOST_SECONDS = 1.0
"""Of the processor, for one input."""

JSON_MARK = b"J"
"""Begins bytes that stand for a provider's own file."""

type Target = Callable[[bytes, Path], None]


class TooSlowError(Exception):
    """An input keeps the processor busy for longer than any input may."""


def open_picture(data: bytes, _: Path) -> None:
    """Open bytes as the store does with what a provider or a person sends."""
    try:
        header = checked_header(data)
    except PictureError:
        return
    if header.pixels > MOST_PIXELS:
        return
    with suppress(PictureError):
        whole = decode(data, header)
        assert (whole.mode, Size(*whole.size)) == ("RGB", header.upright_size), (whole.mode, whole.size)
    mode = list(FitMode)[len(data) % len(FitMode)]
    frame = FrameImage(size=SCREEN, fit_mode=mode)
    try:
        prepared = imaging.prepare(data, frame)
    except PictureError:
        return
    _check_scaled(prepared.scaled)
    assert imaging.read_size(prepared.original) == prepared.size
    _check_scaled(imaging.frame_jpeg(prepared.original, frame))
    with Image.open(BytesIO(imaging.thumbnail(prepared.original, 24))) as small:
        assert max(small.size) <= 24, small.size


def _check_scaled(jpeg: bytes) -> None:
    """Hold what a frame is sent against the rules, and against the simulated frame's decoder."""
    structure = read_structure(jpeg)
    assert obstacle(structure) is None, obstacle(structure)
    assert structure.size == SCREEN, structure.size
    decode_as_frame(jpeg + bytes(TAIL), (SCREEN.width, SCREEN.height))


def load_options(data: bytes, directory: Path) -> None:
    """Read bytes as `options.yml`, or as `ydart-options.json`."""
    if data.startswith(JSON_MARK):
        judge_provider_file(data.removeprefix(JSON_MARK), directory)
    else:
        judge_options(data, directory)


def load_prompts(data: bytes, _: Path) -> None:
    """Read bytes as `prompts.yaml`, and write it anew."""
    judge_prompts(data)


TARGETS: dict[str, Target] = {
    "pictures": open_picture,
    "options": load_options,
    "prompts": load_prompts,
}


def tried(target: Target, data: bytes, directory: Path) -> None:
    """Try an input, and refuse to wait for it.

    Raises:
        TooSlowError: It took too long.
        Exception: Whatever else is wrong.
    """
    began = time.process_time()
    target(data, directory)
    seconds = time.process_time() - began
    if seconds > MOST_SECONDS:
        raise TooSlowError(f"{seconds:.1f} s for {len(data)} bytes")
