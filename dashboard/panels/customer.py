"""Panels of one customer: finding it, and who it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import data, drilldown, i18n, kpi, navigation, opening, panel
from dashboard.answers import customer, customer_follow_up
from dashboard.i18n import t
from dashboard.panels import tier_rule
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from data_access.workspace.records import Folder
from metrics.tiers.basis import tier_basis
from metrics.tiers.scheme import default_code, scheme

Row = Mapping[str, Any]


def choose(view: View) -> Row | None:
    """The customer of the address, or a search with a few suggestions if there is none."""
    wanted = st.query_params.get("id", "")
    _back(wanted)
    row = customer.profile(view, wanted) if wanted else None
    _search(view, wanted)
    if row is not None:
        return row
    if wanted:
        st.warning(_absent(view, wanted))
    _suggestions(view)
    return None


def _back(wanted: str) -> None:
    """Back to the list from which this customer was opened, as it was: filters, order, page."""
    opened = navigation.way_back(wanted)
    if opened is None:
        return
    with st.container(key="customer_back"):
        st.page_link(
            navigation.page(opened.page),
            label=t("customer.back", page=t(f"page.{opened.page}.title")),
            icon=":material/arrow_back:",
            query_params=opened.parameters,
        )


def _absent(view: View, wanted: str) -> str:
    gone = customer.deleted_on(view, wanted)
    named = i18n.markdown(wanted[:80])
    if gone is not None:
        return t("customer.deleted", id=named, day=i18n.day(gone))
    return t("customer.absent", id=named)


def _search(view: View, wanted: str) -> None:
    """What was typed is kept in the session only: an address never holds a name.

    The key carries the customer, so that the field is empty again once one is opened.
    """
    typed = st.text_input(
        t("customer.search"),
        key=f"customer_search_{wanted[:80]}",
        max_chars=100,
        placeholder=t("customer.search_hint"),
        label_visibility="collapsed",
        icon=":material/search:",
        width=420,
    )
    if not (typed or "").strip():
        return
    found = customer.find(view, str(typed).strip())
    if found.is_empty():
        st.html(f'<div class="sl-sub">{escape(t("customer.nobody", text=typed))}</div>')
        return
    _pick(view, found, key=f"found_{hash(typed)}", alt=t("customer.search"))


def _suggestions(view: View) -> None:
    found = customer.suggestions(view)
    if found.is_empty():
        panel.empty("no_customers", t("page.customer.title"))
        return
    title = t("customer.suggestions.title")
    with panel.panel("suggestions", title, t("customer.suggestions.subtitle")):
        _pick(view, found, key="suggested", alt=title)


def _pick(view: View, found: pl.DataFrame, *, key: str, alt: str) -> None:
    columns = [
        Column("name", t("column.customer"), "customer"),
        Column("customer_id", t("list_file.customer_id")),
        Column("tier", t("dimension.tier"), "code"),
        Column("stage", t("dimension.stage"), "code"),
        Column("owner", t("dimension.owner_id")),
        Column("last_order_on", t("customer.fact.last_order"), "date"),
        Column("revenue_12m", t("risk.column.value"), "money"),
        Column("revenue_at_risk", t("risk.column.revenue_at_risk"), "money"),
    ]
    named = customer.with_owner(view, found)
    picked = opening.draw(named, columns, key=key, identity="customer_id", alt=alt)
    if picked is not None:
        drilldown.open_customer(picked)


def header(view: View, row: Row) -> None:
    """Name, tier and stage with their basis, and the facts."""
    as_of = data.as_of(view, "orders")
    found = customer_follow_up.readable(view, row["customer_id"])
    facts = "".join(_fact(*fact) for fact in _facts(view, row, found))
    with st.container(border=True, key="panel_profile"):
        st.html(
            f'<p class="sl-lead">{escape(row["name"] or row["customer_id"])}</p>'
            f'<div class="sl-sub">{escape(row["customer_id"])}</div>'
            f'<p class="sl-basis">{escape(_tier_words(view, row))}<br>'
            f"{escape(_stage_words(row, as_of))}</p>"
            f"{_next_step(view, row, found)}"
            f'<dl class="sl-facts sl-dense">{facts}</dl>'
        )


def _next_step(view: View, row: Row, found: Folder | None) -> str:
    """What to do next, and which plan asks for it; nothing for who never bought."""
    step = customer_follow_up.next_step(view, row["customer_id"], found)
    if step is None:
        return ""
    said = t("next_step.line", step=t(f"next_step.{step.code}"))
    asked = escape(i18n.plan(step.source))
    return f'<p class="sl-next"><b>{escape(said)}</b> <small>{asked}</small></p>'


def _fact(key: str, text: str) -> str:
    return f"<div><dt>{escape(t(key))}</dt><dd>{escape(text)}</dd></div>"


def _facts(view: View, row: Row, found: Folder | None) -> list[tuple[str, str]]:
    contact = i18n.short_day(row["last_contact_on"])
    if row["last_contact_channel"]:
        contact += f" · {i18n.code('channel', row['last_contact_channel'])}"
    nps = i18n.number(row["last_nps"])
    if row["last_nps_on"]:
        nps += f" · {i18n.short_day(row['last_nps_on'])}"
    return [
        ("dimension.owner_id", _owner(view, row, found)),
        ("dimension.region", i18n.code("region", row["region"])),
        ("dimension.segment", i18n.code("segment", row["segment"])),
        (
            "dimension.acquisition_channel",
            i18n.code("acquisition_channel", row["acquisition_channel"]),
        ),
        ("customer.fact.registered", i18n.short_day(row["registered_on"])),
        ("customer.fact.first_order", i18n.short_day(row["first_order_on"])),
        ("customer.fact.last_order", i18n.short_day(row["last_order_on"])),
        ("customer.fact.revenue_12m", kpi.money(row["revenue_12m"], compact=False)),
        ("customer.fact.revenue_total", kpi.money(row["revenue_total"], compact=False)),
        ("customer.fact.orders", i18n.number(row["purchases"])),
        ("customer.fact.last_nps", nps),
        ("customer.fact.open_tickets", i18n.number(row["open_tickets"])),
        ("customer.fact.last_contact", contact),
    ]


def _owner(view: View, row: Row, found: Folder | None) -> str:
    """To whom the customer is assigned, else whom the CRM names: as lists and follow-ups say."""
    assigned = customer_follow_up.assigned_to(view, found)
    return assigned or row["owner"] or i18n.code("owner_id", row["owner_id"])


def _tier_words(view: View, row: Row) -> str:
    if row["tier"] is None:
        return t("customer.tier.none")
    chosen = scheme(view.scheme)
    if chosen.code != default_code():
        return t(
            "customer.tier.other",
            tier=i18n.code("tier", row["tier"]),
            scheme=i18n.code("tier_scheme", chosen.code),
            facts=tier_rule.facts(chosen, row),
        )
    basis = tier_basis(row["tier"], row, scheme=chosen, money_scale=settings().money_scale)
    key = "profit" if basis == "profit_12m" else "revenue"
    return t(
        f"customer.tier.{key}",
        tier=i18n.code("tier", row["tier"]),
        revenue=kpi.money(row["revenue_12m"], compact=False),
        profit=kpi.money(row["profit_12m"], compact=False),
    )


def _stage_words(row: Row, as_of: date) -> str:
    stage = row["stage"]
    if stage is None:
        return t("customer.stage.none")
    key = stage
    if stage == "warning" and row["open_complaints"]:
        key = "warning_complaint" if row["usual_gap_days"] is not None else "warning_open"
    if row["contract_ended_on"] or (stage == "won_back" and row["broken_silence_days"] is None):
        key = f"{stage}_contract"
    words = i18n.words(i18n.language())
    known = f"customer.stage.{key}" in words
    return t(
        f"customer.stage.{key}" if known else "customer.stage.other",
        stage=i18n.code("stage", stage),
        silent=i18n.number(row["silent_days"]),
        gap=i18n.number(row["usual_gap_days"]),
        threshold=i18n.number(row["tau_days"]),
        complaints=i18n.number(row["open_complaints"]),
        day=i18n.short_day(row["won_back_on"]),
        broken=i18n.number(row["broken_silence_days"]),
        first=i18n.short_day(row["first_order_on"]),
        ended=i18n.short_day(row["contract_ended_on"]),
        as_of=i18n.short_day(as_of),
    )
