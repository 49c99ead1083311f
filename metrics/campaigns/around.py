"""What happened around a campaign, customer by customer: purchases, complaints, promotions."""

from __future__ import annotations

from datetime import date, timedelta

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.campaigns.rule import Rule
from metrics.customer_days import CustomerDays, as_dates, day_number, ints
from metrics.loyalty.coupons import orders_after

_DAY = timedelta(days=1)
_FAR = date(9000, 1, 1)
OFFER, CAMPAIGN = "offer", "campaign"


def complaints(tickets: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """The complaints up to a day (portable): customer_id, created_on, resolved_on."""
    rows = nw.from_native(tickets)
    mine = (nw.col("kind") == "complaint") & (nw.col("created_on") <= as_of)
    return rows.filter(mine).select("customer_id", "created_on", "resolved_on").to_native()


def offers(contacts: IntoLazyFrameT, rule: Rule, *, as_of: date) -> IntoLazyFrameT:
    """Our contacts that are promotions (portable): customer_id, sent_on, channel."""
    rows = nw.from_native(contacts)
    mine = (nw.col("direction") == "outbound") & nw.col("purpose").is_in(list(rule.purposes))
    return (
        rows.filter(mine & (nw.col("occurred_on") <= as_of))
        .select("customer_id", "channel", sent_on=nw.col("occurred_on"))
        .to_native()
    )


def bought_after(
    rows: pl.DataFrame, bought: pl.DataFrame, *, window_days: int, as_of: date
) -> pl.Series:
    """On how many of the days 1 to `window_days` after the end each member bought, so far.

    Args:
        rows: row (place of the customer in `bought`, null if not known), ends_on.
        bought: The mart purchase_days; it ends on as_of.
        window_days: At most 31.
        as_of: Last day of the orders.

    Returns:
        UInt8; null where the first of these days has not come, or the customer is not known.
    """
    begun = (pl.col("ends_on") < as_of) & pl.col("row").is_not_null()
    asked = rows.select(
        row=pl.when(begun).then("row"), issued_on=pl.coalesce("ends_on", pl.lit(as_of)) + _DAY
    )
    return orders_after(asked, bought, window_days=window_days - 1, as_of=_FAR)


def complaints_around(
    rows: pl.DataFrame, filed: pl.DataFrame, *, window_days: int, as_of: date
) -> pl.DataFrame:
    """How often each member complained before the campaign began, and after it ended.

    Args:
        rows: customer_id (a number, null: anonymous), starts_on, ends_on.
        filed: Of `complaints`, with numbers and without nulls in customer_id, created_on.
        window_days: Length of each window: the days before the first planned contact, and the days
            after the last.
        as_of: Last day of the tickets.

    Returns:
        complaints_before, complaints_after (UInt8), in the order of the rows; both null where the
        later window has not ended, the earlier one begins before the first complaint known, or the
        customer is not known.
    """
    names = ("complaints_before", "complaints_after")
    if filed.is_empty():
        return pl.DataFrame(
            {name: pl.Series([None] * rows.height, dtype=pl.UInt8) for name in names}
        )
    events = CustomerDays.of(filed, "created_on")
    first = ints(filed["created_on"]).min()
    known = rows.select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_numpy()
    who = ints(rows["customer_id"].fill_null(0))
    start = ints(rows["starts_on"].fill_null(as_of))
    end = ints(rows["ends_on"].fill_null(as_of))
    known = known & (end + window_days <= day_number(as_of)) & (start - window_days >= first)
    before = events.within(who, after=start - window_days - 1, until=start - 1).count()
    after = events.within(who, after=end, until=end + window_days).count()
    unknown = pl.Series(~known)
    counted = (before, after)
    return pl.DataFrame(
        {
            name: pl.Series(np.minimum(values, 255).astype(np.uint8)).set(unknown, None)
            for name, values in zip(names, counted, strict=True)
        }
    )


def too_early(rows: pl.DataFrame, filed: pl.DataFrame) -> pl.DataFrame:
    """Promotions that reached a customer whose complaint was open: filed before, not yet solved.

    By days: a complaint of the same day is not counted, nor one solved on it, because nobody can
    say which came first.

    Args:
        rows: customer_id (a number), sent_on, and whatever else is told; none of the two is null.
        filed: Of `complaints`, likewise.

    Returns:
        The rows with complained_on (of the oldest open complaint) and solved_on (its end; null
        while it is open), in their order; only those that came too early.
    """
    shape = rows.head(0).with_columns(
        complained_on=pl.lit(None, pl.Date), solved_on=pl.lit(None, pl.Date)
    )
    if filed.is_empty() or rows.is_empty():
        return shape
    until = filed.with_columns(until=pl.coalesce("resolved_on", pl.lit(_FAR)))
    events = CustomerDays.of(until, "created_on", "until")
    who, sent = ints(rows["customer_id"]), ints(rows["sent_on"])
    place, event = events.until(who, sent - 1).rows()
    open_ = events.values["until"][event] > sent[place]
    place, event = place[open_], event[open_]
    places, oldest = np.unique(place, return_index=True)  # events are in the order of their days
    event = event[oldest]
    solved = as_dates(events.values["until"][event])
    return rows[places].with_columns(
        complained_on=as_dates(events.day_of(event)),
        solved_on=solved.set(solved == _FAR, None),
    )
