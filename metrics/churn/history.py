"""The risk of churn at past month ends: today's model looking back."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, first_day
from metrics.churn.landmarks import LandmarkRule, first_purchase
from metrics.churn.model import ChurnModel
from metrics.churn.risk import scored
from metrics.churn.summary import risk_counts, win_back_counts
from metrics.churn.tables import CrmTables
from metrics.churn.win_back import lapsed, win_back_days
from metrics.dimensions import today
from metrics.rules import load
from metrics.tiers.history import tiers_at, with_tier

COUNTS = (*risk_counts(), *win_back_counts())
# Not the stage: today's follows from what came after, so it cannot choose customers of the past.
GROUPS = ("tier", "segment", "region", "owner_id", "acquisition_channel")
_ROW = ("customer_id", "p90", "revenue_at_risk", "tau_days", "silent_days", "churned", "lapsed")


def risk_months(
    tables: CrmTables,
    model: ChurnModel | None,
    customers: pl.LazyFrame,
    history: pl.LazyFrame,
    *,
    as_of: date,
) -> pl.DataFrame:
    """Counts of the risk states at the last month ends, and at `as_of` (mart).

    The probabilities of every day are those of the model given, which is today's: what it would
    have said of the rows known then. So the months differ because customers differ, never because
    the model does; and they are not what an earlier refresh has shown. Statuses of orders and the
    dimensions besides the tier are today's, too: a CRM keeps no history of them. Customers deleted
    since are counted as long as they were there. Not by stage: among those who are loyal today
    hardly anybody was at risk a year ago.

    The tier is that of the day. Who came back is counted under the tier known when he counted as
    churned: coming back brings revenue and raises the tier, so by the later tier every high one
    would win back nearly everybody.

    Cost: a scoring of all customers per day, one after another, without the drivers: 0.6 s of
    processor time for 100,000 customers with 1.5 million orders.

    Args:
        tables: The CRM.
        model: Today's, or None: then nobody is scored.
        customers: customer_id (unique; deleted ones included) and today's dimensions.
        history: tier_history.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per day × groups that occurs: day (Date; the state is that at its close), the
        groups (String), buyers, scored, at_risk, revenue_at_risk (minor units; 0 where nobody
        is scored), churned, lapsed (churned 90 days before, and still there), came_back (of
        those); Int64, additive. Sorted by day and groups.
    """
    tables, _ = tables.without_empty()
    days = history_days(first_purchase(tables.orders), as_of=as_of)
    who = today(customers, GROUPS[1:])
    states = [_state(risk_on(tables, model, day=day), who, history, day) for day in days]
    return pl.concat(states).sort("day", *GROUPS, nulls_last=True)


def history_days(first_on: date | None, *, as_of: date) -> list[date]:
    """The month ends before `as_of` that the data can judge, ascending, and `as_of` itself.

    A month end needs a year of orders up to it. With less, revenue at risk is too low, old
    customers look like a wave of new ones, and those with slow rhythms cannot have churned: on
    Online Retail customers at risk would seem to halve within half a year.
    """
    needed = timedelta(days=LandmarkRule.standard().at_risk_days - 1)  # both ends count
    days = [as_of]
    for _ in range(load("churn")["history"]["month_ends"]):
        days.insert(0, first_day(days[0], Grain.MONTH) - timedelta(days=1))
    return [day for day in days if day == as_of or (first_on and day - first_on >= needed)]


def risk_on(tables: CrmTables, model: ChurnModel | None, *, day: date) -> pl.DataFrame:
    """Every buyer not deleted by `day`, as known at its close; rows of later days play no part.

    Returns:
        One row per customer, unordered: customer_id, p90, revenue_at_risk, tau_days, silent_days,
        churned, lapsed (null: no purchase by 90 days before).
    """
    known = lapsed(tables.orders, as_of=day)
    people = scored(tables, model, as_of=day).join(
        known, on="customer_id", how="left", validate="1:1"
    )
    return people.select(_ROW).collect(engine="streaming")


def _state(
    people: pl.DataFrame, who: pl.LazyFrame, history: pl.LazyFrame, day: date
) -> pl.DataFrame:
    """The counts of one day."""
    known = people.lazy().join(who, on="customer_id", how="left", validate="1:1")
    now = known.join(tiers_at(history, day), on="customer_id", how="left", validate="1:1")
    gone = known.filter(pl.col("lapsed").fill_null(value=False))
    then = gone.with_columns(day=pl.lit(day - timedelta(days=win_back_days())))
    counts = (
        now.group_by(GROUPS).agg(**risk_counts()),
        with_tier(then, history, day="day").group_by(GROUPS).agg(**win_back_counts()),
    )
    return (
        pl.concat(counts, how="diagonal")
        .group_by(GROUPS)
        .agg(pl.col(COUNTS).sum())
        .select(pl.lit(day).alias("day"), *GROUPS, *COUNTS)
        .collect()
    )
