"""The innovation fund: what experiments have cost of the share of the budget that is theirs."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.calendar import Grain, first_day, shift_months
from metrics.measure import ratio
from metrics.rules import load


def fund(
    experiments: pl.LazyFrame, budget: pl.LazyFrame, currency: str, *, as_of: date
) -> pl.LazyFrame:
    """How much of the innovation fund the experiments of a year have used.

    The fund is `innovation.fund_share` of what is planned for the twelve months up to that of
    as_of, in the company's currency (S3 8.4); experiments count that began in these months.

    Args:
        experiments: Contract table experiments.
        budget: budget_months.
        currency: The company's; budgets without one are in it.
        as_of: Last day.

    Returns:
        One row: experiments, cost (of those whose cost is known), fund (Int64, minor units), used
        (cost ÷ fund; null without a fund).
    """
    share = load("programme")["innovation"]["fund_share"]
    first = shift_months(first_day(as_of, Grain.MONTH), -11)
    begun = pl.col("started_on").is_between(first, as_of)
    spent = experiments.filter(begun).select(
        experiments=pl.len().cast(pl.Int64), cost=pl.col("cost").sum().cast(pl.Int64)
    )
    own = pl.col("currency").fill_null(currency) == currency
    year = pl.col("month").is_between(first, as_of)
    planned = budget.filter(own, year).select(
        fund=(pl.col("planned").sum() * share).round().cast(pl.Int64)
    )
    both = pl.concat([spent, planned], how="horizontal")
    return both.with_columns(used=ratio(pl.col("cost"), pl.col("fund")))
