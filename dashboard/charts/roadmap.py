"""Tasks over time: the plan outlined, what was done solid, phases shaded, today as a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.axes import annotate, row_name, text_width, write_beside
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_DAY = 86_400_000  # milliseconds, in which plotly counts the length of a bar on a time axis
_LEAST = 160  # pixels; lower charts are clipped


@dataclass(frozen=True, slots=True)
class Row:
    """One task: its planned days, what was done until now, and how it stands.

    Attributes:
        name: Name at the left.
        start, end: First and last planned day; None where the plan names none.
        begun, until: First day of work, and its last one (today while it goes on); None before.
        judgement: Colour of what was done.
        text: What stands at the right; empty for nothing.
        told: What the pointer is told.
        due: The day a milestone must be reached by; None for an ordinary task.
    """

    name: str
    start: date | None
    end: date | None
    begun: date | None
    until: date | None
    judgement: str
    text: str
    told: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of days with a name above it, if there is room for one."""

    start: date
    end: date
    text: str


@kept
def roadmap(
    rows: Sequence[Row],
    palette: Palette,
    *,
    today: date,
    today_text: str,
    months: Sequence[tuple[date, str]],
    phases: Sequence[Phase] = (),
    row: int = 28,
) -> go.Figure:
    """One row per task, the first on top.

    The plan is an outline, work a solid bar in it, a milestone's day a diamond, hollow while it is
    not reached.

    Args:
        rows: The tasks.
        palette: Colours.
        today: The last day of the data.
        today_text: What is written above it.
        months: Days of the axis with their labels.
        phases: Shaded in turn behind the rows.
        row: Pixels per task.
    """
    days = [day for each in rows for day in _days(each)] + [today]
    days += [day for phase in phases for day in (phase.start, phase.end)]
    figure = go.Figure(
        layout=layout(
            palette,
            height=max(row * len(rows) + 74, _LEAST),
            barmode="overlay",
            hovermode="closest",
            xaxis={
                "type": "date",
                "range": [min(days), max(days)],
                "tickmode": "array",
                "tickvals": [day for day, _ in months],
                "ticktext": [label(text) for _, text in months],
                "tickangle": 0,
            },
            yaxis={
                "tickmode": "array",
                "tickvals": list(range(len(rows))),
                "ticktext": [row_name(each.name) for each in rows],
                "range": [len(rows) - 0.4, -0.6],
                "tickfont": {"color": palette.ink, "size": 11},
                "showgrid": False,
                "ticks": "",
                "showline": False,
            },
            margin={"t": 46, "r": text_width([each.text for each in rows]) + 16},
        )
    )
    _shade(figure, phases, palette)
    _bars(figure, rows, palette)
    _diamonds(figure, rows, palette)
    _now(figure, today, today_text, palette)
    told = [(place, each.text) for place, each in enumerate(rows) if each.text]
    write_beside(figure, told, palette.ink, shift=6, size=11)
    return figure


def _days(row: Row) -> list[date]:
    every = (row.start, row.end, row.begun, row.until, row.due)
    return [day for day in every if day is not None]


def _shade(figure: go.Figure, phases: Sequence[Phase], palette: Palette) -> None:
    for place, phase in enumerate(phases):
        if place % 2 == 0:
            figure.add_shape(
                type="rect",
                x0=phase.start,
                x1=phase.end,
                y0=0,
                y1=1,
                yref="paper",
                fillcolor=palette.band,
                opacity=0.5,
                line={"width": 0},
                layer="below",
            )
    middle = [phase.start + (phase.end - phase.start) / 2 for phase in phases]
    annotate(
        figure,
        [
            {
                "x": day,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": 16,
                "text": label(phase.text),
                "showarrow": False,
                "font": {"size": 11, "color": palette.muted},
            }
            for phase, day in zip(phases, middle, strict=True)
            if phase.text
        ],
    )


def _bars(figure: go.Figure, rows: Sequence[Row], palette: Palette) -> None:
    planned = [(place, each.start, each.end) for place, each in enumerate(rows)]
    done = [(place, each.begun, each.until) for place, each in enumerate(rows)]
    outline = {"color": "rgba(0,0,0,0)", "line": {"color": palette.muted, "width": 1}}
    solid = {"color": [palette.of(rows[place].judgement) for place, *_ in _known(done)]}
    for spans, marker, width in ((planned, outline, 0.72), (done, solid, 0.4)):
        known = _known(spans)
        figure.add_bar(
            base=[start for _, start, _ in known],
            x=[((end - start).days + 1) * _DAY for _, start, end in known],
            y=[place for place, *_ in known],
            orientation="h",
            width=width,
            marker=marker,
            hovertext=[label(rows[place].told) for place, *_ in known],
            hoverinfo="text",
        )


def _known(spans: Sequence[tuple[int, date | None, date | None]]) -> list[tuple[int, date, date]]:
    return [(place, start, end) for place, start, end in spans if start and end]


def _diamonds(figure: go.Figure, rows: Sequence[Row], palette: Palette) -> None:
    marked = [(place, each) for place, each in enumerate(rows) if each.due is not None]
    reached = {"good", "bad", "watch"}
    figure.add_scatter(
        x=[each.due for _, each in marked],
        y=[place for place, _ in marked],
        mode="markers",
        marker={
            "size": 9,
            "symbol": [
                "diamond" if each.judgement in reached else "diamond-open" for _, each in marked
            ],
            "color": [
                palette.of(each.judgement) if each.judgement in reached else palette.ink
                for _, each in marked
            ],
        },
        hovertext=[label(each.told) for _, each in marked],
        hoverinfo="text",
        cliponaxis=False,
    )


def _now(figure: go.Figure, today: date, text: str, palette: Palette) -> None:
    line: dict[str, Any] = {"color": palette.accent, "width": 1.5}
    figure.add_shape(type="line", x0=today, x1=today, y0=0, y1=1, yref="paper", line=line)
    annotate(
        figure,
        [
            {
                "x": today,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "text": label(text),
                "showarrow": False,
                "font": {"size": 11, "color": palette.accent},
            }
        ],
    )
