"""Landmark rows: who was there on past days, and how long they then took to buy again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import polars as pl

from metrics.churn.contracts import IN_FORCE
from metrics.churn.features import features
from metrics.churn.purchases import Buyers, buyers_of, mean_gaps
from metrics.churn.rhythm import Definition
from metrics.churn.tables import CrmTables
from metrics.customer_days import as_dates
from metrics.rules import load


@dataclass(frozen=True, slots=True)
class LandmarkRule:
    """Distance, number and warm-up of landmarks, and the size of the customer sample."""

    every_days: int
    count: int
    first_after_days: int
    at_risk_days: int
    sample_customers: int

    @classmethod
    def standard(cls) -> Self:
        """The landmarks in `rules/churn.toml`."""
        return cls(**load("churn")["landmarks"])


def first_purchase(purchases: pl.LazyFrame) -> date | None:
    """The first day on which anybody bought; None if nobody has."""
    return purchases.select(pl.col("ordered_on").min()).collect().item()


def landmark_days(first_on: date | None, *, as_of: date, rule: LandmarkRule) -> list[date]:
    """The landmarks, ascending: every 90 days back from as_of, with enough history behind.

    The window after each is complete at as_of and touches no other, so that a customer's rows
    are about different days and standard errors stay honest.
    """
    if first_on is None:
        return []
    days = [as_of - timedelta(days=rule.every_days * step) for step in range(rule.count, 0, -1)]
    return [day for day in days if (day - first_on).days >= rule.first_after_days]


def sample(tables: CrmTables, customers: int) -> CrmTables:
    """The tables of about `customers` buyers, drawn by lot: never by row order."""
    buyers = tables.purchases().select(pl.col("customer_id").n_unique())
    known: int = buyers.collect(engine="streaming").item()
    if known <= customers:
        return tables
    return tables.sample(customers / known)


def landmark_rows(
    tables: CrmTables,
    *,
    as_of: date,
    definition: Definition | None = None,
    rule: LandmarkRule | None = None,
) -> pl.DataFrame:
    """Training rows: a customer at risk at a landmark and the days until the next purchase.

    At risk: bought within the last 365 days, not deleted, neither under contract nor churned by the
    end of one. Features know only days up to the
    landmark; the window is the 90 days after it. Duration: whole days 1 to 90 to the next
    purchase, or to the end of the window or the day the customer was deleted (censored, neither
    a purchase nor a churn).

    Returns:
        One row per customer and landmark, sorted by both: the columns of `features`,
        landmark_on, duration (Int32), event (Int8: bought). Empty if the
        data are too short for a landmark.
    """
    rule = rule or LandmarkRule.standard()
    definition = definition or Definition.standard()
    days = landmark_days(first_purchase(tables.purchases()), as_of=as_of, rule=rule)
    return rows_of(tables, days, as_of=as_of, definition=definition, rule=rule)


def rows_of(
    tables: CrmTables,
    days: Sequence[date],
    *,
    as_of: date,
    definition: Definition,
    rule: LandmarkRule,
) -> pl.DataFrame:
    """The `landmark_rows` of given days, each with a complete window before `as_of`."""
    ranges = buyers_of(tables, as_of)
    means = mean_gaps(ranges, days or [as_of])
    at_risk = pl.concat(_at_risk(each, days or [as_of], means, definition, rule) for each in ranges)
    return training_rows(tables, at_risk, as_of=as_of, rule=rule)


def training_rows(
    tables: CrmTables, at_risk: pl.DataFrame, *, as_of: date, rule: LandmarkRule
) -> pl.DataFrame:
    """Who was at risk at landmarks, with features and what became of them in the window after.

    Args:
        tables: The CRM.
        at_risk: customer_id, as_of (the landmark), next_on (the day of the event, if there is one
            in the window or later), and what `features` reads of moments.
        as_of: Last day of the data, inclusive.
        rule: Length of the window.

    Returns:
        One row per customer and landmark, sorted by both; see `landmark_rows`.
    """
    rows = (
        features(tables, at_risk.lazy())
        .rename({"as_of": "landmark_on"})
        .join(deletions(tables.customers), on="customer_id", how="left", validate="m:1")
        .with_columns(**_outcome(rule.every_days))
        .filter(pl.col("landmark_on") < as_of)
        .drop("next_on", "deleted_on")
        .sort("customer_id", "landmark_on")
    )
    return rows.collect(engine="streaming")


def _at_risk(
    buyers: Buyers,
    days: Sequence[date],
    means: Mapping[date, float | None],
    definition: Definition,
    rule: LandmarkRule,
) -> pl.DataFrame:
    """Who of a range is at risk at a landmark; next_on: the next purchase, if in the window.

    Customers under contract, or churned since it ended, go by that, not by their purchases.
    """
    who, landmark = buyers.moments(days)
    window = buyers.bought.within(who, after=landmark, until=landmark + rule.every_days)
    came = pl.Series(window.count() > 0)
    following = as_dates(buyers.bought.first_day(window, landmark))
    silent, gap = pl.col("silent_days") < rule.at_risk_days, pl.col("usual_gap_days").is_not_null()
    free = pl.col("contract_days").is_null() & pl.col("contract_ended_on").is_null()
    return (
        buyers.rhythm(days, means, definition)
        .with_columns(next_on=pl.when(came).then(following))
        .filter(free & silent & gap)
        .drop(name for name in IN_FORCE if name != "contract_ended_on")
        .with_columns(customer_id=pl.lit(buyers.ids).gather("customer_id"))
    )


def deletions(customers: pl.LazyFrame) -> pl.LazyFrame:
    """The day each customer was deleted, null for those who are there."""
    if "deleted_on" in customers.collect_schema().names():
        return customers.select("customer_id", "deleted_on")
    return customers.select("customer_id", deleted_on=pl.lit(None, dtype=pl.Date))


def _outcome(window: int) -> dict[str, pl.Expr]:
    end = pl.col("landmark_on").dt.offset_by(f"{window}d")
    last = pl.min_horizontal(end, "deleted_on")
    bought = (pl.col("next_on") <= last).fill_null(value=False)
    until = pl.when(bought).then("next_on").otherwise(last)
    return {
        "duration": (until - pl.col("landmark_on")).dt.total_days().cast(pl.Int32),
        "event": bought.cast(pl.Int8),
    }
