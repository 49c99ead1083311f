"""When money comes back: cumulative cost and benefit by month, past and foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_YEAR = 12


@dataclass(frozen=True, slots=True)
class Sums:
    """Cumulative cost and benefit after each month from the first; `known` of them have come.

    `cost_name` and `benefit_name` stand at the ends of the lines; `texts` tell each month on
    pointing at it.
    """

    cost: Sequence[float]
    benefit: Sequence[float]
    known: int
    cost_name: str
    benefit_name: str
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Year:
    """A moment, in years from the beginning, and what it is called."""

    years: float
    text: str


@kept
def payback(
    sums: Sums,
    palette: Palette,
    *,
    axis: Sequence[tuple[float, str]],
    years: Sequence[tuple[int, str]],
    aim: Year | None = None,
    reached: Year | None = None,
    height: int = 260,
) -> go.Figure:
    """Two lines from zero, dotted ahead, the aim as a thin dashed upright, the crossing marked.

    Args:
        sums: The lines.
        palette: Colours.
        axis: Amounts to mark, and each in words.
        years: Years to mark, and each in words.
        aim: By when the money is to be back.
        reached: When it is.
        height: Pixels.
    """
    months = len(sums.cost)
    most = max([*sums.cost, *sums.benefit, 1.0])
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            hovermode="closest",
            xaxis={
                "range": [0, months / _YEAR * 1.02],
                "tickmode": "array",
                "tickvals": [year for year, _ in years],
                "ticktext": [label(text) for _, text in years],
            },
            yaxis={
                "range": [min(0.0, *sums.benefit, *sums.cost), most * 1.12],
                "tickmode": "array",
                "tickvals": [amount for amount, _ in axis],
                "ticktext": [label(text) for _, text in axis],
            },
        )
    )
    for values, colour, name in (
        (sums.cost, palette.muted, sums.cost_name),
        (sums.benefit, palette.accent, sums.benefit_name),
    ):
        _line(figure, values, sums.known, colour)
        above = values[-1] >= max(sums.cost[-1], sums.benefit[-1])
        _name(figure, values, colour, name, above=above)
    figure.add_scatter(
        x=[(month + 1) / _YEAR for month in range(months)],
        y=list(sums.benefit),
        mode="markers",
        marker={"size": 8, "opacity": 0},
        customdata=[label(text) for text in sums.texts],
        hovertemplate="%{customdata}<extra></extra>",
    )
    if aim is not None:
        _upright(figure, aim, palette)
    if reached is not None and reached.years * _YEAR <= months:
        place = round(reached.years * _YEAR) - 1
        figure.add_scatter(
            x=[reached.years],
            y=[sums.benefit[place]],
            mode="markers",
            marker={"size": 9, "color": palette.accent, "line": {"color": palette.ink, "width": 1}},
            hovertext=[label(reached.text)],
            hoverinfo="text",
        )
    return figure


def _line(figure: go.Figure, values: Sequence[float], known: int, colour: str) -> None:
    """Solid for what has come, dotted from there."""
    x = [month / _YEAR for month in range(len(values) + 1)]
    y = [0.0, *values]
    parts = ((0, known + 1, "solid"), (known, len(y), "dot"))
    for begin, end, dash in parts:
        if end - begin > 1:
            figure.add_scatter(
                x=x[begin:end],
                y=y[begin:end],
                mode="lines",
                line={"color": colour, "width": 2, "dash": dash},
                hoverinfo="skip",
            )


def _name(
    figure: go.Figure, values: Sequence[float], colour: str, name: str, *, above: bool
) -> None:
    figure.add_annotation(
        x=len(values) / _YEAR,
        y=values[-1],
        text=label(name),
        showarrow=False,
        xanchor="right",
        yshift=9 if above else -15,
        font={"size": 12, "color": colour},
    )


def _upright(figure: go.Figure, aim: Year, palette: Palette) -> None:
    figure.add_shape(
        type="line",
        x0=aim.years,
        x1=aim.years,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": palette.muted, "width": 1, "dash": "dash"},
    )
    figure.add_annotation(
        x=aim.years,
        y=1,
        yref="paper",
        text=label(aim.text),
        showarrow=False,
        yanchor="bottom",
        font={"size": 11, "color": palette.muted},
    )
