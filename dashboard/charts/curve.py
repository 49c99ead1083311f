"""Concentration: what share of the whole the best so many bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve over the share of customers, and the words on pointing at its places."""

    name: str
    y: Sequence[float | None]
    hover: Sequence[str]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the first curve that is named."""

    x: float
    y: float
    text: str


@kept
def concentration(
    x: Sequence[float],
    curves: Sequence[Curve],
    marks: Sequence[Mark],
    palette: Palette,
    *,
    equal: str,
    height: int = 300,
) -> go.Figure:
    """Curves from 0 to 1 over the share of customers, above a dotted line of equal parts.

    Args:
        x: Share of customers, ascending.
        curves: The first is drawn strongest; the others thinner and dashed.
        marks: Named places, their text at the right where the curves leave room.
        palette: Colours.
        equal: What the dotted diagonal says.
        height: Pixels.
    """
    highest = max([1.0, *(y for curve in curves for y in curve.y if y is not None)])
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            hovermode="closest",
            xaxis={"range": [0, 1], "tickformat": ".0%", "nticks": 6},
            yaxis={"range": [0, highest * 1.04], "tickformat": ".0%", "nticks": 6},
        )
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": palette.muted, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_annotation(
        x=0.52,
        y=0.5,
        text=label(equal),
        showarrow=False,
        xanchor="left",
        yanchor="top",
        font={"size": 11, "color": palette.muted},
    )
    for index, curve in reversed(list(enumerate(curves))):
        figure.add_scatter(
            x=x,
            y=curve.y,
            mode="lines",
            line={
                "color": palette.accent if index == 0 else palette.muted,
                "width": 2.2 if index == 0 else 1.4,
                "dash": "solid" if index == 0 else "dash",
            },
            customdata=[label(text) for text in curve.hover],
            hovertemplate="%{customdata}<extra></extra>",
            name=label(curve.name),
        )
    _marks(figure, marks, palette)
    return figure


def _marks(figure: go.Figure, marks: Sequence[Mark], palette: Palette) -> None:
    for mark in marks:
        figure.add_scatter(
            x=[mark.x],
            y=[mark.y],
            mode="markers",
            marker={
                "size": 9,
                "color": palette.accent,
                "line": {"color": palette.background, "width": 2},
            },
            hoverinfo="skip",
            cliponaxis=False,
        )
        figure.add_annotation(
            x=mark.x,
            y=mark.y,
            text=label(mark.text),
            showarrow=False,
            xanchor="left",
            yanchor="top",
            xshift=8,
            align="left",
            bgcolor=palette.background,
            opacity=0.9,
            font={"size": 12, "color": palette.ink},
        )
