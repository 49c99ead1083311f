"""The risk of every customer: what the list, the customer page and the marts read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.churn.cancellation import score_contracts
from metrics.churn.contracts import IN_FORCE
from metrics.churn.drivers import by_regime, group_drivers
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
    *IN_FORCE,
)


@dataclass(frozen=True, slots=True)
class Models:
    """The model of each regime; None where none could be fitted yet."""

    purchases: ChurnModel | None = None
    contracts: ChurnModel | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The risk of every customer, and the models behind it or why there is none.

    Attributes:
        customers: Of `customer_risk`.
        groups: Of `group_drivers`, customers under contract apart.
        model: Of purchases.
        refusal: Why that was not fitted anew.
        contracts: Of customers under contract; None also where the CRM has no contracts.
        contracts_refusal: Why that was not fitted anew; None also where the CRM has no contracts.
    """

    customers: pl.DataFrame
    groups: pl.DataFrame
    model: ChurnModel | None
    refusal: FitRefusedError | None
    contracts: ChurnModel | None = None
    contracts_refusal: FitRefusedError | None = None


def assess(
    tables: CrmTables,
    *,
    as_of: date,
    definition: Definition | None = None,
    last_good: Models | None = None,
) -> Assessment:
    """Fit, and score everyone; if a fit is refused, score with the last good model, if any.

    Never raises for want of data: without a model the probabilities are null and `refusal` says
    why. A model that goes on keeps the day it was fitted on (`ChurnModel.as_of`).
    """
    from metrics.churn.fit import fit_churn, fit_contracts  # lifelines, 90 MB that no page needs

    known = last_good or Models()
    model, refusal = known.purchases, None
    contracts, contracts_refusal = None, None
    tables, _ = tables.loaded().without_empty()
    try:
        model = fit_churn(tables, as_of=as_of, definition=definition)
    except FitRefusedError as error:
        refusal = error
    if tables.contracts is not None:
        contracts = known.contracts
        try:
            contracts = fit_contracts(tables, as_of=as_of)
        except FitRefusedError as error:
            contracts_refusal = error
    people = _people(tables, model, as_of=as_of, definition=definition, contracts=contracts)
    groups = group_drivers(people.filter(pl.col("contract_days").is_null()), model)
    customers = _shown(people, tables, model, contracts)
    return Assessment(customers, groups, model, refusal, contracts, contracts_refusal)


def customer_risk(
    tables: CrmTables,
    model: ChurnModel | None,
    *,
    as_of: date,
    definition: Definition | None = None,
    contracts: ChurnModel | None = None,
) -> pl.DataFrame:
    """Rhythm, churn state and risk of every customer who is not deleted.

    Revenue at risk is p90 x revenue of the last 365 days (returns deducted, never below 0), or x
    twelve monthly amounts under contract: what is expected to be lost, not what is threatened.
    Customers with an open contract go by the model
    of contracts (`score_contracts`), all others by their purchases. For 2 million customers with
    41M orders and 41M contacts 26 s of processor time.

    Args:
        tables: The CRM.
        model: A fitted model, or None: then probabilities, drivers and revenue at risk are null.
        as_of: Last day of the data, inclusive.
        definition: Of churn; the model's own, or the rules' without a model.
        contracts: A fitted model of customers under contract, or None.

    Returns:
        One row per customer, sorted by customer_id: usual_gap_days (days), tau_days, silent_days,
        remaining_days, churned (these null without a purchase; the days of the rhythm and of the
        threshold also under contract; see `rhythm.judged` for who has left a contract), p30, p60,
        p90 (0..1; null once churned), silent_90 (0..1; null if silent for a year, and once churned
        by the end of a contract), band and pace (for `survival_curve`), drivers (list of driver and
        effect), unanswered_streak (0 without contacts; null if the CRM records none), revenue_365
        (Int64 minor units, of the last 365 days, returns deducted; 0 without orders),
        revenue_at_risk (the same unit), and contract_days, monthly_amount, contract_ends_on (null
        without an open contract), contract_ended_on (null unless that made the customer churned).
    """
    tables, _ = tables.without_empty()
    people = _people(tables, model, as_of=as_of, definition=definition, contracts=contracts)
    return _shown(people, tables, model, contracts)


