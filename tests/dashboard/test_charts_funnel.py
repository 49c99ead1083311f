"""Funnels: bars from zero, first step on top; growing shares beside those of before."""

from dashboard.charts import funnel
from dashboard.charts.funnel import Step
from dashboard.palette import LIGHT


def test_steps_are_bars_from_zero_with_the_first_on_top():
    figure = funnel.steps(
        [Step("first", 100, "100"), Step("second", 60, "60", "60% within 90 days")], LIGHT
    )
    (bars,) = figure.data
    assert bars.x == (100, 60)
    assert figure.layout.xaxis.range[0] == 0
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # reversed


def test_what_lies_between_two_steps_stands_between_their_bars():
    figure = funnel.steps([Step("a", 2, "2"), Step("b", 1, "1", "<50%>")], LIGHT)
    (note,) = figure.layout.annotations
    assert (note.y, note.text) == (0.5, "&lt;50%&gt;")


def test_steps_of_nobody_do_not_divide_by_zero():
    assert funnel.steps([Step("a", 0, "0")], LIGHT).layout.xaxis.range[1] > 0
    assert funnel.steps([], LIGHT).layout.height > 0


def test_shares_of_the_compared_period_are_short_lines_and_missing_ones_are_left_out():
    figure = funnel.waits(
        ["30", "60"], [0.2, 0.4], ["20%", "40%"], LIGHT, before=[0.3, None], before_text="before"
    )
    (line,) = figure.layout.shapes
    assert (line.y0, line.y1) == (0.3, 0.3)
    assert [note.text for note in figure.layout.annotations] == ["before"]
    assert figure.layout.yaxis.range[0] == 0


def test_a_share_nobody_has_been_watched_for_is_no_column():
    figure = funnel.waits(["30", "180"], [0.2, None], ["20%", "–"], LIGHT)
    assert figure.data[0].y == (0.2, None)
    assert not figure.layout.shapes
