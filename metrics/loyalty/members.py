"""Who is a member, and what the programme knows of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.customer_days import day_number
from metrics.loyalty.points import FLOWS
from metrics.loyalty.rule import Rule
from metrics.numbering import places
from metrics.selection import DIMENSIONS

NEVER = 1 << 40  # a day after all others
_LATEST = ("used_on", "redeemed_on")


@dataclass(frozen=True, slots=True)
class Memberships:
    """When whose memberships ran, to be asked who is a member on any day.

    Attributes:
        row: Of each membership the place of its customer; that after the last is nobody's.
        since, until: First day, and the first day on which it no longer runs (days since 1970).
        size: Customers.
    """

    row: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    size: int

    @classmethod
    def of(cls, accounts: pl.DataFrame, ids: pl.Series) -> Memberships:
        """The memberships of customers.

        Args:
            accounts: customer_id, enrolled_on, closed_on (null while it runs).
            ids: The customers (unique).
        """
        row = places(accounts["customer_id"], ids).cast(pl.Int64).fill_null(len(ids))
        days = accounts.select(
            since=pl.col("enrolled_on").to_physical().cast(pl.Int64),
            until=pl.col("closed_on").to_physical().cast(pl.Int64).fill_null(NEVER),
        )
        return cls(row.to_numpy(), days["since"].to_numpy(), days["until"].to_numpy(), len(ids))

    def on(self, day: date) -> NDArray[np.bool_]:
        """Who is a member at the end of a day; a membership closed on that day no longer runs."""
        number = day_number(day)
        there = np.zeros(self.size + 1, np.bool_)
        there[self.row[(self.since <= number) & (self.until > number)]] = True
        return there[:-1]

    def first(self) -> NDArray[np.int64]:
        """The first day of each customer's first membership; beyond all days without one."""
        first = np.full(self.size + 1, NEVER)
        np.minimum.at(first, self.row, self.since)
        return first[:-1]


def members(
    people: pl.LazyFrame,
    accounts: pl.LazyFrame,
    moves: pl.LazyFrame,
    visits: pl.LazyFrame,
    how: Rule,
    *,
    as_of: date,
    money_scale: int,
) -> pl.LazyFrame:
    """Everybody who is or was a member, with points and level today (mart).

    Args:
        people: Customers (unique, not deleted): customer_id, the dimensions, revenue_12m,
            purchases_12m.
        accounts: Contract table loyalty_accounts.
        moves: Of `point_months` at the same `as_of`.
        visits: Of `visit_months` at the same `as_of`.
        how: The rules.
        as_of: Last day of the data, inclusive.
        money_scale: Digits of money after the unit.

    Returns:
        One row per customer with a membership begun by then, in the order of `people`:
        customer_id, the dimensions (tier of today), enrolled_on (of the first), closed_on (null
        if one runs), is_member, level (as the CRM keeps it, of the membership begun last),
        rule_level (of `Rule.level`), earned, redeemed, expired, adjusted (points ever), balance,
        used_on, redeemed_on, visited_on (the last, null if never), is_active (a member who earned,
        redeemed or visited within the last `active_days`).
    """
    runs = pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of)
    per_member = (
        accounts.filter(pl.col("enrolled_on") <= as_of)
        .sort("enrolled_on", "account_id")
        .group_by("customer_id")
        .agg(
            pl.col("enrolled_on").min(),
            pl.col("closed_on").max(),
            pl.col("level").last(),
            is_member=runs.any(),
        )
        .with_columns(closed_on=pl.when(~pl.col("is_member")).then("closed_on"))
    )
    points = moves.group_by("customer_id").agg(pl.col(FLOWS).sum(), pl.col(_LATEST).max())
    seen = visits.group_by("customer_id").agg(pl.col("visited_on").max())
    joined = people.join(per_member, on="customer_id", how="inner", maintain_order="left")
    for part in (points, seen):
        joined = joined.join(part, on="customer_id", how="left", maintain_order="left")
    earned, redeemed, expired, adjusted = map(pl.col, FLOWS)
    since = pl.lit(as_of).dt.offset_by(f"-{how.active_days}d")
    lately = pl.max_horizontal("used_on", "visited_on") > since
    return (
        joined.with_columns(pl.col(FLOWS).fill_null(0))
        .with_columns(
            rule_level=how.level(money_scale=money_scale),
            balance=earned - redeemed - expired + adjusted,
            is_active=pl.col("is_member") & lately.fill_null(value=False),
        )
        .select(
            "customer_id",
            *DIMENSIONS,
            *("enrolled_on", "closed_on", "is_member", "level", "rule_level"),
            *FLOWS,
            *("balance", "used_on", "redeemed_on", "visited_on", "is_active"),
        )
    )
