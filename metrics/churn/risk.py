"""The risk of every customer: what the list, the customer page and the marts read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.churn.drivers import SCHEMA, drivers
from metrics.churn.events import FeatureRule
from metrics.churn.features import features
from metrics.churn.guard import FitRefusedError
from metrics.churn.landmarks import LandmarkRule
from metrics.churn.model import ChurnModel
from metrics.churn.purchases import Buyers, buyers_of, mean_gaps, side_by_side
from metrics.churn.rhythm import Definition
from metrics.churn.score import HORIZONS, score
from metrics.churn.summary import expected_loss
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
    "revenue_365",
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
    model, refusal, tables = last_good, None, tables.loaded()
    try:
        from metrics.churn.fit import fit_churn  # with lifelines, 90 MB that no page needs

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
    is expected to be lost, not what is threatened. For 2 million customers with 41M orders and 41M
    contacts 26 s of processor time.

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
        contacts; null if the CRM records none), revenue_365 (Int64 minor units, of the last 365
        days, returns deducted; 0 without orders), revenue_at_risk (the same unit).
    """
    tables, _ = tables.without_empty()
    chosen = definition or (model.definition if model else Definition.standard())
    ranges = buyers_of(tables, as_of)
    mean = mean_gaps(ranges, [as_of])

    def known(buyers: Buyers) -> pl.DataFrame:
        rhythm = buyers.rhythm([as_of], mean, chosen)
        return _known(tables, model, buyers, as_of, rhythm)

    people = pl.concat(side_by_side(ranges, known)).sort("customer_id")
    reasons = drivers(people, model) if model else pl.lit(None, dtype=SCHEMA)
    streak = pl.col("unanswered_streak") if tables.records_answers() else pl.lit(None)
    shown = people.with_columns(drivers=reasons, unanswered_streak=streak.cast(pl.UInt32))
    return shown.select(COLUMNS)


def _known(
    tables: CrmTables, model: ChurnModel | None, buyers: Buyers, as_of: date, rhythm: pl.DataFrame
) -> pl.DataFrame:
    """What is known today of the customers of a range, those who never bought included."""
    part = tables.where(buyers.within)
    others = part.customers.join(
        buyers.ids.to_frame("customer_id").lazy(), on="customer_id", how="anti"
    )
    ids = pl.concat([buyers.ids, others.select("customer_id").collect().to_series()])
    numbers = pl.LazyFrame({"customer_id": pl.int_range(len(ids), dtype=pl.UInt32, eager=True)})
    everyone = numbers.with_columns(as_of=pl.lit(as_of))
    moments = everyone.join(rhythm.lazy(), on=["customer_id", "as_of"], how="left", validate="1:1")
    recent = part.after(as_of - timedelta(days=FeatureRule.standard().longest_days))
    found = scored(recent.numbered(ids), model, moments).collect(engine="streaming")
    return found.with_columns(ids.gather(found["customer_id"]).alias("customer_id"))


def scored(tables: CrmTables, model: ChurnModel | None, moments: pl.LazyFrame) -> pl.LazyFrame:
    """Churn state and probabilities of customers on some days, from what was known then.

    Args:
        tables: The CRM, without empty tables.
        model: A fitted model, of whatever day, or None: then what it says is null.
        moments: See `features`.

    Returns:
        The moments of customers not deleted by then, unordered: the columns of `features` and of
        `score`, and revenue_at_risk.
    """
    known = features(tables, moments)
    if model is None:
        unknown = pl.lit(None, dtype=pl.Float64)
        found = known.with_columns(
            **dict.fromkeys([*_PROBABILITIES, "pace"], unknown), band=pl.lit(None, dtype=pl.Int8)
        )
    else:
        found = score(known, model, at_risk_days=LandmarkRule.standard().at_risk_days)
    return found.with_columns(revenue_at_risk=expected_loss())
