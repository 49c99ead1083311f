"""The members, customers, coupons and recommendations behind the loyalty page."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard import data
from dashboard.answers import loyalty, word_of_mouth
from dashboard.answers.over_time import Topic
from dashboard.view import View
from metrics.measure import count

_MORE = ("level", "rule_level", "balance", "enrolled_on", "used_on", "redeemed_on", "visited_on")
_HERE = pl.col("is_member")
GROUPS: Mapping[str, pl.Expr] = {
    "members": _HERE,
    "active": pl.col("is_active"),
    "passive": _HERE & ~pl.col("is_active"),
    "never_redeemed": _HERE & pl.col("redeemed_on").is_null(),
    "left": ~_HERE,
}
OUTCOMES: Mapping[str, pl.Expr] = {
    "member_left": pl.col("member") & ~pl.col("stayed"),
    "member_stayed": pl.col("member") & pl.col("stayed"),
    "other_left": ~pl.col("member") & ~pl.col("stayed"),
    "other_stayed": ~pl.col("member") & pl.col("stayed"),
}
USES: Mapping[str, pl.Expr] = {
    "redeemed": ~pl.col("is_control") & pl.col("redeemed_on").is_not_null(),
    "unused": ~pl.col("is_control") & pl.col("redeemed_on").is_null(),
    "withheld": pl.col("is_control"),
}
CAME: Mapping[str, pl.Expr] = {
    "won": pl.col("won_on").is_not_null(),
    "came": pl.col("came") & pl.col("won_on").is_null(),
    "nobody": ~pl.col("came"),
}
NO_LEVEL = ""


@data.answer
def counted(view: View) -> dict[str, int]:
    """How many members there are in each of `GROUPS`."""
    rows = data.selected(view.whenever(), loyalty.MEMBERS)
    return rows.select(**_counts(GROUPS)).collect().row(0, named=True)


@data.answer
def of_levels(view: View) -> dict[str, int]:
    """How many members of today have each level; no level is an empty code."""
    found = loyalty.levels(view.whenever()).group_by("level", maintain_order=True)
    rows = found.agg(pl.col("members").sum()).sort("members", descending=True)
    return {level or NO_LEVEL: n for level, n in rows.iter_rows()}


@data.answer
def outcomes(view: View) -> dict[str, int]:
    """How many customers of the landmark there are in each of `OUTCOMES`."""
    rows = data.selected(loyalty.judged(view).whenever(), loyalty.LANDMARK)
    return rows.select(**_counts(OUTCOMES)).collect().row(0, named=True)


@data.answer
def used(view: View, kind: str | None) -> dict[str, int]:
    """How many coupons of a kind, given or withheld in the period, are in each of `USES`."""
    topic = word_of_mouth.given(view)
    rows = word_of_mouth.inside(topic, topic.period(view)).filter(_of(kind))
    return rows.select(**_counts(USES)).collect().row(0, named=True)


@data.answer
def came(view: View) -> dict[str, int]:
    """How many recommendations of the period are in each of `CAME`."""
    topic = word_of_mouth.said(view)
    rows = word_of_mouth.inside(topic, topic.period(view))
    return rows.select(**_counts(CAME)).collect().row(0, named=True)


def _counts(groups: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {name: count(holds) for name, holds in groups.items()}


def _of(kind: str | None) -> pl.Expr:
    return pl.col("kind").eq_missing(pl.lit(kind, pl.String))


def members(view: View, group: str) -> pl.LazyFrame:
    """The members of one of `GROUPS`, with what the customer mart knows; not sorted."""
    return _known(view, GROUPS[group])


def of_level(view: View, level: str) -> pl.LazyFrame:
    """Today's members of a level; not sorted."""
    return _known(view, _HERE & pl.col("level").eq_missing(pl.lit(level or None, pl.String)))


def _known(view: View, which: pl.Expr) -> pl.LazyFrame:
    rows = data.selected(view, loyalty.MEMBERS).filter(which).select("customer_id", *_MORE)
    people = data.frame(view, "customer_mart")
    return rows.join(people, on="customer_id", how="inner", validate="1:1")


def of_landmark(view: View, outcome: str) -> pl.LazyFrame:
    """The customers of the landmark in one of `OUTCOMES`; not sorted."""
    rows = data.selected(loyalty.judged(view), loyalty.LANDMARK).filter(OUTCOMES[outcome])
    people = data.frame(view, "customer_mart")
    return people.join(rows.select("customer_id"), on="customer_id", how="semi")


def coupons(view: View, kind: str | None, use: str) -> pl.LazyFrame:
    """Coupons of the period, the latest first, with the customer's name."""
    rows = _whole(view, word_of_mouth.given(view), "coupon_facts").filter(_of(kind), USES[use])
    return _named(view, rows.sort("issued_on", "coupon_id", descending=[True, False]))


def violations(view: View) -> pl.LazyFrame:
    """Coupons for everybody that went to the top tier in the period, the latest first."""
    topic = word_of_mouth.mass_to_top(view)
    rows = _whole(view, topic, "coupon_facts").filter(word_of_mouth.violates(view))
    return _named(view, rows.sort("issued_on", "coupon_id", descending=[True, False]))


def recommendations(view: View, group: str) -> pl.LazyFrame:
    """Recommendations of the period in one of `CAME`, the latest first, with both names.

    Who came may be outside the reader's scope: then neither id nor name is told.
    """
    rows = _whole(view, word_of_mouth.said(view), "referral_facts").filter(CAME[group])
    people = data.frame(view, "customer_mart")
    names = people.select(referred_id="customer_id", _id="customer_id", referred="name")
    latest = rows.sort("referred_on", "referral_id", descending=[True, False])
    told = _named(view, latest).join(
        names, on="referred_id", how="left", validate="m:1", maintain_order="left"
    )
    return told.with_columns(referred_id="_id").drop("_id")


def _whole(view: View, topic: Topic, name: str) -> pl.LazyFrame:
    """The rows of a topic's period with all their columns."""
    return data.selected(view, name).filter(topic.period(view).holds(pl.col(topic.day)))


def _named(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    names = data.frame(view, "customer_mart").select("customer_id", customer="name")
    return rows.join(names, on="customer_id", how="left", validate="m:1", maintain_order="left")
