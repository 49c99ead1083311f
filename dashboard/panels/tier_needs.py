"""Template 1: each customer's tier, what it rests on, the core need, the suggested strategy."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import drilldown, i18n, list_files, panel
from dashboard.answers import tier_records
from dashboard.i18n import t
from dashboard.list_files import ListFile
from dashboard.panels import customer_list
from dashboard.table import Column
from dashboard.view import View
from metrics.tiers.care import needs

_KEY = "needs"
_EVERY = "every"
_FILE_ONLY = ("silent_days", "inquiries_12m", "need_recorded")


def customers(view: View) -> None:
    """The table, by need, to sort, page through and take away."""
    with panel.panel("tier_needs", t("tier_more.needs.title"), t("tier_more.needs.subtitle")):
        with st.container(horizontal=True, gap="small"):
            words = {need: i18n.code("need", need) for need in needs()}
            every = {_EVERY: t("tier_more.needs.every")}
            need = drilldown.pick(_KEY, every | words, name="need", default=_EVERY)
            sort = customer_list.choose_sort(_KEY)
        found, counts = tier_records.needs(view), tier_records.counted(view)
        chosen = found if need == _EVERY else found.filter(pl.col("need") == need)
        rows = drilldown.Rows(chosen, (view, need))
        customer_list.show(
            rows, columns(on_screen=True), key=_KEY, sort=sort, alt=t("tier_more.needs.title")
        )
        list_files.buttons(
            view,
            ListFile(
                "tier_needs",
                t("tier_more.needs.title"),
                partial(customer_list.ordered, chosen, sort),
                columns(),
                sum(counts.values()) if need == _EVERY else counts.get(need, 0),
                chosen={t("tier_more.needs.need"): (every | words)[need]},
            ),
        )


def columns(*, on_screen: bool = False) -> list[Column]:
    """Those of the plan's template: number, name, tier, basis, core need, strategy.

    A screen has no room for all that the tier rests on.
    """
    every = [
        Column("customer_id", t("list_file.customer_id")),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("revenue_12m", t("customer_list.revenue"), "money"),
        Column("tenure_months", t("tier_more.needs.tenure"), "count"),
        Column("complaints_12m", t("tier_more.needs.complaints"), "count"),
        Column("inquiries_12m", t("tier_more.needs.inquiries"), "count"),
        Column("silent_days", t("customer_list.silent"), "days"),
        Column("need", t("tier_more.needs.need"), "code"),
        Column("need_recorded", t("tier_more.needs.recorded"), "flag"),
        Column("strategy", t("tier_more.needs.strategy"), "code"),
    ]
    return [each for each in every if not on_screen or each.name not in _FILE_ONLY]
