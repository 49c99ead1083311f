"""The contractual regime: when customers under contract leave, and how likely they are to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.churn.landmarks import LandmarkRule, deletions, landmark_days, training_rows
from metrics.churn.model import ChurnModel
from metrics.churn.purchases import Buyers, buyers_of
from metrics.churn.score import HORIZONS, silent
from metrics.churn.tables import CrmTables

_NOT_TOLD = ("usual_gap_days", "tau_days", "remaining_days", "silent_90")


def contract_rows(
    tables: CrmTables, *, as_of: date, rule: LandmarkRule | None = None
) -> pl.DataFrame:
    """Training rows: a customer under contract at a landmark and the days until that ended.

    Features know only days up to the landmark; the window is the 90 days after it. Censored at
    its end and at the deletion of the customer, which is no cancellation, nor is a contract that
    ends on that day.

    Returns:
        One row per customer and landmark, sorted by both: the columns of `features`,
        contract_days, monthly_amount, landmark_on, duration (Int32), event (Int8: ended). Empty
        if there are no contracts or the data are too short.
    """
    rule = rule or LandmarkRule.standard()
    days = landmark_days(first_contract(tables), as_of=as_of, rule=rule)
    return contract_rows_of(tables, days, as_of=as_of, rule=rule)


def first_contract(tables: CrmTables) -> date | None:
    """The first day of the first contract; None if there is none."""
    if tables.contracts is None:
        return None
    return tables.contracts.select(pl.col("started_on").min()).collect().item()


def contract_rows_of(
    tables: CrmTables, days: Sequence[date], *, as_of: date, rule: LandmarkRule
) -> pl.DataFrame:
    """The `contract_rows` of given days, each with a complete window before `as_of`."""
    if not days:
        return pl.DataFrame()
    running = pl.concat(_running(buyers, days) for buyers in buyers_of(tables, as_of))
    gone = deletions(tables.customers).collect()
    rows = running.join(gone, on="customer_id", how="left", validate="m:1")
    kept = (pl.col("next_on") < pl.col("deleted_on")).fill_null(value=True)
    rows = rows.with_columns(next_on=pl.when(kept).then("next_on")).drop("deleted_on")
    return training_rows(tables, rows, as_of=as_of, rule=rule)


def _running(buyers: Buyers, days: Sequence[date]) -> pl.DataFrame:
    """Who of a range is under contract at a landmark; next_on: the first day without one."""
    return (
        buyers.in_force(days)
        .filter(pl.col("contract_days").is_not_null())
        .with_columns(customer_id=pl.lit(buyers.ids).gather("customer_id"))
        .rename({"contract_ends_on": "next_on"})
    )


def score_contracts(features: pl.LazyFrame, model: ChurnModel | None) -> pl.LazyFrame:
    """Probability that the last contract of a customer ends within 30, 60 and 90 days.

    P(h) = 1 - exp(-H(h) x pace), H the cumulative hazard of the tenure's band. No silence makes
    these customers churned.

    Args:
        features: As `features` returns them, of customers with an open contract (IN_FORCE).
        model: Of contracts, or None: then they have no probability.

    Returns:
        The same rows with the columns that `score` adds; null are silent_90, the usual gap and the
        threshold with the days left.
    """
    unknown = dict.fromkeys(_NOT_TOLD, pl.lit(None))
    known = features.with_columns(**unknown, churned=pl.lit(value=False))
    names = ("band", "pace", *(f"p{days}" for days in HORIZONS))
    if model is None:
        return known.with_columns(**dict.fromkeys(names, pl.lit(None)))
    available = set(features.collect_schema().names())
    paced = known.with_columns(band=model.band(), pace=model.pace(available))
    return paced.with_columns(**{f"p{days}": 1 - silent(model, pl.lit(days)) for days in HORIZONS})
