"""What happened with one customer over time: a strip of events, and spending by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.axes import annotate, ticks
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_ROW = 34
_LEAST = 160  # pixels; lower charts are clipped
_FEW = 6  # bars that can all say their value
_FREE = 4  # bars between two that do
_MOST = 1500  # points of a strip; the latest are kept


@dataclass(frozen=True, slots=True)
class Strip:
    """Events of one kind, latest first: days, words, which are bad news, which came to nothing."""

    name: str
    days: Sequence[date]
    texts: Sequence[str]
    warns: Sequence[bool]
    faint: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days to shade, and what it says."""

    start: date
    end: date
    text: str


@kept
def strips(
    kinds: Sequence[Strip],
    palette: Palette,
    *,
    end: date,
    months: Sequence[tuple[date, str]],
    silence: Span | None = None,
) -> go.Figure:
    """One row of marks per kind over time; bad news as a triangle, what came to nothing hollow.

    Args:
        kinds: The rows, the first on top.
        palette: Colours.
        end: Right edge: the last day of the data.
        months: Days of the axis with their labels.
        silence: Days since the last order, shaded lightly.
    """
    share = max(_MOST // max(len(kinds), 1), 1)
    names = [label(kind.name) for kind in kinds]
    first = min((day for kind in kinds for day in kind.days[:share]), default=end)
    figure = go.Figure(
        layout=layout(
            palette,
            height=max(_ROW * len(kinds) + 62, _LEAST),
            hovermode="closest",
            xaxis={
                "type": "date",
                "range": [_before(first, end), end],
                "tickmode": "array",
                "tickvals": [day for day, _ in months],
                "ticktext": [label(text) for _, text in months],
            },
            yaxis={
                "tickmode": "array",
                "tickvals": list(range(len(kinds))),
                "ticktext": names,
                "range": [len(kinds) - 0.5, -0.5],
                "tickfont": {"color": palette.ink, "size": 12},
                "gridcolor": palette.grid,
            },
            margin={"t": 24},
        )
    )
    if silence is not None:
        _shade(figure, silence, palette)
    for row, kind in enumerate(kinds):
        _marks(figure, kind, row, share, palette)
    return figure


def _before(first: date, end: date) -> date:
    """A little air left of the first mark."""
    return date.fromordinal(first.toordinal() - max((end - first).days // 50, 5))


def _shade(figure: go.Figure, silence: Span, palette: Palette) -> None:
    figure.add_shape(
        type="rect",
        x0=silence.start,
        x1=silence.end,
        y0=0,
        y1=1,
        yref="paper",
        fillcolor=palette.band,
        opacity=0.6,
        line={"width": 0},
        layer="below",
    )
    figure.add_annotation(
        x=silence.end,
        y=1,
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        text=label(silence.text),
        showarrow=False,
        font={"size": 11, "color": palette.muted},
    )


def _marks(figure: go.Figure, kind: Strip, row: int, share: int, palette: Palette) -> None:
    bad = list(kind.warns[:share])
    figure.add_scatter(
        x=list(kind.days[:share]),
        y=[row] * len(bad),
        mode="markers",
        marker={
            "size": [9 if warns else 7 for warns in bad],
            "symbol": [
                "triangle-down" if warns else "circle-open" if faint else "circle"
                for warns, faint in zip(bad, kind.faint, strict=False)
            ],
            "color": [palette.bad if warns else palette.accent for warns in bad],
            "opacity": 0.75,
        },
        customdata=[label(text) for text in kind.texts[:share]],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


@kept
def spending(
    labels: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    palette: Palette,
    *,
    running: bool,
    height: int = 250,
) -> go.Figure:
    """Money by month as bars from zero; the running month lighter, the highest one labelled.

    Args:
        labels: Months, oldest first.
        values: Money in whole units; negative where returns outweigh orders.
        texts: The values as words.
        palette: Colours.
        running: Whether the last month is incomplete.
        height: Pixels.
    """
    last = len(values) - 1
    axis: dict[str, Any] = ticks(labels)
    figure = go.Figure(
        go.Bar(
            x=list(range(len(values))),
            y=list(values),
            marker={
                "color": palette.accent,
                "opacity": [0.5 if running and at == last else 1.0 for at in range(len(values))],
            },
            customdata=[
                [label(name.replace("\n", " ")), label(text)]
                for name, text in zip(labels, texts, strict=True)
            ],
            hovertemplate="%{customdata[0]}: <b>%{customdata[1]}</b><extra></extra>",
        ),
        layout=layout(
            palette,
            height=height,
            bargap=0.25,
            hovermode="closest",
            xaxis=axis,
            yaxis={"rangemode": "tozero", "nticks": 5, "visible": False},
            margin={"t": 26},
            shapes=[_zero(palette)] if min(values, default=0.0) < 0 else [],
        ),
    )
    annotate(
        figure,
        [
            {
                "x": at,
                "y": max(values[at], 0.0),
                "text": label(texts[at]),
                "showarrow": False,
                "yanchor": "bottom",
                "font": {"size": 11, "color": palette.ink},
            }
            for at in _told(values)
        ],
    )
    return figure


def _told(values: Sequence[float]) -> list[int]:
    """Which bars say their value: the last and the largest, and of a few all that stand free."""
    if not values:
        return []
    told = [len(values) - 1, values.index(max(values))]
    few = [at for at, value in enumerate(values) if value]
    for at in few if len(few) <= _FEW else []:
        if all(abs(at - other) >= _FREE for other in told):
            told.append(at)
    return sorted(set(told))


def _zero(palette: Palette) -> dict[str, Any]:
    """The line that a month of more returns than orders hangs from."""
    line = {"color": palette.muted, "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": line}
