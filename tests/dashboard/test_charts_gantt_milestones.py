"""Gantt of a programme: milestones as diamonds, phases shaded, what others wrote as text."""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboard.charts.gantt import Phase, Task, gantt
from dashboard.palette import LIGHT

TODAY = date(2026, 10, 31)
PLANNED = date(2026, 10, 1), date(2026, 10, 10)


def draw(*tasks: Task, **more: Any) -> Any:
    return gantt(tasks, LIGHT, today=TODAY, today_text="today", ticks=[], **more)


def test_a_milestone_is_hollow_until_it_is_judged():
    rows = (
        Task("ahead", PLANNED, due=TODAY),
        Task("no milestone", PLANNED),
        Task("late", PLANNED, judgement="watch", due=TODAY),
    )
    diamonds = draw(*rows).data[2]
    assert list(diamonds.marker.symbol) == ["diamond-open", "diamond"]
    assert list(diamonds.marker.color) == [LIGHT.ink, LIGHT.watch]
    assert list(diamonds.y) == [0, 2]


def test_a_milestone_after_all_work_is_inside_the_axis():
    due = date(2027, 4, 30)
    assert list(draw(Task("a", PLANNED, due=due)).layout.xaxis.range)[1] == "2027-05-02"


def test_what_others_wrote_is_shown_and_not_obeyed():
    figure = draw(Task("<b>x</b>", PLANNED, text="<i>", told="<u>"))
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert figure.data[0].hovertext[0] == "&lt;u&gt;"
    assert "&lt;i&gt;" in [note.text for note in figure.layout.annotations]


def test_every_other_phase_is_shaded_and_named_where_there_is_room():
    days = [(date(2026, month, 1), date(2026, month, 28)) for month in (5, 6, 7)]
    phases = [Phase(*each, text) for each, text in zip(days, ("one", "", "three"), strict=True)]
    figure = draw(phases=phases)
    shaded = [shape.x0 for shape in figure.layout.shapes if shape.type == "rect"]
    assert shaded == ["2026-05-01", "2026-07-01"]
    assert {"one", "three"} <= {note.text for note in figure.layout.annotations}
