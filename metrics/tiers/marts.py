"""The tier of every customer at every month end, and what hangs on it.

A tier looks at the trailing 12 months: revenue of completed and returned orders, recorded gross
profit, and what else its scheme asks about (`metrics.tiers.walk`). Month ends take 12 whole
calendar months; the running month ends at `as_of` and takes the 12 months up to that day, the very
columns that the customer mart shows. The population of a day are the customers whose first
purchase is not later and who are not deleted by then.

Cost: all customers are walked over the months once, because "top 10 %" ranks them against each
other; memory is some vectors as long as the customers, a byte per customer, month and scheme, and
the months frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self, cast

import polars as pl

from metrics.calendar import month_column
from metrics.cells import Cells, cells
from metrics.dimensions import TODAY
from metrics.selection import DIMENSIONS
from metrics.tiers.scheme import Scheme
from metrics.tiers.walk import month_ends

_AMOUNTS = ("revenue_12m", "profit_12m")
_SUMS = (*_AMOUNTS, "purchases_12m")


@dataclass(frozen=True, slots=True)
class TierMarts:
    """Both marts of one walk over the months.

    Attributes:
        history: Tiers at the end of each month, only where they change. One row per customer and
            change: customer_id, month (Date, first day; the state is that at its end, in the
            running month at as_of), tier (String; null from the month of a deletion). The first
            row of a customer is the month of the first purchase. Sorted by customer_id, month.
        states: The same as a table, to compare any two month ends in one look: one row per
            customer who ever bought, deleted ones included: customer_id, stage (null if deleted),
            segment, region, owner_id, acquisition_channel of today, and one column per month
            (`2026-10`) with the tier at its end (Enum; null: no customer then). Sorted by
            customer_id.
        months: Customers and their trailing year by month end and dimensions, the tier of that
            month end and the other dimensions of today. One row per month × dimensions that
            occurs: month, tier, stage, segment, region, owner_id, acquisition_channel (String),
            customers, buyers (of them with a purchase in the trailing year), revenue_12m,
            profit_12m (money; profit null if the company records none: then the profit rule of the
            scheme has not been applied). Sorted.
    """

    history: pl.LazyFrame
    states: pl.LazyFrame
    months: pl.LazyFrame


def tier_marts(
    months: pl.LazyFrame,
    customers: pl.LazyFrame,
    *,
    schemes: Sequence[Scheme],
    as_of: date,
    money_scale: int,
    requests: pl.LazyFrame | None = None,
) -> dict[str, TierMarts]:
    """Tier history and tier roll-up of some schemes, computed together in one walk (marts).

    Args:
        months: customer_months of the orders up to `as_of`.
        customers: One row per customer, deleted ones included: customer_id, first_order_on,
            revenue_12m, profit_12m, purchases_12m (of `purchase_dates` at the same `as_of`),
            deleted_on (may be absent), and today's dimensions (those absent become null; `tier`
            is not read).
        schemes: The tiers.
        as_of: Last day of the data, inclusive.
        money_scale: Digits of money after the unit.
        requests: Of `requests.requests`; None where the CRM has no tickets: nobody has any.

    Returns:
        By the code of the scheme.
    """
    people = _people(customers, as_of)
    where = cells(people, TODAY)
    walked = {scheme.code: _Walked.of(scheme, people.height) for scheme in schemes}
    fields = tuple(dict.fromkeys((*_SUMS, *(name for each in schemes for name in each.fields))))
    walk = month_ends(months, people, fields=fields, as_of=as_of, requests=requests)
    for month, known in walk:
        for scheme in schemes:
            state = known.select(*_SUMS, tier=scheme.tier(money_scale=money_scale))
            walked[scheme.code].add(month, state, where)
    return {code: each.marts(people) for code, each in walked.items()}


@dataclass(slots=True)
class _Walked:
    """What one scheme says of the months so far."""

    before: pl.Series
    changes: list[pl.DataFrame]
    counted: list[pl.DataFrame]
    states: list[pl.Series]

    @classmethod
    def of(cls, scheme: Scheme, people: int) -> Self:
        nobody = pl.Series("tier", [None], pl.Enum(scheme.codes)).new_from_index(0, people)
        return cls(nobody, [], [], [])

    def add(self, month: date, state: pl.DataFrame, where: Cells) -> None:
        self.changes.append(_changes(month, state, self.before))
        self.counted.append(_roll_up(month, state, where))
        self.before = state["tier"]
        self.states.append(self.before.alias(month_column(month)))

    def marts(self, people: pl.DataFrame) -> TierMarts:
        history, months = _history(self.changes, people), _tier_months(self.counted)
        return TierMarts(history, _states(self.states, people), months)


def _people(customers: pl.LazyFrame, as_of: date) -> pl.DataFrame:
    """One row per customer with a purchase: entry, exit, today's values and dimensions."""
    present = customers.collect_schema().names()
    dims = {name: pl.lit(None, pl.String) for name in TODAY if name not in present}
    gone = "deleted_on" in present
    return (
        customers.filter(pl.col("first_order_on") <= as_of)
        .with_columns(**dims)
        .select(
            "customer_id",
            *TODAY,
            *_SUMS,
            "first_order_on",
            left=pl.col("deleted_on") if gone else pl.lit(None, pl.Date),
        )
        .sort("customer_id")
        .collect()
    )


