"""What the loyalty page asks of members: month by month, by level, and against the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers.over_time import CONTEXT_MONTHS, Topic
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, is_complete, shift_months
from metrics.loyalty.points import FLOWS
from metrics.loyalty.rule import rule
from metrics.measure import measure, ratio
from metrics.selection import Period, choice
from metrics.standardised import Difference, difference
from metrics.survival import FEW, at_risk, kaplan_meier

ACCOUNTS, POINTS = "loyalty_accounts", "loyalty_transactions"
MONTHS, MEMBERS, LANDMARK = "loyalty_months", "loyalty_members", "loyalty_landmark"
MATCHES: dict[str, tuple[str, ...]] = {
    "raw": (),
    "matched": ("tier", "tenure"),
    "strict": ("tier", "tenure", "frequency"),
}
OUTCOMES = ("stayed", "again")
_COMPARED = ("member", *MATCHES["strict"])
_WHOLE_YEAR = 11  # months after the first with a movement at whose end a year of them is known


def topic(view: View) -> Topic:
    """The months of members and points, by their first day."""
    earliest = data.first_day(view, MONTHS, "month")
    return Topic(data.selected(view, MONTHS), "month", data.as_of(view, ACCOUNTS), earliest)


def members(view: View) -> Topic:
    """Members of today and before, by the day they joined."""
    earliest = data.first_day(view, MEMBERS, "enrolled_on")
    return Topic(data.counted(view, MEMBERS), "enrolled_on", data.as_of(view, ACCOUNTS), earliest)


@data.once
def points_from(view: View) -> date | None:
    """The first month in which points moved, whatever the filters; None if they never did."""
    moves = pl.any_horizontal(pl.col(name) != 0 for name in FLOWS)
    return data.frame(view, MONTHS).filter(moves).select(pl.col("month").min()).collect().item()


@data.answer
def months(view: View) -> pl.DataFrame:
    """Every month with the sums of `loyalty_months` and what follows from them.

    Returns:
        bucket (Date, first day), customers, members, joined, active, redeemers, existing,
        repeated, other_existing, other_repeated, opening, earned, redeemed, expired, adjusted,
        balance; member_share, participation, active_share, redeeming_share (null before points
        have been recorded for a year), redemption (redeemed ÷ earned in the month), repurchase,
        other_repurchase (0 to 1; null where there is nothing to divide by), complete.
    """
    about, first = topic(view.whenever()), points_from(view)
    names = [name for name, dtype in about.rows.collect_schema().items() if dtype == pl.Int64]
    sums = measure(about.rows, "month", **{name: pl.col(name).sum() for name in names})
    known = pl.lit(value=False)
    if first is not None:
        known = pl.col("month") >= shift_months(first, _WHOLE_YEAR)
    column = pl.col
    return (
        sums.with_columns(
            member_share=ratio(column("members"), column("customers")),
            participation=pl.when(known).then(ratio(column("active"), column("customers"))),
            active_share=pl.when(known).then(ratio(column("active"), column("members"))),
            redeeming_share=pl.when(known).then(ratio(column("redeemers"), column("members"))),
            redemption=ratio(column("redeemed"), column("earned")),
            repurchase=ratio(column("repeated"), column("existing")),
            other_repurchase=ratio(column("other_repeated"), column("other_existing")),
            complete=is_complete(column("month"), Grain.MONTH, as_of=about.as_of),
        )
        .rename({"month": "bucket"})
        .collect()
    )


def span(view: View, period: Period) -> tuple[date, date]:
    """The first and last calendar month that stand for a period: as many months, to its end."""
    last, length = period.last_month, choice(view.period_code).months
    return (shift_months(last, 1 - length) if length else date.min), last


def moved(view: View, period: Period) -> pl.DataFrame:
    """One row: the points earned, redeemed, expired and adjusted in the months of a period."""
    inside = months(view).filter(pl.col("bucket").is_between(*span(view, period)))
    return inside.select(pl.col(FLOWS).sum())


@data.answer
def shown(view: View) -> pl.DataFrame:
    """The months of the period, with at least a year up to its end, as in every trend."""
    about = topic(view)
    period = about.period(view)
    first, last = span(view, period)
    first = min(first, shift_months(last, 1 - CONTEXT_MONTHS))
    return months(view).filter(pl.col("bucket").is_between(first, last))


@data.answer
def levels(view: View) -> pl.DataFrame:
    """Today's members by level and tier: level, rule_level, tier, members; null where unknown."""
    of = ("level", "rule_level", "tier")
    rows = data.tally(view, MEMBERS, *of, "is_member").filter("is_member")
    return measure(rows, *of, members=pl.col("rows").sum()).collect()


def judged(view: View) -> View:
    """The view without a filter on today's stage, which follows from leaving."""
    return view.without("stage")


@data.answer
def _outcomes(view: View) -> pl.DataFrame:
    """The customers of the landmark by all that is compared, and by what became of them."""
    return data.tally(view, LANDMARK, *_COMPARED, *OUTCOMES).collect()


@data.answer
def against(view: View, outcome: str) -> dict[str, Difference]:
    """Members of the landmark against the others a year later, by how they are matched.

    Args:
        view: The view; a filter on tiers holds for the tier of the landmark.
        outcome: stayed or again.
    """
    kept = _outcomes(judged(view).whenever()).lazy()
    return {
        name: difference(kept, pl.col(outcome), pl.col("member"), strata, each=pl.col("rows"))
        for name, strata in MATCHES.items()
    }


@dataclass(frozen=True, slots=True)
class Curves:
    """How long members and others stay from the landmark on.

    Attributes:
        curve: Of `kaplan_meier` at every seventh day: group (member, other), day, survival, low,
            high, at_risk.
        numbers: Customers at risk at the ticks.
        sizes: Customers of each group.
        days: The ticks.
    """

    curve: pl.DataFrame
    numbers: pl.DataFrame
    sizes: dict[str, int]
    days: tuple[int, ...]


@data.answer
def _lives(view: View) -> pl.DataFrame:
    """Of `survival.counts`, members and others."""
    group = pl.when("member").then(pl.lit("member")).otherwise(pl.lit("other"))
    lived = data.tally(view, LANDMARK, "member", "duration", "event")
    lives = lived.select("duration", "event", group=group, entry=pl.lit(0), customers="rows")
    return lives.sort("group", "entry", "duration", "event").collect()


@data.answer
def curves(view: View) -> Curves | None:
    """The curves of those chosen; None unless there are 50 in both groups."""
    lives = _lives(judged(view).whenever())
    sizes = dict(lives.group_by("group").agg(pl.col("customers").sum()).iter_rows())
    if len(sizes) < 2 or min(sizes.values()) < FEW:
        return None
    days = (0, 91, 183, 274, 365)
    curve = kaplan_meier(lives).filter(pl.col("day") <= days[-1])
    return Curves(curve, at_risk(lives, list(days)), sizes, days)


def liability(points: int) -> int:
    """What so many points cost, by the rule."""
    return rule().liability(points, money_scale=settings().money_scale)
