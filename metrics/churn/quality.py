"""The marts of the quality page: what the backtest says, in a few hundred rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from metrics.churn.backtest import Backtest, backtest
from metrics.churn.evaluate import by_origin, by_tier, calibration
from metrics.churn.halves import SCHEMA, halves
from metrics.churn.landmarks import LandmarkRule
from metrics.churn.lead_time import lead_times
from metrics.churn.lists import deciles, lists, rules
from metrics.churn.origins import BacktestRule, overlap
from metrics.churn.regime import REGIMES
from metrics.churn.rhythm import Definition
from metrics.churn.scatter import next_ratio
from metrics.churn.score import HORIZONS
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import LEVELS, switched_off
from metrics.tiers.history import with_tier
from metrics.tiers.versions import Histories, named


def quality_marts(
    tables: CrmTables, histories: Histories, *, as_of: date
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every mart of the quality page by name; without rows where nothing can be judged.

    `backtest_tiers`, `backtest_origins`, `backtest_bins`, `backtest_lists`, `backtest_tenths`,
    `backtest_rules`, `backtest_leads`, `backtest_halves` and `backtest_scatter`: of
    `evaluate.by_tier`, `by_origin`, `calibration`, `lists.lists`, `deciles`, `rules`,
    `lead_time.lead_times`, `halves.halves` and `scatter` below. Whole company, whatever the
    reader's filters.

    Args:
        tables: The CRM.
        histories: tier_history of each scheme; `backtest_tiers` and
            `backtest_lists` are told once for each.
        as_of: Last day of the data, inclusive.
    """
    rule = BacktestRule.standard()
    found = backtest(tables, as_of=as_of)
    asked = tuple(level for level in LEVELS if level not in switched_off(tables))
    tiered = {code: _tiered(found, history) for code, history in histories.items()}
    for code, customers in tiered.items():
        yield named("backtest_tiers", code), by_tier(customers)
        yield named("backtest_lists", code), lists(customers, found.share)
    yield "backtest_origins", by_origin(found.customers, found.models, found.share)
    yield "backtest_bins", calibration(found.customers, rule.bins)
    yield "backtest_tenths", deciles(found.customers)
    yield "backtest_rules", rules(found.customers, asked)
    yield "backtest_leads", lead_times(found)
    yield "backtest_halves", _halves(found, as_of)
    yield "backtest_scatter", scatter(by_tier(next(iter(tiered.values()))))


def _tiered(found: Backtest, history: pl.LazyFrame) -> pl.DataFrame:
    """The customers of the backtest with the tier known on the day of the forecast."""
    customers = found.customers.lazy()
    theirs = history.join(customers.select("customer_id"), on="customer_id", how="semi")
    known = with_tier(customers, theirs, day="origin").collect()
    return known.sort("origin", "customer_id")  # sums of floats go by the order


def _halves(found: Backtest, as_of: date) -> pl.DataFrame:
    """Of the models of today, on the customers of the backtest that are fitted on."""
    landmarks = LandmarkRule.standard()
    ago = (pl.lit(as_of) - pl.col("landmark_on")).dt.total_days()
    todays = (ago % landmarks.every_days == 0) & (ago <= landmarks.every_days * landmarks.count)
    told = [
        halves(
            rows.filter(todays),
            as_of=as_of,
            definition=Definition.standard(),
            window=landmarks.every_days,
            regime=REGIMES[name],
        )
        for name, rows in found.training.items()
        if not rows.is_empty()
    ]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *told])


def scatter(tiers: pl.DataFrame) -> pl.DataFrame:
    """What happened within 90 days ÷ what was foretold, and where the next such ratio should lie.

    Args:
        tiers: Of `evaluate.by_tier`.

    Returns:
        Two rows, customers and revenue: what, origins, foretold, happened (of all origins), ratio
        (null if nothing was foretold), low, high (of `next_ratio`; null where the origins are few
        or overlap).
    """
    days = (
        tiers.filter(pl.col("horizon") == HORIZONS[-1])
        .group_by("origin")
        .agg(pl.selectors.numeric().sum())
    )
    apart = not overlap(days["origin"].sort().to_list(), LandmarkRule.standard())
    rows = [
        _scatter(what, days[foretold].to_list(), days[happened].to_list(), apart=apart)
        for what, foretold, happened in (
            ("customers", "foretold", "churned"),
            ("revenue", "revenue_foretold", "revenue_lost"),
        )
    ]
    return pl.DataFrame(rows, schema=_SCATTER)


_SCATTER: dict[str, type[pl.DataType]] = {
    "what": pl.String,
    "origins": pl.Int64,
    "foretold": pl.Float64,
    "happened": pl.Float64,
    "ratio": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


def _scatter(
    what: str, foretold: Sequence[float], happened: Sequence[float], *, apart: bool
) -> dict[str, str | float | None]:
    pairs = zip(happened, foretold, strict=True)
    ratios = [part / whole if whole else 0.0 for part, whole in pairs]
    low, high = (next_ratio(ratios) if apart else None) or (None, None)
    ratio = sum(happened) / sum(foretold) if sum(foretold) else None
    told = {"origins": len(ratios), "foretold": sum(foretold), "happened": sum(happened)}
    return {"what": what, **told, "ratio": ratio, "low": low, "high": high}
