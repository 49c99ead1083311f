"""Cumulative cost and benefit: what has come is solid, what is foreseen dotted."""

from __future__ import annotations

from typing import Any

from dashboard.charts.payback import Sums, Year, payback
from dashboard.palette import LIGHT

SUMS = Sums(
    cost=[10.0, 20.0, 30.0],
    benefit=[0.0, 15.0, 36.0],
    known=2,
    cost_name="<b>cost</b>",
    benefit_name="benefit",
    texts=["one", "two", "<i>three</i>"],
)


def drawn(aim: Year | None = None, reached: Year | None = None) -> Any:
    return payback(SUMS, LIGHT, axis=[(0.0, "0")], years=[(1, "1")], aim=aim, reached=reached)


def test_lines_begin_at_nothing_and_are_dotted_from_the_last_month_that_has_come():
    lines = [trace for trace in drawn().data if trace.mode == "lines"]
    assert [(list(line.y), line.line.dash) for line in lines] == [
        ([0.0, 10.0, 20.0], "solid"),
        ([20.0, 30.0], "dot"),
        ([0.0, 0.0, 15.0], "solid"),
        ([15.0, 36.0], "dot"),
    ]
    assert [x * 12 for x in lines[1].x] == [2, 3]


def test_the_crossing_is_marked_in_its_month_and_only_if_it_is_drawn():
    marked = drawn(reached=Year(3 / 12, "back")).data[-1]
    assert (list(marked.x), list(marked.y)) == ([0.25], [36.0])
    assert len(drawn(reached=Year(2.0, "later")).data) == len(drawn().data)


def test_the_aim_is_a_dashed_upright_with_its_name():
    figure = drawn(aim=Year(1.8, "aim 1.8"))
    (upright,) = figure.layout.shapes
    assert (upright.x0, upright.x1, upright.line.dash) == (1.8, 1.8, "dash")
    assert "aim 1.8" in [note.text for note in figure.layout.annotations]


def test_words_are_no_markup():
    figure = drawn()
    assert "&lt;b&gt;cost&lt;/b&gt;" in [note.text for note in figure.layout.annotations]
    assert figure.data[-1].customdata[-1] == "&lt;i&gt;three&lt;/i&gt;"
