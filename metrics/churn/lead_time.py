"""How early those who churned had been warned of, by the rules and by the model's list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from metrics.churn.backtest import Backtest
from metrics.churn.evaluate import by_day
from metrics.churn.features import features
from metrics.churn.lists import MODEL
from metrics.churn.model import ChurnModel
from metrics.churn.purchases import buyers_of, mean_gaps
from metrics.churn.regime import PURCHASES
from metrics.churn.rhythm import with_rhythm
from metrics.churn.score import HORIZONS, score
from metrics.churn.signals import first, signals
from metrics.churn.summary import is_at_risk
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import LEVELS
from metrics.customer_days import CustomerDays, Ints, as_dates, ints
from metrics.measure import count
from metrics.numbering import places
from metrics.rules import load

LONG_DAYS = 30
"""S3 3.3 wants a departure foretold so many days ahead."""
_STEP = 5  # days between two looks at the model's list

_COLUMNS = ("customer_id", "origin", "churned_on", "tau_days")


def lead_times(found: Backtest) -> pl.DataFrame:
    """Days from the first warning to churn, of those who churned within 90 days of an origin.

    Of a rule the first warning is the first day since the last purchase on which it held, asked on
    every day up to the one before churn; a rule that held already at the purchase counts from the
    day after it. Of the model it is the first of the days 90, 85 … 5 before churn on which the
    customer was at risk by the model of the origin, asked with what was known on each. Those never
    warned have no lead time; their share is told beside it (churn_prediction_lead_time_s3). Not
    told of customers under contract, whose risk is not one of silence.

    Returns:
        One row per origin and for all of them (null), and level (red, yellow, blue, model),
        sorted: churned, warned, warned_long (at least 30 days before), median_days (of the warned;
        null if nobody was). A rule that is switched off has no row.
    """
    gone = found.customers.drop_nulls(["churned_on", "tau_days"]).select(_COLUMNS)
    told = pl.concat([_of_rules(gone, found.tables), _of_model(gone, found)])
    every = pl.concat([told, told.with_columns(origin=pl.lit(None, pl.Date))])
    return (
        every.group_by("origin", "level")
        .agg(
            churned=pl.len().cast(pl.Int64),
            warned=pl.col("lead").count().cast(pl.Int64),
            warned_long=count(pl.col("lead") >= LONG_DAYS),
            median_days=pl.col("lead").median(),
        )
        .sort("origin", "level")
    )


def _of_rules(gone: pl.DataFrame, tables: CrmTables) -> pl.DataFrame:
    """The lead of each rule for each who churned: origin, level, lead (null: not warned)."""
    ids = gone["customer_id"].unique().sort()
    who = ints(places(gone["customer_id"], ids))
    end = ints(gone["churned_on"])
    bought = end - ints(gone["tau_days"])
    asked = signals(tables.numbered(ids), load("warnings"))
    days = {level: first(asked[level], who, after=bought, until=end - 1) for level in asked}
    parts = [
        gone.select("origin", level=pl.lit(level), lead=_lead(days[level], end))
        for level in LEVELS
        if level in days
    ]
    return pl.concat(parts)


def _lead(day: Ints, end: Ints) -> pl.Series:
    return pl.Series(end - day).set(pl.Series(day >= end), None)


def _of_model(gone: pl.DataFrame, found: Backtest) -> pl.DataFrame:
    """The same of the model's list."""
    parts = [
        _on_list(part, found.tables, found.models[PURCHASES.name, origin], mean)
        for (origin, part), mean in zip(by_day(gone), _means(gone, found.tables), strict=True)
    ]
    nobody = pl.DataFrame(schema={"origin": pl.Date, "level": pl.String, "lead": pl.Int64})
    return pl.concat([nobody, *parts])


def _means(gone: pl.DataFrame, tables: CrmTables) -> list[float | None]:
    """The mean gap of everybody, as known at each origin, in the order of `by_day`."""
    days: list[date] = gone["origin"].unique(maintain_order=True).to_list()
    if not days:
        return []
    means: Mapping[date, float | None] = mean_gaps(buyers_of(tables, max(days)), sorted(days))
    return [means[day] for day in days]


def _on_list(
    gone: pl.DataFrame, tables: CrmTables, model: ChurnModel, mean: float | None
) -> pl.DataFrame:
    looks = pl.DataFrame({"lead": range(_STEP, HORIZONS[-1] + 1, _STEP)})
    asked = gone.join(looks, how="cross").select(
        "customer_id", "lead", as_of=pl.col("churned_on") - pl.duration(days="lead")
    )
    habits = _habits(asked, tables).filter(pl.col("purchase_days") > 0)
    rhythm = with_rhythm(
        habits.lazy(), pl.lit(mean), as_of=pl.col("as_of"), definition=model.definition
    )
    listed = score(features(tables, rhythm), model).filter(is_at_risk()).collect()
    earliest = listed.group_by("customer_id").agg(pl.col("lead").max())
    return gone.join(earliest, on="customer_id", how="left").select(
        "origin", level=pl.lit(MODEL), lead="lead"
    )


def _habits(moments: pl.DataFrame, tables: CrmTables) -> pl.DataFrame:
    """What each had bought by the close of its day: purchase_days, first_on, last_on."""
    ids = moments["customer_id"].unique().sort()
    known = tables.numbered(ids).purchases().collect()
    bought = CustomerDays.of(known, "ordered_on").distinct()
    who, day = ints(places(moments["customer_id"], ids)), ints(moments["as_of"])
    ever = bought.until(who, day)
    return moments.with_columns(
        purchase_days=pl.Series(ever.count()).cast(pl.UInt32),
        first_on=as_dates(bought.first_day(ever, day)),
        last_on=as_dates(bought.last_day(ever, day)),
        contract_ended_on=pl.lit(None, pl.Date),  # at the origin they were judged by purchases
    )
