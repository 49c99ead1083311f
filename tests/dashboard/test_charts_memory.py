"""Figures are kept by content: the same content is drawn once, another one anew."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts.memory import kept


def counted() -> tuple[list[list[float]], object]:
    calls: list[list[float]] = []

    @kept
    def chart(values: list[float], *, height: int = 100) -> go.Figure:
        calls.append(values)
        return go.Figure(go.Bar(y=values), layout={"height": height})

    return calls, chart


def test_the_same_content_in_other_lists_is_drawn_once():
    calls, chart = counted()
    first = chart([1.0, 2.0])
    assert chart([1.0, 2.0]) is first
    assert len(calls) == 1


def test_another_value_in_the_middle_is_another_figure():
    calls, chart = counted()
    values = [float(number) for number in range(1000)]
    chart(values)
    values[500] += 1
    assert chart(values).data[0].y[500] == 501.0
    assert len(calls) == 2


def test_options_are_content_too():
    calls, chart = counted()
    assert chart([1.0]).layout.height == 100
    assert chart([1.0], height=200).layout.height == 200
    assert len(calls) == 2
