"""Lifecycle accounting: who came, stayed, came back and left from one month to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.calendar import Grain, by_month, is_complete, spine
from metrics.cells import cells, totals
from metrics.measure import measure
from metrics.numbering import places
from metrics.purchase_days import has_bought
from metrics.selection import DIMENSIONS, Period

MOVES = ("new", "retained", "resurrected", "lost")
"""In the order in which they are told. The first three are active in the month, lost are not."""

_AMOUNTS = ("new_amount", "retained_amount", "resurrected_amount", "lost_amount", "kept_amount")
_COUNTED = (*MOVES, *_AMOUNTS)

_NO_MONTHS = pl.DataFrame(
    schema={
        "month": pl.Date(),
        **dict.fromkeys(DIMENSIONS, pl.String()),
        **dict.fromkeys(_COUNTED, pl.Int64()),
    }
)


def accounting_months(
    months: pl.LazyFrame, customers: pl.LazyFrame, *, as_of: date
) -> pl.LazyFrame:
    """Moves between active and not, by month and dimensions (mart).

    Active in a month is who bought in it. New: for the first time ever. Retained: also in the
    month before. Resurrected: not in the month before, but in an earlier one. Lost: in the month
    before and not in this one. So retained + lost are the active of the month before, new +
    retained + resurrected those of the month, and their difference is new + resurrected − lost.
    Customers deleted since are in none. All dimensions are today's, the tier too: only then do the
    moves add up within a selection. At 2 million customers it costs what `order_months` costs:
    one pass over their months, and some arrays of a customer's length.

    Args:
        months: customer_months.
        customers: customer_id (unique), dimensions and deleted_on; absent ones become null.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per month from the first purchase on × dimensions that occurs: month, the
        dimensions; new, retained, resurrected, lost (customers); new_amount, retained_amount,
        resurrected_amount (their purchases in the month), lost_amount and kept_amount (purchases
        in the month before of the lost and of the retained); sorted. Amounts are those of
        purchases, before returns: who returns only is not active.
    """
    people = customers.collect()
    return moves_of(people, bought_by_month(months, people), as_of=as_of)


def moves_of(
    people: pl.DataFrame, parts: Mapping[date, pl.DataFrame], *, as_of: date
) -> pl.LazyFrame:
    """`accounting_months` of customers with their dimensions, from `bought_by_month` of them."""
    where = cells(people, DIMENSIONS)
    if not parts:
        return _NO_MONTHS.lazy()
    size = people.height
    known = np.zeros(size, np.bool_)
    before, spent = np.zeros(size, np.bool_), np.zeros(size, np.int64)
    counted: list[pl.DataFrame] = []
    for month in spine(min(parts), as_of + timedelta(days=1), Grain.MONTH).collect()["bucket"]:
        now, amount = _month(parts.get(month), size)
        who = np.flatnonzero(now | before)
        values = _values(now[who], before[who], known[who], amount[who], spent[who])
        sums = totals(where.of[who], len(where), **values)
        names = where.names[sums.pop("key")]
        rows = names.with_columns(pl.Series(name, sums[name]) for name in _COUNTED)
        counted.append(rows.with_columns(month=pl.lit(month)).select(_NO_MONTHS.columns))
        known |= now
        before, spent = now, amount
    return pl.concat(counted).lazy()


def bought_by_month(months: pl.LazyFrame, people: pl.DataFrame) -> dict[date, pl.DataFrame]:
    """Who bought in each month, by row of the people, and for how much; no tier plays a part."""
    return by_month(_bought(months, people))


def _bought(months: pl.LazyFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Of whom has not been deleted the place, the month and the amount of its purchases."""
    rows = (
        months.filter(pl.col("purchases") > 0, pl.col("customer_id").is_not_null())
        .select("customer_id", "month", "purchased")
        .collect(engine="streaming")
    )
    placed = rows.select(
        "month", "purchased", row=places(rows["customer_id"], people["customer_id"])
    )
    if "deleted_on" not in people.columns:
        return placed.drop_nulls("row")
    there = people["deleted_on"].is_null().gather(placed["row"])
    return placed.filter(there.fill_null(value=False))


def _month(part: pl.DataFrame | None, size: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Who bought in a month, and for how much."""
    now, amount = np.zeros(size, np.bool_), np.zeros(size, np.int64)
    if part is not None:
        row = part["row"].to_numpy()
        now[row] = True
        amount[row] = part["purchased"].to_numpy()
    return now, amount


def _values(
    now: NDArray[np.bool_],
    before: NDArray[np.bool_],
    known: NDArray[np.bool_],
    amount: NDArray[np.int64],
    spent: NDArray[np.int64],
) -> dict[str, NDArray[np.int64]]:
    moves = {
        "new": now & ~known,
        "retained": now & before,
        "resurrected": now & ~before & known,
        "lost": before & ~now,
    }
    values = {name: move.astype(np.int64) for name, move in moves.items()}
    for name in ("new", "retained", "resurrected"):
        values[f"{name}_amount"] = amount * moves[name]
    values["lost_amount"] = spent * moves["lost"]
    values["kept_amount"] = spent * moves["retained"]
    return values


def accounts(rows: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The accounts of each month, over accounting_months filtered as wanted.

    Returns:
        One row per month, none missing: month, the counts and amounts of the mart; active, before
        (customers of the month and of the one before), change (active − before = new + resurrected
        − lost); amount, amount_before, retained_change (retained_amount − kept_amount), so that
        amount − amount_before = new_amount + resurrected_amount + retained_change − lost_amount;
        complete (false for the running month: whoever is still to buy counts as lost in it).
    """
    first: date | None = rows.select(pl.col("month").min()).collect().item()
    after = as_of + timedelta(days=1)
    grid = spine(first or after, after, Grain.MONTH).rename({"bucket": "month"})
    counted = measure(rows, "month", **{name: pl.col(name).sum() for name in _COUNTED})
    return (
        grid.join(counted, on="month", how="left", maintain_order="left", validate="1:1")
        .with_columns(pl.col(_COUNTED).fill_null(0))
        .with_columns(
            active=pl.col("new") + pl.col("retained") + pl.col("resurrected"),
            before=pl.col("retained") + pl.col("lost"),
            change=pl.col("new") + pl.col("resurrected") - pl.col("lost"),
            amount=pl.sum_horizontal(_AMOUNTS[:3]),
            amount_before=pl.col("kept_amount") + pl.col("lost_amount"),
            retained_change=pl.col("retained_amount") - pl.col("kept_amount"),
            complete=is_complete(pl.col("month"), Grain.MONTH, as_of=as_of),
        )
    )


def moved(columns: list[str], move: str, month: Period, before: Period) -> pl.Expr:
    """Whether a customer made a move in a month, over `purchase_days` with first_order_on.

    Args:
        columns: Those of the mart purchase_days.
        move: One of MOVES.
        month: Its days.
        before: The days of the month before.
    """
    now, earlier = has_bought(columns, month), has_bought(columns, before)
    first = pl.col("first_order_on") >= month.start
    cases = {
        "new": now & first,
        "retained": now & earlier,
        "resurrected": now & ~earlier & ~first,
        "lost": ~now & earlier,
    }
    return cases[move]
