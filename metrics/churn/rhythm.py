"""The rhythm of a customer's purchases, and the silence that counts as churn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

import polars as pl

from metrics.churn.contracts import beside_ended
from metrics.measure import ratio
from metrics.rules import load


@dataclass(frozen=True, slots=True)
class Definition:
    """When a silent customer counts as churned: a policy, not a finding.

    `fixed_days` replaces the customer's own threshold by one for all.
    """

    times: float = 4.0
    floor_days: int = 45
    cap_days: int = 365
    prior_gaps: float = 2.0
    fixed_days: int | None = None

    @classmethod
    def standard(cls) -> Self:
        """The definition in `rules/churn.toml`."""
        return cls(**load("churn")["definition"])

    def tau(self, usual_gap: pl.Expr) -> pl.Expr:
        """Days of silence after which the customer is churned; whole days, null without a gap.

        clip(times x usual gap, floor, cap), rounded.
        """
        if self.fixed_days is not None:
            return pl.when(usual_gap.is_not_null()).then(self.fixed_days).cast(pl.Int32)
        days = (usual_gap * self.times).clip(self.floor_days, self.cap_days)
        return days.round().cast(pl.Int32)

    def threshold(self, usual_gap: pl.Expr) -> pl.Expr:
        """The same of a buyer: where nobody has bought twice, the most patient choice.

        Then there is no usual gap to learn, and the threshold is the cap.
        """
        return self.tau(usual_gap).fill_null(self.fixed_days or self.cap_days)


def days_since(day: str, as_of: pl.Expr) -> pl.Expr:
    """Whole days from the Date column `day` to `as_of`."""
    return (as_of - pl.col(day)).dt.total_days().cast(pl.Int32)


def mean_gap(days: pl.Expr, span: pl.Expr) -> pl.Expr:
    """Mean days between purchases over all customers; null if nobody bought on two days.

    Args:
        days: Number of purchase days; null of who never bought.
        span: Days from first to last.
    """
    return ratio(span.sum().cast(pl.Float64), days.sum().cast(pl.Float64) - days.count())


def usual_gap(days: pl.Expr, span: pl.Expr, mean: pl.Expr, prior_gaps: float) -> pl.Expr:
    """Usual days between purchases, shrunk to the mean gap of all customers (m).

    (span + 2m) / (gaps + 2): a customer with one purchase gets m, one with twenty his own. Several
    orders on one day are one purchase day, or a split delivery would look like a fast buyer.

    Args:
        days: Number of purchase days.
        span: Days from first to last.
        mean: `mean_gap`.
        prior_gaps: How many gaps of length m are added.
    """
    gaps = days.cast(pl.Float64) - 1
    return ratio(span + prior_gaps * mean, gaps + prior_gaps)


def rhythm(
    purchases: pl.LazyFrame,
    *,
    as_of: date,
    definition: Definition,
    contracts: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """First and last purchase, usual gap, silence and threshold of every buyer, known at `as_of`.

    Args:
        purchases: customer_id, ordered_on. Later ones are not looked at.
        as_of: Last day of the data, inclusive.
        definition: Multiple, floor and cap of the threshold.
        contracts: Of `readers.contracts`, or None. Who is under contract is told as without one:
            leave them out with `without_contract`.

    Returns:
        One row per customer with a purchase or a contract by then, unordered: customer_id,
        purchase_days, first_on, last_on (null without a purchase), contract_ended_on
        (`beside_ended`), and the columns of `with_rhythm`.
    """
    habits = (
        purchases.filter(pl.col("ordered_on") <= as_of)
        .group_by("customer_id")
        .agg(
            purchase_days=pl.col("ordered_on").n_unique(),
            first_on=pl.col("ordered_on").min(),
            last_on=pl.col("ordered_on").max(),
        )
    )
    mean = mean_gap(pl.col("purchase_days"), _span())
    known = beside_ended(habits, contracts, as_of)
    return with_rhythm(known, mean, as_of=pl.lit(as_of), definition=definition)


def with_rhythm(
    habits: pl.LazyFrame, mean: pl.Expr, *, as_of: pl.Expr, definition: Definition
) -> pl.LazyFrame:
    """Usual gap, silence and threshold from purchase days, first and last purchase.

    Args:
        habits: purchase_days, first_on, last_on, contract_ended_on.
        mean: `mean_gap` of everybody.
        as_of: The day up to which they are counted.
        definition: Multiple, floor and cap of the threshold.

    Returns:
        The rows with usual_gap_days (Float64, null if unknown), silent_days (both null without a
        purchase), and the columns of `judged`.
    """
    gap = usual_gap(pl.col("purchase_days"), _span(), mean, definition.prior_gaps)
    known = habits.with_columns(
        usual_gap_days=gap,
        silent_days=days_since("last_on", as_of),
        remaining_days=-days_since("contract_ended_on", as_of),
    )
    return judged(known, definition)


def judged(customers: pl.LazyFrame, definition: Definition) -> pl.LazyFrame:
    """Threshold and state of every customer by a definition of churn, from gap and silence.

    Churned means silent_days >= tau_days; or, whatever the definition of silence, that the last
    contract has ended and nothing was bought since (`contracts`): then no silence counts.

    Args:
        customers: usual_gap_days, silent_days (null without a purchase), contract_ended_on, and
            remaining_days of those whom the end of a contract has made churned.
        definition: Multiple, floor and cap of the threshold, or the same days for all.

    Returns:
        The rows with tau_days (null without a purchase), remaining_days (tau - silent, or minus the
        days since the contract ended; <= 0 once churned), churned; both null without a purchase and
        a contract that has ended.
    """
    bought = pl.when(pl.col("silent_days").is_not_null())
    tau = bought.then(definition.threshold(pl.col("usual_gap_days")))
    return customers.with_columns(tau_days=tau).with_columns(**_states())


def _span() -> pl.Expr:
    return (pl.col("last_on") - pl.col("first_on")).dt.total_days()


def _states() -> dict[str, pl.Expr]:
    """Days left until the customer is churned and whether that is so, from tau_days."""
    ended, left = pl.col("contract_ended_on").is_not_null(), pl.col("tau_days")
    return {
        "remaining_days": pl.when(ended)
        .then("remaining_days")
        .otherwise(left - pl.col("silent_days")),
        "churned": ended | (pl.col("silent_days") >= left),
    }
