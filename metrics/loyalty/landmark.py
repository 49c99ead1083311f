"""Members and others from one day on: membership as known on it, followed for a year.

Whoever joins must have stayed until then; credited with that time, members seem to stay longer
(immortal time). So membership is read on one day, the landmark, among those still customers on it,
and only what comes later counts. Whoever joins later stays with the others.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, first_day, shift_months
from metrics.loyalty.members import Memberships
from metrics.purchase_days import days_bought, has_bought
from metrics.selection import DIMENSIONS, Period
from metrics.survival import lifetimes, origin

HORIZON = 365  # days after the landmark
_DAY = timedelta(days=1)


def landmark(as_of: date, months: int) -> date:
    """The last end of a month at least so many months ago."""
    latest = shift_months(as_of + _DAY, -months)
    return first_day(latest, Grain.MONTH) - _DAY


def landmark_rows(
    people: pl.LazyFrame,
    memberships: Memberships,
    bought: pl.LazyFrame,
    tiers: pl.LazyFrame,
    *,
    day: date,
    as_of: date,
    observed_from: date,
    tenure_days: tuple[int, ...],
    purchase_days: tuple[int, ...],
) -> pl.LazyFrame:
    """Everybody who was a customer on the landmark, and what became of them (mart).

    A customer then is who had bought by then and whose silence has not reached its threshold by
    then (`survival.lifetimes`): who was silent and came back has one life.

    Args:
        people: Rows of the customer mart, in the order of `memberships`.
        memberships: Theirs.
        bought: The mart `purchase_days` of the same customers in the same order.
        tiers: customer_id (unique), tier at the end of the landmark.
        day: The landmark.
        as_of: Last day of the data, inclusive.
        observed_from: First day of the data.
        tenure_days: Bounds of the bands of tenure.
        purchase_days: Bounds of the bands of days with a purchase in the year before.

    Returns:
        One row per customer, unordered: customer_id, the dimensions (tier of the landmark, the
        others of today), member (then), tenure and frequency (bands then, String: "0" below the
        first bound), entry (0), duration (days from the landmark to leaving or the end of the
        data), event (true: left), stayed (still a customer 365 days later), again (bought in these
        days).
    """
    names = bought.collect_schema().names()
    year = Period(day + _DAY, day + (HORIZON + 1) * _DAY)
    before = Period(day - (HORIZON - 1) * _DAY, day + _DAY)
    purchases = bought.select(
        "customer_id",
        again=has_bought(names, year),
        frequency=_band(days_bought(names, before), purchase_days),
    )
    member = pl.Series("member", memberships.on(day))
    rows = people.with_columns(
        pl.lit(member).alias("member"), first_on="first_order_on", last_on="last_order_on"
    )
    lives = lifetimes(rows, as_of=as_of, observed_from=observed_from)
    born = origin(lives.collect_schema().names(), observed_from)
    tenure = (pl.lit(day) - born).dt.total_days()
    left = pl.col("event") & (pl.col("duration") <= HORIZON)
    return (
        lives.with_columns(_tenure=tenure)
        .filter(pl.col("first_on") <= day, pl.col("duration") > pl.col("_tenure"))
        .with_columns(
            tenure=_band(pl.col("_tenure"), tenure_days),
            entry=pl.lit(0, pl.Int64),
            duration=pl.col("duration") - pl.col("_tenure"),
        )
        .drop("tier", strict=False)
        .join(tiers, on="customer_id", how="left", validate="1:1")
        .join(purchases, on="customer_id", how="left", validate="1:1")
        .with_columns(stayed=~left)
        .select(
            "customer_id",
            *DIMENSIONS,
            *("member", "tenure", "frequency", "entry", "duration", "event", "stayed", "again"),
        )
    )


def _band(value: pl.Expr, bounds: tuple[int, ...]) -> pl.Expr:
    return pl.sum_horizontal(value >= bound for bound in bounds).cast(pl.String)
