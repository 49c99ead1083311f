"""Panels of the loyalty page: who is a member, at which level, and what points are owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import polars as pl
import streamlit as st

from dashboard import data, i18n, kpi, panel, table, theme
from dashboard.answers import loyalty, loyalty_headline
from dashboard.charts import lines
from dashboard.i18n import t
from dashboard.panels import loyalty_rows, untold
from dashboard.panels.periods import trend_of
from dashboard.reading import Reading
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS, Kpi
from metrics.loyalty.rule import Level, rule
from metrics.tiers.scheme import scheme

_SIGNED = ("member_stay_gap", "coupon_extra_orders")
_HUNDRED = 100


def any_member(view: View) -> bool:
    """Whether there is a member to draw anything of."""
    return data.present(view, loyalty.ACCOUNTS) and not loyalty.shown(view).is_empty()


def any_points(view: View) -> bool:
    """Whether points have moved."""
    return data.present(view, loyalty.POINTS) and loyalty.points_from(view) is not None


def lead(readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    share, active = readings["member_share"], readings["loyalty_participation"]
    if share.value is None:
        return untold.sentence("member_share", share)
    target = KPIS["loyalty_participation"].target
    parts = [t("loyalty.lead.members", share=i18n.share(share.value))]
    if active.value is not None and target is not None:
        met = "met" if active.value >= target.value else "missed"
        told = {"share": i18n.share(active.value), "target": i18n.share(target.value, 0)}
        parts.append(t(f"loyalty.lead.{met}", **told))
    return "".join([*parts, t(f"loyalty.lead.stay_{verdict(readings['member_stay_gap'])}")])


def verdict(found: Reading) -> str:
    """What the interval of a difference says: more, less, none shown, or unknown."""
    if found.value is None:
        return "unknown"
    if found.low is None or found.high is None or found.low <= 0 <= found.high:
        return "none"
    return "more" if found.value > 0 else "less"


def cards(readings: Mapping[str, Reading]) -> list[tuple[Kpi, Reading]]:
    """The cards; those of a difference or a small share with their interval."""
    return [
        (KPIS[key], replace(found, note=_interval(KPIS[key], found)))
        for key, found in loyalty_headline.cards(readings).items()
    ]


def _interval(entry: Kpi, found: Reading) -> str:
    if found.low is None or found.high is None:
        return found.note
    signed = entry.key in _SIGNED
    low, high = (kpi.value_text(entry, bound, sign=signed) for bound in (found.low, found.high))
    return t("loyalty.interval", low=low, high=high)


def share(view: View) -> None:
    """Members among all customers by month, who joined, who takes part."""
    frame = loyalty.shown(view)
    last = frame.row(-1, named=True)
    title = t("loyalty.share.title", share=i18n.share(last["member_share"]))
    subtitle = t("loyalty.share.subtitle", n=i18n.number(last["customers"]))
    columns = [
        Column("bucket", t("loyalty.month"), "month"),
        Column("member_share", t("kpi.member_share.label"), "share"),
        Column("participation", t("kpi.loyalty_participation.label"), "share"),
        Column("active_share", t("kpi.active_members.label"), "share"),
        Column("customers", t("loyalty.customers"), "count"),
        Column("members", t("loyalty.members"), "count"),
        Column("active", t("loyalty.group.active"), "count"),
        Column("joined", t("kpi.new_members.label"), "count"),
    ]
    kpis = ("member_share", "loyalty_participation", "active_members", "new_members")
    behind = partial(loyalty_rows.members, view)
    with panel.panel(
        "members", title, subtitle, data=(frame, columns), kpis=kpis, rows=behind
    ) as draw:
        series = trend_of(frame, "member_share", "month", i18n.share)
        draw(lines.trend(series, theme.palette(), tick_format=".1%", floor=0.0, ceiling=1.0))


def levels(view: View) -> None:
    """Today's members by level and tier: the one is not the other."""
    found = loyalty.levels(view.whenever())
    tiers = scheme(view.scheme).codes
    sums = {tier: pl.col("members").filter(pl.col("tier") == tier).sum() for tier in tiers}
    agrees = pl.col("members").filter(pl.col("level") == pl.col("rule_level")).sum()
    frame = (
        found.group_by("level")
        .agg(
            **sums,
            none=pl.col("members").filter(pl.col("tier").is_null()).sum(),
            members=pl.col("members").sum(),
            agrees=agrees / pl.col("members").sum(),
        )
        .sort("members", "level", descending=[True, False])
    )
    columns = [
        Column("level", t("loyalty.level"), "code"),
        *(Column(tier, i18n.code("tier", tier), "count") for tier in tiers),
        Column("none", t("loyalty.no_tier"), "count"),
        Column("members", t("loyalty.members"), "count"),
        Column("agrees", t("loyalty.agrees"), "share"),
    ]
    same = loyalty_headline.headline(view)["level_agreement"]
    title = t("loyalty.levels.title", share=i18n.share(same.value))
    if same.value is None:
        title = t("loyalty.levels.none")
    subtitle = t("loyalty.levels.subtitle", n=i18n.number(frame["members"].sum()))
    with panel.panel(
        "levels",
        title,
        subtitle,
        kpis=("level_agreement",),
        rows=partial(loyalty_rows.levels, view),
    ):
        table.show(frame, columns, alt=title)
        st.caption(i18n.markdown(_rule()))


