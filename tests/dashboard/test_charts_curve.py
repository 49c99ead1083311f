"""Concentration curve: the diagonal of equal parts, curves above it, named places."""

from dashboard.charts import curve
from dashboard.charts.curve import Curve, Mark
from dashboard.palette import LIGHT

SHARES = [0.0, 0.5, 1.0]


def drawn(*curves, marks=()):
    return curve.concentration(SHARES, curves, marks, LIGHT, equal="equal")


def test_the_first_curve_is_solid_in_the_accent_and_the_second_dashed_below_it():
    figure = drawn(
        Curve("revenue", [0, 0.9, 1], ["a", "b", "c"]),
        Curve("profit", [0, 0.8, 1], ["d", "e", "f"]),
    )
    diagonal, second, first = figure.data
    assert (diagonal.x, diagonal.y) == ((0, 1), (0, 1))
    assert (first.name, first.line.dash, first.line.color) == ("revenue", "solid", LIGHT.accent)
    assert (second.name, second.line.dash) == ("profit", "dash")
    assert first.customdata == ("a", "b", "c")


def test_a_curve_that_rises_above_the_whole_is_not_clipped():
    figure = drawn(Curve("revenue", [0, 1.2, 1], ["", "", ""]))
    assert figure.layout.yaxis.range[1] > 1.2


def test_a_named_place_has_a_point_and_its_text_beside_it():
    figure = drawn(Curve("r", [0, 0.9, 1], ["", "", ""]), marks=[Mark(0.5, 0.9, "over <50k>")])
    point = figure.data[-1]
    assert (point.x, point.y, point.mode) == ((0.5,), (0.9,), "markers")
    assert figure.layout.annotations[-1].text == "over &lt;50k&gt;"
    assert figure.layout.annotations[-1].xanchor == "left"


def test_undefined_shares_leave_only_the_diagonal_visible():
    figure = drawn(Curve("r", [None, None, None], ["", "", ""]))
    assert figure.data[-1].y == (None, None, None)
    assert figure.layout.yaxis.range[0] == 0
