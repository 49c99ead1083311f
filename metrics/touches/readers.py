"""What touches ask of the tables of events: when a clock started, and what was done (portable).

Each looks only at the rows from a day on. Times are UTC, customers go by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw
from narwhals.typing import IntoLazyFrame, IntoLazyFrameT

from metrics.revenue import is_purchase
from metrics.touches.rule import Touch

_TOLD = ("content", "purpose", "rule", "responded")


def recorded(contacts: IntoLazyFrame, *, since: date) -> frozenset[str]:
    """Which of content, purpose, rule and responded the contacts since a day tell at all.

    Where none of those is told that a touch is known by, it cannot be judged; without this, every
    trigger of such a CRM would count as missed.
    """
    rows = nw.from_native(contacts).filter(nw.col("occurred_on") >= since)
    (seen,) = rows.select(nw.col(name).count() for name in _TOLD).collect().rows(named=True)
    return frozenset(name for name, count in seen.items() if count)


def arrived() -> nw.Expr:
    """Whether a contact reached the customer, as far as is known."""
    return ~(~nw.col("delivered")).fill_null(value=False)


def can_be_judged(touch: Touch, told: frozenset[str]) -> bool:
    """Whether contacts that tell these columns tell whether a touch was made."""
    answers = not touch.answered or "responded" in told
    known = not touch.told_by or bool(told.intersection(touch.told_by))
    return answers and known and (not touch.announced or "content" in told)


def first_orders(orders: IntoLazyFrameT, firsts: IntoLazyFrameT) -> IntoLazyFrameT:
    """The moment of the first purchase of each customer.

    Args:
        orders: Contract table orders, by number.
        firsts: customer_id (unique), first_order_on; of whom it is asked.

    Returns:
        One row per customer, unordered: customer_id, started_at.
    """
    bought = nw.from_native(orders).filter(is_purchase(nw.col))
    that_day = bought.join(
        nw.from_native(firsts),
        left_on=["customer_id", "ordered_on"],
        right_on=["customer_id", "first_order_on"],
        how="inner",
    )
    moments = that_day.group_by("customer_id").agg(started_at=nw.col("ordered_at").min())
    return moments.to_native()


def announcements(contacts: IntoLazyFrameT, touch: Touch, *, since: date) -> IntoLazyFrameT:
    """The messages that start the clock of a touch, to whomever they went.

    Returns:
        One row per customer and moment, unordered: customer_id, started_at, started_on.
    """
    message = _among("content", touch.announced) & _among("channel", touch.announced_on)
    return (
        _ours(contacts, since)
        .filter(message)
        .group_by("customer_id", "occurred_at")
        .agg(started_on=nw.col("occurred_on").min())
        .select("customer_id", "started_on", started_at=nw.col("occurred_at"))
        .to_native()
    )


def made(
    contacts: IntoLazyFrameT, starts: IntoLazyFrameT, touch: Touch, *, since: date
) -> IntoLazyFrameT:
    """When contacts first tried and made a touch, for each start of its clock.

    A message that is known not to have arrived does not count.

    Args:
        contacts: Contract table interactions, by number.
        starts: customer_id, started_at (together unique).
        touch: What to look for.
        since: The first day on which to look.

    Returns:
        One row per start that was followed by such a contact, unordered: customer_id, started_at,
        tried_at (the first one), done_at (the first that did it; null if none).
    """
    rows = _ours(contacts, since).filter(_does(touch)).select("customer_id", "occurred_at", _answer)
    after = rows.join(nw.from_native(starts), on="customer_id", how="inner").filter(
        nw.col("occurred_at") >= nw.col("started_at")
    )
    did = nw.col("_answered") if touch.answered else nw.lit(value=True)
    return (
        after.with_columns(_done=nw.when(did).then(nw.col("occurred_at")))
        .group_by("customer_id", "started_at")
        .agg(tried_at=nw.col("occurred_at").min(), done_at=nw.col("_done").min())
        .to_native()
    )


def interviews(contacts: IntoLazyFrameT, touch: Touch, *, since: date) -> IntoLazyFrameT:
    """When contacts first tried and made a touch in each quarter.

    Returns:
        One row per customer and quarter, unordered: customer_id, quarter, tried_at, done_at.
    """
    rows = _ours(contacts, since).filter(_does(touch))
    done = nw.when(nw.col("responded")).then(nw.col("occurred_at"))
    return _by_quarter(rows, "occurred_on", tried_at=nw.col("occurred_at"), done_at=done)


def surveys(responses: IntoLazyFrameT, touch: Touch, *, since: date) -> list[IntoLazyFrameT]:
    """When customers were first invited to a survey, and when they answered one, in each quarter.

    Returns:
        Two frames of one row per customer and quarter, unordered: customer_id, quarter and
        tried_at in the first, done_at in the second.
    """
    rows = nw.from_native(responses).filter(~nw.col("customer_id").is_null())
    if touch.surveys:
        rows = rows.filter(nw.col("survey").is_in(touch.surveys))
    asked = rows.filter(nw.col("invited_on") >= since)
    answered = rows.filter(nw.col("answered_on") >= since)
    return [
        _by_quarter(asked, "invited_on", tried_at=nw.col("invited_at")),
        _by_quarter(answered, "answered_on", done_at=nw.col("answered_at")),
    ]


def occasions(care: IntoLazyFrameT, *, since: date) -> IntoLazyFrameT:
    """The occasions to think of customers.

    Returns:
        One row per occasion, unordered: customer_id, occasion, due_on, delivered_at.
    """
    rows = nw.from_native(care)
    known = ~nw.col("customer_id").is_null() & (nw.col("due_on") >= since)
    columns = ("customer_id", "occasion", "due_on", "delivered_at")
    return rows.filter(known).select(*columns).to_native()


def _by_quarter(rows: nw.LazyFrame[IntoLazyFrameT], day: str, **times: nw.Expr) -> IntoLazyFrameT:
    in_quarters = rows.select(
        "customer_id", quarter=nw.col(day).dt.truncate("1q").cast(nw.Date), **times
    )
    first = {name: nw.col(name).min() for name in times}
    return in_quarters.group_by("customer_id", "quarter").agg(**first).to_native()


def _ours(contacts: IntoLazyFrameT, since: date) -> nw.LazyFrame[IntoLazyFrameT]:
    """The contacts that the company began with known customers, and that may have arrived."""
    rows = nw.from_native(contacts)
    known = ~nw.col("customer_id").is_null() & (nw.col("occurred_on") >= since)
    return rows.filter(known, nw.col("direction") == "outbound", arrived())


_answer = nw.col("responded").fill_null(value=False).alias("_answered")


def _does(touch: Touch) -> nw.Expr:
    kinds = [_among(column, values) for column, values in touch.told_by.items()]
    of_kind = nw.any_horizontal(*kinds, ignore_nulls=True) if kinds else nw.lit(value=True)
    return of_kind & _among("channel", touch.channels)


def _among(column: str, values: Sequence[str]) -> nw.Expr:
    """Whether a column has one of the values; any will do if none is named."""
    if not values:
        return nw.lit(value=True)
    return nw.col(column).is_in(values).fill_null(value=False)