def _rule() -> str:
    """The levels in words, best first."""
    told = [_level(level) for level in rule().levels]
    return t("loyalty.levels.by_rule", rules=t("loyalty.and").join(told))


def _level(level: Level) -> str:
    name = i18n.code("level", level.code)
    if not level.revenue and not level.purchases:
        return t("loyalty.levels.rest", level=name)
    revenue = kpi.money(level.revenue * 10 ** settings().money_scale, compact=False)
    n = i18n.number(level.purchases)
    return t("loyalty.levels.rule", level=name, revenue=revenue, n=n)


def _flows() -> list[Column]:
    return [
        Column("bucket", t("loyalty.month"), "month"),
        *(
            Column(name, t(f"loyalty.points.{name}"), "count")
            for name in ("opening", "earned", "redeemed", "expired")
        ),
        Column("adjusted", t("loyalty.points.adjusted"), "count", sign=True),
        Column("balance", t("loyalty.points.balance"), "count"),
        Column("redemption", t("kpi.points_redemption.label"), "share"),
    ]


def _since(view: View) -> pl.DataFrame:
    """The months shown from the first in which points moved."""
    first = loyalty.points_from(view)
    return loyalty.shown(view).filter(pl.col("bucket") >= first)


def owed(view: View) -> None:
    """Points owed at the ends of months, and what they cost."""
    frame = _since(view)
    if frame.is_empty():
        panel.empty("no_points", t("kpi.points_balance.label"))
        return
    points = frame["balance"][-1]
    title = t(
        "loyalty.owed.title",
        n=i18n.compact(points),
        money=kpi.money(loyalty.liability(points)),
    )
    subtitle = t("loyalty.owed.subtitle", value=_value_of_a_hundred())
    kpis = ("points_balance", "points_liability", "points_expired")
    behind = partial(loyalty_rows.members, view)
    with panel.panel(
        "points", title, subtitle, data=(frame, _flows()), kpis=kpis, rows=behind
    ) as draw:
        series = trend_of(frame, "balance", "month", i18n.compact)
        draw(lines.trend(series, theme.palette(), tick_format=",.0f", floor=0.0))


def _value_of_a_hundred() -> str:
    return kpi.money(loyalty.liability(_HUNDRED), compact=False)


def redemption(view: View) -> None:
    """Points redeemed per point earned, by month."""
    frame = _since(view)
    found = loyalty_headline.headline(view)["points_redemption"]
    if frame.is_empty() or found.value is None:
        panel.empty("no_points", t("kpi.points_redemption.label"))
        return
    title = t("loyalty.redemption.title", share=i18n.share(found.value))
    members = loyalty_headline.headline(view)["redeeming_members"]
    subtitle = t("loyalty.redemption.subtitle", share=i18n.share(members.value))
    kpis = ("points_redemption", "redeeming_members")
    behind = partial(loyalty_rows.members, view)
    with panel.panel(
        "redemption", title, subtitle, data=(frame, _flows()), kpis=kpis, rows=behind
    ) as draw:
        series = trend_of(frame, "redemption", "month", i18n.share)
        draw(lines.trend(series, theme.palette(), tick_format=".0%", floor=0.0))
