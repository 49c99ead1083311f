"""Shares over the length of a list: a tenfold is as wide everywhere, lines are told apart."""

import pytest

from dashboard.charts import list_size
from dashboard.charts.axes import Reference
from dashboard.charts.list_size import Line
from dashboard.palette import LIGHT

SIZES = [10, 100, 1000]


def drawn(first=(1.0, 0.8, 0.3), second=(0.1, 0.5, 0.9), **more):
    lines = (
        Line("right", list(first), ["a", "b", "c"]),
        Line("of all", list(second), ["d", "e", "f"]),
    )
    return list_size.by_length(SIZES, lines, LIGHT, **more)


def test_lines_over_tens_are_solid_and_dashed_and_named_at_their_ends():
    figure = drawn()
    right, of_all = figure.data
    assert right.x == of_all.x == (1.0, 2.0, 3.0)
    assert (right.line.dash, of_all.line.dash) == (None, "dash")
    assert right.customdata == ("a", "b", "c")
    texts = {each.text: each.y for each in figure.layout.annotations}
    assert texts["right 30%"] == pytest.approx(0.3)
    assert texts["of all 90%"] == pytest.approx(0.9)


def test_names_of_lines_that_meet_do_not_lie_upon_each_other():
    figure = drawn(second=(0.1, 0.2, 0.3))
    low, high = sorted(each.y for each in figure.layout.annotations)
    assert high - low > 0.05


def test_the_chosen_length_and_the_references_are_marked():
    references = (Reference(0.85, "85 <right"), Reference(0.87, "87 of all", dashed=True))
    figure = drawn(references=references, chosen=(100, "here"), axis=[(10, "ten"), (1000, "1k")])
    across = [each for each in figure.layout.shapes if each.y0 == each.y1]
    assert [(each.y0, each.line.dash) for each in across] == [(0.85, "solid"), (0.87, "dash")]
    upright = [each for each in figure.layout.shapes if each.x0 == each.x1]
    assert [each.x0 for each in upright] == [2.0]
    assert figure.layout.xaxis.tickvals == (1.0, 3.0)
    texts = [each.text for each in figure.layout.annotations]
    assert "85 &lt;right · 87 of all" in texts
    assert "here" in texts


def test_undefined_shares_leave_a_gap():
    figure = drawn(first=(None, None, None))
    assert figure.data[0].y == (None, None, None)
    assert "right " in [each.text for each in figure.layout.annotations]


def test_marks_of_an_axis():
    assert list_size.marks([10, 15, 20, 30, 50, 70, 100]) == [10, 20, 50, 100]
    assert list_size.marks([10, 100, 150, 1000, 10000]) == [10, 100, 1000, 10000]
    assert list_size.marks([15]) == [15]
    assert list_size.marks([]) == []
