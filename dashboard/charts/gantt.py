"""Gantt: what was planned as an outline, what was done as a bar within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go

from dashboard.charts.axes import annotate, row_name, text_width
from dashboard.charts.memory import kept
from dashboard.palette import SIGNS, Palette, label, layout

_ROW = 40
_DAY = timedelta(days=1)
_MILLISECONDS = 86_400_000


@dataclass(frozen=True, slots=True)
class Task:
    """One row: its name, its days by the plan and as they were (last days included), its standing.

    A row without any day is a heading. `begun` without `ended` goes on until today.
    """

    name: str
    planned: tuple[date, date] | None = None
    begun: date | None = None
    ended: date | None = None
    text: str = ""
    judgement: str = "neutral"


@kept
def gantt(
    tasks: Sequence[Task],
    palette: Palette,
    *,
    today: date,
    today_text: str,
    ticks: Sequence[tuple[date, str]],
) -> go.Figure:
    """Tasks from top to bottom, a thin line at the last day of the data.

    Args:
        tasks: The rows.
        palette: Colours.
        today: The last day of the data; the line is drawn if it lies among the days.
        today_text: What the line says.
        ticks: Days of the axis with their labels.
    """
    days = [day for task in tasks for day in (*(task.planned or ()), task.begun, task.ended) if day]
    first, last = min(days, default=today), max(days, default=today)
    if any(task.begun and not task.ended for task in tasks):
        last = max(last, today)
    texts = [_signed(task) for task in tasks]
    names = [_name(task) for task in tasks]
    figure = go.Figure(
        layout=layout(
            palette,
            height=_ROW * max(len(tasks), 1) + 60,
            hovermode="closest",
            barmode="overlay",
            xaxis={
                "type": "date",
                "range": [first - _DAY, last + 2 * _DAY],
                "tickmode": "array",
                "tickvals": [day for day, _ in ticks],
                "ticktext": [label(text) for _, text in ticks],
                "tickangle": 0,
                "showgrid": True,
                "gridcolor": palette.grid,
            },
            yaxis={
                "range": [len(tasks) - 0.5, -0.5],
                "showgrid": False,
                "showline": False,
                "tickmode": "array",
                "tickvals": list(range(len(tasks))),
                "ticktext": names,
                "tickfont": {"color": palette.ink, "size": 12},
                "ticks": "",
            },
            margin={"t": 24, "r": text_width(texts) + 16},
        )
    )
    _bars(figure, tasks, palette, today)
    _words(figure, texts, palette)
    if first <= today <= last:
        _line(figure, today, today_text, palette)
    return figure


def _name(task: Task) -> str:
    heading = task.planned is None and task.begun is None
    return f"<b>{label(task.name)}</b>" if heading else row_name(task.name)


def _bars(figure: go.Figure, tasks: Sequence[Task], palette: Palette, today: date) -> None:
    """Two traces, so that what was done lies upon what was planned; the last day is a whole one."""
    planned = [(row, *task.planned) for row, task in enumerate(tasks) if task.planned]
    done = [
        (row, task.begun, max(task.ended or today, task.begun))
        for row, task in enumerate(tasks)
        if task.begun
    ]
    kinds = (
        (planned, 0.72, ["rgba(0,0,0,0)"] * len(planned), palette.muted),
        (done, 0.34, [palette.of(tasks[row].judgement) for row, _, _ in done], "rgba(0,0,0,0)"),
    )
    for bars, width, colours, line in kinds:
        figure.add_bar(
            base=[begin for _, begin, _ in bars],
            x=[((end - begin).days + 1) * _MILLISECONDS for _, begin, end in bars],
            y=[row for row, _, _ in bars],
            orientation="h",
            width=width,
            marker={"color": colours, "line": {"color": line, "width": 1}},
            hovertext=[label(f"{tasks[row].name}\n{tasks[row].text}") for row, _, _ in bars],
            hoverinfo="text",
        )


def _signed(task: Task) -> str:
    judged = task.judgement in ("good", "bad", "watch")
    return f"{SIGNS[task.judgement]} {task.text}" if judged and task.text else task.text


def _words(figure: go.Figure, texts: Sequence[str], palette: Palette) -> None:
    annotate(
        figure,
        [
            {
                "x": 1,
                "xref": "paper",
                "xanchor": "left",
                "xshift": 6,
                "y": row,
                "text": label(text),
                "showarrow": False,
                "font": {"size": 12, "color": palette.ink},
            }
            for row, text in enumerate(texts)
            if text
        ],
    )


def _line(figure: go.Figure, today: date, text: str, palette: Palette) -> None:
    end = today + _DAY
    figure.add_shape(
        type="line",
        x0=end,
        x1=end,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": palette.ink, "width": 1, "dash": "dot"},
    )
    annotate(
        figure,
        [
            {
                "x": end,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "text": label(text),
                "showarrow": False,
                "font": {"size": 11, "color": palette.muted},
            }
        ],
    )
