"""The worklist: how many a week, who, what it may save, and how it is shared among owners."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import polars as pl
import streamlit as st

from dashboard import address, drilldown, i18n, kpi, panel, table
from dashboard.answers import churn_risk, worklist
from dashboard.answers.worklist import Choice
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels.reasons import reason
from dashboard.table import Column
from dashboard.view import View
from data_access.workspace import WorkspaceError
from metrics.rules import load

_SIZE = 15
_LIST = "work"  # prefix of the list's page in the address
_CAPACITY = "capacity"


def choice(view: View) -> Choice | None:
    """What decides the list; None, and the reason is told, where there can be none."""
    if not churn_risk.is_scored(view):
        panel.empty("not_scored", t("worklist.list.title_none"))
        return None
    rules = load("worklist")["capacity"]
    options = tuple(str(cases) for cases in rules["choices"])
    address.seed_one(_CAPACITY, options, str(rules["cases"]))
    try:
        return worklist.choose(int(st.session_state[_CAPACITY]))
    except WorkspaceError as error:
        st.warning(i18n.failure(error.code, error.fields))
        return None


def lead(view: View, choice: Choice) -> str:
    """The week in one sentence."""
    found = worklist.totals(view, choice)
    if not found.customers:
        return t("worklist.lead.nobody")
    return t(
        "worklist.lead.list",
        customers=i18n.number(found.customers),
        owners=i18n.number(found.owners),
        at_risk=kpi.money(found.at_risk),
        share=i18n.share(found.at_risk / found.all_at_risk, 0),
        saved=kpi.money(found.saved),
    )


def this_week(view: View, choice: Choice) -> None:
    """The list with its capacity; a row opens the customer."""
    found = worklist.totals(view, choice)
    title = t("worklist.list.title", n=i18n.number(found.customers), saved=kpi.money(found.saved))
    subtitle = t("worklist.list.subtitle")
    if found.open_cases:
        subtitle += t("worklist.list.taken_up", open=i18n.number(found.open_cases))
    with panel.panel("worklist", title, subtitle):
        rules = load("worklist")["capacity"]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(
                f'<span class="sl-sub">{escape(t("worklist.capacity"))}</span>', width="content"
            )
            choose(
                _CAPACITY,
                tuple(str(cases) for cases in rules["choices"]),
                default=str(rules["cases"]),
                label=t("worklist.capacity"),
                name=lambda code: i18n.number(int(code)),
                resets=_LIST,
            )
        listed = worklist.listed(view, choice)
        rows = drilldown.Rows(listed.lazy(), (view, choice))
        tried = listed["case_state"].count() > 0
        drilldown.paged(rows, _columns(tried=tried), key=_LIST, alt=title, size=_SIZE)
        st.html(f'<div class="sl-sub">{escape(_how_sure(view, choice))}</div>')


def _columns(*, tried: bool) -> list[Column]:
    found = [
        Column("rank", t("worklist.column.rank"), "count"),
        Column("name", t("column.customer"), "customer"),
        Column("owner", t("dimension.owner_id")),
        Column("warning", t("dimension.warning"), write=_code("warning")),
        Column("p90", t("risk.column.p90"), "share_bar"),
        Column("revenue_at_risk", t("risk.column.revenue_at_risk_short"), "money"),
        Column("expected_saved", t("worklist.column.saved"), "money"),
        Column("reason", t("risk.column.reason"), write=reason),
        Column("last_contact_on", t("risk.column.last_contact"), "date"),
    ]
    if tried:
        found.append(Column("case_state", t("worklist.column.tried"), write=_code("case_state")))
    return found


def _code(dimension: str) -> Callable[[str | None], str]:
    """Writes a code, and a dash where there is none: nothing is unknown about that."""
    return lambda value: i18n.DASH if value is None else i18n.code(dimension, value)


def _how_sure(view: View, choice: Choice) -> str:
    """By which chances what may be saved is reckoned, and on how much they rest."""
    rows = worklist.chances(view, choice.state)
    measured = int(rows["plans"].sum())
    if not measured or not rows["unhelped"].sum():
        assumed = load("worklist")["saving"]["assumed"]
        return t("worklist.assumed", share=i18n.share(assumed, 0))
    levels = t("list.and").join(
        f"{i18n.code('warning', level)} {i18n.share(chance, 0)}"
        for level, chance in rows.select("warning", "chance").iter_rows()
    )
    return t("worklist.measured", levels=levels, n=i18n.number(measured))


def by_owner(view: View, choice: Choice) -> None:
    """What the week holds for each owner, most to save first."""
    rows = worklist.listed(view, choice)
    if rows.is_empty():
        return
    warned = pl.col("warning").is_not_null().sum()
    owners = (
        rows.group_by("owner_id", "owner")
        .agg(
            customers=pl.len(),
            warned=warned,
            revenue_at_risk=pl.col("revenue_at_risk").sum(),
            expected_saved=pl.col("expected_saved").sum(),
        )
        .sort("expected_saved", "owner_id", descending=[True, False])
    )
    columns = [
        Column("owner", t("dimension.owner_id")),
        Column("customers", t("worklist.column.customers"), "count"),
        Column("warned", t("worklist.column.warned"), "count"),
        Column("revenue_at_risk", t("risk.column.revenue_at_risk_short"), "money"),
        Column("expected_saved", t("worklist.column.saved"), "money"),
    ]
    title = t("worklist.owners.title", n=i18n.number(owners.height))
    with panel.panel("worklist_owners", title, t("worklist.owners.subtitle")):
        table.show(owners, columns, alt=title, height=_height(owners.height))


def _height(rows: int) -> int | None:
    return None if rows <= _SIZE else 36 * (_SIZE + 1)
