"""Heat maps: cohorts by age, and the matrix of who moved from where to where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.memory import kept
from dashboard.palette import Palette, label, layout


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its value (colour), its text, and the words on pointing at it.

    `unfinished` cells may still change: they take no colour and get a dotted outline. `marked`
    cells get a solid one.
    """

    value: float | None
    text: str
    hover: str
    unfinished: bool = False
    marked: bool = False


@kept
def heat(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[Cell | None]],
    palette: Palette,
    *,
    bottom: float | None = 0,
    top: float | None = None,
    row: int = 26,
    size: int | None = None,
) -> go.Figure:
    """A grid of cells, stronger colour for higher values, first row on top.

    Args:
        rows: Names of the rows.
        columns: Names of the columns, above the grid; of one or more lines.
        cells: Cells by row and column; None is left blank.
        palette: Colours.
        bottom: Value of the weakest colour; None for the lowest value.
        top: Value of the strongest colour; the highest value if not given.
        row: Pixels per row.
        size: Size of the texts; without it they shrink with the cells and vanish if too small.
    """
    coloured = [[_value(cell) for cell in line] for line in cells]
    known = [value for line in coloured for value in line if value is not None]
    headroom = 14 * max((name.count("\n") for name in columns), default=0)
    figure = go.Figure(
        go.Heatmap(
            x=list(range(len(columns))),
            y=list(range(len(rows))),
            z=coloured,
            zmin=min(known, default=0.0) if bottom is None else bottom,
            zmax=top or max(known, default=1.0) or 1.0,
            colorscale=_scale(palette),
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=True,
            text=[[_text(cell) for cell in line] for line in cells],
            texttemplate="%{text}",
            textfont={"color": palette.ink, **({"size": size} if size else {})},
            customdata=[
                ["" if cell is None else label(cell.hover) for cell in line] for line in cells
            ],
            hovertemplate="%{customdata}<extra></extra>",
        ),
        layout=layout(
            palette,
            height=row * max(len(rows), 1) + 44 + headroom,
            hovermode="closest",
            xaxis={
                **_names(columns),
                "side": "top",
                "tickangle": 0,
                "showline": False,
                "ticks": "",
                "range": [-0.5, max(len(columns), 1) - 0.5],
            },
            yaxis={
                **_names(rows),
                "showgrid": False,
                "showline": False,
                "ticks": "",
                "range": [max(len(rows), 1) - 0.5, -0.5],
                "tickfont": {"color": palette.ink, "size": 12},
            },
            margin={"t": 30 + headroom, "b": 4},
        ),
    )
    for y, line in enumerate(cells):
        for x, cell in enumerate(line):
            if cell is not None and (cell.unfinished or cell.marked):
                _outline(figure, (x, y), cell, palette, size or 11)
    return figure


def _value(cell: Cell | None) -> float | None:
    return None if cell is None or cell.unfinished else cell.value


def _text(cell: Cell | None) -> str:
    """The text on the colour; that of unfinished cells is written with their outline."""
    return "" if cell is None or cell.unfinished else label(cell.text)


def _names(names: Sequence[str]) -> dict[str, object]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [label(name) for name in names],
    }


def _scale(palette: Palette) -> list[list[object]]:
    """The ordered colours, weakest first, up to the strongest that still bears text in ink."""
    bearing = palette.steps[:0:-1]
    return [[index / (len(bearing) - 1), colour] for index, colour in enumerate(bearing)]


def _outline(
    figure: go.Figure, at: tuple[int, int], cell: Cell, palette: Palette, size: int
) -> None:
    x, y = at
    figure.add_shape(
        type="rect",
        x0=x - 0.46,
        x1=x + 0.46,
        y0=y - 0.43,
        y1=y + 0.43,
        line={
            "color": palette.muted if cell.unfinished else palette.ink,
            "width": 1,
            "dash": "dot" if cell.unfinished else "solid",
        },
    )
    if cell.unfinished:
        figure.add_annotation(
            x=x,
            y=y,
            text=label(cell.text),
            showarrow=False,
            font={"size": size, "color": palette.muted},
        )
