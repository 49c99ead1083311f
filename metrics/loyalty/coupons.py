"""Coupons: who got one, who used it, and whether more was bought than by those without."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT
from numpy.typing import NDArray

from metrics import intervals
from metrics.calendar import month_column, shift_months
from metrics.customer_days import Ints, day_number, ints
from metrics.measure import count
from metrics.trends import Additive

_COLUMNS = (
    *("coupon_id", "customer_id", "kind", "issued_on", "expires_on", "redeemed_on"),
    *("face_value", "is_control"),
)
_LONGEST = 2  # months after that of the issue that a window can reach into


def coupon_rows(coupons: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """Coupons given or withheld by a day (portable).

    Returns:
        One row per coupon, unordered: coupon_id, customer_id, kind, issued_on, expires_on,
        redeemed_on (null if not by then), face_value, is_control (false where unknown).
    """
    used = nw.col("redeemed_on") <= as_of
    return (
        nw.from_native(coupons)
        .filter(nw.col("issued_on") <= as_of)
        .select(_COLUMNS)
        .with_columns(
            redeemed_on=nw.when(used).then(nw.col("redeemed_on")),
            is_control=nw.col("is_control").fill_null(value=False),
        )
        .to_native()
    )


def orders_after(
    rows: pl.DataFrame, bought: pl.DataFrame, *, window_days: int, as_of: date
) -> pl.Series:
    """On how many days each coupon's customer bought, from its issue to `window_days` later.

    The day of the issue counts: an order before the coupon on the same day counts for those with
    one and those without alike. Windows of up to 30 days.

    Args:
        rows: One row per coupon: row (place of the customer in `bought`, null if not known),
            issued_on.
        bought: The mart `purchase_days`.
        window_days: Length of the window.
        as_of: Last day of the orders.

    Returns:
        UInt8, null where the window has not ended by `as_of` or the customer is not known.
    """
    issued = ints(rows["issued_on"])
    there = rows["row"].is_not_null().to_numpy() & (issued + window_days <= day_number(as_of))
    place = ints(rows["row"].fill_null(0))
    found = np.zeros(len(issued), np.uint8)
    for month, mine in _by_issue(rows["issued_on"]):
        known = mine[there[mine]]
        who, day = place[known], issued[known]
        for later in range(_LONGEST + 1):
            found[known] += _days_in(shift_months(month, later), bought, who, day, window_days)
    return pl.Series("orders", found).set(pl.Series(~there), None)


def _by_issue(days: pl.Series) -> list[tuple[date, Ints]]:
    rows = days.dt.month_start().to_frame("month").with_row_index("at")
    parts = rows.partition_by("month", maintain_order=True)
    return [(part["month"][0], part["at"].cast(pl.Int64).to_numpy()) for part in parts]


def _days_in(
    month: date, bought: pl.DataFrame, place: Ints, issued: Ints, window_days: int
) -> NDArray[np.uint8]:
    """How many days of one month lie in the window of each coupon and have a purchase."""
    name, begin = month_column(month), day_number(month)
    if name not in bought.columns:
        return np.zeros(len(place), np.uint8)
    low = np.clip(issued - begin, 0, 31)
    high = np.clip(issued + window_days - begin + 1, 0, 31)
    window = (1 << high) - (1 << low)
    bits = bought[name].gather(place).fill_null(0).cast(pl.Int64).to_numpy()
    return np.bitwise_count(bits & window).astype(np.uint8)


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return intervals.share("redemption", counts["redeemed"], counts["given"])


_given = ~pl.col("is_control")

RESULTS = Additive(
    {
        "given": count(_given),
        "redeemed": count(_given & pl.col("redeemed_on").is_not_null()),
        "withheld": count(~_given),
    },
    _figures,
)
"""Coupons given, those redeemed so far, those withheld for comparison (counts); redemption =
redeemed ÷ given, with _low and _high (0 to 1, Wilson; null if none was given). Over coupon_facts,
by the day of the issue."""


def complete(as_of: date, window_days: int) -> date:
    """The last day of issue whose windows have ended."""
    return as_of - timedelta(days=window_days)
