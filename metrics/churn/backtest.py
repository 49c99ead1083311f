"""The forecast made again on past days, customer by customer, and what then happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from metrics.churn.guard import FitRefusedError
from metrics.churn.landmarks import LandmarkRule, first_purchase, landmark_days, rows_of
from metrics.churn.model import ChurnModel
from metrics.churn.origins import BacktestRule, origin_days
from metrics.churn.outcomes import churned_on
from metrics.churn.rhythm import Definition
from metrics.churn.score import HORIZONS, score
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import warnings

_KEPT = (
    "customer_id",
    "origin",
    "silent_days",
    "tau_days",
    "remaining_days",
    "revenue",
    *(f"p{days}" for days in HORIZONS),
    *(f"clock{days}" for days in HORIZONS),
    "churned_on",
)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What was foretold on past days, and what happened.

    Attributes:
        customers: One row per customer at risk and origin: customer_id, origin, silent_days,
            tau_days, remaining_days (known then), revenue (of the 365 days before, never below 0,
            minor units), p30, p60, p90 (foretold), clock30, clock60, clock90 (by the silence
            alone), churned_on (null if not within 90 days), warning_rules (that held then).
        models: The model of each origin.
        share: The share of the customers that were drawn to be forecast.
        training: Landmark rows of the customers that models are fitted on.
        tables: The events of those drawn.
    """

    customers: pl.DataFrame
    models: dict[date, ChurnModel]
    share: float
    training: pl.DataFrame
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
    ARCHITECTURE.md for the cost.

    Left out: who counted as churned on the day (of them no churn is foretold), and who was deleted
    within the window before a purchase (what they would have done is not known). Segment, region
    and channel are today's, as for the model.

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
    first = first_purchase(tables.purchases())
    origins = origin_days(first, as_of=as_of, rule=rule, landmarks=landmarks)
    learnt = {day: landmark_days(first, as_of=day, rule=landmarks) for day in origins}
    days = sorted({*origins, *(each for days in learnt.values() for each in days)})
    if not days:
        return _nothing(tables)
    known: int = tables.purchases().select(pl.col("customer_id").n_unique()).collect().item()
    some = _drawn(tables, rule.customers / known).loaded()
    rows = rows_of(some, days, as_of=as_of, definition=definition, rule=landmarks)
    fitted_on = _drawn(some, rule.fit_customers / known).customers.select("customer_id").collect()
    training = rows.join(fitted_on, on="customer_id", how="semi", maintain_order="left")
    models = _models(training, learnt, definition, landmarks.every_days)
    if not models:
        return _nothing(tables)
    judged = [_judged(rows, training, learnt[day], day, models[day], landmarks) for day in models]
    customers = pl.concat(judged)
    bought = some.purchases().collect()
    outcome = churned_on(bought, customers, within=landmarks.every_days)
    customers = customers.with_columns(outcome).rename({"landmark_on": "origin"}).select(_KEPT)
    asked = warnings(some, customers.select("customer_id", as_of="origin"))
    customers = customers.with_columns(asked["warning_rules"])
    return Backtest(customers, models, min(rule.customers / known, 1.0), training, some)


def _nothing(tables: CrmTables) -> Backtest:
    who = tables.customers.collect_schema()["customer_id"]
    numbers = dict.fromkeys(_KEPT, pl.Float64())
    days = {name: pl.Date() for name in ("origin", "churned_on")}
    lengths = {name: pl.Int32() for name in ("silent_days", "tau_days", "remaining_days")}
    schema = {**numbers, **days, **lengths, "revenue": pl.Int64(), "customer_id": who}
    rules = {"warning_rules": pl.List(pl.String)}
    training = {"landmark_on": pl.Date(), "event": pl.Int8(), "duration": pl.Int32()}
    return Backtest(
        pl.DataFrame(schema={**schema, **rules}), {}, 1.0, pl.DataFrame(schema=training), tables
    )


def _drawn(tables: CrmTables, share: float) -> CrmTables:
    return tables.sample(share) if share < 1 else tables


def _models(
    training: pl.DataFrame, learnt: dict[date, list[date]], definition: Definition, window: int
) -> dict[date, ChurnModel]:
    """The model of each origin; none of an origin whose fit is refused."""
    from metrics.churn.fit import fit_rows  # with lifelines, 90 MB that no page needs

    found: dict[date, ChurnModel] = {}
    for day, before in learnt.items():
        rows = training.filter(pl.col("landmark_on").is_in(before))
        try:
            found[day] = fit_rows(rows, as_of=day, definition=definition, window=window)
        except FitRefusedError:
            continue
    return found


def _judged(
    rows: pl.DataFrame,
    training: pl.DataFrame,
    learnt: Sequence[date],
    origin: date,
    model: ChurnModel,
    landmarks: LandmarkRule,
) -> pl.DataFrame:
    """Who was at risk at an origin, with the probabilities of the model and of the clock alone."""
    asked = rows.filter(pl.col("landmark_on") == origin, ~pl.col("churned"), _seen(landmarks))
    before = training.filter(pl.col("landmark_on").is_in(learnt))
    clock = clock_alone(before, model)
    of_clock = _probabilities(asked, clock, landmarks).rename(
        {f"p{days}": f"clock{days}" for days in HORIZONS}
    )
    told = _probabilities(asked, model, landmarks)
    revenue = pl.col("revenue_365").clip(lower_bound=0)
    return asked.with_columns(revenue=revenue).hstack(told).hstack(of_clock)


def _seen(landmarks: LandmarkRule) -> pl.Expr:
    """Whether a customer bought in the window or was there until its end."""
    return (pl.col("event") == 1) | (pl.col("duration") == landmarks.every_days)


def _probabilities(rows: pl.DataFrame, model: ChurnModel, landmarks: LandmarkRule) -> pl.DataFrame:
    scored = score(rows.lazy(), model, at_risk_days=landmarks.at_risk_days)
    return scored.select(f"p{days}" for days in HORIZONS).collect()


def clock_alone(rows: pl.DataFrame, model: ChurnModel) -> ChurnModel:
    """A model that knows nothing but the silence: the return by band, the same for everybody.

    The cumulative hazard of each band is Nelson and Aalen's estimate over the training rows:
    purchases on each day ÷ customers not back before it, summed. It knows what the churn list of
    a simple tool knows: how long a customer has been silent, and how long is usual.

    Args:
        rows: Landmark rows.
        model: The model with drivers, of the same rows, whose bands are taken.
    """
    parts = rows.select(model.band().alias("band"), "duration", "event")
    baseline = tuple(
        _hazard(parts.filter(pl.col("band") == each), model.window)
        for each in range(len(model.cuts) + 1)
    )
    return replace(model, effects=(), baseline=baseline)


def _hazard(rows: pl.DataFrame, window: int) -> tuple[float, ...]:
    duration, bought = rows["duration"].to_numpy(), rows["event"].to_numpy() == 1
    on_day = np.bincount(duration[bought], minlength=window + 1)
    left = np.bincount(duration, minlength=window + 1)
    there = left[::-1].cumsum()[::-1]
    daily = np.divide(on_day, there, out=np.zeros(window + 1), where=there > 0)
    return tuple(float(each) for each in daily.cumsum())
