"""Strip of events and spending by month."""

from __future__ import annotations

from datetime import date

from dashboard.charts.timeline import Span, Strip, spending, strips
from dashboard.palette import LIGHT

DAYS = [date(2026, 10, day) for day in (3, 2, 1)]
END = date(2026, 10, 31)


def test_bad_news_is_told_by_shape_as_well_as_colour():
    kind = Strip("Orders", DAYS, ["a", "b", "<i>"], [True, False, False], [False, False, True])
    figure = strips([kind], LIGHT, end=END, months=[])
    marker = figure.data[0].marker
    assert list(marker.symbol) == ["triangle-down", "circle", "circle-open"]
    assert marker.color[0] == LIGHT.bad
    assert figure.data[0].customdata[2] == "&lt;i&gt;"


def test_silence_is_shaded_to_the_end_of_the_data():
    kind = Strip("Orders", DAYS, ["", "", ""], [False] * 3, [False] * 3)
    figure = strips([kind], LIGHT, end=END, months=[], silence=Span(DAYS[0], END, "28 days"))
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (f"{DAYS[0]}", f"{END}")


def test_a_long_history_keeps_the_latest_marks_only():
    many = [date.fromordinal(END.toordinal() - back) for back in range(4000)]
    kind = Strip("Contacts", many, [""] * 4000, [False] * 4000, [False] * 4000)
    figure = strips([kind], LIGHT, end=END, months=[])
    assert len(figure.data[0].x) == 1500
    assert figure.data[0].x[0] == f"{END}"


def test_the_running_month_is_lighter_and_the_highest_is_labelled():
    figure = spending(["8", "9", "10"], [5, 20, 1], ["5", "20", "1"], LIGHT, running=True)
    assert list(figure.data[0].marker.opacity) == [1.0, 1.0, 0.5]
    assert [note.text for note in figure.layout.annotations] == ["20", "1"]


def test_few_months_with_spending_say_theirs_where_they_stand_free():
    values = [0] * 4 + [7] + [0] * 6 + [3, 4] + [0] * 7
    figure = spending([""] * 20, values, [str(value) for value in values], LIGHT, running=False)
    notes = [(note.x, note.text) for note in figure.layout.annotations]
    assert notes == [(4, "7"), (11, "3"), (19, "0")]


def test_no_months_are_an_empty_figure():
    assert len(spending([], [], [], LIGHT, running=False).data[0].x) == 0
