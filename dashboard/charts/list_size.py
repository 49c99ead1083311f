"""How good a list is by its length: the share of it that is right, and of all that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

import plotly.graph_objects as go

from dashboard.charts.axes import Reference, apart, text_width, write_beside
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_LABEL = 17  # pixels


@dataclass(frozen=True, slots=True)
class Line:
    """One figure by length of the list, null where undefined, with its words for the hover."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]


@kept
def by_length(
    sizes: Sequence[int],
    lines: tuple[Line, Line],
    palette: Palette,
    *,
    references: tuple[Reference, Reference] | None = None,
    chosen: tuple[int, str] | None = None,
    axis: Sequence[tuple[int, str]] = (),
    height: int = 300,
) -> go.Figure:
    """Two shares over the length of a list, on a scale on which every tenfold is as wide.

    Args:
        sizes: Lengths, ascending, above 0.
        lines: The first is drawn solid, the second dashed; named at their ends.
        palette: Colours.
        references: A level for each of the lines, in its style; told together below them.
        chosen: A length to mark, and what to write there.
        axis: Lengths to mark on the axis, and each in words.
        height: Pixels.
    """
    places = [log10(size) for size in sizes]
    names = [f"{line.name} {_percent(line.values[-1])}" for line in lines]
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            hovermode="closest",
            xaxis={
                "range": [min(places, default=0) - 0.04, max(places, default=1) + 0.02],
                "tickmode": "array",
                "tickvals": [log10(size) for size, _ in axis],
                "ticktext": [label(words) for _, words in axis],
                "tickangle": 0,
            },
            yaxis={"range": [0, 1.04], "tickformat": ".0%", "nticks": 6},
            margin={"r": text_width(names) + 14, "t": 26},
        )
    )
    styles = (
        {"color": palette.accent, "width": 2.2},
        {"color": palette.ink, "width": 1.6, "dash": "dash"},
    )
    for line, style in zip(lines, styles, strict=True):
        figure.add_scatter(
            x=places,
            y=list(line.values),
            mode="lines+markers",
            marker={"size": 5, "color": style["color"]},
            line=style,
            customdata=[label(text) for text in line.texts],
            hovertemplate="%{customdata}<extra></extra>",
            name=label(line.name),
        )
    _references(figure, references or (), palette)
    ends = sorted(zip((line.values[-1] or 0.0 for line in lines), names, strict=True))
    heights = apart([value for value, _ in ends], _LABEL / height * 1.2)
    told = zip(heights, (name for _, name in ends), strict=True)
    write_beside(figure, told, palette.ink, shift=8)
    if chosen is not None:
        _mark(figure, chosen, palette)
    return figure


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _references(figure: go.Figure, references: Sequence[Reference], palette: Palette) -> None:
    """Thin lines across."""
    for reference in references:
        figure.add_shape(
            type="line",
            x0=0,
            x1=1,
            xref="paper",
            y0=reference.value,
            y1=reference.value,
            line={
                "color": palette.muted,
                "width": 1,
                "dash": "dash" if reference.dashed else "solid",
            },
            layer="below",
        )
    if references:
        figure.add_annotation(
            x=0,
            xref="paper",
            y=min(reference.value for reference in references),
            text=label(" · ".join(reference.text for reference in references)),
            showarrow=False,
            xanchor="left",
            yanchor="top",
            font={"size": 11, "color": palette.muted},
        )


def _mark(figure: go.Figure, chosen: tuple[int, str], palette: Palette) -> None:
    size, text = chosen
    place = log10(size)
    figure.add_shape(
        type="line",
        x0=place,
        x1=place,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": palette.ink, "width": 1},
        layer="below",
    )
    figure.add_annotation(
        x=place,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=label(text),
        showarrow=False,
        font={"size": 11, "color": palette.ink},
    )


def marks(sizes: Sequence[int]) -> list[int]:
    """The powers of ten among lengths, and the last; of a short span also twice and five times."""
    if not sizes:
        return []
    span = log10(sizes[-1] / sizes[0])
    digits = (1, 2, 5) if span <= 2 else (1,)
    round_ones = [size for size in sizes if size / 10 ** floor(log10(size)) in digits]
    return round_ones or [sizes[0]]
