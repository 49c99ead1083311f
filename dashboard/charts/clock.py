"""The clocks of one ticket: what became of the time until each stopped, and where its limit lay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import plotly.graph_objects as go

from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_ROW = 74
_AXIS = 70
_LEAST = 160  # pixels; lower charts are clipped


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time, whether the clock ran or waited in it (else it stood), and its words."""

    at: datetime
    until: datetime
    running: bool
    waiting: bool
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One clock: its name, its pieces in order, and when it was due; judgement colours that."""

    name: str
    pieces: Sequence[Piece]
    due_at: datetime | None
    due: str
    judgement: str


def span(rows: Sequence[Row]) -> tuple[datetime, datetime]:
    """From the first moment that is drawn to the last."""
    edges = [edge for row in rows for edge in (row.pieces[0].at, row.pieces[-1].until)]
    edges += [row.due_at for row in rows if row.due_at]
    return min(edges), max(edges)


@kept
def clocks(
    rows: Sequence[Row], palette: Palette, *, ticks: Sequence[tuple[datetime, str]]
) -> go.Figure:
    """A bar over time for each clock: running solid, waiting hatched, else only outlined.

    Args:
        rows: The clocks, the first on top; each has a piece.
        palette: Colours.
        ticks: Moments of the axis with their labels.
    """
    begin, end = span(rows)
    room = (end - begin) * 0.03
    figure = go.Figure(
        layout=layout(
            palette,
            height=max(_ROW * len(rows) + _AXIS, _LEAST),
            hovermode="closest",
            barmode="overlay",
            xaxis={
                "type": "date",
                "range": [begin - room, end + room],
                "tickmode": "array",
                "tickvals": [moment for moment, _ in ticks],
                "ticktext": [label(text) for _, text in ticks],
                "tickangle": 0,
            },
            yaxis={"visible": False, "range": [len(rows) - 0.5, -0.75]},
            margin={"t": 8, "l": 4, "r": 4},
        )
    )
    for number, row in enumerate(rows):
        for piece in row.pieces:
            figure.add_trace(_bar(piece, number, palette))
        _words(figure, row, number, (begin, end), palette)
    return figure


def _words(
    figure: go.Figure,
    row: Row,
    number: int,
    shown: tuple[datetime, datetime],
    palette: Palette,
) -> None:
    begin, end = shown
    colour = palette.bad if row.judgement == "bad" else palette.muted
    figure.add_annotation(
        x=begin,
        y=number - 0.3,
        xanchor="left",
        yanchor="bottom",
        text=label(row.name),
        showarrow=False,
        font={"size": 12, "color": palette.ink},
    )
    if row.due_at is None:
        return
    figure.add_shape(
        type="line",
        x0=row.due_at,
        x1=row.due_at,
        y0=number - 0.32,
        y1=number + 0.32,
        line={"color": colour, "width": 2, "dash": "dot"},
    )
    figure.add_annotation(
        x=row.due_at,
        y=number + 0.28,
        yanchor="top",
        xanchor="right" if row.due_at > begin + (end - begin) / 2 else "left",
        text=label(row.due),
        showarrow=False,
        font={"size": 11, "color": colour},
    )


def _bar(piece: Piece, number: int, palette: Palette) -> go.Bar:
    stands = not piece.running and not piece.waiting
    marker = {
        "color": palette.accent if piece.running else palette.band,
        "line": {"color": palette.muted if stands else palette.accent, "width": 1},
    }
    if piece.waiting:
        marker["pattern"] = {"shape": "/", "fgcolor": palette.accent, "size": 6}
    return go.Bar(
        x=[(piece.until - piece.at).total_seconds() * 1000],
        base=[piece.at],
        y=[number],
        width=0.5,
        orientation="h",
        marker=marker,
        hovertext=label(piece.text),
        hoverinfo="text",
        showlegend=False,
    )
