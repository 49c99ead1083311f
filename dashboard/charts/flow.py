"""Flow between two states: who stayed and who moved, as bands between two stacks.

Drawn from filled outlines and not with plotly's Sankey, which orders the nodes by itself, sets
labels over its bands and cannot be told to keep small flows visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.axes import apart, text_width
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_NODE = 0.014  # width of a node's bar, of the whole
_GAP = 0.07  # between nodes, of a stack
_THINNEST = 1.5  # pixels of a band, however small its flow
_BEARS_TEXT = 9  # pixels of a band
_MARK_AT = 0.2  # of the way
_STEPS = 18  # points along one side of a band
_OPACITY = {"good": 0.62, "bad": 0.62, "neutral": 0.16, "accent": 0.22}


@dataclass(frozen=True, slots=True)
class Node:
    """One state on one side: its size and what stands beside it."""

    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A band from a node on the left to one on the right (their positions), and its colour.

    `text` is said on pointing at it; `mark` stands on the band where it is thick enough.
    """

    source: int
    target: int
    size: float
    text: str
    mark: str = ""
    judgement: str = "neutral"


@kept
def bands(
    left: Sequence[Node],
    right: Sequence[Node],
    flows: Sequence[Flow],
    palette: Palette,
    *,
    height: int = 340,
) -> go.Figure:
    """Two stacks of nodes, first on top, joined by bands as thick as their flows.

    Args:
        left: States at the beginning.
        right: States at the end.
        flows: From left to right; those of size 0 are not drawn.
        palette: Colours.
        height: Pixels.
    """
    whole = max(sum(node.size for node in left), sum(node.size for node in right), 1e-9)
    gap = whole * _GAP
    full = whole + gap * (max(len(left), len(right), 1) - 1)
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            hovermode="closest",
            xaxis={"visible": False, "range": [0, 1]},
            yaxis={"visible": False, "range": [full * 1.03, -full * 0.03]},
            margin={
                "l": text_width([node.text for node in left]) + 10,
                "r": text_width([node.text for node in right]) + 10,
                "t": 10,
                "b": 10,
            },
        )
    )
    thin = full * _THINNEST / height
    starts, ends = _tops(left, gap), _tops(right, gap)
    drawn: list[tuple[Flow, float, float]] = []
    for flow in sorted(flows, key=lambda each: (each.source, each.target)):
        if flow.size > 0:
            drawn.append((flow, starts[flow.source], ends[flow.target]))
            starts[flow.source] += flow.size
            ends[flow.target] += flow.size
    for flow, start, end in sorted(drawn, key=lambda each: _OPACITY[each[0].judgement]):
        _band(figure, flow, (start, end), max(flow.size, thin), palette)
        if flow.size * height >= full * _BEARS_TEXT:
            _mark(figure, flow, (start, end), palette)
    _stack(figure, left, gap, (0.0, _NODE), palette, thin=thin, text=full * 18 / height)
    _stack(figure, right, gap, (1 - _NODE, 1.0), palette, thin=thin, text=full * 18 / height)
    return figure


def _tops(nodes: Sequence[Node], gap: float) -> list[float]:
    tops: list[float] = []
    top = 0.0
    for node in nodes:
        tops.append(top)
        top += node.size + gap
    return tops


def _band(
    figure: go.Figure, flow: Flow, tops: tuple[float, float], thick: float, palette: Palette
) -> None:
    start, end = tops
    across = [step / (_STEPS - 1) for step in range(_STEPS)]
    xs = [_NODE + (1 - 2 * _NODE) * share for share in across]
    upper = [_between(start, end, share) for share in across]
    figure.add_scatter(
        x=xs + xs[::-1],
        y=upper + [y + thick for y in reversed(upper)],
        mode="lines",
        fill="toself",
        fillcolor=_faded(palette.of(flow.judgement), _OPACITY[flow.judgement]),
        line={"width": 0},
        hoveron="fills",
        hoverinfo="text",
        text=label(flow.text),
    )


def _between(start: float, end: float, share: float) -> float:
    """An even slope in the middle, level at both ends."""
    return start + (end - start) * share * share * (3 - 2 * share)


def _mark(figure: go.Figure, flow: Flow, tops: tuple[float, float], palette: Palette) -> None:
    if flow.mark:
        figure.add_annotation(
            x=_MARK_AT,
            y=_between(*tops, _MARK_AT) + flow.size / 2,
            text=label(flow.mark),
            showarrow=False,
            font={"size": 11, "color": palette.ink},
            bgcolor=_faded(palette.background, 0.8),  # or the band's edge crosses the digits
            borderpad=0,
        )


def _stack(
    figure: go.Figure,
    nodes: Sequence[Node],
    gap: float,
    sides: tuple[float, float],
    palette: Palette,
    *,
    thin: float,
    text: float,
) -> None:
    tops = _tops(nodes, gap)
    beside = apart([top + node.size / 2 for top, node in zip(tops, nodes, strict=True)], text)
    leftmost = sides[0] == 0.0
    for node, top, at in zip(nodes, tops, beside, strict=True):
        figure.add_shape(
            type="rect",
            x0=sides[0],
            x1=sides[1],
            y0=top,
            y1=top + max(node.size, thin),
            line={"width": 0},
            fillcolor=palette.ink,
            opacity=0.75,
        )
        figure.add_annotation(
            x=sides[0] if leftmost else sides[1],
            y=at,
            text=label(node.text),
            showarrow=False,
            xanchor="right" if leftmost else "left",
            xshift=-6 if leftmost else 6,
            align="right" if leftmost else "left",
            font={"size": 12, "color": palette.ink},
        )


def _faded(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
