"""Calibration: of those to whom a probability was given, how many it came true for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers of like probability: what was foretold, what happened with interval, in words."""

    foretold: float
    happened: float
    low: float
    high: float
    text: str


@kept
def calibration(
    bins: Sequence[Bin], palette: Palette, *, true: str, axes: tuple[str, str], height: int = 300
) -> go.Figure:
    """Points with 95 % whiskers around the diagonal on which forecasts come true.

    Args:
        bins: The points.
        palette: Colours.
        true: What the diagonal says.
        axes: What runs to the right, and what upwards.
        height: Pixels.
    """
    highest = max([0.1, *(bin_.high for bin_ in bins), *(bin_.foretold for bin_ in bins)])
    top = min(highest * 1.06, 1.03)
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            hovermode="closest",
            xaxis={"range": [-0.02 * top, top], "tickformat": ".0%", "nticks": 6},
            yaxis={"range": [-0.02 * top, top], "tickformat": ".0%", "nticks": 6},
            margin={"t": 26, "b": 44},
        )
    )
    figure.add_scatter(
        x=[0, top],
        y=[0, top],
        mode="lines",
        line={"color": palette.muted, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[bin_.foretold for bin_ in bins],
        y=[bin_.happened for bin_ in bins],
        mode="markers",
        marker={"size": 8, "color": palette.accent},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [bin_.high - bin_.happened for bin_ in bins],
            "arrayminus": [bin_.happened - bin_.low for bin_ in bins],
            "color": palette.accent,
            "thickness": 1.2,
            "width": 0,
        },
        customdata=[label(bin_.text) for bin_ in bins],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    _words(figure, true, axes, top, palette)
    return figure


def _words(
    figure: go.Figure, true: str, axes: tuple[str, str], top: float, palette: Palette
) -> None:
    small = {"showarrow": False, "font": {"size": 11, "color": palette.muted}}
    right, up = axes
    figure.add_annotation(
        x=top * 0.52,
        y=top * 0.38,
        text=label(true),
        xanchor="left",
        yanchor="top",
        **small,
    )
    figure.add_annotation(
        x=1,
        xref="paper",
        y=0,
        yref="paper",
        yshift=-24,
        text=label(right),
        xanchor="right",
        yanchor="top",
        **small,
    )
    figure.add_annotation(
        x=0,
        xref="paper",
        y=1,
        yref="paper",
        text=label(up),
        xanchor="left",
        yanchor="bottom",
        **small,
    )
