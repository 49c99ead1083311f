"""Panels of the budget page: risks and insurance, and the plans' budgets to start from."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from dashboard import data, i18n, panel, table
from dashboard.answers import budget_choice
from dashboard.answers import budget_funds as answers
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels.budget_words import money_column
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.budget_control import block_check
from metrics.budget_templates import Phasing, Template, lines_of, summed, templates

_FIRST = "s3"


def draw(view: View, code: str) -> None:
    """Sums set apart and insurance, and below them the templates."""
    left, right = st.columns([2, 3])
    with left:
        earmarks(view, code)
    with right:
        risks(view)
    start(view)


def earmarks(view: View, code: str) -> None:
    """What is set apart for competition and innovation, as a share of its plan."""
    plain = t("budget_control.earmarks.plain")
    if not data.present(view, "earmarks"):
        panel.empty("none_recorded", plain)
        return
    chosen = budget_choice.budgets(view)[code]
    frame = answers.earmarked(view, code)
    columns = [
        Column("purpose", t("budget_control.column.purpose"), "code"),
        money_column("amount", "amount", chosen),
        money_column("whole", "of_plan", chosen),
        Column("share", t("budget_control.column.share"), "share"),
    ]
    told = [
        t("budget_control.earmarks.one", name=i18n.code("purpose", row["purpose"]),
          share=i18n.share(row["share"]))
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    title = t("list.and").join(told)
    keys = ("competition_reserve", "innovation_fund")
    with panel.panel(
        "earmarks", title, t("budget_control.earmarks.subtitle"), data=(frame, columns), kpis=keys
    ):
        table.show(frame, columns, alt=title)


def risks(view: View) -> None:
    """The risks with P × L - C, and what is insured."""
    plain = t("budget_control.risks.plain")
    if not data.present(view, "insurance_policies"):
        panel.empty("none_recorded", plain)
        return
    frame = answers.risks(view)
    if frame.is_empty():
        panel.empty("none_recorded", plain)
        return
    bare = frame.filter("insure", pl.col("insured").fill_null(0) == 0).height
    title = i18n.part("budget_control.risks", bare, frame.height)
    columns = [
        Column("risk", t("budget_control.column.risk"), "code"),
        Column("insured", t("budget_control.column.insured"), "money"),
        Column("premium", t("budget_control.column.premium"), "money"),
        Column("probability", t("budget_control.column.probability"), "share"),
        Column("loss", t("budget_control.column.loss"), "money"),
        Column("retained_cost", t("budget_control.column.retained"), "money"),
        Column("surplus", t("budget_control.column.surplus"), "money", sign=True),
        Column("insure", t("budget_control.column.insure"), "flag"),
    ]
    keys = ("risks_to_insure", "insurance_cover", "premium_share")
    with panel.panel(
        "risks", title, t("budget_control.risks.subtitle"), data=(frame, columns), kpis=keys
    ):
        table.show(frame, columns, alt=title)


def start(view: View) -> None:
    """A budget of the plans, checked, spread over months, to be taken away as lines."""
    known = templates()
    with st.container(horizontal=True, gap="small"):
        code = choose(
            "template",
            tuple(known),
            default=_FIRST,
            label=t("budget_control.start.choose"),
            name=lambda each: i18n.code("template", each),
        )
        phasing = choose(
            "phasing",
            tuple(Phasing),
            default=Phasing.LINEAR,
            label=t("budget_control.start.phasing"),
            name=lambda each: i18n.code("phasing", each),
        )
    _template(view, known[code], Phasing(phasing))


def _template(view: View, template: Template, phasing: Phasing) -> None:
    scale = settings().money_scale
    day = data.as_of(view, "orders")
    monthly = lines_of(template, date(day.year + 1, 1, 1), phasing, money_scale=scale)
    checked = block_check(summed(template))
    off = checked.filter(pl.col("state") != "fits")
    amount = 10**scale
    rows = pl.DataFrame(
        [(line.subject, line.item, line.quantity, line.unit_price, line.planned)
         for line in template.lines],
        schema={"subject": pl.String, "item": pl.String, "quantity": pl.Int64,
                "unit_price": pl.Int64, "planned": pl.Int64},
        orient="row",
    ).with_columns(pl.col("unit_price", "planned") * amount)  # fmt: skip
    names = [
        Column("subject", t("budget.column.subject"), "code"),
        Column("item", t("budget.column.item"), "code"),
    ]
    quantity = Column("quantity", t("budget_control.column.units"), "count")
    planned = Column("planned", t("budget.column.planned"), "money")
    months = [
        *names,
        Column("period_start", t("column.period"), "month"),
        quantity,
        planned,
    ]
    columns = [*names, quantity, Column("unit_price", t("budget_control.column.price"), "money"),
               planned]  # fmt: skip
    title = i18n.part("budget_control.start", off.height, checked.height)
    subtitle = t("budget_control.start.subtitle", source=i18n.plan(template.source))
    with panel.panel(
        "template", title, subtitle, data=(monthly, months), kpis=("blocks_exceeded",)
    ):
        left, right = st.columns([3, 2])
        with left:
            table.show(rows, columns, alt=title)
        with right:
            sums = checked.with_columns(pl.col("approved", "planned", "over") * amount)
            table.show(sums, _sums(), alt=title)


def _sums() -> list[Column]:
    return [
        Column("subject", t("budget.column.subject"), "code"),
        Column("approved", t("budget.column.approved"), "money"),
        Column("planned", t("budget.column.lines"), "money"),
        Column("over", t("budget.column.over"), "money", sign=True),
        Column("state", t("budget.column.status"), "code", "block_state"),
    ]
