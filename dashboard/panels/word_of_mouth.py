"""Panels of the loyalty page: what coupons bring, who recommends us, and who comes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import data, i18n, kpi, panel, table, theme
from dashboard.answers import word_of_mouth
from dashboard.charts import bars
from dashboard.charts import funnel as funnels
from dashboard.i18n import t
from dashboard.panels import loyalty_rows
from dashboard.table import Column
from dashboard.view import View
from metrics.loyalty.rule import rule


def coupons(view: View) -> None:
    """Orders beside the control group by kind of coupon, and how many were used."""
    name = t("loyalty.coupons.name")
    if not data.present(view, word_of_mouth.COUPONS):
        panel.empty("no_coupon_table", name)
        return
    frame = word_of_mouth.by_kind(view)
    if frame.is_empty():
        panel.empty("no_coupons", name)
        return
    judged = frame.drop_nulls("extra")
    helps = judged.filter(pl.col("extra_low") > 0).height
    title = i18n.part("loyalty.coupons.title", helps, judged.height)
    if judged.is_empty():
        title = t("loyalty.coupons.no_control")
    told = {"days": rule().window_days, "n": i18n.number(frame["given"].sum())}
    kpis = ("coupon_redemption", "coupon_extra_orders", "recall_redemption", "mass_to_top")
    with panel.panel(
        "coupons",
        title,
        t("loyalty.coupons.subtitle", **told),
        data=(frame, _columns()),
        kpis=kpis,
        rows=partial(loyalty_rows.coupons, view),
    ) as draw:
        if not judged.is_empty():
            drawn = [_bar(row) for row in judged.iter_rows(named=True)]
            draw(bars.horizontal(drawn, theme.palette(), row=44))
        table.show(frame, _columns()[:4], alt=t("kpi.coupon_redemption.label"))


def _columns() -> list[Column]:
    return [
        Column("kind", t("loyalty.coupons.kind"), "code", "coupon_kind"),
        Column("given", t("loyalty.coupons.given"), "count"),
        Column("redeemed", t("loyalty.coupons.redeemed"), "count"),
        Column("redemption", t("kpi.coupon_redemption.label"), "share"),
        Column("withheld", t("loyalty.coupons.withheld"), "count"),
        Column("judged", t("loyalty.coupons.judged"), "count"),
        Column("bought", t("loyalty.coupons.bought"), "score"),
        Column("expected", t("loyalty.coupons.expected"), "score"),
        Column("extra", t("loyalty.coupons.extra"), "score", sign=True),
        Column("extra_low", t("column.low"), "score", sign=True),
        Column("extra_high", t("column.high"), "score", sign=True),
    ]


def _bar(row: Mapping[str, Any]) -> bars.Bar:
    low, high = row["extra_low"], row["extra_high"]
    text = t(
        "loyalty.coupons.bar",
        value=i18n.number(row["extra"], 1, sign=True),
        low=i18n.number(low, 1, sign=True),
        high=i18n.number(high, 1, sign=True),
    )
    judgement = "neutral" if low is None or low <= 0 <= high else "good" if low > 0 else "bad"
    return bars.Bar(
        i18n.code("coupon_kind", row["kind"]), row["extra"], text, judgement, low=low, high=high
    )


def recommendations(view: View) -> None:
    """Who recommended us, who came by it, and who bought."""
    name = t("loyalty.referrals.name")
    if not data.present(view, word_of_mouth.REFERRALS):
        panel.empty("no_referral_table", name)
        return
    found = word_of_mouth.steps(view)
    if not found["referrals"]:
        panel.empty("no_referrals", name)
        return
    period = word_of_mouth.said(view).period(view)
    part, whole = word_of_mouth.referring(view, period)
    title = t("loyalty.referrals.title", won=i18n.number(found["won"]))
    said = {"part": i18n.number(part), "whole": i18n.number(whole)}
    subtitle = t("loyalty.referrals.subtitle", **said)
    names = ("referrals", "came", "won")
    twin = pl.DataFrame(
        {
            "step": [t(f"loyalty.referrals.{name}") for name in names],
            "n": [found[name] for name in names],
        },
        schema={"step": pl.String, "n": pl.Int64},
    )
    columns = [Column("step", t("lifecycle.funnel.step")), Column("n", t("loyalty.count"), "count")]
    kpis = ("promoters_referring", "referral_conversion", "reward_per_customer")
    with panel.panel(
        "referrals",
        title,
        subtitle,
        data=(twin, columns),
        kpis=kpis,
        rows=partial(loyalty_rows.recommendations, view),
    ) as draw:
        draw(funnels.steps(_steps(found), theme.palette(), row=84))
        cost = found["cost_per_customer"]
        if cost is not None and found["rewards"]:
            st.caption(i18n.markdown(t("loyalty.referrals.cost", money=kpi.money(cost))))


def _steps(found: Mapping[str, Any]) -> list[funnels.Step]:
    came = found["came"] / found["referrals"]
    told = {"referrals": None, "came": came, "won": found["conversion"]}
    return [
        funnels.Step(
            t(f"loyalty.referrals.{name}"),
            found[name],
            i18n.number(found[name]),
            "" if share is None else t("loyalty.referrals.between", share=i18n.share(share)),
        )
        for name, share in told.items()
    ]
