"""Horizontal bars: intervals reach from bound to bound, and nothing is cut off at the edges."""

import pytest

from dashboard.charts.bars import Bar, horizontal
from dashboard.palette import LIGHT


def test_an_interval_reaches_from_the_lower_to_the_upper_bound():
    figure = horizontal([Bar("a", 40.0, "40", low=30.0, high=45.0), Bar("b", 20.0, "20")], LIGHT)
    (bars,) = figure.data
    assert list(bars.error_x.arrayminus) == [10.0, 0.0]
    assert list(bars.error_x.array) == [5.0, 0.0]


@pytest.mark.parametrize(
    ("bar", "low", "high"),
    [
        (Bar("a", 40.0, "40", low=-5.0, high=90.0), -5.0, 90.0),  # the interval is wider
        (Bar("a", -20.0, "-20"), -20.0, 0.0),  # a negative score has its bar, too
        (Bar("a", 40.0, "40"), 0.0, 40.0),
    ],
)
def test_bars_and_intervals_lie_within_the_axis(bar: Bar, low: float, high: float):
    begin, end = horizontal([bar], LIGHT).layout.xaxis.range
    assert begin == low
    assert end >= high
