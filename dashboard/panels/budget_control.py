"""Panels of the budget page: deviations looked into, causes, blocks, fixed cost, supervision."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import data, i18n, kpi, panel, table, theme
from dashboard.answers import budget_choice, budget_measures
from dashboard.answers import budget_control as control
from dashboard.charts import lines
from dashboard.i18n import t
from dashboard.panels import budget_approvals
from dashboard.panels.budget_words import money_column, money_text, window
from dashboard.panels.periods import target_lines, trend_of
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.rules import load

_MONTHS_DRAWN = 24
_VOTERS = tuple(load("budget")["committee"]["weights"])


def draw(view: View, code: str) -> None:
    """All panels of control: wide tables alone, the others two beside each other."""
    deviations(view, code)
    for left, right in ((causes, blocks), (fixed, checks)):
        one, other = st.columns(2)
        with one:
            left(view, code)
        with other:
            right(view, code)
    decisions(view, code)
    budget_approvals.breaches(view, code)


def deviations(view: View, code: str) -> None:
    """The lines beyond 15 % with the inquiry into each, and what was written about them."""
    what, frame = budget_choice.part(view, code), control.deviations(view, code)
    if frame.is_empty():
        panel.empty("nothing_deviates", t("budget_control.deviations.plain"))
        return
    known = control.notes(view, code)
    frame = frame.with_columns(
        note=pl.Series([known.get(line) for line in frame["line"]], dtype=pl.String)
    )
    looked = frame.filter(pl.col("inquiry") != "none").height
    title = i18n.part("budget_control.deviations", looked, frame.height)
    columns = [
        Column("subject", t("budget.column.subject"), "code"),
        Column("item", t("budget.column.item"), "code"),
        money_column("variance", "variance", what.chosen, sign=True),
        Column("variance_share", t("budget.column.share"), "share", sign=True),
        Column("inquiry", t("budget_control.column.inquiry"), "code"),
        Column("opened_on", t("budget_control.column.opened"), "date"),
        Column("responsible", t("budget_control.column.responsible")),
        Column("finding", t("budget_control.column.finding")),
        Column("note", t("budget_control.column.note")),
    ]
    subtitle = t("budget_control.deviations.subtitle", window=window(what))
    keys = ("deviations_investigated",)
    with panel.panel("deviations", title, subtitle, data=(frame, columns), kpis=keys):
        table.show(frame, columns, alt=title)


def causes(view: View, code: str) -> None:
    """Variance by price, quantity and mix, the largest first."""
    what, frame = budget_choice.part(view, code), control.causes(view, code)
    known = pl.col("lines") > 0
    frame = frame.with_columns(pl.when(known).then(pl.col("price", "quantity", "mix")))
    if frame.is_empty():
        panel.empty("no_quantities", t("budget_control.causes.plain"))
        return
    split = frame.filter(pl.col("lines") > 0)
    title = t("budget_control.causes.none")
    if not split.is_empty():
        row = split.row(0, named=True)
        parts = {
            name: money_text(what.chosen, row[name], sign=True)
            for name in ("price", "quantity", "mix")
        }
        subject = i18n.code("subject", row["subject"])
        title = t("budget_control.causes.title", subject=subject, **parts)
    columns = [
        Column("subject", t("budget.column.subject"), "code"),
        *(
            money_column(name, name, what.chosen, sign=True)
            for name in ("variance", "price", "quantity", "mix", "rest")
        ),
    ]
    subtitle = t("budget_control.causes.subtitle", window=window(what))
    with panel.panel("causes", title, subtitle, data=(frame, columns), kpis=("budget_variance",)):
        table.show(frame, columns, alt=title)


def blocks(view: View, code: str) -> None:
    """What was approved for each subject against what its lines add up to."""
    chosen = budget_choice.budgets(view)[code]
    frame = control.blocks(view, code)
    if frame.is_empty():
        panel.empty("no_blocks", t("budget_control.blocks.plain"))
        return
    off = frame.filter(pl.col("state") != "fits").height
    title = i18n.part("budget_control.blocks", off, frame.height)
    columns = [
        Column("subject", t("budget.column.subject"), "code"),
        money_column("approved", "approved", chosen),
        money_column("planned", "lines", chosen),
        money_column("over", "over", chosen, sign=True),
        Column("over_share", t("budget.column.share"), "share", sign=True),
        Column("state", t("budget.column.status"), "code", "block_state"),
    ]
    subtitle = t("budget_control.blocks.subtitle")
    with panel.panel("blocks", title, subtitle, data=(frame, columns), kpis=("blocks_exceeded",)):
        table.show(frame, [each for each in columns if each.name != "over_share"], alt=title)


def fixed(view: View, code: str) -> None:
    """Fixed spending by month against the ceiling of the plan."""
    chosen = budget_choice.budgets(view)[code]
    found = control.fixed(view, code)
    entry, own = KPIS["fixed_month"], chosen.currency == settings().currency
    if found.is_empty() or not own:
        panel.empty("none_recorded" if own else "other_currency", t("budget_control.fixed.plain"))
        return
    scale = 10 ** settings().money_scale
    frame = found.tail(_MONTHS_DRAWN).select(
        "complete", "amount", bucket="month", fixed=pl.col("amount") / scale
    )
    highest = budget_measures.every(view, code)["fixed_month"]
    judged = entry.judge(highest.value)
    title = t(f"budget_control.fixed.{judged}", highest=kpi.amount(highest.value))
    if highest.value is None:
        title = t("budget_control.fixed.plain")
    columns = [
        Column("bucket", t("column.period"), "month"),
        money_column("amount", "fixed", chosen),
    ]
    subtitle = t("budget_control.fixed.subtitle", unit=chosen.currency)
    with panel.panel(
        "fixed", title, subtitle, data=(frame, columns), kpis=("fixed_month",)
    ) as figure:
        series = trend_of(frame, "fixed", "month", kpi.amount)
        figure(
            lines.trend(series, theme.palette(), references=target_lines("fixed_month"), floor=0.0)
        )


def checks(view: View, _code: str) -> None:
    """The triple check and the monthly report: due, held, late, missed, next."""
    plain = t("budget_control.checks.plain")
    if not data.present(view, "governance_events"):
        panel.empty("no_budget_checks", plain)
        return
    frame = control.checks(view)
    if frame.is_empty():
        panel.empty("no_budget_check_due", plain)
        return
    missed, due = (int(frame[name].sum()) for name in ("missed", "due"))
    title = i18n.part("budget_control.checks", missed, due)
    columns = [
        Column("kind", t("budget_control.column.check"), "code", "review"),
        Column("due", t("budget_control.column.due"), "count"),
        Column("on_time", t("budget_control.column.on_time"), "count"),
        Column("late", t("budget_control.column.late"), "count"),
        Column("missed", t("budget_control.column.missed"), "count"),
        Column("last_held_on", t("budget_control.column.last"), "date"),
        Column("next_due_on", t("budget_control.column.next"), "date"),
    ]
    subtitle, keys = t("budget_control.checks.subtitle"), ("triple_check", "fund_reports")
    with panel.panel("checks", title, subtitle, data=(frame, columns), kpis=keys):
        table.show(frame, columns, alt=title)


def decisions(view: View, code: str) -> None:
    """The committee's decisions, weighed as the plan says."""
    chosen = budget_choice.budgets(view)[code]
    plain = t("budget_control.decisions.plain")
    if not data.present(view, control.DECISIONS):
        panel.empty("no_decisions", plain)
        return
    frame = control.decisions(view, code)
    if frame.is_empty():
        panel.empty("no_decisions", plain)
        return
    right, judged = control.judged(frame)
    title = i18n.part("budget_control.decisions", judged - right, judged)
    weights = load("budget")["committee"]["weights"]
    columns = [
        Column("decided_on", t("column.date"), "date"),
        Column("matter", t("budget_control.column.matter")),
        money_column("amount", "amount", chosen),
        *(Column(name, i18n.code("voter", name), "flag") for name in _VOTERS),
        Column("yes", t("budget_control.column.yes"), "share"),
        Column("approved", t("budget_control.column.approved"), "flag"),
        Column("right", t("budget_control.column.right"), "flag"),
    ]
    told = t("list.and").join(
        f"{i18n.code('voter', name)} {i18n.share(weight, 0)}" for name, weight in weights.items()
    )
    subtitle = t("budget_control.decisions.subtitle", weights=told)
    keys = ("committee_kept",)
    with panel.panel("decisions", title, subtitle, data=(frame, columns), kpis=keys):
        table.show(frame, columns, alt=title)
