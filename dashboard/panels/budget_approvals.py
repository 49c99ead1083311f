"""Panel of the budget page: expenses that were approved below the level they need."""

from __future__ import annotations

import polars as pl

from dashboard import data, drilldown, i18n, kpi, panel
from dashboard.answers import budget_choice
from dashboard.answers import budget_control as control
from dashboard.i18n import t
from dashboard.panels.budget_words import money_column, window
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS


def breaches(view: View, code: str) -> None:
    """The expenses of the days compared that the wrong level approved, the latest first."""
    what = budget_choice.part(view, code)
    right, judged = control.judged(control.approvals(view, code))
    if "approved_by" in data.lacking(view, budget_choice.TABLE) or not judged:
        panel.empty("none_recorded", t("budget_control.approvals.plain"))
        return
    title = i18n.part("budget_control.approvals", judged - right, judged)
    columns = [
        Column("spent_on", t("column.date"), "date"),
        Column("subject", t("budget.column.subject"), "code"),
        money_column("amount", "amount", what.chosen),
        money_column("running", "running", what.chosen),
        Column("approved_by", t("budget_control.column.approved_by"), "code", "level_of_approval"),
        Column("required", t("budget_control.column.required"), "code", "level_of_approval"),
    ]
    limit = KPIS["operating_month"].target
    told = kpi.amount(None if limit is None else limit.value)
    subtitle = t("budget_control.approvals.subtitle", window=window(what), limit=told)
    keys = ("approval_kept", "operating_month")
    with panel.panel("approvals", title, subtitle, kpis=keys):
        wrong = control.approvals(view, code).filter(~pl.col("right"))
        rows = wrong.sort("spent_on", "expense_id", descending=[True, False]).lazy()
        drilldown.paged(
            drilldown.Rows(rows, ("approvals", view, code)),
            columns,
            key="approvals",
            alt=title,
            size=10,
            identity=None,
        )
