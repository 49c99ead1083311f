"""Figures are kept by content: the same content is drawn once, another one anew."""

from __future__ import annotations

import gc
import json

import plotly.graph_objects as go

from dashboard.charts.memory import kept


def counted() -> tuple[list[list[float | None]], object]:
    calls: list[list[float | None]] = []

    @kept
    def chart(values: list[float | None], *, height: int = 100) -> go.Figure:
        calls.append(values)
        return go.Figure(go.Bar(y=values), layout={"height": height})

    return calls, chart


def test_the_same_content_in_other_lists_is_drawn_once():
    calls, chart = counted()
    assert chart([1.0, 2.0]) == chart([1.0, 2.0])
    assert len(calls) == 1


def test_a_kept_figure_is_what_was_built_also_for_those_who_change_theirs():
    _, chart = counted()
    built = go.Figure(go.Bar(y=[1.0, None]), layout={"height": 100})
    figure = chart([1.0, None])
    assert figure.to_dict() == json.loads(built.to_json())
    assert figure.to_json() == built.to_json()
    figure.update_layout(height=50)
    assert chart([1.0, None]) == built


def test_what_is_kept_is_one_object_for_the_garbage_collector():
    _, chart = counted()
    chart([-1.0])
    gc.collect()
    before = len(gc.get_objects())
    for number in range(50):
        chart([float(number)] * 20)
    gc.collect()
    assert len(gc.get_objects()) - before < 50 * 5


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
