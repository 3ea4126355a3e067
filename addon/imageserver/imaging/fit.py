"""Where a picture goes on a screen of another size or ratio: pure geometry, in pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from ..models import Size
from ..settings import FitMode

if TYPE_CHECKING:
    from ..settings import FrameImage

_TOLERANCE = 1e-6
"""Of fractions of pixels."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Which part of the picture, how large, and where.

    Attributes:
        box: Left, top, right, bottom of the part of the source that is used.
        size: Of that part on the screen.
        offset: From the screen's left and top.
    """

    box: tuple[float, float, float, float]
    size: Size
    offset: tuple[int, int] = (0, 0)

    def whole_size(self, source: Size) -> Size:
        """How large the whole source is at the scale of the screen."""
        left, top, right, bottom = self.box
        return Size(
            ceil(source.width * self.size.width / (right - left) - _TOLERANCE),
            ceil(source.height * self.size.height / (bottom - top) - _TOLERANCE),
        )

    def scaled(self, across: float, down: float) -> Placement:
        """The same on a source that was itself scaled by these factors."""
        left, top, right, bottom = self.box
        return replace(self, box=(left * across, top * down, right * across, bottom * down))


def place(source: Size, frame: FrameImage) -> Placement:
    """Decide how a picture is fitted; `BLUR` is placed as `PAD`, what surrounds it is not our business."""
    whole = (0.0, 0.0, float(source.width), float(source.height))
    if frame.fit_mode is FitMode.STRETCH or deviation(source, frame.size) <= frame.fit_threshold:
        return Placement(whole, frame.size)
    if frame.fit_mode is FitMode.COVER:
        return cover(source, frame.size)
    size = inside(source, frame.size)
    offset = ((frame.size.width - size.width) // 2, (frame.size.height - size.height) // 2)
    return Placement(whole, size, offset)


def cover(source: Size, screen: Size) -> Placement:
    """Fill the whole screen with the middle of the picture."""
    # The side that is used wholly is as long as it is: rounded, it may lie outside, which Pillow refuses.
    width, height = float(source.width), float(source.height)
    if source.width * screen.height < source.height * screen.width:
        height = source.width * screen.height / screen.width
    else:
        width = source.height * screen.width / screen.height
    left, top = (source.width - width) / 2, (source.height - height) / 2
    return Placement((left, top, left + width, top + height), screen)


def deviation(source: Size, screen: Size) -> float:
    """By how much the ratios differ: 0 = not at all, 0.03 = one side is 3 % too long."""
    ratio = source.width * screen.height / (source.height * screen.width)
    return max(ratio, 1 / ratio) - 1


def inside(source: Size, screen: Size) -> Size:
    """Return the largest size of a picture that is wholly inside."""
    scale = min(screen.width / source.width, screen.height / source.height)
    return Size(max(1, round(source.width * scale)), max(1, round(source.height * scale)))
