"""Plan against actual in IBCS notation: actual solid, plan outlined, forecast hatched.

Red and green stand for variances only, never without sign and arrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

import plotly.graph_objects as go

from dashboard.charts.axes import annotate, ticks
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout

_PLAN_WIDTH, _ACTUAL_WIDTH = 0.78, 0.5
_ROUND, _MOST_STEPS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0), 4
_MOST_TEXTS = 13
_SHARE_BAND, _MONEY_BAND = (0.78, 1.0), (0.0, 0.68)


@dataclass(frozen=True, slots=True)
class Slot:
    """One month or year: what was planned, spent and is foreseen, and how far they lie apart.

    `phase` is complete, running or ahead. `deviation` and its text and judgement are null, empty
    and neutral where there is nothing to compare. `told` is the whole slot in words, for the hover.
    """

    name: str
    planned: float
    actual: float
    forecast: float
    phase: str
    deviation: float | None
    text: str
    judgement: str
    told: str


@kept
def plan_and_actual(
    slots: Sequence[Slot],
    palette: Palette,
    *,
    axis: Sequence[tuple[float, str]],
    height: int = 330,
) -> go.Figure:
    """Columns of plan and actual by period, and above them the variance of each.

    The running period is lighter, with its forecast hatched around what is spent already.

    Args:
        slots: The periods, oldest first.
        palette: Colours.
        axis: Amounts to mark on the axis (`steps`), and each in words.
        height: Pixels.
    """
    positions = list(range(len(slots)))
    most = _most(slots)
    furthest = max((abs(slot.deviation or 0.0) for slot in slots), default=0.0) or 1.0
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            barmode="overlay",
            hovermode="closest",
            xaxis=ticks([slot.name for slot in slots]) | {"anchor": "y"},
            yaxis={
                "domain": _MONEY_BAND,
                "tickmode": "array",
                "tickvals": [amount for amount, _ in axis],
                "ticktext": [label(words) for _, words in axis],
                "range": [min(0.0, *(slot.actual for slot in slots), 0.0), max(most * 1.04, 1.0)],
            },
            yaxis2={
                "domain": _SHARE_BAND,
                "anchor": "x",
                "visible": False,
                "range": [-furthest * 1.7, furthest * 1.7],
                "fixedrange": True,
            },
        )
    )
    _plan(figure, positions, slots, palette)
    _forecast(figure, positions, slots, palette)
    _actual(figure, positions, slots, palette)
    _deviation(figure, positions, slots, palette)
    return figure


def _plan(figure: go.Figure, positions: list[int], slots: Sequence[Slot], palette: Palette) -> None:
    figure.add_bar(
        x=positions,
        y=[slot.planned for slot in slots],
        width=_PLAN_WIDTH,
        marker={"color": "rgba(0,0,0,0)", "line": {"color": palette.muted, "width": 1.2}},
        customdata=[label(slot.told) for slot in slots],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _forecast(
    figure: go.Figure, positions: list[int], slots: Sequence[Slot], palette: Palette
) -> None:
    """What is foreseen for the periods that have not ended."""
    open_ones = [(x, slot) for x, slot in zip(positions, slots, strict=True) if _is_open(slot)]
    figure.add_bar(
        x=[x for x, _ in open_ones],
        y=[slot.forecast for _, slot in open_ones],
        width=_ACTUAL_WIDTH,
        marker={
            "color": palette.background,
            "line": {"color": palette.accent, "width": 1},
            "pattern": {
                "shape": "/",
                "size": 5,
                "solidity": 0.25,
                "fgcolor": palette.accent,
                "bgcolor": palette.background,
            },
        },
        customdata=[label(slot.told) for _, slot in open_ones],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _is_open(slot: Slot) -> bool:
    return slot.phase != "complete"


def _actual(
    figure: go.Figure, positions: list[int], slots: Sequence[Slot], palette: Palette
) -> None:
    spent = [(x, slot) for x, slot in zip(positions, slots, strict=True) if slot.phase != "ahead"]
    figure.add_bar(
        x=[x for x, _ in spent],
        y=[slot.actual for _, slot in spent],
        width=_ACTUAL_WIDTH,
        marker={
            "color": [
                palette.steps[1] if slot.phase == "running" else palette.accent for _, slot in spent
            ]
        },
        customdata=[label(slot.told) for _, slot in spent],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _deviation(
    figure: go.Figure, positions: list[int], slots: Sequence[Slot], palette: Palette
) -> None:
    known = [
        (x, slot) for x, slot in zip(positions, slots, strict=True) if slot.deviation is not None
    ]
    figure.add_bar(
        x=[x for x, _ in known],
        y=[slot.deviation for _, slot in known],
        yaxis="y2",
        width=_ACTUAL_WIDTH * 0.7,
        marker={"color": [palette.of(slot.judgement) for _, slot in known]},
        customdata=[label(slot.told) for _, slot in known],
        hovertemplate="%{customdata}<extra></extra>",
    )
    annotate(
        figure,
        [
            {
                "x": x,
                "y": slot.deviation,
                "yref": "y2",
                "text": label(slot.text),
                "showarrow": False,
                "yshift": -9 if slot.deviation is not None and slot.deviation < 0 else 9,
                "font": {"size": 11, "color": palette.ink},
            }
            for x, slot in (known if len(slots) <= _MOST_TEXTS else _telling(known))
        ],
    )
    figure.add_shape(
        type="line",
        x0=-0.5,
        x1=len(slots) - 0.5,
        y0=0,
        y1=0,
        yref="y2",
        line={"color": palette.ink, "width": 1},
    )


def _telling(known: Sequence[tuple[int, Slot]]) -> list[tuple[int, Slot]]:
    """The furthest over, the furthest under and the last: what there is room to label."""
    by_size = sorted(known, key=lambda pair: pair[1].deviation or 0.0)
    return list({x: (x, slot) for x, slot in (*by_size[:1], *by_size[-1:], *known[-1:])}.values())


def _most(slots: Sequence[Slot]) -> float:
    return max((max(slot.planned, slot.actual, slot.forecast) for slot in slots), default=0.0)


def steps(slots: Sequence[Slot]) -> list[float]:
    """Round values from zero up to the highest bar, four at the most."""
    return round_steps(_most(slots))


def round_steps(most: float) -> list[float]:
    """Round values from zero up to a highest one, four at the most."""
    if most <= 0:
        return [0.0]
    size = 10.0 ** floor(log10(most))
    step = next(size * part for part in _ROUND if most / (size * part) <= _MOST_STEPS)
    return [step * n for n in range(int(most / step) + 1)]
