"""Panels of the return page: what each module brought, when it is paid back, what brought it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import ceil

import polars as pl
import streamlit as st

from dashboard import i18n, kpi, panel, table, theme
from dashboard.answers import returns, returns_measures
from dashboard.charts import payback as chart
from dashboard.charts.variance import round_steps
from dashboard.i18n import t
from dashboard.panels import returns_rows, untold
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS, Kpi
from metrics.returns import cumulative, payback
from metrics.rules import load

_YEAR = 12
_BEYOND = 9  # months drawn after the money is back, so that the lines part
_FEWEST_MONTHS, _MOST_MONTHS = 36, 60


def lead(readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    ahead, so_far = readings["return_five_years"], readings["return_to_date"]
    if ahead.value is None or so_far.value is None:
        return untold.sentence("return_five_years", ahead)
    entry = KPIS["return_five_years"]
    target = kpi.target_text(entry, entry.targets[0])
    back = readings["payback_total"].value
    parts = [
        t("returns.lead.so_far", ratio=i18n.number(so_far.value, 2)),
        t(
            f"returns.lead.{entry.judge(ahead.value)}",
            ratio=kpi.value_text(entry, ahead.value),
            target=target,
            floor=i18n.number(load("returns")["floor"], 1),
        ),
        t("returns.lead.never") if back is None else t("returns.lead.back", years=years(back)),
    ]
    return "".join(parts)


def years(value: float | None) -> str:
    """A number of years in words."""
    return kpi.value_text(KPIS["payback_total"], value)


def cards(readings: Mapping[str, Reading]) -> list[tuple[Kpi, Reading]]:
    """The cards."""
    return [(KPIS[key], found) for key, found in returns_measures.cards(readings).items()]


def modules(view: View) -> None:
    """Every module: cost, benefit, ratio to date and of five years, payback, inquiry."""
    frame = returns.inquiries(view)
    earning = frame.filter(pl.col("benefit") != 0)
    low = earning.filter(pl.col("five_years") < load("returns")["floor"]).height
    title = i18n.part("returns.modules", low, earning.height)
    columns = [
        Column("subject", t("budget.column.subject"), "code"),
        Column("cost", t("returns.column.cost"), "money"),
        Column("benefit", t("returns.column.benefit"), "money"),
        Column("ratio", t("returns.column.to_date"), "score"),
        Column("five_years", t("returns.column.five_years"), "score"),
        Column("deviation", t("returns.column.deviation"), "share", sign=True),
        Column("inquiry", t("budget_control.column.inquiry"), write=_inquiry),
    ]
    keys = ("return_to_date", "return_five_years", "returns_investigated")
    subtitle = t("returns.modules.subtitle", budget=_name(view))
    behind = partial(returns_rows.benefits, view)
    with panel.panel("modules", title, subtitle, data=(frame, columns), kpis=keys, rows=behind):
        table.show(frame, columns, alt=title)


def _inquiry(state: str | None) -> str:
    return i18n.DASH if state is None else i18n.code("inquiry", state)


def _name(view: View) -> str:
    one = returns.chosen(view)
    return i18n.DASH if one is None else one.name


def paybacks(view: View) -> None:
    """Cumulative cost and benefit of each module with a benefit, side by side."""
    found = returns.modules(view).filter(pl.col("benefit") != 0)["subject"].to_list()
    if not found:
        return
    for subject, place in zip(found, st.columns(len(found)), strict=True):
        with place:
            _payback(view, subject)


def _payback(view: View, subject: str) -> None:
    flow = returns.flow(view, subject)
    back, aim = payback(flow), returns.target_years(subject)
    wanted = [_FEWEST_MONTHS, len(flow.cost), round((back.years or 0) * _YEAR) + _BEYOND]
    months = min(max(wanted), _MOST_MONTHS)
    rows = cumulative(flow, months=months)
    name = i18n.code("subject", subject)
    form = "never" if back.years is None else "projected" if back.projected else "reached"
    title = t(f"returns.payback.{form}", subject=name, years=years(back.years))
    subtitle = t("returns.payback.plain")
    if aim is not None:
        subtitle = t("returns.payback.subtitle", aim=years(aim))
    frame = pl.DataFrame(
        {
            "month": list(range(1, months + 1)),
            "cost": [row[0] for row in rows],
            "benefit": [row[1] for row in rows],
            "known": [row[2] for row in rows],
        }
    )
    columns = [
        Column("month", t("returns.column.month"), "count"),
        Column("cost", t("returns.column.cost"), "money"),
        Column("benefit", t("returns.column.benefit"), "money"),
        Column("known", t("returns.column.known"), "flag"),
    ]
    key = f"payback_{subject}"
    kpis = (key,) if key in KPIS else ("payback_total",)
    most = max(*frame["cost"].to_list(), *frame["benefit"].to_list())
    sums = chart.Sums(
        cost=frame["cost"].to_list(),
        benefit=frame["benefit"].to_list(),
        known=len(flow.cost),
        cost_name=t("returns.column.cost"),
        benefit_name=t("returns.column.benefit"),
        texts=[_month(row) for row in frame.iter_rows(named=True)],
    )
    with panel.panel(key, title, subtitle, data=(frame, columns), kpis=kpis) as draw:
        draw(
            chart.payback(
                sums,
                theme.palette(),
                axis=[(amount, kpi.money(amount)) for amount in round_steps(most)],
                years=[
                    (year, t("unit.years", n=year)) for year in range(1, ceil(months / _YEAR) + 1)
                ],
                aim=None if aim is None else chart.Year(aim, t("returns.aim", years=years(aim))),
                reached=None if back.years is None else chart.Year(back.years, title),
            )
        )


def _month(row: Mapping[str, float]) -> str:
    words = "known" if row["known"] else "ahead"
    return t(
        f"returns.told.{words}",
        month=i18n.number(row["month"]),
        cost=kpi.money(row["cost"]),
        benefit=kpi.money(row["benefit"]),
    )


def drivers(view: View) -> None:
    """What brought the benefit, as the company recorded it."""
    frame = returns.drivers(view)
    if frame.is_empty():
        panel.empty("no_benefits", t("returns.drivers.plain"))
        return
    first = frame.row(0, named=True)
    whole = frame["amount"].sum()
    share = first["amount"] / whole if whole else None
    title = t(
        "returns.drivers.title",
        driver=i18n.code("driver_of_benefit", first["driver"]),
        share=i18n.share(share, 0),
    )
    columns = [
        Column("driver", t("returns.column.driver"), "code", "driver_of_benefit"),
        Column("subject", t("budget.column.subject"), "code"),
        Column("amount", t("returns.column.benefit"), "money"),
    ]
    subtitle = t("returns.drivers.subtitle")
    with panel.panel("drivers", title, subtitle, data=(frame, columns), kpis=("benefit_traced",)):
        table.show(frame, columns, alt=title)


def report(view: View) -> None:
    """The monthly report on the fund: cost, benefit, ratio, and when it was published."""
    frame = returns.report(view)
    if frame.is_empty():
        panel.empty("no_benefits", t("returns.report.plain"))
        return
    last = frame.row(0, named=True)
    title = t(
        "returns.report.title",
        month=i18n.month(last["month"]),
        cost=kpi.money(last["cost"]),
        benefit=kpi.money(last["benefit"]),
    )
    columns = [
        Column("month", t("column.period"), "month"),
        Column("cost", t("returns.column.cost"), "money"),
        Column("benefit", t("returns.column.benefit"), "money"),
        Column("ratio", t("returns.column.ratio"), "score"),
        Column("total_ratio", t("returns.column.total_ratio"), "score"),
        Column("held_on", t("returns.column.published"), "date"),
    ]
    keys = ("fund_reports", "return_to_date")
    with panel.panel(
        "report", title, t("returns.report.subtitle"), data=(frame, columns), kpis=keys
    ):
        table.show(frame, columns, alt=title, height=320)
