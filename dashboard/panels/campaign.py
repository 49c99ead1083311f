"""Panels of one campaign: which one, its evaluation, and who took part."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel, table, theme
from dashboard.answers import campaigns
from dashboard.charts import bars
from dashboard.choice import choose as choose_one
from dashboard.i18n import t
from dashboard.panels import campaign_rows
from dashboard.panels.campaigns import amount
from dashboard.table import Column
from dashboard.view import View
from metrics.campaigns.evaluation import MISSED, UNKNOWN
from metrics.campaigns.rule import rule


def choose(view: View) -> str:
    """Which campaign: kept in the address; those that run come first."""
    known = campaigns.results(campaigns.whole(view)).sort("running", descending=True)
    names: dict[str, str] = dict(zip(known["campaign_id"], known["name"], strict=True))
    first = next(iter(names))
    address.seed_one("campaign", tuple(names), first)
    chosen = st.selectbox(
        t("campaigns.choose"),
        tuple(names),
        format_func=lambda code: names[code] or code,
        key="campaign",
        placeholder=t("campaigns.choose"),
        label_visibility="collapsed",
        width=420,
    )
    address.write("campaign", chosen or first, default=first)
    return chosen or first


def evaluation(view: View, campaign_id: str) -> None:
    """Targets and results side by side, with what was written down of them."""
    frame = campaigns.evaluations(view).filter(campaign_id=campaign_id)
    if frame.is_empty():
        panel.empty("no_campaigns", t("campaigns.evaluation.name"))
        return
    known = frame.filter(pl.col("attainment") != UNKNOWN)
    met = known.filter(pl.col("attainment") != MISSED).height
    title = t("campaigns.evaluation.untold")
    if known.height:
        title = i18n.part("campaigns.evaluation", met, known.height)
    rows = list(frame.iter_rows(named=True))
    told = frame.with_columns(
        pl.Series(name, words, dtype=pl.String)
        for name, words in {
            "goal": [_goal(row) for row in rows],
            "actual": [amount(row["measure"], row["actual"]) for row in rows],
            "reported": [_reported(row) for row in rows],
            "attainment": [_attainment(row) for row in rows],
        }.items()
    )
    columns = [
        Column("measure", t("campaigns.evaluation.measure"), write=_measure),
        Column("goal", t("campaigns.goal"), "figure"),
        Column("actual", t("campaigns.actual"), "figure"),
        Column("attainment", t("campaigns.attainment")),
        Column("n", t("measures.n"), "count"),
        Column("reported", t("campaigns.reported"), "figure"),
        Column("analysis", t("campaigns.analysis")),
    ]
    days = i18n.number(rule().repurchase_days)
    subtitle = t("campaigns.evaluation.subtitle", days=days)
    keys = ("campaign_participation", "campaign_repurchase", "campaign_satisfaction")
    keys += ("cost_per_participant",)
    behind = partial(campaign_rows.members, view, campaign_id=campaign_id)
    with panel.panel(
        "campaign_evaluation", title, subtitle, data=(told, columns), kpis=keys, rows=behind
    ):
        table.show(told, columns[:-1], alt=title)
        for row in rows:
            if row["analysis"]:
                st.caption(i18n.markdown(f"{_measure(row['measure'])} · {row['analysis']}"))
        for line in _plan(view, campaign_id):
            st.caption(i18n.markdown(line))


def _plan(view: View, campaign_id: str) -> list[str]:
    """What the plan says: objective, target group, departments, money; what is unknown is left."""
    row = campaigns.planned(view, campaign_id)
    told = [
        t(f"campaigns.plan.{name}", value=row[name])
        for name in ("objective", "target_group", "lead_department", "supporting_departments")
        if row[name]
    ]
    if row["budget"] is not None or row["spent"] is not None:
        both = {name: kpi.money(row[name], compact=False) for name in ("budget", "spent")}
        told.append(t("campaigns.plan.money", **both))
    return told


def _measure(code: str) -> str:
    return t(f"campaigns.measure.{code}")


def _goal(row: Mapping[str, Any]) -> str:
    sign = "≤" if row["measure"] == "cost" else "≥"
    text = f"{sign} {amount(row['measure'], row['goal'])}"
    return text if row["own"] else t("campaigns.usual", value=text)


def _reported(row: Mapping[str, Any]) -> str:
    text = amount(row["measure"], row["reported"])
    return t("campaigns.differs", value=text) if row["differs"] else text


def _attainment(row: Mapping[str, Any]) -> str:
    text = t(f"campaigns.attained.{row['attainment']}")
    known = row["attainment"] != UNKNOWN
    return t("campaigns.provisional", value=text) if row["provisional"] and known else text


def groups(view: View, campaign_id: str) -> None:
    """Participation by tier, form or the channels that reached them, with conversion beside it."""
    address.seed_one("campaign_by", campaigns.GROUPS, campaigns.GROUPS[0])
    by = str(st.session_state["campaign_by"])
    frame = campaigns.breakdown(view, by, campaign_id)
    known = frame.filter(pl.col("invited") > 0)
    if known.is_empty():
        panel.empty("no_participation", t("kpi.campaign_participation.label"))
        return
    plain = t(f"campaigns.by.{by}")
    title = plain
    best = known.drop_nulls("group")
    if best.height > 1:
        sure = best["participation_low"][0] > best["participation_high"][-1]
        title = t(
            "campaigns.groups.title" if sure else "campaigns.groups.same",
            best=campaign_rows.group_name(by, best["group"][0]),
            share=i18n.share(best["participation"][0], 0),
        )
    columns = [
        Column("group", plain, write=partial(campaign_rows.group_name, by)),
        Column("targets", t("campaigns.targets"), "count"),
        Column("participants", t("campaigns.participants"), "count"),
        Column("participation", t("campaigns.measure.participation"), "share"),
        Column("participation_low", t("column.low"), "share"),
        Column("participation_high", t("column.high"), "share"),
        Column("conversion", t("campaigns.measure.conversion"), "share"),
        Column("repurchase", t("campaigns.measure.repurchase"), "share"),
        Column("fit", t("kpi.campaign_form_fit.label"), "share"),
    ]
    keys = ("campaign_participation", "campaign_conversion", "campaign_form_fit")
    subtitle = t("campaigns.groups.subtitle", n=i18n.number(int(frame["targets"].sum())))
    behind = partial(campaign_rows.members, view, campaign_id=campaign_id)
    with panel.panel(
        "campaign_groups", title, subtitle, data=(frame, columns), kpis=keys, rows=behind
    ) as draw:
        choose_one(
            "campaign_by",
            campaigns.GROUPS,
            default=campaigns.GROUPS[0],
            label=plain,
            name=lambda code: t(f"campaigns.by.{code}"),
        )
        drawn = [
            bars.Bar(
                campaign_rows.group_name(by, row["group"]),
                row["participation"],
                t(
                    "campaigns.groups.bar",
                    share=i18n.share(row["participation"], 0),
                    n=i18n.compact(row["invited"]),
                    converted=i18n.share(row["conversion"], 0),
                ),
                "accent",
                row["participation_low"],
                row["participation_high"],
            )
            for row in known.iter_rows(named=True)
        ]
        draw(bars.horizontal(drawn, theme.palette()))
