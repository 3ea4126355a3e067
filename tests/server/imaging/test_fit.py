import pytest

from imageserver.imaging.fit import Placement, cover, deviation, inside, place
from imageserver.models import Size
from imageserver.settings import FitMode, FrameImage


def whole(width: float, height: float) -> tuple[float, float, float, float]:
    return (0.0, 0.0, width, height)


SCREEN = Size(320, 480)


@pytest.mark.parametrize(
    ("source", "mode", "expected"),
    [
        # within the threshold, whatever the mode
        (Size(320, 480), FitMode.PAD, Placement(whole(320, 480), SCREEN)),
        (Size(1024, 1536), FitMode.COVER, Placement(whole(1024, 1536), SCREEN)),
        (Size(832, 1280), FitMode.PAD, Placement(whole(832, 1280), SCREEN)),
        (Size(10, 15), FitMode.BLUR, Placement(whole(10, 15), SCREEN)),
        # beyond it
        (Size(800, 1280), FitMode.PAD, Placement(whole(800, 1280), Size(300, 480), (10, 0))),
        (Size(1000, 1000), FitMode.PAD, Placement(whole(1000, 1000), Size(320, 320), (0, 80))),
        (Size(1000, 1000), FitMode.BLUR, Placement(whole(1000, 1000), Size(320, 320), (0, 80))),
        (Size(100, 100), FitMode.PAD, Placement(whole(100, 100), Size(320, 320), (0, 80))),
        (Size(1000, 1000), FitMode.STRETCH, Placement(whole(1000, 1000), SCREEN)),
        (Size(1536, 1024), FitMode.PAD, Placement(whole(1536, 1024), Size(320, 213), (0, 133))),
        (Size(600, 600), FitMode.COVER, Placement((100.0, 0.0, 500.0, 600.0), SCREEN)),
        (Size(400, 900), FitMode.COVER, Placement((0.0, 150.0, 400.0, 750.0), SCREEN)),
        # never less than a pixel
        (Size(20000, 1), FitMode.PAD, Placement(whole(20000, 1), Size(320, 1), (0, 239))),
    ],
)
def test_a_picture_is_placed_on_the_screen(source: Size, mode: FitMode, expected: Placement) -> None:
    assert place(source, FrameImage(fit_mode=mode)) == expected


@pytest.mark.parametrize(
    ("threshold", "width"),
    [(0.0, 312), (0.024, 312), (0.026, 320), (0.1, 320)],
)
def test_the_threshold_decides_between_stretching_and_bars(threshold: float, width: int) -> None:
    assert place(Size(832, 1280), FrameImage(fit_threshold=threshold)).size == Size(width, 480)


def test_too_wide_deviates_as_much_as_too_tall() -> None:
    assert deviation(Size(330, 480), SCREEN) == pytest.approx(deviation(SCREEN, Size(330, 480)))
    assert deviation(Size(330, 480), SCREEN) == pytest.approx(330 / 320 - 1)
    assert deviation(SCREEN, SCREEN) == 0


def test_the_whole_source_is_as_large_as_its_part_needs() -> None:
    source = Size(600, 600)
    assert place(source, FrameImage(fit_mode=FitMode.COVER)).whole_size(source) == Size(480, 480)
    assert place(source, FrameImage()).whole_size(source) == Size(320, 320)
    exact = Size(1280, 1920)
    assert place(exact, FrameImage()).whole_size(exact) == SCREEN


def test_a_placement_follows_a_scaled_source() -> None:
    placement = Placement((100.0, 20.0, 500.0, 620.0), SCREEN)
    assert placement.scaled(0.5, 0.25) == Placement((50.0, 5.0, 250.0, 155.0), SCREEN)


@pytest.mark.parametrize("screen", [SCREEN, Size(480, 320), Size(40, 60)])
def test_what_covers_the_screen_is_never_outside_of_the_picture(screen: Size) -> None:
    sizes = [Size(width, height) for width in range(1, 1600, 7) for height in (900, 1365, 1536)]
    for source in sizes:
        left, top, right, bottom = cover(source, screen).box
        assert 0 <= left < right <= source.width, source
        assert 0 <= top < bottom <= source.height, source


def test_inside_touches_at_least_two_sides() -> None:
    assert inside(Size(1000, 500), Size(320, 320)) == Size(320, 160)
    assert inside(Size(10, 20), Size(320, 320)) == Size(160, 320)
