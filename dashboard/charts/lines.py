"""Lines over periods: one measure with its interval and targets, or a few side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.axes import Reference, add_references, reference_room, ticks, value_range
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_LABEL_HEIGHT = 18  # pixels, with the air around it


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure over periods, oldest first; null where undefined.

    `running` marks the last period as incomplete: it is drawn dotted, with an open marker.
    `texts` are the values as words, for the hover and the last label.
    """

    labels: Sequence[str]
    values: Sequence[float | None]
    texts: Sequence[str]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    running: bool = False


@kept
def trend(
    series: Trend,
    palette: Palette,
    *,
    references: Sequence[Reference] = (),
    tick_format: str = ",.0f",
    floor: float | None = None,
    ceiling: float | None = None,
    height: int = 280,
) -> go.Figure:
    """One measure as a line with a light 95 % band, thin labelled targets and a direct last label.

    Args:
        series: The measure.
        palette: Colours.
        references: Targets, drawn as thin lines.
        tick_format: d3 format of the value axis.
        floor: Lowest value the axis may show.
        ceiling: Highest value the axis may show.
        height: Pixels.
    """
    count = len(series.values)
    positions = list(range(count))
    spread = [*series.values, *series.low, *series.high]
    limits = value_range(spread, references, floor=floor)
    if ceiling is not None:
        limits[1] = min(limits[1], ceiling)
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            xaxis=ticks(series.labels),
            yaxis={"range": limits, "tickformat": tick_format, "nticks": 6},
            margin={"r": max(reference_room(references) + 8, 16)},
        )
    )
    _band(figure, positions, series, palette)
    solid = count - 1 if series.running else count
    _line(figure, positions[:solid], series, palette, dotted=False)
    if series.running and count > 1:
        _line(figure, positions[-2:], series, palette, dotted=True)
    _hover(figure, positions, series)
    gap = (limits[1] - limits[0]) * _LABEL_HEIGHT / height
    _markers(figure, positions, series, palette)
    _tell_last(figure, series, palette, references, gap)
    add_references(figure, references, palette, at=max(count - 1, 0), gap=gap)
    return figure


def _band(figure: go.Figure, x: list[int], series: Trend, palette: Palette) -> None:
    if not series.low:
        return
    for run in _runs(x, series.low, series.high):
        xs = [item[0] for item in run]
        figure.add_scatter(
            x=xs + xs[::-1],
            y=[item[2] for item in run] + [item[1] for item in reversed(run)],
            fill="toself",
            fillcolor=palette.band,
            # one period between two gaps has no width to fill: its interval is a bar
            line={"width": 0 if len(run) > 1 else 8, "color": palette.band},
            hoverinfo="skip",
            mode="lines",
        )


def _runs(
    x: list[int], low: Sequence[float | None], high: Sequence[float | None]
) -> list[list[tuple[int, float, float]]]:
    """The stretches of neighbouring periods that have an interval; a gap ends a stretch."""
    runs: list[list[tuple[int, float, float]]] = [[]]
    for position, lower, upper in zip(x, low, high, strict=True):
        if lower is not None and upper is not None:
            runs[-1].append((position, lower, upper))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _line(
    figure: go.Figure, x: list[int], series: Trend, palette: Palette, *, dotted: bool
) -> None:
    figure.add_scatter(
        x=x,
        y=[series.values[position] for position in x],
        mode="lines",
        line={"color": palette.accent, "width": 2, "dash": "dot" if dotted else "solid"},
        hoverinfo="skip",
        connectgaps=False,
    )


def _hover(figure: go.Figure, x: list[int], series: Trend) -> None:
    figure.add_scatter(
        x=x,
        y=series.values,
        mode="markers",
        marker={"size": 1, "opacity": 0},
        customdata=[
            [label(name.replace("\n", " ")), label(text)]
            for name, text in zip(series.labels, series.texts, strict=True)
        ],
        hovertemplate="%{customdata[0]}: <b>%{customdata[1]}</b><extra></extra>",
    )
    figure.update_layout(hovermode="closest", hoverdistance=40)


def _markers(figure: go.Figure, x: list[int], series: Trend, palette: Palette) -> None:
    known = [position for position in x if series.values[position] is not None]
    if not known:
        return
    open_last = series.running
    figure.add_scatter(
        x=known,
        y=[series.values[position] for position in known],
        mode="markers",
        marker={
            "size": 6 if len(known) <= 24 else 3,
            "color": [
                palette.background if open_last and position == x[-1] else palette.accent
                for position in known
            ],
            "line": {"color": palette.accent, "width": 1.5},
        },
        hoverinfo="skip",
        cliponaxis=False,
    )


def _tell_last(
    figure: go.Figure,
    series: Trend,
    palette: Palette,
    references: Sequence[Reference],
    gap: float,
) -> None:
    """Label the last known value; on a ground of its own where a target would strike it out."""
    known = [position for position, value in enumerate(series.values) if value is not None]
    if not known:
        return
    rises, value = _rises(series.values, known), series.values[known[-1]] or 0.0
    place = value + (gap if rises else -gap)
    struck = any(abs(reference.value - place) < gap for reference in references)
    figure.add_annotation(
        x=known[-1],
        y=value,
        text=f"<b>{label(series.texts[known[-1]])}</b>",
        showarrow=False,
        xanchor="right",  # not into the names of the references
        xshift=12,
        yshift=14 if rises else -14,
        font={"size": 12, "color": palette.ink},
        bgcolor=palette.background if struck else None,
        borderpad=0,
    )


def _rises(values: Sequence[float | None], known: Sequence[int]) -> bool:
    """Whether the line comes from below to its last value, which is then labelled above it."""
    if len(known) < 2:
        return False
    before, last = values[known[-2]], values[known[-1]]
    return before is not None and last is not None and last > before
