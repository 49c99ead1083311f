"""The forecast made again on past days, customer by customer, and what then happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.churn.cancellation import contract_rows_of, first_contract
from metrics.churn.landmarks import LandmarkRule, first_purchase, landmark_days, rows_of
from metrics.churn.model import ChurnModel
from metrics.churn.origins import BacktestRule, origin_days
from metrics.churn.regime import CONTRACTS, PURCHASES
from metrics.churn.replay import COLUMNS, Replay
from metrics.churn.rhythm import Definition
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import warnings


@dataclass(frozen=True, slots=True)
class Backtest:
    """What was foretold on past days, and what happened.

    Attributes:
        customers: One row per customer at risk and origin: customer_id, origin, regime (purchases
            or contracts), tau_days (known then; null under contract), revenue (`yearly_revenue` as
            of then, minor units), p30, p60, p90 (foretold), clock30, clock60, clock90 (by the
            clock alone), churned_on (null if not within 90 days), warning_rules (that held then).
        models: The models by regime and origin.
        share: The share of the customers that were drawn to be forecast.
        training: Landmark rows of the customers that models are fitted on, by regime.
        tables: The events of those drawn.
    """

    customers: pl.DataFrame
    models: Mapping[tuple[str, date], ChurnModel]
    share: float
    training: Mapping[str, pl.DataFrame]
    tables: CrmTables


def backtest(
    tables: CrmTables,
    *,
    as_of: date,
    definition: Definition | None = None,
    rule: BacktestRule | None = None,
    landmarks: LandmarkRule | None = None,
) -> Backtest:
    """The forecast of each origin: fitted on what was known then, and held against 90 days.

    Landmark rows serve twice: those of the origin are scored, those before it, whose windows had
    ended by then, are what its model is fitted on. So the events of the sample are read once for
    all origins. Of 2 million customers 100,000 are forecast and 30,000 of them fitted on; see
    ARCHITECTURE.md for the cost. Customers under contract on the day go by the model of contracts,
    all others by that of purchases. Segment, region and channel are today's, as for the model.

    Args:
        tables: The CRM.
        as_of: Last day of the data, inclusive.
        definition: Of churn; that of the rules by default.
        rule: Origins and sizes; those of the rules by default.
        landmarks: Those of the rules by default.

    Returns:
        Without a model and a customer where the data are too short for a single origin, or too few
        for a model on any.
    """
    rule, landmarks = rule or BacktestRule.standard(), landmarks or LandmarkRule.standard()
    definition = definition or Definition.standard()
    tables, _ = tables.without_empty()
    first, began = first_purchase(tables.purchases()), first_contract(tables)
    earliest = min((day for day in (first, began) if day), default=None)
    origins = origin_days(earliest, as_of=as_of, rule=rule, landmarks=landmarks)
    if not origins:
        return _nothing(tables)
    known = _people(tables)
    some = _drawn(tables, rule.customers / known).loaded()
    fitted_on = _drawn(some, rule.fit_customers / known).customers.select("customer_id").collect()
    learnt = _learnt(first, origins, landmarks)
    rows = rows_of(some, _days(learnt), as_of=as_of, definition=definition, rule=landmarks)
    of_contracts = _learnt(began, origins, landmarks)
    held = contract_rows_of(some, _days(of_contracts), as_of=as_of, rule=landmarks)
    replays = [
        Replay(regime, found, _of(found, fitted_on), before, landmarks)
        for regime, found, before in ((PURCHASES, rows, learnt), (CONTRACTS, held, of_contracts))
    ]
    models = {
        (each.regime.name, day): model
        for each in replays
        for day, model in each.models(definition).items()
    }
    if not models:
        return _nothing(tables)
    customers = _customers(replays, models, some)
    training = {each.regime.name: each.training for each in replays}
    return Backtest(customers, models, min(rule.customers / known, 1.0), training, some)


def _learnt(
    first_on: date | None, origins: Sequence[date], landmarks: LandmarkRule
) -> dict[date, list[date]]:
    """The landmarks before each origin that has any."""
    found = {day: landmark_days(first_on, as_of=day, rule=landmarks) for day in origins}
    return {day: days for day, days in found.items() if days}


def _days(learnt: Mapping[date, Sequence[date]]) -> list[date]:
    return sorted({*learnt, *(day for days in learnt.values() for day in days)})


def _people(tables: CrmTables) -> int:
    """How many ever bought or had a contract."""
    held = tables.contracts if tables.contracts is not None else tables.purchases()
    who = [each.select("customer_id") for each in (tables.purchases(), held)]
    return pl.concat(who).select(pl.col("customer_id").n_unique()).collect().item()


def _drawn(tables: CrmTables, share: float) -> CrmTables:
    return tables.sample(share) if share < 1 else tables


def _of(rows: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return rows
    return rows.join(customers, on="customer_id", how="semi", maintain_order="left")


def _customers(
    replays: Sequence[Replay], models: Mapping[tuple[str, date], ChurnModel], some: CrmTables
) -> pl.DataFrame:
    """Everybody forecast by a model, with what became of them and the warnings of the day."""
    bought = some.purchases().collect()
    found = [
        each.with_outcome(each.forecast(day, models[each.regime.name, day]), bought)
        for each in replays
        for day in each.learnt
        if (each.regime.name, day) in models
    ]
    customers = pl.concat(found).sort("origin", "customer_id")
    asked = warnings(some, customers.select("customer_id", as_of="origin"))
    return customers.with_columns(asked["warning_rules"])


def _nothing(tables: CrmTables) -> Backtest:
    who = tables.customers.collect_schema()["customer_id"]
    schema: dict[str, pl.DataType] = dict.fromkeys(COLUMNS, pl.Float64())
    schema |= {"customer_id": who, "origin": pl.Date(), "churned_on": pl.Date()}
    schema |= {"regime": pl.String(), "tau_days": pl.Int32(), "revenue": pl.Int64()}
    customers = pl.DataFrame(schema={**schema, "warning_rules": pl.List(pl.String)})
    return Backtest(customers, {}, 1.0, {}, tables)
