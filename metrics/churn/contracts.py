"""Customers under contract: who is, since when, for how much, and when that ended.

A contract that ends is churn. A customer without an open contract on a day, whose last contract has
ended by then and who has not bought since it ended (no purchase on or after its `ended_on`, the
first day without it), has been churned since that day. Who has bought since is judged by their
purchases, like anybody without a contract; who signs a new contract is under contract again. A
contract that begins on the day another ends continues it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

import polars as pl

from metrics.customer_days import CustomerDays, Ints, as_dates

NEVER = date(2199, 12, 31)  # the contract's last day of all: an end nobody has given yet
IN_FORCE: dict[str, pl.DataType] = {
    "contract_days": pl.Int32(),
    "monthly_amount": pl.Int64(),
    "contract_ends_on": pl.Date(),
    "contract_ended_on": pl.Date(),
}
"""What is told of contracts at the close of a day: the open ones, or that the last has ended."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """The contracts of numbered customers, to be asked about any day.

    Attributes:
        spells: Stretches without a day off contract, by their first day; value: until, the first
            day without one.
        begun, ended: Contracts by first day and by end; value: monthly_amount.
    """

    spells: CustomerDays
    begun: CustomerDays
    ended: CustomerDays

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Self:
        """Contracts by customer_id (a number), of `readers.contracts`."""
        known = rows.with_columns(until=pl.col("ended_on").fill_null(NEVER))
        over = known.filter(pl.col("ended_on").is_not_null())
        return cls(
            CustomerDays.of(_spells(known), "started_on", "until"),
            CustomerDays.of(known, "started_on", "monthly_amount"),
            CustomerDays.of(over, "until", "monthly_amount"),
        )

    def at(self, who: Ints, day: Ints) -> dict[str, pl.Series]:
        """What was in force at the close of days.

        A contract that begins on the day another ends continues it: only who is without one for a
        day has left. A customer's amount is that of the contracts open on the day; a price that
        has been changed since is today's.

        Returns:
            For each question, null where no contract ran: contract_days (since the spell began,
            Int32), monthly_amount (Int64), contract_ends_on (Date; null while no end is known);
            and contract_ended_on (Date, the first day without a contract; null where one runs, or
            none ever did).
        """
        spell = self.spells.until(who, day)
        until = self.spells.latest(spell, "until").cast(pl.Int32).cast(pl.Date)
        running = pl.Series(until > as_dates(day)).fill_null(value=False)
        begun, ended = self.begun.until(who, day), self.ended.until(who, day)
        amount = self.begun.total(begun, "monthly_amount") - self.ended.total(
            ended, "monthly_amount"
        )
        since = day - self.spells.last_day(spell, day)
        told = pl.DataFrame({"days": since, "amount": amount, "until": until, "running": running})
        known = pl.when("running")
        return told.select(
            contract_days=known.then(pl.col("days").cast(pl.Int32)),
            monthly_amount=known.then("amount"),
            contract_ends_on=known.then(pl.col("until").replace(NEVER, None)),
            contract_ended_on=pl.when(~pl.col("running")).then("until"),
        ).to_dict()


def _spells(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per customer and stretch under contract: customer_id, started_on, until."""
    before = pl.col("until").cum_max().shift(1).over("customer_id")
    return (
        rows.sort("customer_id", "started_on", "until")
        .with_columns(new=(pl.col("started_on") > before).fill_null(value=True))
        .with_columns(spell=pl.col("new").cum_sum())
        .group_by("customer_id", "spell")
        .agg(pl.col("started_on").min(), pl.col("until").max())
    )


def without_contract(rows: pl.LazyFrame, contracts: pl.LazyFrame | None, day: date) -> pl.LazyFrame:
    """The rows of customers who had no open contract at the close of a day."""
    if contracts is None:
        return rows
    there = (pl.col("started_on") <= day) & (pl.col("ended_on").fill_null(NEVER) > day)
    return rows.join(contracts.filter(there), on="customer_id", how="anti")


def beside_ended(habits: pl.LazyFrame, contracts: pl.LazyFrame | None, day: date) -> pl.LazyFrame:
    """Habits with contract_ended_on: whom the end of the last contract has made churned by a day.

    Args:
        habits: customer_id, last_on (the last purchase by that day).
        contracts: Of `readers.contracts`, or None: then it is null throughout.
        day: The day.

    Returns:
        The habits and, with nulls, a row for each customer who has not bought but has had a
        contract; contract_ended_on is null under contract, and once there was a purchase since.
    """
    if contracts is None:
        return habits.with_columns(contract_ended_on=pl.lit(None, pl.Date))
    until = pl.col("ended_on").fill_null(NEVER).max()
    held = contracts.filter(pl.col("started_on") <= day).group_by("customer_id").agg(_until=until)
    bought_since = (pl.col("last_on") >= pl.col("_until")).fill_null(value=False)
    left = (pl.col("_until") <= day) & ~bought_since
    return (
        habits.join(held, on="customer_id", how="full", coalesce=True, validate="1:1")
        .with_columns(contract_ended_on=pl.when(left).then("_until"))
        .drop("_until")
    )
