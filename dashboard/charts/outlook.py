"""The next 90 days of one customer: still a customer, and still without a purchase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.axes import apart
from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout


@dataclass(frozen=True, slots=True)
class Outlook:
    """One customer's next days: still a customer, still without a purchase; null: not asked."""

    days: Sequence[int]
    survival: Sequence[float | None]
    silent: Sequence[float | None]
    marks: Sequence[tuple[int, str]]  # days to mark on the curve, with what to write there
    names: tuple[str, str]  # of the two lines
    threshold: tuple[int, str] | None = None


@kept
def draw(what: Outlook, palette: Palette, *, height: int = 250) -> go.Figure:
    """The chance of still being a customer as a strong step line, of silence as a thin one."""
    last = what.days[-1] if what.days else 90
    figure = go.Figure(
        layout=layout(
            palette,
            height=height,
            hovermode="closest",
            xaxis={"range": [0, last * 1.02], "tickvals": [0, 30, 60, 90], "ticktext": None},
            yaxis={"range": [0, 1.06], "tickformat": ".0%", "nticks": 5},
            margin={"r": 104, "t": 12},
        )
    )
    lines = (
        (what.silent, {"color": palette.neutral, "width": 1.2, "dash": "dot"}, what.names[1]),
        (what.survival, {"color": palette.accent, "width": 2.4, "shape": "hv"}, what.names[0]),
    )
    for values, style, name in lines:
        if any(value is not None for value in values):
            figure.add_scatter(
                x=list(what.days),
                y=list(values),
                mode="lines",
                line=style,
                name=label(name),
                hovertemplate=f"{label(name)}: %{{y:.0%}} (%{{x}})<extra></extra>",
            )
    _name_lines(figure, what, palette)
    _marks(figure, what, palette)
    if what.threshold is not None:
        day, text = what.threshold
        figure.add_shape(
            type="line", x0=day, x1=day, y0=0, y1=1, line={"color": palette.muted, "width": 1}
        )
        late = day > last * 0.6
        low = next((value for value in reversed(what.survival) if value is not None), 1.0) < 0.2
        figure.add_annotation(
            x=day,
            y=0.2 if low else 0.02,  # clear of the curve and its marks
            text=label(text),
            showarrow=False,
            xanchor="right" if late else "left",
            xshift=-5 if late else 5,
            yanchor="bottom",
            font={"size": 11, "color": palette.muted},
        )
    return figure


def _name_lines(figure: go.Figure, what: Outlook, palette: Palette) -> None:
    """Each line named at its right end, the names apart."""
    ends: list[tuple[float, str, str]] = []
    if what.survival and what.survival[-1] is not None:
        name = f"<b>{label(what.names[0])}</b>"
        ends.append((what.survival[-1], name, palette.accent))
    if what.silent and what.silent[-1] is not None:
        ends.append((what.silent[-1], label(what.names[1]), palette.muted))
    ends.sort(key=lambda end: end[0])
    for (_, text, colour), place in zip(ends, apart([end[0] for end in ends], 0.09), strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            y=place,
            text=text,
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"size": 11, "color": colour},
        )


def _marks(figure: go.Figure, what: Outlook, palette: Palette) -> None:
    by_day = dict(zip(what.days, what.survival, strict=True))
    for day, text in what.marks:
        value = by_day.get(day)
        if value is None:
            continue
        beyond = value < 0.15 or value > 0.9  # below a level line runs that of silence
        figure.add_scatter(
            x=[day],
            y=[value],
            mode="markers",
            marker={"size": 7, "color": palette.accent},
            hoverinfo="skip",
            cliponaxis=False,
        )
        figure.add_annotation(
            x=day,
            y=value,
            text=f"<b>{label(text)}</b>",
            showarrow=False,
            yshift=14 if beyond else -14,
            xshift=-14 if day == what.days[-1] or value <= 0.9 else 0,
            font={"size": 12, "color": palette.ink},
        )
