"""Forest plot: effects with their intervals around "no difference"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import plotly.graph_objects as go

from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_ROW = 42
_LEAST = 160  # pixels; lower charts are clipped
_ROOM = 0.16  # least distance of two ticks, as a share of the scale
_STEPS = (0.25, 0.33, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Effect:
    """One row: name, change (−1 … ∞, 0: none) with interval, the value in words, judgement."""

    name: str
    change: float
    low: float
    high: float
    text: str
    judgement: str


@kept
def forest(effects: Sequence[Effect], palette: Palette, *, none: str) -> go.Figure:
    """Effects as points with 95 % whiskers on a scale of ratios, the first on top.

    The name stands above its row, so that long names need no margin.

    Args:
        effects: The rows.
        palette: Colours.
        none: What the line of no difference says.
    """
    bounds = [1.0, *(1 + each.low for each in effects), *(1 + each.high for each in effects)]
    left, right = log2(min(bounds)) - 0.08, log2(max(bounds)) + 0.08
    ticks = _ticks(left, right)
    rows = list(range(len(effects)))
    figure = go.Figure(
        layout=layout(
            palette,
            height=max(_ROW * len(effects) + 56, _LEAST),
            hovermode="closest",
            xaxis={
                "range": [left, right + (right - left) * 0.34],
                "tickmode": "array",
                "tickvals": [log2(step) for step in ticks],
                "ticktext": [_percent(step - 1) for step in ticks],
                "tickangle": 0,
            },
            yaxis={
                "range": [len(effects) - 0.3, -0.75],
                "visible": False,
            },
            margin={"t": 22, "l": 4, "r": 4},
        )
    )
    figure.add_shape(
        type="line",
        x0=0,
        x1=0,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": palette.muted, "width": 1},
        layer="below",
    )
    figure.add_annotation(
        x=0,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=label(none),
        showarrow=False,
        font={"size": 11, "color": palette.muted},
    )
    _points(figure, effects, rows, palette)
    for row, effect in enumerate(effects):
        _words(figure, effect, row, palette)
    return figure


def _ticks(left: float, right: float) -> list[float]:
    """The steps inside, from no difference outwards, as many as have room on a phone."""
    room, kept_ = (right - left) * _ROOM, list[float]()
    for step in sorted(_STEPS, key=lambda step: abs(log2(step))):
        inside = left <= log2(step) <= right
        if inside and all(abs(log2(step) - log2(other)) >= room for other in kept_):
            kept_.append(step)
    return sorted(kept_)


def _percent(change: float) -> str:
    return f"{change:+.0%}".replace("-", "−") if change else "0"


def _points(
    figure: go.Figure, effects: Sequence[Effect], rows: list[int], palette: Palette
) -> None:
    colours = [palette.of(effect.judgement) for effect in effects]
    for effect, row, colour in zip(effects, rows, colours, strict=True):
        figure.add_shape(
            type="line",
            x0=log2(1 + effect.low),
            x1=log2(1 + effect.high),
            y0=row,
            y1=row,
            line={"color": colour, "width": 2},
        )
    figure.add_scatter(
        x=[log2(1 + effect.change) for effect in effects],
        y=rows,
        mode="markers",
        marker={"size": 8, "color": colours},
        customdata=[[label(effect.name), label(effect.text)] for effect in effects],
        hovertemplate="%{customdata[0]}: <b>%{customdata[1]}</b><extra></extra>",
    )


def _words(figure: go.Figure, effect: Effect, row: int, palette: Palette) -> None:
    figure.add_annotation(
        x=0,
        xref="paper",
        y=row,
        yshift=15,
        xanchor="left",
        bgcolor=palette.background,
        borderpad=0,
        text=label(effect.name),
        showarrow=False,
        font={"size": 12, "color": palette.ink},
    )
    figure.add_annotation(
        x=1,
        xref="paper",
        y=row,
        xanchor="right",
        text=label(effect.text),
        showarrow=False,
        font={"size": 12, "color": palette.ink},
    )
