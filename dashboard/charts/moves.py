"""Moves between two states by month: who is there stacked above zero, who has left below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import plotly.graph_objects as go

from dashboard.charts.axes import apart, text_width, ticks, write_beside
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_ROUND, _MOST_STEPS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0), 5


@dataclass(frozen=True, slots=True)
class Move:
    """One part of every column.

    Attributes:
        name: What it is.
        values: By month; below zero for those who have left.
        texts: The same in words, for the hover.
        colour: A name of the palette, or the place on its ordered scale.
        end: What stands beside the last column.
    """

    name: str
    values: Sequence[float]
    texts: Sequence[str]
    colour: str | int
    end: str


@kept
def moves(
    labels: Sequence[str],
    parts: Sequence[Move],
    palette: Palette,
    *,
    axis: Sequence[tuple[float, str]],
    running: bool = False,
    height: int = 320,
) -> go.Figure:
    """Stacked columns with a sign, by month, named directly at the right.

    Args:
        labels: Months, oldest first.
        parts: From zero outwards, to either side.
        palette: Colours.
        axis: Values to mark on the axis (`steps`), each in words.
        running: Whether the last month is incomplete; it is drawn lighter.
        height: Pixels.
    """
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            barmode="relative",
            bargap=0.28,
            hovermode="closest",
            xaxis=ticks(labels),
            yaxis={
                "tickmode": "array",
                "tickvals": [value for value, _ in axis],
                "ticktext": [label(words) for _, words in axis],
            },
            margin={"r": text_width([part.end for part in parts]) + 12},
        )
    )
    last = len(labels) - 1
    opacity = [0.55 if running and position == last else 1.0 for position in range(len(labels))]
    for part in parts:
        figure.add_bar(
            x=list(range(len(labels))),
            y=list(part.values),
            marker={"color": _colour(part, palette), "opacity": opacity, "line": {"width": 0}},
            customdata=[
                [label(month.replace("\n", " ")), label(text)]
                for month, text in zip(labels, part.texts, strict=True)
            ],
            hovertemplate=f"{label(part.name)} · %{{customdata[0]}}: "
            "<b>%{customdata[1]}</b><extra></extra>",
        )
    figure.add_hline(y=0, line={"color": palette.ink, "width": 1})
    _name(figure, parts, palette, height)
    return figure


def _colour(part: Move, palette: Palette) -> str:
    return palette.steps[part.colour] if isinstance(part.colour, int) else palette.of(part.colour)


def _name(figure: go.Figure, parts: Sequence[Move], palette: Palette, height: int) -> None:
    """Each part beside its middle in the last column, moved apart where they touch."""
    up = down = 0.0
    middles: list[tuple[float, str]] = []
    for part in parts:
        value = part.values[-1] if part.values else 0.0
        if value < 0 or part.colour == "bad":
            middles.append((down + value / 2, part.end))
            down += value
        else:
            middles.append((up + value / 2, part.end))
            up += value
    high, low = extent(parts)
    gap = ((high - low) or 1.0) * 19 / height
    middles.sort()
    places = apart([middle for middle, _ in middles], gap, low=low)
    told = zip(places, (text for _, text in middles), strict=True)
    write_beside(figure, told, palette.ink, shift=6)


def extent(parts: Sequence[Move]) -> tuple[float, float]:
    """The highest column above zero and the lowest below it."""
    columns = list(zip(*(part.values for part in parts), strict=True))
    high = max((sum(value for value in column if value > 0) for column in columns), default=0.0)
    low = min((sum(value for value in column if value < 0) for column in columns), default=0.0)
    return high, low


def steps(parts: Sequence[Move]) -> list[float]:
    """Round values that hold every column, with zero among them; five at the most between."""
    high, low = extent(parts)
    span = high - low
    if span <= 0:
        return [0.0]
    size = 10.0 ** floor(log10(span))
    step = next(size * part for part in _ROUND if span / (size * part) <= _MOST_STEPS)
    return [step * n for n in range(ceil(low / step), floor(high / step) + 1)]
