"""The risk of every customer: what the list, the customer page and the marts read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.churn.drivers import SCHEMA, drivers
from metrics.churn.features import FeatureRule, features, unanswered
from metrics.churn.fit import fit_churn
from metrics.churn.guard import FitRefusedError
from metrics.churn.landmarks import LandmarkRule
from metrics.churn.model import ChurnModel
from metrics.churn.rhythm import Definition
from metrics.churn.score import HORIZONS, score
from metrics.churn.tables import CrmTables

_PROBABILITIES = [*(f"p{days}" for days in HORIZONS), "silent_90"]
COLUMNS = (
    "customer_id",
    "usual_gap_days",
    "tau_days",
    "silent_days",
    "remaining_days",
    "churned",
    *_PROBABILITIES,
    "band",
    "pace",
    "drivers",
    "unanswered_streak",
    "revenue_at_risk",
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """The risk of every customer, and the model behind it or why there is none."""

    customers: pl.DataFrame
    model: ChurnModel | None
    refusal: FitRefusedError | None


def assess(
    tables: CrmTables,
    *,
    as_of: date,
    definition: Definition | None = None,
    last_good: ChurnModel | None = None,
) -> Assessment:
    """Fit, and score everyone; if the fit is refused, score with the last good model, if any.

    Never raises for want of data: without a model the probabilities are null and `refusal` says
    why.
    """
    model, refusal = last_good, None
    try:
        model = fit_churn(tables, as_of=as_of, definition=definition)
    except FitRefusedError as error:
        refusal = error
    customers = customer_risk(tables, model, as_of=as_of, definition=definition)
    return Assessment(customers, model, refusal)


def customer_risk(
    tables: CrmTables,
    model: ChurnModel | None,
    *,
    as_of: date,
    definition: Definition | None = None,
) -> pl.DataFrame:
    """Rhythm, churn state and risk of every customer who is not deleted.

    Revenue at risk is p90 x revenue of the last 365 days (returns deducted, never below 0): what
    is expected to be lost, not what is threatened. One
    group_by per event table, then joins of one row per customer, so the cost grows with the rows:
    200,000 customers with 2.7M orders and 3.6M contacts take 1.5 s on two cores, the fit 7 s
    however many customers there are.

    Args:
        tables: The CRM.
        model: A fitted model, or None: then probabilities, drivers and revenue at risk are null.
        as_of: Last day of the data, inclusive.
        definition: Of churn; the model's own, or the rules' without a model.

    Returns:
        One row per customer, sorted by customer_id: usual_gap_days (days), tau_days, silent_days,
        remaining_days, churned (these null without a purchase), p30, p60, p90 (0..1; null once
        churned), silent_90 (0..1; null if silent for a year), band and pace (for
        `survival_curve`), drivers (list of driver and effect), unanswered_streak (0 without
        contacts; null if the CRM records none), revenue_at_risk (Int64 minor units).
    """
    tables, _ = tables.without_empty()
    known = scored(tables, model, as_of=as_of, definition=definition).collect()
    reasons = drivers(known, model) if model else pl.lit(None, dtype=SCHEMA)
    return _everyone(tables, known.with_columns(drivers=reasons), as_of)


def scored(
    tables: CrmTables,
    model: ChurnModel | None,
    *,
    as_of: date,
    definition: Definition | None = None,
) -> pl.LazyFrame:
    """Rhythm, churn state and probabilities of every buyer, from what was known at `as_of`.

    Args:
        tables: The CRM, without empty tables.
        model: A fitted model, of whatever day, or None: then what it says is null.
        as_of: The day; later rows are not looked at.
        definition: Of churn; the model's own, or the rules' without a model.

    Returns:
        One row per customer, unordered: the columns of `features` and of `score`, and
        revenue_at_risk.
    """
    chosen = definition or (model.definition if model else Definition.standard())
    known = features(tables, as_of=as_of, definition=chosen)
    if model is None:
        unknown = pl.lit(None, dtype=pl.Float64)
        found = known.with_columns(
            **dict.fromkeys([*_PROBABILITIES, "pace"], unknown), band=pl.lit(None, dtype=pl.Int8)
        )
    else:
        found = score(known, model, at_risk_days=LandmarkRule.standard().at_risk_days)
    lost = pl.col("p90") * pl.col("revenue_365").clip(lower_bound=0)
    return found.with_columns(revenue_at_risk=lost.round().cast(pl.Int64))


def _everyone(tables: CrmTables, risk: pl.DataFrame, as_of: date) -> pl.DataFrame:
    customers = tables.customers
    if "deleted_on" in customers.collect_schema().names():
        customers = customers.filter(~(pl.col("deleted_on") <= as_of).fill_null(value=False))
    return (
        customers.select("customer_id")
        .join(
            risk.lazy().select(name for name in COLUMNS if name != "unanswered_streak"),
            on="customer_id",
            how="left",
            validate="1:1",
        )
        .join(_streaks(tables, as_of), on="customer_id", how="left", validate="1:1")
        .with_columns(
            pl.col("unanswered_streak").fill_null(pl.lit(0 if _records(tables) else None))
        )
        .select(COLUMNS)
        .sort("customer_id")
        .collect()
    )


def _records(tables: CrmTables) -> bool:
    """Whether the CRM records answers to contacts."""
    contacts = tables.interactions
    return contacts is not None and "responded" in contacts.collect_schema().names()


def _streaks(tables: CrmTables, as_of: date) -> pl.LazyFrame:
    """Also of customers who never bought."""
    if tables.interactions is None:
        return pl.LazyFrame(schema={"customer_id": pl.String, "unanswered_streak": pl.UInt32})
    return unanswered(tables.interactions, as_of=as_of, rule=FeatureRule.standard())
