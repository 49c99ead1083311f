"""Panels of the lifecycle page: annual retention by month, and the cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from dashboard import i18n, panel, theme
from dashboard.answers import lifecycle
from dashboard.charts import heat, lines
from dashboard.i18n import t
from dashboard.panels import lifecycle_rows
from dashboard.panels.periods import months_missing, target_lines, trend_of
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS

COHORTS = 18  # latest on screen; the table has all
AGES = 12  # months on screen


def annual_retention(view: View) -> None:
    """Annual retention by month against its target."""
    frame = lifecycle.retained_in_window(view)
    if frame.is_empty():
        panel.empty("short_two_years", t("kpi.annual_retention.label"))
        return
    entry = KPIS["annual_retention"]
    below = months_missing(frame, "annual_retention", entry.target.value) if entry.target else 0
    key = "below" if below > 1 else "plain"
    title = t(
        f"lifecycle.retention.{key}", n=below, share=i18n.share(frame["annual_retention"][-1])
    )
    subtitle = t("lifecycle.retention.subtitle", n=i18n.number(frame["base"][-1]))
    if view.without("stage") != view:
        subtitle = t("lifecycle.and").join([subtitle, t("lifecycle.not_by_stage")])
    columns = [
        Column("bucket", t("lifecycle.month"), "month"),
        Column("annual_retention", t("kpi.annual_retention.label"), "share"),
        Column("retained", t("lifecycle.retention.retained"), "count"),
        Column("base", t("lifecycle.retention.base"), "count"),
    ]
    with panel.panel(
        "retention",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("annual_retention",),
        rows=partial(lifecycle_rows.retention, view),
    ) as draw:
        figure = lines.trend(
            trend_of(frame, "annual_retention", "month", i18n.share),
            theme.palette(),
            references=target_lines("annual_retention"),
            tick_format=".1%",
            ceiling=1.0,
            height=262,
        )
        draw(figure)


def heat_map(view: View) -> None:
    """Share of each monthly cohort that bought again, by months since."""
    frame = lifecycle.cohorts(view)
    shown = _latest(frame)
    if shown.is_empty():
        panel.empty("no_rows", t("lifecycle.cohorts.plain"))
        return
    again = lifecycle.bought_again(view)
    key = "plain" if again is None else "title"
    title = t(f"lifecycle.cohorts.{key}", share=i18n.share(again))
    parts = [t("lifecycle.cohorts.subtitle", n=shown["cohort"].n_unique())]
    if not shown["complete"].all():
        parts.append(t("lifecycle.cohorts.unfinished"))
    if shown["cohort"].min() == frame["cohort"].min():
        parts.append(t("lifecycle.cohorts.first"))
    if lifecycle.judged(view) != view:
        parts.append(t("lifecycle.not_filtered"))
    subtitle = t("lifecycle.and").join(parts)
    columns = [
        Column("cohort", t("lifecycle.cohorts.cohort"), "month"),
        Column("customers", t("lifecycle.cohorts.size"), "count"),
        Column("age", t("lifecycle.cohorts.age"), "count"),
        Column("active", t("lifecycle.cohorts.active"), "count"),
        Column("retention", t("lifecycle.cohorts.retention"), "share"),
        Column("complete", t("lifecycle.cohorts.complete"), "flag"),
    ]
    twin = frame.sort("cohort", "age", descending=[True, False])
    with panel.panel(
        "cohorts",
        title,
        subtitle,
        data=(twin, columns),
        kpis=("new_customers",),
        rows=partial(lifecycle_rows.cohorts, view),
    ) as draw:
        draw(_chart(shown, frame))


def _latest(frame: pl.DataFrame) -> pl.DataFrame:
    """The latest cohorts with a month after their first, and the ages that are drawn."""
    followed = frame.filter(pl.col("age") > 0)["cohort"].unique().sort()
    latest = followed.tail(COHORTS).to_list()
    return frame.filter(pl.col("cohort").is_in(latest), pl.col("age") <= AGES)


def _chart(shown: pl.DataFrame, frame: pl.DataFrame) -> heat.go.Figure:
    first = frame["cohort"].min()
    by_cohort = shown.partition_by("cohort", maintain_order=True)
    ages = range(1, max(shown["age"].to_list(), default=0) + 1)
    names: list[str] = []
    cells: list[list[heat.Cell | None]] = []
    for rows in by_cohort:
        cohort = rows["cohort"][0]
        key = "first_row" if cohort == first else "row"
        size = i18n.number(rows["customers"][0])
        names.append(t(f"lifecycle.cohorts.{key}", month=i18n.month(cohort), n=size))
        found = {row["age"]: row for row in rows.iter_rows(named=True)}
        cells.append([_cell(found.get(age)) for age in ages])
    heads = [t("lifecycle.cohorts.head", age=age) for age in ages]
    return heat.heat(names, heads, cells, theme.palette(), bottom=None, row=25)


def _cell(row: Mapping[str, Any] | None) -> heat.Cell | None:
    if row is None or row["retention"] is None:
        return None
    return heat.Cell(
        row["retention"],
        i18n.share(row["retention"], 0),
        t(
            "lifecycle.cohorts.point",
            cohort=i18n.month(row["cohort"]),
            age=row["age"],
            active=i18n.number(row["active"]),
            customers=i18n.number(row["customers"]),
            share=i18n.share(row["retention"]),
        ),
        unfinished=not row["complete"],
    )
