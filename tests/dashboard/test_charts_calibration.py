"""Calibration: points where they belong, whiskers to both bounds, the diagonal named."""

from dashboard.charts import calibration
from dashboard.charts.calibration import Bin
from dashboard.palette import LIGHT


def drawn(*bins):
    return calibration.calibration(bins, LIGHT, true="fore<told", axes=("right", "up"))


def test_points_lie_at_foretold_and_happened_with_their_whiskers():
    figure = drawn(Bin(0.1, 0.2, 0.15, 0.3, "first"), Bin(0.8, 0.7, 0.5, 0.9, "second"))
    diagonal, points = figure.data
    assert diagonal.x == diagonal.y
    assert (points.x, points.y) == ((0.1, 0.8), (0.2, 0.7))
    assert [round(each, 9) for each in points.error_y.array] == [0.1, 0.2]
    assert [round(each, 9) for each in points.error_y.arrayminus] == [0.05, 0.2]
    assert points.customdata == ("first", "second")


def test_the_axes_are_alike_and_hold_every_whisker():
    for high in (0.05, 0.4, 1.0):
        figure = drawn(Bin(high / 2, high / 2, 0.0, high, ""))
        assert figure.layout.xaxis.range == figure.layout.yaxis.range
        assert figure.layout.yaxis.range[1] >= high


def test_words_are_shown_as_they_are():
    texts = [each.text for each in drawn().layout.annotations]
    assert texts == ["fore&lt;told", "right", "up"]
