from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageserver.rate import TIME_CONSTANT, Rate


def test_nothing_happens_at_no_rate() -> None:
    assert Rate().per_hour(1000.0) == 0


def test_a_steady_stream_settles_at_its_own_frequency() -> None:
    rate = Rate()
    for second in range(0, 4 * 3600, 10):
        rate.mark(float(second))
    assert rate.per_hour(4 * 3600) == pytest.approx(360, rel=0.01)


def test_after_a_quarter_of_an_hour_of_silence_a_rate_is_down_to_1_over_e() -> None:
    rate = Rate()
    rate.mark(0.0)
    assert rate.per_hour(TIME_CONSTANT) == pytest.approx(rate.per_hour(0.0) / exp(1))


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=30).map(sorted))
def test_a_rate_is_the_sum_of_its_decayed_events(moments: list[float]) -> None:
    rate = Rate()
    for moment in moments:
        rate.mark(moment)
    now = moments[-1] + 100
    expected = 3600 * sum(exp(-(now - moment) / TIME_CONSTANT) / TIME_CONSTANT for moment in moments)
    assert rate.per_hour(now) == pytest.approx(expected)


def test_a_clock_that_stands_still_or_goes_back_does_no_harm() -> None:
    rate = Rate()
    rate.mark(100.0)
    rate.mark(50.0)
    assert rate.per_hour(50.0) == pytest.approx(2 / TIME_CONSTANT * 3600)
