"""A whole and the part of it that needs attention, one bar per group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.axes import annotate, row_name
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout


@dataclass(frozen=True, slots=True)
class Whole:
    """One bar: its name, the whole, the part within it, and the text at its end."""

    name: str
    total: int
    part: int
    text: str


@kept
def parts(bars: Sequence[Whole], palette: Palette, *, row: int = 36) -> go.Figure:
    """Horizontal bars from zero; the part that needs attention is drawn first, in its colour."""
    positions = list(range(len(bars)))
    edge = max((bar.total for bar in bars), default=0) or 1
    told = [label(f"{bar.name}\n{bar.text}") for bar in bars]
    hover = {"hovertext": told, "hoverinfo": "text"}
    common = {"y": positions, "orientation": "h", "width": 0.6, **hover}
    figure = go.Figure(
        layout=layout(
            palette,
            height=row * max(len(bars), 1) + 22,
            hovermode="closest",
            barmode="stack",
            xaxis={"range": [0, edge * 1.9], "visible": False},
            yaxis={
                "range": [len(bars) - 0.5, -0.5],
                "showgrid": False,
                "showline": False,
                "tickmode": "array",
                "tickvals": positions,
                "ticktext": [row_name(bar.name) for bar in bars],
                "tickfont": {"color": palette.ink, "size": 12},
                "ticks": "",
            },
            margin={"t": 6},
        )
    )
    figure.add_bar(x=[bar.part for bar in bars], marker={"color": palette.bad}, **common)
    figure.add_bar(
        x=[bar.total - bar.part for bar in bars], marker={"color": palette.steps[1]}, **common
    )
    annotate(
        figure,
        [
            {
                "x": bar.total,
                "y": position,
                "text": label(bar.text),
                "showarrow": False,
                "xanchor": "left",
                "xshift": 4,
                "font": {"size": 12, "color": palette.ink},
            }
            for position, bar in zip(positions, bars, strict=True)
        ],
    )
    return figure
