"""The cards of the loyalty page, and every other measure of its area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from dashboard import data
from dashboard.answers import baseline, gaps, loyalty, word_of_mouth
from dashboard.answers.over_time import SPARK_MONTHS, Topic, now_and_earlier, reading
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import intervals
from metrics.calendar import shift_months
from metrics.loyalty import coupons, referrals
from metrics.measure import count
from metrics.selection import Period
from metrics.standardised import Difference
from metrics.trends import Additive

CARDS = (
    "loyalty_participation",
    "points_redemption",
    "member_repurchase",
    "member_stay_gap",
    "coupon_extra_orders",
    "promoters_referring",
    "points_liability",
)
_STATES = {
    "loyalty_participation": ("participation", "customers", "short_points"),
    "member_share": ("member_share", "customers", "no_rows"),
    "active_members": ("active_share", "members", "short_points"),
    "redeeming_members": ("redeeming_share", "members", "short_points"),
    "member_repurchase": ("repurchase", "existing", "short_repurchase"),
    "other_repurchase": ("other_repurchase", "other_existing", "short_repurchase"),
    "points_balance": ("balance", "members", "no_rows"),
}


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Every measure of the area, those of the cards first."""
    found = _members(view) | _coupons(view) | _words(view)
    return {key: found[key] for key in (*CARDS, *(key for key in found if key not in CARDS))}


