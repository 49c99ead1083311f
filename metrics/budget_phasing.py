"""How a planned amount is spread over months: evenly, by season, or by the phases of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from metrics.calendar import Grain, bucket
from metrics.rules import load

_KEY = ("budget_id", "subject", "item")
_YEAR = 12


def seasonal() -> tuple[int, ...]:
    """Weights of the calendar months, January first."""
    rules: dict[str, Any] = load("budget")["phasing"]
    return tuple(rules["seasonal"])


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount by weights, in whole units that add up to it exactly.

    Each part ends where the running sum of the weights, rounded down, ends.

    Raises:
        ValueError: All weights are 0, or one is negative.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"weights {list(weights)} cannot share anything out")
    ends = [amount * sum(weights[: n + 1]) // whole for n in range(len(weights))]
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def phased(lines: pl.LazyFrame) -> pl.LazyFrame:
    """The planned amount of every line in each of its months.

    A line over several months is spread evenly, by largest remainder: the first months carry one
    minor unit more, so that the months add up to the line exactly. A line whose `phasing` is
    "seasonal" is spread by the weights of its calendar months, as `spread` does.

    Args:
        lines: Contract table budget_lines.

    Returns:
        One row per line and month: budget_id, subject, item, month, planned (Int64).
    """
    months = pl.col("period_months").cast(pl.Int64)
    nth, planned = pl.col("_nth"), pl.col("planned")
    first = bucket(pl.col("period_start"), Grain.MONTH)
    even = planned // months + (nth < planned % months).cast(pl.Int64)
    weights = pl.Series(seasonal(), dtype=pl.Int64)
    weight = pl.lit(weights).gather((first.dt.month().cast(pl.Int64) - 1 + nth) % _YEAR)
    whole, until = pl.col("_weight").sum().over("_line"), pl.col("_weight").cum_sum().over("_line")
    # amount * until // whole, without a product that 64 bits could not hold
    begun = until - pl.col("_weight")
    rest = planned % whole
    season = (planned // whole) * pl.col("_weight") + rest * until // whole - rest * begun // whole
    by_season = (pl.col("phasing") == "seasonal").fill_null(value=False) & (whole > 0)
    return (
        lines.with_row_index("_line")
        .with_columns(_nth=pl.int_ranges(0, months))
        .explode("_nth")
        .with_columns(_weight=weight)
        .with_columns(
            month=first.dt.offset_by(pl.format("{}mo", nth)),
            planned=pl.when(by_season).then(season).otherwise(even),
        )
        .select(*_KEY, "month", "planned")
    )
