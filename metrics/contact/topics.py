"""Scripts, purposes and coupons, counted in one roll-up (mart)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from metrics.contact.flags import Flags, fitting, place_among, said
from metrics.contact.rule import Fit

TOPIC_COUNTS = (
    *("sent", "judged", "answered", "result_known", "converted", "by_rule"),
    *("fit_judged", "fits"),
)
"""sent; judged and answered; result_known and converted; by_rule (a rule asked); fit_judged and
fits (of a coupon: its kind suits the tier)."""
PLAIN, BY_TIER = TOPIC_COUNTS[:6], TOPIC_COUNTS[6:]
SCRIPT, PURPOSE, COUPON = "script", "purpose", "coupon"
SPOKEN = (SCRIPT, PURPOSE)
"""The kinds that contacts have."""


def topics(values: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The topics that occur, given by kind: kind, topic (String), sorted."""
    told = [(kind, topic) for kind, topics in sorted(values.items()) for topic in sorted(topics)]
    return pl.DataFrame(told, schema={"kind": pl.String, "topic": pl.String}, orient="row")


def spoken(contacts: pl.LazyFrame, kind: str, among: pl.DataFrame) -> pl.LazyFrame:
    """Our contacts by script or by purpose, with the counts that no tier decides.

    Args:
        contacts: Of `contact_rows`, ours.
        kind: Which of both.
        among: Of `topics`.
    """
    answered, converted = pl.col("responded"), pl.col("converted")
    return _told(
        contacts.filter(pl.col(kind).is_not_null()),
        kind,
        among,
        sent=pl.lit(value=True),
        judged=answered.is_not_null(),
        answered=answered,
        result_known=converted.is_not_null(),
        converted=converted,
        by_rule=pl.col("rule").is_not_null(),
    )


def given(coupons: pl.LazyFrame, among: pl.DataFrame) -> pl.LazyFrame:
    """Coupons by kind, likewise; those of no known kind are none."""
    return _told(
        coupons.filter(pl.col(COUPON).is_not_null()), COUPON, among, sent=pl.lit(value=True)
    )


def coupon_flags(
    rules: Sequence[Fit], rule: Fit, among: pl.DataFrame, tier: pl.Expr, tiers: pl.Series
) -> Flags:
    """The counts `BY_TIER` of coupons; arguments as of `flags.tier_flags`."""
    values = said(rules, "coupons")
    own = [each if kind == COUPON else None for kind, each in among.iter_rows()]
    codes = pl.Series(own, dtype=pl.String).to_frame("of").select(place_among(pl.col("of"), values))
    value = pl.lit(codes.to_series()).gather(pl.col("topic"))
    every = pl.lit(value=True)
    found = fitting(value, values, every, rule, "coupons", tier, tiers)
    return dict(zip(BY_TIER, found, strict=True))


def _told(rows: pl.LazyFrame, kind: str, among: pl.DataFrame, **counts: pl.Expr) -> pl.LazyFrame:
    own = among.filter(kind=kind)["topic"]
    before = among.filter(pl.col("kind") < kind).height
    topic = pl.col(kind).cast(pl.Enum(own)).to_physical().cast(pl.UInt32) + before
    return rows.select("day", "_row", topic=topic, **counts)