def _changes(month: date, state: pl.DataFrame, before: pl.Series) -> pl.DataFrame:
    changed = state.select("tier").with_row_index("row").filter(state["tier"].ne_missing(before))
    return changed.with_columns(month=month)


def _roll_up(month: date, state: pl.DataFrame, where: Cells) -> pl.DataFrame:
    """Customers and amounts by tier and cell, tiers in the order of the alphabet."""
    codes = pl.Series(cast("pl.Enum", state["tier"].dtype).categories)
    places_of_codes = (codes.rank("dense") - 1).cast(pl.UInt8)
    tier = places_of_codes.gather(state["tier"].to_physical())
    members = tier.is_not_null().arg_true()
    amounts = {name: state[name].gather(members) for name in _AMOUNTS}
    bought = (state["purchases_12m"].gather(members) > 0).cast(pl.Int64)
    counted = where.roll_up(
        members.to_numpy(),
        tier.fill_null(0).to_numpy(),
        codes.sort(),
        buyers=bought.fill_null(0).to_numpy(),
        **{name: amount.fill_null(0).to_numpy() for name, amount in amounts.items()},
    )
    if amounts["profit_12m"].null_count() == len(members):
        counted = counted.with_columns(profit_12m=pl.lit(None, pl.Int64))
    return counted.select(
        pl.lit(month).alias("month"),
        *DIMENSIONS,
        pl.col("rows").alias("customers"),
        "buyers",
        *_AMOUNTS,
    )


def _history(changes: list[pl.DataFrame], people: pl.DataFrame) -> pl.LazyFrame:
    ids = people["customer_id"]
    if not changes:
        return pl.LazyFrame(schema={"customer_id": ids.dtype, "month": pl.Date, "tier": pl.String})
    rows = pl.concat(changes).sort("row", "month")
    return rows.lazy().select(ids.gather(rows["row"]), "month", pl.col("tier").cast(pl.String))


def _states(states: list[pl.Series], people: pl.DataFrame) -> pl.LazyFrame:
    there = pl.when(pl.col("left").is_null())
    return (
        people.lazy()
        .with_columns(there.then("stage").alias("stage"))
        .select("customer_id", pl.col(TODAY).cast(pl.String))
        .with_columns(states)
    )


def _tier_months(counted: list[pl.DataFrame]) -> pl.LazyFrame:
    texts = dict.fromkeys(DIMENSIONS, pl.String())
    numbers = dict.fromkeys(("customers", "buyers", *_AMOUNTS), pl.Int64())
    empty = pl.DataFrame(schema={"month": pl.Date(), **texts, **numbers})
    return pl.concat([empty, *counted]).lazy()
