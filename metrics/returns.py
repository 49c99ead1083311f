"""What the money of a budget brings: benefit ÷ cost, payback, five years, and what if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

import polars as pl

from metrics.calendar import Grain, bucket, is_complete
from metrics.measure import ratio
from metrics.rules import load

_YEAR = 12


def flows(months: pl.LazyFrame, benefits: pl.LazyFrame, *, as_of: date) -> pl.DataFrame:
    """What each subject of one budget cost and brought, month by month.

    Only complete months, from the first with a plan or spending: a running month has cost, but its
    benefit is not recorded yet. Benefits of a month that nothing was spent in count, too.

    Args:
        months: Budget months of one budget.
        benefits: Contract table benefits, of the same budget.
        as_of: Last day of the data.

    Returns:
        One row per subject × month, every subject in every month, sorted: cost, benefit (Int64,
        minor units, 0 where there is none).
    """
    nothing = pl.lit(0, dtype=pl.Int64)
    spent = months.select("subject", "month", cost="actual", benefit=nothing)
    earned = benefits.select(
        "subject",
        month=bucket(pl.col("earned_on"), Grain.MONTH),
        cost=nothing,
        benefit=pl.col("amount"),
    )
    over = is_complete(pl.col("month"), Grain.MONTH, as_of=as_of)
    both = pl.concat([spent, earned]).filter(over).collect()
    if both.is_empty():
        return both.select("subject", "month", "cost", "benefit")
    ends = pl.date_range(pl.col("month").min(), pl.col("month").max(), "1mo")
    empty = both.select("subject").unique().join(both.select(month=ends), how="cross")
    zeros = empty.with_columns(cost=nothing, benefit=nothing)
    return (
        pl.concat([both, zeros])
        .group_by("subject", "month")
        .agg(pl.col("cost", "benefit").sum())
        .sort("subject", "month", nulls_last=True)
    )


def returned(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Benefit ÷ cost of all months of `flows`.

    Returns:
        One row per `by`, sorted: cost, benefit, ratio (1 is money back; null without cost).
        Source: S3 5.3 (2.3 per 1), 6.1 (low below 1.2); a ratio, not net of the cost.
    """
    sums = pl.col("cost", "benefit").sum()
    found = rows.group_by(by).agg(sums).sort(by, nulls_last=True) if by else rows.select(sums)
    return found.with_columns(ratio=ratio(pl.col("benefit"), pl.col("cost")))


@dataclass(frozen=True, slots=True)
class Flow:
    """Cost and benefit by month, the first month first, of one subject or of all."""

    cost: tuple[int, ...]
    benefit: tuple[int, ...]

    def pace(self) -> tuple[float, float]:
        """Average cost and benefit of the last months, of which months ahead are made."""
        last = min(int(load("returns")["pace_months"]), len(self.cost))
        if not last:
            return 0.0, 0.0
        return sum(self.cost[-last:]) / last, sum(self.benefit[-last:]) / last


def flow_of(rows: pl.DataFrame, subject: str | None = None) -> Flow:
    """The flow of a subject, or of all, from its first month with cost or benefit on."""
    of = rows if subject is None else rows.filter(pl.col("subject") == subject)
    sums = of.group_by("month").agg(pl.col("cost", "benefit").sum()).sort("month")
    begun = ((pl.col("cost") != 0) | (pl.col("benefit") != 0)).cum_sum() > 0
    left = sums.filter(begun)
    return Flow(tuple(left["cost"].to_list()), tuple(left["benefit"].to_list()))


@dataclass(frozen=True, slots=True)
class Payback:
    """After how many years benefits have added up to costs; null if they never do at this pace."""

    years: float | None
    projected: bool


def payback(flow: Flow) -> Payback:
    """The first month in which cumulative benefit has reached cumulative cost, in years.

    Months that have not come are like the average of the last twelve (`pace_months`): then it is
    projected. Nothing is paid back before anything is spent.
    """
    cost = benefit = 0
    for number, (paid, earned) in enumerate(zip(flow.cost, flow.benefit, strict=True), 1):
        cost, benefit = cost + paid, benefit + earned
        if benefit >= cost > 0:
            return Payback(number / _YEAR, projected=False)
    paid, earned = flow.pace()
    if cost <= 0 or earned <= paid:
        return Payback(None, projected=True)
    more = ceil((cost - benefit) / (earned - paid) - 1e-9)
    return Payback((len(flow.cost) + more) / _YEAR, projected=True)


@dataclass(frozen=True, slots=True)
class Value:
    """Present values of cost and benefit at the beginning, in minor units, and their ratio."""

    cost: float
    benefit: float

    @property
    def ratio(self) -> float | None:
        """Benefit ÷ cost; null without cost."""
        return self.benefit / self.cost if self.cost else None


def discounted(flow: Flow, *, years: int | None = None, rate: float | None = None) -> Value:
    """Cost and benefit of the first years at their worth on the first day.

    A month's money comes at its end: month k is worth 1 ÷ (1 + rate)^(k ÷ 12). Months that have
    not come are like the average of the last twelve. Source: S3 5.3 (5 years, 12 %).

    Args:
        flow: Cost and benefit by month.
        years: How many years; None: those of `returns.toml`.
        rate: Discount of a year; None: that of `returns.toml`.
    """
    rules: dict[str, Any] = load("returns")
    months = _YEAR * (rules["years"] if years is None else years)
    yearly = rules["discount_rate"] if rate is None else rate
    paid, earned = flow.pace()
    if not flow.cost:
        return Value(0.0, 0.0)
    known = len(flow.cost)
    worth = [(1 + yearly) ** (-(k + 1) / _YEAR) for k in range(months)]
    costs = [flow.cost[k] if k < known else paid for k in range(months)]
    gains = [flow.benefit[k] if k < known else earned for k in range(months)]
    return Value(_dot(costs, worth), _dot(gains, worth))


def _dot(amounts: Sequence[float], worth: Sequence[float]) -> float:
    return sum(amount * each for amount, each in zip(amounts, worth, strict=True))


def cumulative(flow: Flow, *, months: int) -> list[tuple[float, float, bool]]:
    """Cumulative cost and benefit after each month, and whether it has come.

    Months ahead are like the average of the last twelve.
    """
    paid, earned = flow.pace()
    known, cost, benefit = len(flow.cost), 0.0, 0.0
    told: list[tuple[float, float, bool]] = []
    for k in range(max(months, known) if known else 0):
        cost += flow.cost[k] if k < known else paid
        benefit += flow.benefit[k] if k < known else earned
        told.append((cost, benefit, k < known))
    return told
