"""Gantt: what was planned as an outline, what was done as a bar within it, due days as diamonds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go

from dashboard.charts.axes import annotate, row_name, text_width, write_beside
from dashboard.charts.memory import kept
from dashboard.palette import SIGNS, Palette, label, layout

_ROW = 40
_DAY = timedelta(days=1)
_MILLISECONDS = 86_400_000
_JUDGED = ("good", "bad", "watch")


@dataclass(frozen=True, slots=True)
class Task:
    """One row: its name, its days by the plan and as they were (last days included), its standing.

    A row without any day is a heading. `begun` without `ended` goes on until today. `due` is the
    day of a milestone, hollow while it is not judged; `told` is what the pointer is told, else name
    and text.
    """

    name: str
    planned: tuple[date, date] | None = None
    begun: date | None = None
    ended: date | None = None
    text: str = ""
    judgement: str = "neutral"
    due: date | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of days with a name above it, if there is room for one."""

    start: date
    end: date
    text: str


@kept
def gantt(
    tasks: Sequence[Task],
    palette: Palette,
    *,
    today: date,
    today_text: str,
    ticks: Sequence[tuple[date, str]],
    phases: Sequence[Phase] = (),
    row: int = _ROW,
) -> go.Figure:
    """Tasks from top to bottom, a thin line at the last day of the data.

    Args:
        tasks: The rows.
        palette: Colours.
        today: The last day of the data; the line is drawn if it lies among the days.
        today_text: What the line says.
        ticks: Days of the axis with their labels.
        phases: Shaded in turn behind the rows.
        row: Pixels per task.
    """
    days = [day for task in tasks for day in _days(task)]
    days += [day for phase in phases for day in (phase.start, phase.end)]
    first, last = min(days, default=today), max(days, default=today)
    if any(task.begun and not task.ended for task in tasks):
        last = max(last, today)
    texts = [_signed(task) for task in tasks]
    names = [_name(task) for task in tasks]
    figure = go.Figure(
        layout=layout(
            palette,
            height=row * max(len(tasks), 1) + (76 if phases else 60),
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
            margin={"t": 42 if phases else 24, "r": text_width(texts) + 16},
        )
    )
    _shade(figure, phases, palette)
    _bars(figure, tasks, palette, today)
    _diamonds(figure, tasks, palette)
    beside = [(float(place), text) for place, text in enumerate(texts) if text]
    write_beside(figure, beside, palette.ink, shift=6)
    if first <= today <= last:
        _line(figure, today, today_text, palette)
    return figure


def _days(task: Task) -> list[date]:
    every = (*(task.planned or ()), task.begun, task.ended, task.due)
    return [day for day in every if day is not None]


def _told(task: Task) -> str:
    return label(task.told or f"{task.name}\n{task.text}")


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
            hovertext=[_told(tasks[row]) for row, _, _ in bars],
            hoverinfo="text",
        )


def _shade(figure: go.Figure, phases: Sequence[Phase], palette: Palette) -> None:
    for phase in phases[::2]:
        figure.add_shape(
            type="rect",
            x0=phase.start,
            x1=phase.end + _DAY,
            y0=0,
            y1=1,
            yref="paper",
            fillcolor=palette.band,
            opacity=0.5,
            line={"width": 0},
            layer="below",
        )
    annotate(
        figure,
        [
            {
                "x": phase.start + (phase.end - phase.start) / 2,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": 16,
                "text": label(phase.text),
                "showarrow": False,
                "font": {"size": 11, "color": palette.muted},
            }
            for phase in phases
            if phase.text
        ],
    )


def _diamonds(figure: go.Figure, tasks: Sequence[Task], palette: Palette) -> None:
    marked = [(row, task) for row, task in enumerate(tasks) if task.due is not None]
    if not marked:
        return
    judged = [task.judgement in _JUDGED for _, task in marked]
    figure.add_scatter(
        x=[task.due for _, task in marked],
        y=[row for row, _ in marked],
        mode="markers",
        marker={
            "size": 9,
            "symbol": ["diamond" if known else "diamond-open" for known in judged],
            "color": [
                palette.of(task.judgement) if known else palette.ink
                for (_, task), known in zip(marked, judged, strict=True)
            ],
        },
        hovertext=[_told(task) for _, task in marked],
        hoverinfo="text",
        cliponaxis=False,
    )


def _signed(task: Task) -> str:
    judged = task.judgement in _JUDGED
    return f"{SIGNS[task.judgement]} {task.text}" if judged and task.text else task.text


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
