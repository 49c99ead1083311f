"""What another retention would be worth, and whether insurance pays: sums on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from metrics.rules import load


@dataclass(frozen=True, slots=True)
class Raised:
    """What it brings if retention goes from one level to another.

    Attributes:
        before, after: Discounted years of margin that a customer is worth, at each level.
        change: Of these, after ÷ before - 1; null where a customer is worth nothing before.
        by_formula: The same by the plan's formula, margin × retention × lifetime: the ratio of the
            retentions - 1, before acquisition cost.
        quoted_at: The share of the old value that acquisition must cost for the plan's own figure
            to be right; null where no share does it.
    """

    before: float
    after: float
    change: float | None
    by_formula: float | None
    quoted_at: float | None


def retention(before: float, after: float) -> Raised:
    """The worth of a customer at two levels of yearly retention.

    Discounted: Σ over years t = 1 … n of retention^t ÷ (1 + rate)^t, the share of a year's margin
    that still comes in year t at its worth today (years and rate of `returns.toml`). The plan says
    that 58 → 65 % raises lifetime value by 37 %: less an acquisition cost of c (as a share of the
    old value) the formula gives (after ÷ before - c) ÷ (1 - c) - 1, so c = 1 - (after ÷ before - 1)
    ÷ 37 %. Source: S3 1.3.2 and 5.3.

    Args:
        before: Retention of a year, 0 to 1.
        after: The same, as it might be.
    """
    rules: dict[str, Any] = load("returns")
    old, new = (_years(rate, rules["years"], rules["discount_rate"]) for rate in (before, after))
    gain = after / before - 1 if before else None
    quoted: float = rules["what_if"]["quoted"]
    share = None if gain is None else 1 - gain / quoted
    return Raised(
        before=old,
        after=new,
        change=new / old - 1 if old else None,
        by_formula=gain,
        quoted_at=share if share is not None and 0 <= share < 1 else None,
    )


def _years(rate: float, years: int, discount: float) -> float:
    return sum((rate / (1 + discount)) ** year for year in range(1, years + 1))


def insurance(policies: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Whether a risk of today should be insured (more): P × L - C > 0.

    The expected loss of a year against what bearing the risk costs. The plan says that C follows
    from P and L, which would make the test turn in a circle; C is what the company records.

    Args:
        policies: Contract table insurance_policies.
        as_of: The day; policies that run then.

    Returns:
        One row per policy, the largest surplus first: policy_id, risk, insured, premium,
        probability (0 to 1), loss, retained_cost, expected (P × L), surplus (P × L - C; null where
        P, L or C is), insure (surplus > 0). Amounts in minor units. Source: S3 6.4.
    """
    runs = (pl.col("ends_on") >= as_of).fill_null(value=True) & (pl.col("starts_on") <= as_of)
    chance = pl.col("probability") / 100
    expected = (pl.col("loss") * pl.col("probability") / 100).round().cast(pl.Int64)
    return (
        policies.filter(runs)
        .with_columns(probability=chance, expected=expected)
        .with_columns(surplus=pl.col("expected") - pl.col("retained_cost"))
        .with_columns(insure=pl.col("surplus") > 0)
        .select(
            *("policy_id", "risk", "insured", "premium", "probability", "loss"),
            *("retained_cost", "expected", "surplus", "insure"),
        )
        .sort("surplus", "policy_id", descending=[True, False], nulls_last=True)
    )
