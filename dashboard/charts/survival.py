"""Kaplan–Meier curves with numbers at risk beneath the axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, TypeVar

import plotly.graph_objects as go

from dashboard.charts.axes import apart, text_width
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

T = TypeVar("T")

_PLOT = 250  # pixels of the curves themselves
_ROW = 17  # pixels of a row of numbers at risk
_LABEL = 15  # least pixels between direct labels
_LEFT, _RIGHT = 92, 104  # at least: names of groups take more
_SMALL = 0.92  # of the size that widths are estimated at
_LONGEST = 14  # characters of a name beside the curves


@dataclass(frozen=True, slots=True)
class Curve:
    """One group: survival (0 to 1, null where not told) by day, oldest first.

    `emphasis`: first and second are drawn strong, with their band; rest thin and quiet.
    `texts` are the hover of each day, `at_risk` the numbers under the ticks.
    """

    name: str
    days: Sequence[int]
    values: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    texts: Sequence[str]
    at_risk: Sequence[str]
    emphasis: str = "rest"


@dataclass(frozen=True, slots=True)
class Ticks:
    """Days of the axis with their labels, and the heading of the numbers at risk.

    Every so many of them are written, back from the last: on a phone not all have room.
    """

    days: Sequence[int]
    labels: Sequence[str]
    at_risk: str
    every: int = 1


@kept
def kaplan_meier(curves: Sequence[Curve], palette: Palette, *, ticks: Ticks) -> go.Figure:
    """Step curves named at their right end, light bands, numbers at risk beneath the axis.

    The value axis begins at a tenth below the lowest value told, so that differences are seen;
    it says so by its labels.
    """
    curves = [replace(curve, at_risk=_each(curve.at_risk, ticks.every)) for curve in curves]
    days, labels = _each(ticks.days, ticks.every), _each(ticks.labels, ticks.every)
    ticks = replace(ticks, days=days, labels=labels)
    told = [value for curve in curves for value in curve.values if value is not None]
    bottom = max(floor((min(told, default=0.0) - 0.02) * 10) / 10, 0.0)
    rows = _ROW * (len(curves) + 1)
    left, right = _room(curves)
    figure = go.Figure(
        layout=layout(
            palette,
            height=_PLOT + 54 + rows,
            hovermode="closest",
            xaxis={
                "range": [0, ticks.days[-1]],
                "tickmode": "array",
                "tickvals": list(ticks.days),
                "ticktext": [label(text) for text in ticks.labels],
                "automargin": False,
            },
            yaxis={
                "range": [bottom, 1.004],
                "tickformat": ".0%",
                "nticks": 6,
                "automargin": False,
            },
            margin={"l": left, "r": right, "t": 12, "b": 42 + rows, "pad": 2},
        )
    )
    for curve in reversed(curves):
        _band(figure, curve, palette)
    for curve in reversed(curves):
        _step(figure, curve, palette)
    _name_ends(figure, curves, palette, span=1.004 - bottom)
    _numbers(figure, curves, ticks, palette, left=left)
    return figure


def _each(values: Sequence[T], every: int) -> Sequence[T]:
    return values[::-1][::every][::-1]


def _room(curves: Sequence[Curve]) -> tuple[int, int]:
    """Pixels for the names before the numbers at risk, and beside the ends with their values."""
    names = [_short(curve.name) for curve in curves]
    ends = text_width([f"{name} 100%" for name in names]) * _SMALL
    return max(_LEFT, round(text_width(names) * _SMALL) + 20), max(_RIGHT, round(ends) + 12)


def _style(curve: Curve, palette: Palette) -> dict[str, Any]:
    return {
        "first": {"color": palette.accent, "width": 2.2},
        "second": {"color": palette.steps[1], "width": 2.2},
        "third": {"color": palette.neutral, "width": 2.0, "dash": "dash"},
    }.get(curve.emphasis, {"color": palette.neutral, "width": 1.0})


def _band(figure: go.Figure, curve: Curve, palette: Palette) -> None:
    if curve.emphasis == "rest":
        return
    known = [
        (day, low, high)
        for day, low, high in zip(curve.days, curve.low, curve.high, strict=True)
        if low is not None and high is not None
    ]
    if not known:
        return
    days = [day for day, _, _ in known]
    for values, fill in (
        ([low for _, low, _ in known], None),
        ([h for _, _, h in known], "tonexty"),
    ):
        figure.add_scatter(
            x=days,
            y=values,
            fill=fill,
            fillcolor=palette.band,
            line={"width": 0, "shape": "hv"},
            mode="lines",
            hoverinfo="skip",
        )


def _step(figure: go.Figure, curve: Curve, palette: Palette) -> None:
    figure.add_scatter(
        x=list(curve.days),
        y=list(curve.values),
        mode="lines",
        line=_style(curve, palette) | {"shape": "hv"},
        customdata=[label(text) for text in curve.texts],
        hovertemplate="%{customdata}<extra></extra>",
        name=label(curve.name),
        connectgaps=False,
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _name_ends(
    figure: go.Figure, curves: Sequence[Curve], palette: Palette, *, span: float
) -> None:
    """The name and last value of each curve at its right end, none over another."""
    ends: list[tuple[float, int, Curve]] = []
    for curve in curves:
        known = [(v, d) for v, d in zip(curve.values, curve.days, strict=True) if v is not None]
        if known:
            ends.append((*known[-1], curve))
    ends.sort(key=lambda end: end[0])
    places = apart([value for value, _, _ in ends], span * _LABEL / _PLOT)
    for (value, _, curve), place in zip(ends, places, strict=True):
        strong = curve.emphasis != "rest"
        name = label(_short(curve.name))
        figure.add_annotation(
            x=1,
            xref="paper",
            y=place,
            xshift=6,
            xanchor="left",
            text=f"<b>{name}</b> {value:.0%}" if strong else f"{name} {value:.0%}",
            showarrow=False,
            font={"size": 11, "color": palette.ink if strong else palette.muted},
        )


def _numbers(
    figure: go.Figure, curves: Sequence[Curve], ticks: Ticks, palette: Palette, *, left: int
) -> None:
    """Rows of numbers at risk below the axis, aligned with its ticks."""

    def write(text: str, row: int, x: float, *, head: bool, anchor: str, **place: Any) -> None:
        figure.add_annotation(
            x=x,
            y=0,
            yref="paper",
            yanchor="top",
            yshift=-(30 + _ROW * row),
            xanchor=anchor,
            text=text,
            showarrow=False,
            font={"size": 10.5, "color": palette.muted if head else palette.ink},
            **place,
        )

    beside: dict[str, Any] = {"xref": "paper", "xshift": -left + 2}
    write(label(ticks.at_risk), 0, 0, head=True, anchor="left", **beside)
    for row, curve in enumerate(curves, start=1):
        write(label(_short(curve.name)), row, 0, head=True, anchor="left", **beside)
        for day, text in zip(ticks.days, curve.at_risk, strict=True):
            write(text, row, day, head=False, anchor="center")
