"""The customers behind the campaign page: members of a campaign, and promotions too early."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard import data
from dashboard.answers import campaigns, campaigns_headline, word_of_mouth
from dashboard.view import View
from metrics.measure import count

_TARGET = ~pl.col("is_control").fill_null(value=False)
GROUPS: Mapping[str, pl.Expr] = {
    "absent": _TARGET & ~pl.col("participated") & pl.col("contacted_on").is_not_null(),
    "unreached": _TARGET & pl.col("contacted_on").is_null(),
    "joined": _TARGET & pl.col("participated"),
    "bought": _TARGET & pl.col("participated") & (pl.col("bought") > 0),
    "unhappy": _TARGET & (pl.col("satisfaction") <= 3),
    "held_out": ~_TARGET,
}
EARLY, MASS = ("campaign", "offer"), "mass_to_top"
_MORE = ("customer_id", "contacted_on", "participated_on", "form", "channels", "satisfaction")


@data.answer
def counted(view: View, campaign_id: str) -> dict[str, int]:
    """How many members of a campaign are in each of `GROUPS`."""
    rows = _members(view, campaign_id)
    return (
        rows.select(**{name: count(holds) for name, holds in GROUPS.items()})
        .collect()
        .row(0, named=True)
    )


def _members(view: View, campaign_id: str) -> pl.LazyFrame:
    rows = data.selected(view.whenever(), campaigns.MEMBERS)
    return rows.filter(pl.col("campaign_id") == campaign_id)


def members(view: View, campaign_id: str, group: str) -> pl.LazyFrame:
    """The members of a campaign in one of `GROUPS`, the first contacted first, with their names."""
    rows = _members(view, campaign_id).filter(GROUPS[group]).select(*_MORE, "member_id", "tier")
    return _named(view, rows.sort("contacted_on", "member_id", nulls_last=True))


@data.answer
def violations(view: View) -> dict[str, int]:
    """How many promotions of the period broke a rule: by kind of `EARLY`, and `MASS`."""
    kinds = _early(view).group_by("kind").len().collect()
    found = dict(kinds.iter_rows())
    mass = _mass(view).select(pl.len()).collect().item() if data.present(view, "coupons") else 0
    return {**{kind: found.get(kind, 0) for kind in EARLY}, MASS: mass}


def _early(view: View) -> pl.LazyFrame:
    topic = campaigns_headline.early(view)
    return campaigns.inside(topic, topic.period(view))


def _mass(view: View) -> pl.LazyFrame:
    topic = word_of_mouth.mass_to_top(view)
    return word_of_mouth.inside(topic, topic.period(view))


def early(view: View, kind: str) -> pl.LazyFrame:
    """Promotions of a kind that came before a complaint was solved, the latest first."""
    rows = _early(view).filter(pl.col("kind") == kind)
    order = ("sent_on", "customer_id", "campaign_id", "channel")
    return _named(view, rows.sort(order, descending=[True, False, False, False], nulls_last=True))


def mass(view: View) -> pl.LazyFrame:
    """Coupons for everybody that went to the top tier, the latest first."""
    topic = word_of_mouth.mass_to_top(view)
    rows = data.selected(view, "coupon_facts").filter(
        topic.period(view).holds(pl.col("issued_on")), word_of_mouth.violates(view)
    )
    told = rows.sort("issued_on", "coupon_id", descending=[True, False]).select(
        "customer_id",
        "tier",
        campaign=pl.lit(None, pl.String),
        channel=pl.col("kind"),
        sent_on="issued_on",
        complained_on=pl.lit(None, pl.Date),
        solved_on=pl.lit(None, pl.Date),
    )
    return _named(view, told)


def _named(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    names = data.frame(view, "customer_mart").select("customer_id", customer="name")
    return rows.join(names, on="customer_id", how="left", validate="m:1", maintain_order="left")
