"""Which tier a customer had when: the tier history as something to ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT
from numpy.typing import NDArray

from metrics.calendar import Grain, by_month, first_day, month_column
from metrics.numbering import places


def spans(history: IntoLazyFrameT) -> IntoLazyFrameT:
    """From which day until which each tier of a customer was the known one (portable).

    Known is the state at the end of the month before: an event itself, and what followed it, must
    not decide the group it is counted in. In the month of the first purchase it is the tier at
    that month's end; before that month there is no tier, nor after a deletion.

    Args:
        history: tier_history.

    Returns:
        Per customer one row for each tier, and one before the first: customer_id, tier (String),
        _from (null: ever before), _until (the day after the last; null: still). Unordered.
    """
    rows = nw.from_native(history).with_columns(nw.col("tier").cast(nw.String))
    first = rows.group_by("customer_id").agg(_first=nw.col("month").min())
    later = nw.col("month").dt.offset_by("1mo").cast(nw.Date)
    since = nw.when(nw.col("month") == nw.col("_first")).then(nw.col("month")).otherwise(later)
    known = rows.join(first, on="customer_id", how="inner").with_columns(_from=since)
    following = nw.col("_from").shift(-1).over("customer_id", order_by="_from")
    before = first.with_columns(
        tier=nw.lit(None, nw.String), _from=nw.lit(None, nw.Date), _until=nw.col("_first")
    )
    names = ("customer_id", "tier", "_from", "_until")
    parts = (known.with_columns(_until=following).select(names), before.select(names))
    return nw.concat(parts).to_native()


def in_spans(facts: IntoLazyFrameT, known: IntoLazyFrameT, *, day: nw.Expr) -> IntoLazyFrameT:
    """Facts with the tier that was known on their day (portable).

    Args:
        facts: Rows with customer_id (may be null).
        known: The `spans` of tier_history.
        day: The day of the fact (Date, may be null).

    Returns:
        The rows of `facts`, as many as before, in no order, with `tier` (String, null if there
        was none); a `tier` column of the facts is replaced.
    """
    rows = nw.from_native(facts)
    names = [name for name in rows.collect_schema().names() if name != "tier"]
    on = day.fill_null(_BEFORE_ALL)
    begun = nw.col("_from").is_null() | (on >= nw.col("_from"))  # null as well: nobody's fact
    held = begun & (nw.col("_until").is_null() | (on < nw.col("_until")))
    joined = rows.select(names).join(nw.from_native(known), on="customer_id", how="left")
    return joined.filter(held).select(*names, "tier").to_native()


def with_tier(facts: IntoLazyFrameT, history: IntoLazyFrameT, *, day: str) -> IntoLazyFrameT:
    """Facts `in_spans` of a tier history (portable)."""
    return in_spans(facts, spans(history), day=nw.col(day))


def codes(history: pl.DataFrame) -> pl.Series:
    """The tiers that occur, sorted."""
    return history["tier"].cast(pl.String).drop_nulls().unique().sort()


def known_by_month(
    history: pl.DataFrame, months: Sequence[date], ids: pl.Series, tiers: pl.Series
) -> Iterator[NDArray[np.uint8]]:
    """What `with_tier` says of everybody on any day of each month, as arrays.

    Args:
        history: tier_history.
        months: Their first days, ascending.
        ids: The customers.
        tiers: The `codes`.

    Yields:
        For each month the tier of each customer, and at the end of nobody, as its place among
        `tiers`; the number of the tiers stands for none. To be read before the next is asked for.
    """
    changes = _changes_by_month(history, ids, tiers)
    known = np.full(len(ids) + 1, len(tiers), np.uint8)
    joined = np.zeros(len(ids) + 1, np.bool_)
    waiting = list(changes)
    for month in months:
        while waiting and waiting[0] < month:
            rows, states = changes[waiting.pop(0)]
            known[rows], joined[rows] = states, True
        rows, states = changes.get(month, _NO_CHANGES)
        new = ~joined[rows]  # of their first month the end is known; nothing else is
        known[rows[new]] = states[new]
        yield known


def tiers_at(history: pl.LazyFrame, day: date) -> pl.LazyFrame:
    """The tier of each customer at the end of the month of `day`, or at as_of if it is running.

    Returns:
        One row per customer with a tier then: customer_id, tier; sorted by customer_id.
    """
    return (
        history.filter(pl.col("month") <= first_day(day, Grain.MONTH))
        .group_by("customer_id")
        .agg(tier=pl.col("tier").sort_by("month").last())
        .filter(pl.col("tier").is_not_null())
        .sort("customer_id")
    )


def tiers_known(history: pl.LazyFrame, day: date) -> pl.LazyFrame:
    """The tier of each customer that was the known one on a day, see `with_tier`.

    Returns:
        One row per customer with a tier then: customer_id, tier; unordered.
    """
    return (
        known_from(history)
        .filter(pl.col("from") <= day)
        .group_by("customer_id")
        .agg(tier=pl.col("tier").sort_by("from").last())
        .filter(pl.col("tier").is_not_null())
    )


def tiers_between(history: pl.LazyFrame, start: date, end: date) -> pl.LazyFrame:
    """The tiers of each customer at the ends of the months of two days, in one pass.

    Returns:
        One row per customer with a tier at either end: customer_id, from_tier (null: not yet, or
        no longer, a customer), to_tier (null: deleted by then); unordered.
    """
    states = history.filter(pl.col("month") <= first_day(end, Grain.MONTH)).sort("month")
    at_start = pl.col("month") <= first_day(start, Grain.MONTH)
    return (
        states.group_by("customer_id", maintain_order=False)
        .agg(
            from_tier=pl.col("tier").filter(at_start).last(),
            to_tier=pl.col("tier").last(),
        )
        .filter(pl.col("from_tier").is_not_null() | pl.col("to_tier").is_not_null())
    )


def ends(states: pl.LazyFrame, start: date, end: date) -> pl.LazyFrame:
    """What `tiers_between` tells, from the table of states: 30 ms at 2 million customers.

    Args:
        states: tier_states, filtered to the customers wanted.
        start: Day in the month of departure.
        end: Day in the month of arrival.

    Returns:
        As `tiers_between`, in the order of `states`.
    """
    names = states.collect_schema().names()
    tiers = [
        _state_of(names, day).alias(name) for name, day in (("from_tier", start), ("to_tier", end))
    ]
    either = pl.col("from_tier").is_not_null() | pl.col("to_tier").is_not_null()
    return states.select("customer_id", *tiers).filter(either)


def _state_of(names: Sequence[str], day: date) -> pl.Expr:
    """The column of the last known month up to that of `day`; null before the first."""
    known = [name for name in names if name[:2].isdigit() and name <= month_column(day)]
    return pl.col(max(known)) if known else pl.lit(None, pl.String)


def known_in(names: Sequence[str], month: date) -> pl.Expr:
    """The tier that was the known one on any day of a month, see `spans`, of a row of states.

    Args:
        names: The columns of tier_states.
        month: Its first day.
    """
    before, during = (_state_of(names, day) for day in (month - timedelta(days=1), month))
    return pl.coalesce(before, during)


def first_tiers(history: pl.LazyFrame) -> pl.LazyFrame:
    """The tier of each customer at the end of the month of the first purchase.

    What a comparison of departures may go by: today's tier follows from leaving.

    Returns:
        One row per customer: customer_id, first_tier; unordered.
    """
    return history.group_by("customer_id").agg(first_tier=pl.col("tier").sort_by("month").first())


def last_changes(history: pl.LazyFrame) -> pl.LazyFrame:
    """Since the end of which month each customer has had the tier of today.

    Returns:
        One row per customer: customer_id, tier_since (Date, the month); unordered.
    """
    return history.group_by("customer_id").agg(tier_since=pl.col("month").max())


def known_from(history: pl.LazyFrame) -> pl.LazyFrame:
    """Since when each tier was the known one, see `with_tier`: customer_id, tier, from (Date)."""
    first = pl.col("month") == pl.col("month").min().over("customer_id")
    since = pl.when(first).then(pl.col("month")).otherwise(pl.col("month").dt.offset_by("1mo"))
    return history.select("customer_id", "tier", **{"from": since})


def _changes_by_month(
    history: pl.DataFrame, ids: pl.Series, tiers: pl.Series
) -> dict[date, tuple[NDArray[np.uint32], NDArray[np.uint8]]]:
    codes = pl.col("tier").cast(pl.String).cast(pl.Enum(tiers)).to_physical()
    rows = history.select(
        "month",
        row=places(history["customer_id"], ids),
        code=codes.cast(pl.UInt8).fill_null(len(tiers)),
    )
    parts = by_month(rows.drop_nulls("row"))
    return {
        month: (part["row"].to_numpy(), part["code"].to_numpy()) for month, part in parts.items()
    }


_BEFORE_ALL = date(1000, 1, 1)  # Spark takes no year of fewer digits
_NO_CHANGES = (np.empty(0, np.uint32), np.empty(0, np.uint8))
