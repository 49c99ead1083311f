"""Funnels: how many reached each step, what happened between, and how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_ROW = 0.46  # height of a bar, of the distance between two


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who reached it, and what is said between it and the step before."""

    name: str
    value: float
    text: str
    between: str = ""


@kept
def steps(
    items: Sequence[Step], palette: Palette, *, row: int = 84, room: float = 0.45
) -> go.Figure:
    """Bars from zero, first step on top; between two bars what leads from one to the other.

    Args:
        items: The steps in order.
        palette: Colours.
        row: Pixels per step.
        room: What the words beside the longest bar take, as a part of it.
    """
    positions = list(range(len(items)))
    edge = max([item.value for item in items], default=0.0) or 1.0
    figure = go.Figure(
        go.Bar(
            x=[item.value for item in items],
            y=positions,
            orientation="h",
            width=_ROW,
            marker={"color": [palette.steps[min(at, 1)] for at in positions]},
            text=[label(item.text) for item in items],
            textposition="outside",
            textfont={"size": 12, "color": palette.ink},
            cliponaxis=False,
            hoverinfo="skip",
        ),
        layout=layout(
            palette,
            height=row * max(len(items), 1) + 4,
            xaxis={"visible": False, "range": [0, edge * (1 + room)]},
            yaxis={
                "range": [len(items) - 1 + _ROW, -_ROW],
                "tickmode": "array",
                "tickvals": positions,
                "ticktext": [label(item.name) for item in items],
                "tickfont": {"color": palette.ink, "size": 12},
                "showgrid": False,
                "showline": False,
                "ticks": "",
            },
            margin={"t": 2, "b": 2},
        ),
    )
    for position, item in enumerate(items):
        if item.between:
            figure.add_annotation(
                x=0,
                y=position - 0.5,
                text=label(item.between),
                showarrow=False,
                xanchor="left",
                yanchor="middle",
                align="left",
                xshift=2,
                font={"size": 12, "color": palette.muted},
            )
    return figure


@kept
def waits(
    names: Sequence[str],
    values: Sequence[float | None],
    texts: Sequence[str],
    palette: Palette,
    *,
    before: Sequence[float | None] = (),
    before_text: str = "",
    height: int = 262,
) -> go.Figure:
    """Growing shares as columns; a short line shows each as it was in the compared period.

    Args:
        names: After how long, shortest first.
        values: Share reached by then; null where nobody has been watched so long.
        texts: The values as words.
        palette: Colours.
        before: The shares of the compared period.
        before_text: What the short lines are, told at the last of them.
        height: Pixels.
    """
    positions = list(range(len(names)))
    known = [value for value in (*values, *before) if value is not None]
    figure = go.Figure(
        go.Bar(
            x=positions,
            y=values,
            width=0.56,
            marker={"color": palette.steps[1]},
            text=[label(text) for text in texts],
            textposition="inside",
            insidetextanchor="start",
            textangle=0,
            textfont={"size": 13, "color": palette.ink},
            hoverinfo="skip",
        ),
        layout=layout(
            palette,
            height=height,
            xaxis={
                "tickmode": "array",
                "tickvals": positions,
                "ticktext": [label(name) for name in names],
                "range": [-0.5, max(len(names), 1) - 0.5],
            },
            yaxis={"visible": False, "range": [0, (max(known, default=0.0) or 1.0) * 1.14]},
            margin={"t": 8},
        ),
    )
    _before(figure, before, before_text, palette)
    return figure


def _before(figure: go.Figure, before: Sequence[float | None], text: str, palette: Palette) -> None:
    drawn = [(at, value) for at, value in enumerate(before) if value is not None]
    for at, value in drawn:
        figure.add_shape(
            type="line",
            x0=at - 0.36,
            x1=at + 0.36,
            y0=value,
            y1=value,
            line={"color": palette.ink, "width": 1.5, "dash": "dot"},
        )
    if drawn and text:
        at, value = drawn[-1]
        figure.add_annotation(
            x=at + 0.36,
            y=value,
            text=label(text),
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"size": 11, "color": palette.muted},
        )
