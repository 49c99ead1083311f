"""Gantt: the plan as outlines, what was done within them, untrusted names shown as text."""

from __future__ import annotations

from datetime import date

from dashboard.charts.gantt import Task, gantt
from dashboard.palette import LIGHT

DAY = 86_400_000
TODAY = date(2024, 4, 20)


def drawn(*tasks: Task, today: date = TODAY):
    return gantt(tasks, LIGHT, today=today, today_text="now", ticks=[(TODAY, "20/4")])


def test_a_task_of_one_day_is_a_whole_day_long():
    one = date(2024, 4, 5)
    planned, done = drawn(Task("a", (one, one), one, one)).data
    assert list(planned.x) == list(done.x) == [DAY]


def test_what_is_begun_goes_on_until_today_and_what_is_ahead_has_no_bar():
    rows = (
        Task("heading"),
        Task("runs", (date(2024, 4, 11), date(2024, 4, 30)), date(2024, 4, 12)),
        Task("ahead", (date(2024, 5, 1), date(2024, 5, 5))),
    )
    planned, done = drawn(*rows).data
    assert list(planned.y) == [1, 2]
    assert list(done.y) == [1]
    assert list(done.x) == [9 * DAY]  # 12 to 20 April


def test_names_are_text_and_judgements_carry_a_sign():
    figure = drawn(Task("<b>x</b>", (TODAY, TODAY), TODAY, None, "late", "bad"))
    assert "<b>" not in figure.layout.yaxis.ticktext[0]
    texts = [each.text for each in figure.layout.annotations]
    assert texts == ["▼ late", "now"]


def test_today_is_not_drawn_outside_the_days_and_nothing_is_a_figure_too():
    past = date(2024, 1, 1)
    assert not drawn(Task("a", (past, past), past, past)).layout.shapes
    assert len(drawn().data) == 2