def _people(
    tables: CrmTables,
    model: ChurnModel | None,
    *,
    as_of: date,
    definition: Definition | None,
    contracts: ChurnModel | None,
) -> pl.DataFrame:
    """Everybody who is not deleted with all that is known today, sorted by customer_id."""
    chosen = definition or (model.definition if model else Definition.standard())
    ranges = buyers_of(tables, as_of)
    mean = mean_gaps(ranges, [as_of])

    def known(buyers: Buyers) -> pl.DataFrame:
        moments = buyers.rhythm([as_of], mean, chosen)
        return _known(tables, (model, contracts), buyers, as_of, moments)

    return pl.concat(side_by_side(ranges, known)).sort("customer_id")


def _shown(
    people: pl.DataFrame,
    tables: CrmTables,
    model: ChurnModel | None,
    contracts: ChurnModel | None,
) -> pl.DataFrame:
    """What `customer_risk` gives of everybody."""
    reasons = by_regime(people, model, contracts)
    streak = pl.col("unanswered_streak") if tables.records_answers() else pl.lit(None)
    shown = people.with_columns(drivers=reasons, unanswered_streak=streak.cast(pl.UInt32))
    return shown.select(COLUMNS)


def _known(
    tables: CrmTables,
    models: tuple[ChurnModel | None, ChurnModel | None],
    buyers: Buyers,
    as_of: date,
    known: pl.DataFrame,
) -> pl.DataFrame:
    """What is known today of the customers of a range, those who never bought included."""
    part = tables.where(buyers.within)
    others = part.customers.join(
        buyers.ids.to_frame("customer_id").lazy(), on="customer_id", how="anti"
    )
    ids = pl.concat([buyers.ids, others.select("customer_id").collect().to_series()])
    numbers = pl.LazyFrame({"customer_id": pl.int_range(len(ids), dtype=pl.UInt32, eager=True)})
    everyone = numbers.with_columns(as_of=pl.lit(as_of))
    moments = everyone.join(known.lazy(), on=["customer_id", "as_of"], how="left", validate="1:1")
    recent = part.after(as_of - timedelta(days=FeatureRule.standard().longest_days))
    model, contracts = models
    told = scored(recent.numbered(ids), model, moments, contracts=contracts)
    found = told.collect(engine="streaming")
    return found.with_columns(ids.gather(found["customer_id"]).alias("customer_id"))


def scored(
    tables: CrmTables,
    model: ChurnModel | None,
    moments: pl.LazyFrame,
    *,
    contracts: ChurnModel | None = None,
) -> pl.LazyFrame:
    """Churn state and probabilities of customers on some days, from what was known then.

    Args:
        tables: The CRM, without empty tables.
        model: A fitted model, of whatever day, or None: then what it says is null.
        moments: See `features`; with the columns of `contracts.IN_FORCE` where contracts count.
        contracts: A fitted model of customers under contract, or None.

    Returns:
        The moments of customers not deleted by then, unordered: the columns of `features` and of
        `score`, and revenue_at_risk.
    """
    known = features(tables, moments)
    absent = {name: kind for name, kind in IN_FORCE.items() if name not in known.collect_schema()}
    known = known.with_columns(**{name: pl.lit(None, kind) for name, kind in absent.items()})
    runs = pl.col("contract_days").is_not_null()
    free = _by_purchases(known.filter(~runs), model)
    held = score_contracts(known.filter(runs), contracts)
    names = free.collect_schema().names()
    every = free if absent else pl.concat([free, held.select(names)], how="vertical_relaxed")
    return every.with_columns(revenue_at_risk=expected_loss())


def _by_purchases(known: pl.LazyFrame, model: ChurnModel | None) -> pl.LazyFrame:
    if model is None:
        unknown = pl.lit(None, dtype=pl.Float64)
        return known.with_columns(
            **dict.fromkeys([*_PROBABILITIES, "pace"], unknown), band=pl.lit(None, dtype=pl.Int8)
        )
    return score(known, model, at_risk_days=LandmarkRule.standard().at_risk_days)
