"""Fills a picture directory for a benchmark, quickly: a few real pictures, linked many times."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imageserver.imaging import imaging
from imageserver.settings import FrameImage
from tests import pictures

if TYPE_CHECKING:
    from pathlib import Path

DIFFERENT = 8


def fill(image_dir: Path, count: int, *, scaled: bool) -> set[bytes]:
    """Put `count` pictures of 1024x1536 there, with or without their scaled files.

    Returns:
        The JPEGs that a frame may be sent.
    """
    original, scalable, seeds = image_dir / "original", image_dir / "scalable", image_dir / ".seeds"
    for folder in (original, scalable, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    expected = set()
    for seed in range(DIFFERENT):
        data = pictures.jpeg(1024, 1536, seed=seed)
        frame = imaging.frame_jpeg(data, FrameImage())
        expected.add(frame)
        (seeds / f"{seed}-orig").write_bytes(data)
        (seeds / f"{seed}").write_bytes(frame)
    for number in range(count):
        os.link(seeds / f"{number % DIFFERENT}-orig", original / f"f{number:06}-orig.jpeg")
        if scaled:
            os.link(seeds / f"{number % DIFFERENT}", scalable / f"f{number:06}.jpeg")
    return expected
