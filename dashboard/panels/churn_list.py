"""The list of the churn risk page: who, how likely, how much, why, whose."""

from __future__ import annotations

from dashboard import drilldown, i18n, kpi, panel
from dashboard.answers import churn_list, churn_risk
from dashboard.answers.churn_list import Choice
from dashboard.i18n import t
from dashboard.panels import churn_chips, churn_export, churn_filters
from dashboard.panels.reasons import reason, rhythm
from dashboard.table import Column
from dashboard.view import View

_SIZE = 15


def risk_list(view: View) -> None:
    """The list with its own filters, order, paging and files; a row opens the customer."""
    scored = churn_risk.model(view) is not None
    kinds = ("risk", "churned") if scored else ("silence", "churned")
    choice = churn_filters.choice(kinds)
    title = _title(view, choice)
    with panel.panel("risk_list", title, t(f"risk.list.subtitle.{choice.kind}")):
        churn_filters.controls(kinds, choice)
        shown = columns(choice.kind)
        rows = drilldown.Rows(churn_list.listed(view, choice), (view, choice))
        drilldown.paged(rows, shown, key=churn_chips.LIST, alt=title, size=_SIZE)
        churn_export.files(view, choice, shown, title)


def _title(view: View, choice: Choice) -> str:
    n, at_risk, value = churn_list.totals(view, choice)
    return t(
        f"risk.list.title.{choice.kind}",
        n=i18n.number(n),
        money=kpi.money(at_risk),
        value=kpi.money(value),
    )


def columns(kind: str) -> list[Column]:
    """What a kind of list shows of a customer."""
    name = Column("name", t("column.customer"))
    warning = Column("warning", t("dimension.warning"), write=_warning)
    silent = [
        Column("silent_days", t("risk.column.silent"), "days"),
        Column("usual_gap_days", t("risk.column.usual"), "days"),
    ]
    value = Column("revenue_12m", t("risk.column.value"), "money")
    who = [
        Column("tier", t("dimension.tier"), "code"),
        Column("stage", t("dimension.stage"), "code"),
        Column("owner", t("dimension.owner_id")),
        Column("last_contact_on", t("risk.column.last_contact"), "date"),
    ]
    if kind == "risk":
        return [
            name,
            warning,
            Column("p30", t("risk.column.p30"), "share"),
            Column("p90", t("risk.column.p90"), "share_bar"),
            Column("revenue_at_risk", t("risk.column.revenue_at_risk_short"), "money"),
            Column("revenue_12m", t("risk.column.value_short"), "money"),
            Column("reason", t("risk.column.reason"), write=reason),
            Column("reason_rhythm", t("risk.column.rhythm"), write=rhythm),
            *(column for column in who if column.name != "stage"),  # of most it is the warning
        ]
    if kind == "churned":
        total = Column("revenue_total", t("risk.column.total"), "money")
        back = Column("back_90", t("risk.column.back_90"), "share")
        return [name, *silent, back, total, value, *who]
    return [
        name,
        warning,
        *silent,
        Column("tau_days", t("risk.column.threshold"), "days"),
        value,
        *who,
    ]


def _warning(level: str | None) -> str:
    return i18n.DASH if level is None else i18n.code("warning", level)
