"""What the loyalty page asks of coupons, recommendations and reviews."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboard import data
from dashboard.answers.over_time import Topic
from dashboard.view import View
from metrics import nps
from metrics.loyalty import coupons, referrals
from metrics.loyalty.rule import rule
from metrics.measure import measure
from metrics.selection import Period
from metrics.standardised import Difference, difference
from metrics.tiers.scheme import scheme

COUPONS, REFERRALS, REVIEWS = "coupons", "referrals", "reviews"
_HUNDRED = 100


def given(view: View) -> Topic:
    """Coupons given or withheld, by the day of issue, with the columns that are counted."""
    earliest = data.first_day(view, "coupon_facts", "issued_on")
    rows = data.counted(view, "coupon_facts")
    return Topic(rows, "issued_on", data.as_of(view, COUPONS), earliest)


def recall(view: View) -> Topic:
    """The coupons by which dormant customers are called back."""
    found = given(view)
    return replace(found, rows=found.rows.filter(pl.col("kind").is_in(rule().recall)))


def mass_to_top(view: View) -> Topic:
    """Coupons that everybody gets alike, given to customers who were in the top tier then."""
    found = given(view)
    return replace(found, rows=found.rows.filter(violates(view)))


def violates(view: View) -> pl.Expr:
    """Whether a coupon for everybody went to a customer who was in the scheme's top tier then."""
    top = scheme(view.scheme).codes[0]
    return pl.col("kind").is_in(rule().mass) & (pl.col("tier") == top) & ~pl.col("is_control")


def inside(topic: Topic, period: Period) -> pl.LazyFrame:
    """The rows of a topic in a period."""
    return topic.rows.filter(period.holds(pl.col(topic.day)))


def extra_orders(rows: pl.LazyFrame) -> Difference:
    """Days with a purchase per 100 coupons in the 30 days after, more than without one.

    Compared are coupons of one kind and one month of issue, given and withheld by chance.
    """
    month = rows.with_columns(month=pl.col("issued_on").dt.month_start())
    orders = pl.col("orders").cast(pl.Float64) * _HUNDRED
    return difference(month, orders, ~pl.col("is_control"), ("kind", "month"))


@data.answer
def by_kind(view: View) -> pl.DataFrame:
    """Coupons of the period by kind, those with most first.

    Returns:
        kind, given, redeemed, withheld, redemption with interval, expected and bought (orders per
        100 coupons withheld and given whose 30 days are over), extra with extra_low, extra_high
        (their difference within months of issue; null without a control group), judged.
    """
    topic = given(view)
    rows = inside(topic, topic.period(view)).collect().lazy()
    counted = measure(rows, "kind", **coupons.RESULTS.over_rows()).collect()
    schema = {"kind": pl.String, "judged": pl.Int64} | dict.fromkeys(
        ("expected", "bought", "extra", "extra_low", "extra_high"), pl.Float64
    )
    found = [_extra(rows, kind) for kind in counted["kind"]]
    extra = pl.DataFrame(found, schema=schema)
    joined = counted.join(extra, on="kind", how="left", nulls_equal=True, validate="1:1")
    return joined.sort("given", "kind", descending=[True, False], nulls_last=True)


def _extra(rows: pl.LazyFrame, kind: str | None) -> dict[str, str | float | None]:
    mine = rows.filter(pl.col("kind").eq_missing(pl.lit(kind, pl.String)))
    found = extra_orders(mine)
    return {
        "kind": kind,
        "judged": found.n,
        "expected": found.control,
        "bought": found.treated,
        "extra": found.value,
        "extra_low": found.low,
        "extra_high": found.high,
    }


def said(view: View) -> Topic:
    """Recommendations, by their day."""
    earliest = data.first_day(view, "referral_facts", "referred_on")
    rows = data.selected(view, "referral_facts")
    return Topic(rows, "referred_on", data.as_of(view, REFERRALS), earliest)


def posted(view: View) -> Topic:
    """Reviews, by their day."""
    earliest = data.first_day(view, "review_facts", "posted_on")
    rows = data.selected(view, "review_facts")
    return Topic(rows, "posted_on", data.as_of(view, REVIEWS), earliest)


def promoters(view: View, *, recommended: bool | None = None) -> pl.LazyFrame:
    """Customers whose last answer was 9 or 10; of them who recommended in the period, or did not.

    Returns:
        Rows of the customer mart, not sorted.
    """
    rows = data.selected(view, "customer_mart").filter(nps.is_in("promoter", pl.col("last_nps")))
    if recommended is None:
        return rows
    return _who(view, rows, said(view).period(view), recommended=recommended)


def _who(view: View, rows: pl.LazyFrame, period: Period, *, recommended: bool) -> pl.LazyFrame:
    facts = data.frame(view, "referral_facts").filter(period.holds(pl.col("referred_on")))
    who = facts.select("customer_id").drop_nulls().unique()
    return rows.join(who, on="customer_id", how="semi" if recommended else "anti")


@data.answer
def referring(view: View, period: Period) -> tuple[int, int]:
    """How many of today's promoters recommended in a period, and how many promoters there are."""
    everybody = promoters(view.whenever())
    some = _who(view, everybody, period, recommended=True)
    part, whole = pl.collect_all([rows.select(pl.len()) for rows in (some, everybody)])
    return part.item(), whole.item()


@data.answer
def steps(view: View) -> dict[str, int | float | None]:
    """Recommendations of the period: counts and figures of `referrals.RESULTS`."""
    topic = said(view)
    rows = inside(topic, topic.period(view))
    return rows.select(**referrals.RESULTS.over_rows()).collect().row(0, named=True)
