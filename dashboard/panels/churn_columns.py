"""The columns of the risk list: all that it can show, what it usually shows, what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import address, i18n
from dashboard.i18n import t
from dashboard.panels.reasons import reason, rhythm
from dashboard.table import Column

_USUAL = {
    "risk": (
        "warning",
        "p90",
        "revenue_at_risk",
        "reason",
        "reason_rhythm",
        "tier",
        "owner",
        "follow_up_told",
        "last_contact_on",
    ),
    "churned": (
        "contract_ended_on",
        "silent_days",
        "usual_gap_days",
        "back_90",
        "revenue_total",
        "revenue_12m",
        "tier",
        "owner",
        "last_contact_on",
    ),
    "silence": (
        "warning",
        "silent_days",
        "usual_gap_days",
        "tau_days",
        "revenue_12m",
        "tier",
        "stage",
        "owner",
        "last_contact_on",
    ),
}
PARAMETERS = tuple(f"columns_{kind}" for kind in _USUAL)


def every(kind: str, *, followed: bool = False, held: bool = False) -> dict[str, Column]:
    """All that a kind of list can show of a customer beside the name, in order.

    Args:
        kind: Of the list.
        followed: Whether follow-ups can be told of.
        held: Whether customers may have contracts.
    """
    left = kind == "churned" and held
    work = [Column("follow_up_told", t("risk.follow.label"), write=_follow_up)]
    scored = [
        Column("p30", t("risk.column.p30"), "share"),
        Column("p60", t("risk.column.p60"), "share"),
        Column("p90", t("risk.column.p90"), "share_bar"),
        Column("revenue_at_risk", t("risk.column.revenue_at_risk_short"), "money"),
    ]
    found = [
        Column("warning", t("dimension.warning"), write=_warning),
        *(scored if kind == "risk" else []),
        Column("revenue_12m", t("risk.column.value_short"), "money"),
        Column("revenue_total", t("risk.column.total"), "money"),
        Column("reason", t("risk.column.reason"), write=reason),
        Column("reason_rhythm", t("risk.column.rhythm"), write=rhythm),
        *([Column("contract_ended_on", t("risk.column.contract_ended"), "date")] if left else []),
        Column("silent_days", t("risk.column.silent"), "days"),
        Column("usual_gap_days", t("risk.column.usual"), "days"),
        Column("tau_days", t("risk.column.threshold"), "days"),
        Column("remaining_days", t("risk.column.left"), "days"),
        *([Column("back_90", t("risk.column.back_90"), "share")] if kind == "churned" else []),
        *(
            Column(name, t(f"dimension.{name}"), "code")
            for name in ("tier", "stage", "segment", "region")
        ),
        Column("owner", t("dimension.owner_id")),
        *(work if followed else []),
        Column("last_contact_on", t("risk.column.last_contact"), "date"),
        Column("open_tickets", t("risk.filter.tickets"), "count"),
        Column("last_nps", t("risk.filter.nps"), "count"),
    ]
    return {column.name: column for column in found}


def _warning(level: str | None) -> str:
    return i18n.DASH if level is None else i18n.code("warning", level)


def _follow_up(facts: Mapping[str, Any] | None) -> str:
    """Where a follow-up stands: `Open 2/5`, `Overdue 0/5`."""
    if facts is None or facts["follow_up"] == "none":
        return i18n.DASH
    words = t(f"risk.follow.state.{facts['follow_up']}")
    if not facts["steps_total"]:
        return words
    done, total = (i18n.number(facts[f"steps_{name}"]) for name in ("done", "total"))
    return t("risk.follow.progress", state=words, done=done, total=total)


def chosen(kind: str, *, followed: bool, held: bool) -> list[Column]:
    """The name, and the columns that the address asks for; the usual ones if it asks for none."""
    found, key = every(kind, followed=followed, held=held), f"columns_{kind}"
    usual = [name for name in _USUAL[kind] if name in found]
    address.seed_many(key, tuple(found), default=usual)
    kept = [column for name, column in found.items() if name in st.session_state[key]]
    return [Column("name", t("column.customer"), "customer"), *kept]


def choose(kind: str, *, followed: bool, held: bool) -> None:
    """A button behind which columns are switched on and off."""
    found, key = every(kind, followed=followed, held=held), f"columns_{kind}"
    opened = st.popover(
        t("risk.list.columns"), icon=":material/view_column:", type="tertiary", key="risk_columns"
    )
    with opened:
        st.pills(
            t("risk.list.columns"),
            tuple(found),
            format_func=lambda name: found[name].heading,
            selection_mode="multi",
            key=key,
            label_visibility="collapsed",
        )
    shown = tuple(name for name in found if name in st.session_state[key])
    usual = {*shown} == {*_USUAL[kind]} & found.keys()
    address.write(key, *(() if usual else shown))