def cards(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The readings of the cards."""
    return {key: readings[key] for key in CARDS}


def _members(view: View) -> dict[str, Reading]:
    states = {key: _state(view, *how) for key, how in _STATES.items()}
    owed = states["points_balance"]
    money = [
        None if points is None else loyalty.liability(int(points))
        for points in (owed.value, owed.previous, owed.last_year, *owed.trend)
    ]
    states["points_liability"] = replace(
        owed, value=money[0], previous=money[1], last_year=money[2], trend=tuple(money[3:])
    )
    joined = reading(loyalty.members(view), _JOINED, view, figure="joined", n=("joined",))
    stays = loyalty.against(view, "stayed")
    return {
        **states,
        "new_members": joined if joined.value else replace(joined, trend=()),
        "level_agreement": _levels(view),
        "points_redemption": _flow(view, "redeemed"),
        "points_expired": _flow(view, "expired"),
        "member_stay_gap": _gap(stays["matched"]),
        "member_stay_gap_raw": _gap(stays["raw"]),
    }


def _no_figures(_counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {}


_JOINED = Additive({"joined": pl.len().cast(pl.Int64)}, _no_figures)
_VIOLATIONS = Additive({"coupons": count(pl.col("kind").is_not_null())}, _no_figures)


def _state(view: View, figure: str, whole: str, reason: str) -> Reading:
    """A figure at the end of the period, against earlier month ends."""
    rows = loyalty.months(view)
    period = loyalty.topic(view).period(view)
    end = period.last_month
    known = {row["bucket"]: row for row in rows.to_dicts()}
    now = known.get(end)
    if now is None or now[figure] is None:
        return unavailable(reason)
    before, year_ago = (
        known.get(days.last_month, {}).get(figure) if days else None
        for days in view.earlier(period)
    )
    trend = rows.filter(pl.col("bucket") <= end).tail(SPARK_MONTHS)
    frozen = baseline.year(loyalty.topic(view).earliest)
    then = known.get(frozen.last_month, {}).get(figure) if frozen else None
    return Reading(
        value=now[figure],
        previous=before,
        last_year=year_ago,
        n=now[whole],
        trend=tuple(trend[figure].to_list()),
        running=not now["complete"],
        baseline=then,
    )


def _flow(view: View, name: str) -> Reading:
    """Points redeemed or expired ÷ points earned in the months of the period."""
    first = loyalty.points_from(view)
    period = loyalty.topic(view).period(view)
    now = _ratio(view, period, name)
    if first is None or now is None:
        return unavailable("no_points")
    before, year_ago = (
        _ratio(view, days, name) if days and loyalty.span(view, days)[0] >= first else None
        for days in view.earlier(period)
    )
    rows = loyalty.months(view).filter(pl.col("bucket") <= period.last_month).tail(SPARK_MONTHS)
    part = pl.col(name) / pl.when(pl.col("earned") > 0).then("earned")
    return Reading(
        value=now,
        previous=before,
        last_year=year_ago,
        n=_state(view, "members", "members", "no_rows").n,
        trend=tuple(rows.select(part).to_series().to_list()),
        running=not rows.is_empty() and not rows["complete"][-1],
        baseline=_frozen(view, name),
    )


def _ratio(view: View, period: Period, name: str) -> float | None:
    row = loyalty.moved(view, period).row(0, named=True)
    return row[name] / row["earned"] if row["earned"] else None


def _frozen(view: View, name: str) -> float | None:
    """The same in the year before the programme, if points were recorded all of it."""
    first = loyalty.points_from(view)
    frozen = baseline.year(first) if first else None
    if frozen is None:
        return None
    last = frozen.last_month
    year = pl.col("bucket").is_between(shift_months(last, -11), last)
    sums = loyalty.months(view).filter(year).select(pl.col(name, "earned").sum()).row(0)
    return sums[0] / sums[1] if sums[1] else None


def _levels(view: View) -> Reading:
    """Share of members whose level is the one that the rule gives."""
    rows = loyalty.levels(view).drop_nulls("level")
    total = int(rows["members"].sum())
    if not total:
        return unavailable("no_rows")
    same = rows.filter(pl.col("level") == pl.col("rule_level"))
    return Reading(int(same["members"].sum()) / total, n=total)


def _gap(found: Difference) -> Reading:
    """A difference of shares in percentage points."""
    if found.value is None:
        return unavailable("nobody_to_compare")
    low, high = (None if each is None else 100 * each for each in (found.low, found.high))
    return Reading(100 * found.value, n=found.n + found.n_control, low=low, high=high)


def _coupons(view: View) -> dict[str, Reading]:
    given, recalled = word_of_mouth.given(view), word_of_mouth.recall(view)
    wrong = word_of_mouth.mass_to_top(view)
    return {
        "coupon_redemption": _redemption(view, given),
        "coupon_extra_orders": _extra(view, given),
        "recall_redemption": _redemption(view, recalled),
        "recall_extra_orders": _extra(view, recalled),
        "mass_to_top": reading(wrong, _VIOLATIONS, view, figure="coupons", n=("coupons",)),
    }


def _redemption(view: View, topic: Topic) -> Reading:
    what = coupons.RESULTS
    return reading(topic, what, view, figure="redemption", n=("given",), reason="no_coupons")


def _extra(view: View, topic: Topic) -> Reading:
    period = topic.period(view)
    found = word_of_mouth.extra_orders(word_of_mouth.inside(topic, period))
    if found.value is None:
        return unavailable("no_control")
    before, year_ago = (
        word_of_mouth.extra_orders(word_of_mouth.inside(topic, days)).value if days else None
        for days in map(topic.known, view.earlier(period))
    )
    return Reading(
        found.value, before, year_ago, n=found.n + found.n_control, low=found.low, high=found.high
    )


def _words(view: View) -> dict[str, Reading]:
    cost = _said(view, "cost_per_customer")
    rewards = now_and_earlier(word_of_mouth.said(view), referrals.RESULTS, view)[0]["rewards"]
    return {
        "promoters_referring": _referring(view),
        "referral_conversion": _said(view, "conversion"),
        "reward_per_customer": cost if rewards else unavailable("no_rewards"),
        "review_count": _posted(view, "reviews"),
        "review_stars": _posted(view, "mean"),
        "reviews_shared": _posted(view, "shared_share"),
    }


def _said(view: View, figure: str) -> Reading:
    said, what = word_of_mouth.said(view), referrals.RESULTS
    return reading(said, what, view, figure=figure, n=("came",), reason="no_referrals")


def _posted(view: View, figure: str) -> Reading:
    posted, what = word_of_mouth.posted(view), referrals.REVIEWS
    return reading(posted, what, view, figure=figure, n=("rated",), reason="no_reviews")


def _referring(view: View) -> Reading:
    """Of today's promoters, who recommended in the period."""
    part, whole = word_of_mouth.referring(view, word_of_mouth.said(view).period(view))
    if not whole:
        return unavailable("no_promoters")
    share = intervals.share("share", pl.col("part"), pl.col("whole"))
    counts = pl.DataFrame({"part": [part], "whole": [whole]})
    row = counts.select(**share).row(0, named=True)
    return Reading(row["share"], n=whole, low=row["share_low"], high=row["share_high"])
