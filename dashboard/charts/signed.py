"""Signed bars to either side of zero: variances in money with their sign and arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.axes import row_name
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout


@dataclass(frozen=True, slots=True)
class SignedBar:
    """One signed bar: its name, value, text at its end, and judgement (its colour)."""

    name: str
    value: float | None
    text: str
    judgement: str = "neutral"


@kept
def signed(bars: Sequence[SignedBar], palette: Palette, *, row: int = 54) -> go.Figure:
    """Horizontal bars to either side of zero, in the order given, first on top.

    A bar without a value is left out, but its name and text stand.

    Args:
        bars: The bars.
        palette: Colours.
        row: Pixels per bar.
    """
    positions = list(range(len(bars)))
    values = [bar.value or 0.0 for bar in bars]
    up, down = max([*values, 0.0]), -min([*values, 0.0])
    span = (up + down) or 1.0
    # Texts stand outside the bars: each side that has bars needs room for one.
    room = [span * 0.95 if down else span * 0.04, span * 0.95 if up or not down else span * 0.04]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=positions,
            orientation="h",
            marker={"color": [palette.of(bar.judgement) for bar in bars]},
            text=[label(bar.text) for bar in bars],
            textposition="outside",
            textfont={"size": 12, "color": palette.ink},
            cliponaxis=False,
            width=0.58,
            hovertext=[label(f"{bar.name}\n{bar.text}") for bar in bars],
            hoverinfo="text",
        ),
        layout=layout(
            palette,
            height=row * max(len(bars), 1) + 22,
            hovermode="y",
            xaxis={"range": [-down - room[0], up + room[1]], "visible": False},
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
        ),
    )
    figure.add_shape(
        type="line",
        x0=0,
        x1=0,
        y0=-0.5,
        y1=len(bars) - 0.5,
        line={"color": palette.ink, "width": 1},
    )
    return figure
