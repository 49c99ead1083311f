"""Panel of the tiers page: the customers in the cells of a grid, and the lists behind them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import product

import polars as pl

from dashboard import i18n, kpi, panel, theme
from dashboard.answers import tier_compare
from dashboard.charts import heat
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.panels.tier_compare import PAIR
from dashboard.table import Column
from dashboard.view import View

Axes = Mapping[str, tuple[str, ...]]

_MANY = 5  # columns whose names a phone can still write in one line

# The cell that a grid is drawn for, by the axes that single it out: what is worth most and wrong.
_TOLD = (
    {"spend": "spend_high", "activity": "dormant"},
    {"recency": "5", "money": "1"},
    {"stage": "churned"},
)


def grid(view: View) -> None:
    """Tier by spend and activity, recency by money, or tier by stage: counts in every cell."""
    axes = tier_compare.axes(view)
    frame = tier_compare.grid(view)
    kind = "axes" if "spend" in axes else "rfm" if "recency" in axes else "stage"
    told = frame.filter(_is(_singled(axes)))
    customers, revenue = told.select(pl.col("customers", "revenue_12m").sum()).row(0)
    words = {"n": i18n.number(customers), "revenue": kpi.money(revenue)}
    title = t(f"tier_more.grid.title_{kind}", **words)
    subtitle = t(f"tier_more.grid.subtitle_{kind}", n=i18n.number(frame["customers"].sum()))
    columns = [Column(axis, t(f"tier_more.axis.{axis}"), "code") for axis in axes]
    columns += [
        Column("customers", t("tiers.customers"), "count"),
        Column("revenue_12m", t("kpi.revenue_12m.label"), "money"),
    ]
    behind = partial(_rows, view)
    with panel.panel("grid", title, subtitle, data=(frame, columns), rows=behind) as draw:
        draw(_chart(frame, axes))


def _singled(axes: Axes) -> dict[str, str]:
    return next(cell for cell in _TOLD if set(cell) <= set(axes))


def _is(cell: Mapping[str, str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(axis).cast(pl.String) == code for axis, code in cell.items())


def _chart(frame: pl.DataFrame, axes: Axes) -> heat.go.Figure:
    *down, across = axes
    singled, most = _singled(axes), frame["customers"].max()
    found = {
        tuple(row[axis] for axis in axes): (row["customers"], row["revenue_12m"])
        for row in frame.iter_rows(named=True)
    }
    lines = list(product(*(axes[axis] for axis in down)))
    cells = [
        [
            _cell(dict(zip(axes, (*line, code), strict=True)), found, singled)
            for code in axes[across]
        ]
        for line in lines
    ]
    names = [_name(dict(zip(down, line, strict=True))) for line in lines]
    heads = _staggered([i18n.code(across, code) for code in axes[across]])
    assert most is None or isinstance(most, int)
    return heat.heat(names, heads, cells, theme.palette(), top=float(most or 1), row=44, size=12)


def _staggered(heads: list[str]) -> list[str]:
    """Every second of many names a line lower: a phone has no room for them in one."""
    if len(heads) <= _MANY:
        return heads
    return [f" \n{head}" if place % 2 else f"{head}\n " for place, head in enumerate(heads)]


def _name(cell: Mapping[str, str]) -> str:
    return " · ".join(i18n.code(axis, code) for axis, code in cell.items())


def _cell(
    cell: dict[str, str],
    found: Mapping[tuple[str, ...], tuple[int, int]],
    singled: Mapping[str, str],
) -> heat.Cell:
    customers, revenue = found[tuple(cell.values())]
    words = t(
        "tier_more.grid.cell",
        cell=_name(cell),
        n=i18n.number(customers),
        revenue=kpi.money(revenue),
    )
    marked = all(cell[axis] == code for axis, code in singled.items())
    return heat.Cell(customers, i18n.number(customers), words, marked=marked)


def _rows(view: View, key: str) -> None:
    """The customers of every cell, those of the title first."""
    axes = tier_compare.axes(view)
    frame = tier_compare.grid(view).filter(pl.col("customers") > 0)
    frame = frame.with_columns(_told=_is(_singled(axes))).sort("_told", descending=True)
    groups = {
        PAIR.join(row[axis] for axis in axes): counted(
            _name({axis: row[axis] for axis in axes}), row["customers"]
        )
        for row in frame.iter_rows(named=True)
    }

    def customers(cell: str) -> pl.LazyFrame:
        chosen = dict(zip(axes, cell.split(PAIR), strict=True))
        return tier_compare.in_cells(view).filter(_is(chosen))

    customer_list.behind(key, view, groups, customers, Column("tier", t("dimension.tier"), "code"))
