"""Measures what frames are sent against the old server's recipe: bytes, PSNR, SSIM, and processor time.

    python -m tests.bench.picture_quality [--quality 90] [--pictures DIRECTORY]

The sources are made by rule (`picture_sources.py`), drawn by the built-in provider, and what lies in a
directory of one's own. Each is a JPEG of quality 95. Plain scaling of all of its pixels (Lanczos) is the
reference; the old recipe is that, saved by Pillow at quality 95 and 4:2:0. The panel is emulated as the
frame's firmware drives it: values lose their low bits, and what is left is spread over 0 to 255. `low_pass`
is the PSNR of what is left of panel and reference after a Gauss filter of 1.5 pixels: what the eye sees.

Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import astuple, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, features

from imageserver.imaging.frame_encoding import shown_by_panel
from imageserver.imaging.imaging import frame_jpeg, read_size
from imageserver.models import Size
from imageserver.providers.builtin import picture_size
from imageserver.providers.builtin.drawing import draw
from imageserver.settings import FrameImage, Panel
from tests.bench.conditions import conditions
from tests.bench.picture_sources import Array, sources

FONTS = Path(__file__).parents[2] / "addon" / "imageserver" / "imaging" / "fonts"
SCREEN = Size(320, 480)
OLD_QUALITY = 95
SIGMA = 1.5
TIMES = 5
PROMPTS = (
    "mountains at dawn",
    "sunset over the sea",
    "starry night",
    "city at night",
    "flowers",
    "watercolour",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One picture against its reference; decibels, but for the number of bytes and SSIM."""

    bytes: float
    psnr: float
    ssim: float
    panel_psnr: float
    panel_low_pass: float

    def against(self, other: Measured) -> dict[str, float]:
        return {name: round(getattr(self, name) - getattr(other, name), 4) for name in self.__slots__}

    def rounded(self) -> dict[str, float]:
        return {name: round(getattr(self, name), 4) for name in self.__slots__}


def mean(many: list[Measured]) -> Measured:
    return Measured(*(float(np.mean([getattr(one, name) for one in many])) for name in Measured.__slots__))


def measured(jpeg: bytes, reference: Image.Image) -> Measured:
    shown = Image.open(BytesIO(jpeg)).convert("RGB")
    wanted, got, panel = (np.asarray(image, "float64") for image in (reference, shown, shown_by_panel(shown)))
    low_pass = psnr(blurred(panel), blurred(wanted))
    return Measured(len(jpeg), psnr(got, wanted), ssim(got, wanted), psnr(panel, wanted), low_pass)


def psnr(one: Array, other: Array) -> float:
    return float(10 * np.log10(255**2 / np.mean((one - other) ** 2)))


def blurred(image: Array, sigma: float = SIGMA) -> Array:
    reach = round(4 * sigma)
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel /= kernel.sum()
    height, width = image.shape[:2]
    padded = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    rows = sum(weight * padded[at : at + height] for at, weight in enumerate(kernel))
    result: Array = sum(weight * rows[:, at : at + width] for at, weight in enumerate(kernel))
    return result


def ssim(one: Array, other: Array) -> float:
    """Structural similarity (Wang et al., 2004), Gauss window of 1.5 pixels, mean of the three channels."""
    small, large = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_one, mean_other = blurred(one), blurred(other)
    spread_one, spread_other = blurred(one**2) - mean_one**2, blurred(other**2) - mean_other**2
    both = blurred(one * other) - mean_one * mean_other
    above = (2 * mean_one * mean_other + small) * (2 * both + large)
    below = (mean_one**2 + mean_other**2 + small) * (spread_one + spread_other + large)
    return float(np.mean(above / below))


def old_recipe(data: bytes) -> tuple[Image.Image, bytes]:
    """Return the reference, and what the old server made of it."""
    screen = (SCREEN.width, SCREEN.height)
    reference = Image.open(BytesIO(data)).convert("RGB").resize(screen, Image.Resampling.LANCZOS)
    output = BytesIO()
    reference.save(output, "JPEG", quality=OLD_QUALITY, subsampling="4:2:0")
    return reference, output.getvalue()


def pictures(directory: Path | None) -> dict[str, bytes]:
    made = {}
    for name, image in sources(FONTS):
        output = BytesIO()
        image.save(output, "JPEG", quality=95, subsampling="4:4:4")
        made[name] = output.getvalue()
    for prompt in PROMPTS:
        made[f"built-in: {prompt}"] = draw(prompt, seed=1, size=picture_size(SCREEN))
    for path in sorted(directory.glob("*.jp*g")) if directory else ():
        made[path.name] = path.read_bytes()
    return made


def milliseconds(data: bytes, frame: FrameImage) -> float:
    """Return the processor time of one picture, the best of a few."""
    best = float("inf")
    for _ in range(TIMES):
        before = time.process_time()
        frame_jpeg(data, frame)
        best = min(best, time.process_time() - before)
    return round(best * 1000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quality", type=int, default=FrameImage().quality)
    parser.add_argument("--pictures", type=Path, help="a directory of JPEGs to measure as well")
    options = parser.parse_args()
    rgb888 = FrameImage(panel=Panel.RGB888, quality=options.quality)
    rgb565 = FrameImage(panel=Panel.RGB565, quality=options.quality)
    rows, results = {}, []
    for name, data in pictures(options.pictures).items():
        reference, old = old_recipe(data)
        three = {"old": old, "rgb888": frame_jpeg(data, rgb888), "rgb565": frame_jpeg(data, rgb565)}
        figures = {kind: measured(jpeg, reference) for kind, jpeg in three.items()}
        results.append(figures)
        rows[name] = {
            "source": {"pixels": astuple(read_size(data)), "bytes": len(data)},
            "milliseconds": milliseconds(data, rgb565),
            **{kind: figure.rounded() for kind, figure in figures.items()},
        }
    means = {kind: mean([figures[kind] for figures in results]) for kind in ("old", "rgb888", "rgb565")}
    report = {
        "conditions": conditions(
            screen=astuple(SCREEN),
            quality=options.quality,
            old_recipe=f"full decoding, Lanczos, Pillow quality {OLD_QUALITY}, 4:2:0",
            libjpeg_turbo=features.version_feature("libjpeg_turbo"),
        ),
        "pictures": rows,
        "means": {kind: figure.rounded() for kind, figure in means.items()},
        "against_old": {kind: means[kind].against(means["old"]) for kind in ("rgb888", "rgb565")},
        "target": {
            "rgb888": "bytes <= 0, psnr >= 0.5, ssim > 0",
            "rgb565": "bytes <= 0, panel_psnr >= 0.8, panel_low_pass >= 5",
        },
    }
    print(json.dumps(report, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
