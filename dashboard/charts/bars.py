"""Bars: shares against a target, composition over time, signed variances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.axes import Reference, apart, row_name, text_width, ticks, write_beside
from dashboard.charts.memory import kept
from dashboard.palette import SIGNS, Palette, label, layout


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar: name, value, text at its end, judgement (its colour), its interval."""

    name: str
    value: float | None
    text: str
    judgement: str = "accent"
    low: float | None = None
    high: float | None = None


@kept
def horizontal(
    bars: Sequence[Bar],
    palette: Palette,
    *,
    reference: Reference | None = None,
    top: float | None = None,
    row: int = 34,
) -> go.Figure:
    """Bars from zero, in the order given (first on top), a thin labelled line at the target.

    Args:
        bars: The bars.
        palette: Colours.
        reference: The target line.
        top: Value at the right edge of the bars; room for the texts is left beyond it.
        row: Pixels per bar.
    """
    values = [bar.value or 0.0 for bar in bars]
    bounds = [bound for bar in bars for bound in (bar.low, bar.high) if bound is not None]
    aim = reference.value if reference else 0.0
    edge = top if top is not None else max([*values, *bounds, aim, 1e-9])
    begin = min([*values, *bounds, 0.0])
    names = [row_name(bar.name) for bar in bars]
    texts = [_signed(bar) for bar in bars]
    positions = list(range(len(bars)))
    figure = go.Figure(
        go.Bar(
            x=values,
            y=positions,
            orientation="h",
            marker={"color": [palette.of(bar.judgement) for bar in bars]},
            width=0.62,
            hovertext=[label(f"{bar.name}\n{bar.text}") for bar in bars],
            hoverinfo="text",
            error_x=_intervals(bars, palette) if bounds else None,
        ),
        layout=layout(
            palette,
            height=row * max(len(bars), 1) + (44 if reference else 22),
            hovermode="y",
            xaxis={"range": [begin, edge * 1.02], "visible": False},
            yaxis={
                "autorange": "reversed",
                "showgrid": False,
                "tickmode": "array",
                "tickvals": positions,
                "ticktext": names,
                "tickfont": {"color": palette.ink, "size": 12},
                "showline": False,
                "ticks": "",
            },
            margin={"t": 26 if reference else 6, "r": text_width(texts) + 20},
        ),
    )
    told = zip(positions, texts, strict=True)  # in one column, so that nothing is crossed
    write_beside(figure, told, palette.ink, shift=8)
    if reference is not None:
        figure.add_shape(
            type="line",
            x0=reference.value,
            x1=reference.value,
            y0=-0.55,
            y1=len(bars) - 0.45,
            line={"color": palette.ink, "width": 1},
        )
        figure.add_annotation(
            x=reference.value,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=label(reference.text),
            showarrow=False,
            font={"size": 11, "color": palette.muted},
        )
    return figure


def _intervals(bars: Sequence[Bar], palette: Palette) -> dict[str, object]:
    """Thin lines from the lower to the upper bound; none where a bar has no interval."""
    known = [(bar.value or 0.0, bar.low, bar.high) for bar in bars]
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if high is None else high - value for value, _, high in known],
        "arrayminus": [0.0 if low is None else value - low for value, low, _ in known],
        "color": palette.ink,
        "thickness": 1,
        "width": 3,
    }


def _signed(bar: Bar) -> str:
    """The text of a bar, with the sign of its judgement."""
    judged = bar.judgement in ("good", "bad", "watch")
    return f"{SIGNS[bar.judgement]} {bar.text}" if judged else bar.text


@kept
def stacked(
    labels: Sequence[str],
    parts: Mapping[str, Sequence[float | None]],
    palette: Palette,
    *,
    texts: Mapping[str, Sequence[str]],
    end_labels: Mapping[str, str],
    tick_format: str = ".0%",
    height: int = 280,
    running: bool = False,
    faint: int = 0,
) -> go.Figure:
    """Composition over periods as stacked columns, named directly at the right.

    Args:
        labels: Periods, oldest first.
        parts: Value of each part by period; the first part lies at the bottom.
        palette: Colours; parts take the ordered scale, strongest first.
        texts: The values as words, for the hover.
        end_labels: What stands to the right of the last column, by part.
        tick_format: d3 format of the value axis.
        height: Pixels.
        running: Whether the last period is incomplete; it is drawn lighter.
        faint: So many periods at the beginning are drawn lighter, too.
    """
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            barmode="stack",
            bargap=0.28,
            xaxis=ticks(labels),
            yaxis={"tickformat": tick_format, "nticks": 5, "rangemode": "tozero"},
            margin={"r": text_width(list(end_labels.values())) + 12},
            hovermode="closest",
        )
    )
    positions = list(range(len(labels)))
    last = len(labels) - 1
    opacity = [
        0.55 if position < faint or (running and position == last) else 1.0
        for position in positions
    ]
    ends = [(values[-1] if values else 0.0) or 0.0 for values in parts.values()]
    tops = [sum(ends[: index + 1]) for index in range(len(ends))]
    centres = [top - end / 2 for top, end in zip(tops, ends, strict=True)]
    highest = max(
        (sum(value or 0.0 for value in column) for column in zip(*parts.values(), strict=True)),
        default=0.0,
    )
    gap = (highest or 1.0) * 19 / height
    heights = apart(centres, gap, low=gap / 2)
    for index, (name, values) in enumerate(parts.items()):
        colour = palette.steps[min(index, len(palette.steps) - 1)]
        figure.add_bar(
            x=positions,
            y=values,
            marker={"color": colour, "opacity": opacity, "line": {"width": 0}},
            customdata=[
                [label(period.replace("\n", " ")), label(text)]
                for period, text in zip(labels, texts[name], strict=True)
            ],
            hovertemplate=f"{label(name)} · %{{customdata[0]}}: <b>%{{customdata[1]}}</b>"
            "<extra></extra>",
        )
    names = [end_labels[name] for name in parts]
    write_beside(figure, zip(heights, names, strict=True), palette.ink, shift=6)
    return figure


@kept
def columns(
    labels: Sequence[str],
    values: Sequence[float | None],
    texts: Sequence[str],
    judgements: Sequence[str],
    palette: Palette,
    *,
    height: int = 260,
) -> go.Figure:
    """Upright bars from zero with their value on top, coloured by judgement."""
    positions = list(range(len(labels)))
    return go.Figure(
        go.Bar(
            x=positions,
            y=values,
            marker={"color": [palette.of(judgement) for judgement in judgements]},
            text=[label(text) for text in texts],
            textposition="outside",
            textfont={"size": 11, "color": palette.ink},
            cliponaxis=False,
            hoverinfo="skip",
        ),
        layout=layout(
            palette,
            height=height,
            bargap=0.25,
            xaxis={
                "tickmode": "array",
                "tickvals": positions,
                "ticktext": [label(name) for name in labels],
            },
            yaxis={"visible": False, "rangemode": "tozero"},
            margin={"t": 26},
        ),
    )
