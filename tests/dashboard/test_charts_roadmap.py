"""Tasks over time: the plan outlined, work solid, milestones as diamonds."""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboard.charts.roadmap import Phase, Row, roadmap
from dashboard.palette import LIGHT

TODAY = date(2026, 10, 31)
DAY = 86_400_000


def row(**columns: Any) -> Row:
    usual: dict[str, Any] = {
        "name": "A", "start": date(2026, 10, 1), "end": date(2026, 10, 10), "begun": None,
        "until": None, "judgement": "neutral", "text": "", "told": "A",
    }  # fmt: skip
    return Row(**(usual | columns))


def draw(*rows: Row, **more: Any) -> Any:
    return roadmap(rows, LIGHT, today=TODAY, today_text="today", months=[], **more)


def test_a_bar_is_as_long_as_its_days():
    done = row(begun=date(2026, 10, 3), until=date(2026, 10, 3), judgement="bad")
    planned, worked, _ = draw(row(), done).data
    assert list(planned.x) == [10 * DAY, 10 * DAY]
    assert (list(worked.x), list(worked.base), list(worked.y)) == ([DAY], ["2026-10-03"], [1])
    assert list(worked.marker.color) == [LIGHT.bad]


def test_a_milestone_is_hollow_until_it_is_judged():
    due = date(2026, 10, 31)
    rows = row(due=due), row(), row(due=due, judgement="watch")
    diamonds = draw(*rows).data[2]
    assert list(diamonds.marker.symbol) == ["diamond-open", "diamond"]
    assert list(diamonds.y) == [0, 2]


def test_what_others_wrote_is_shown_and_not_obeyed():
    figure = draw(row(name="<b>x</b>", text="<i>", told="<u>"))
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert figure.data[0].hovertext[0] == "&lt;u&gt;"
    assert "&lt;i&gt;" in [note.text for note in figure.layout.annotations]


def test_a_task_without_plan_and_a_programme_without_tasks_are_drawn():
    assert len(draw(row(start=None, end=None)).data[0].x) == 0
    empty = draw(phases=[Phase(date(2026, 5, 1), date(2026, 6, 30), "1")])
    assert list(empty.layout.xaxis.range) == ["2026-05-01", "2026-10-31"]
