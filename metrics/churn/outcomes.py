"""What became of customers: the day on which their silence first reached the threshold."""

from __future__ import annotations

import numpy as np
import polars as pl

from metrics.customer_days import CustomerDays, Ints, as_dates, ints
from metrics.numbering import places


def churned_on(purchases: pl.DataFrame, moments: pl.DataFrame, *, within: int) -> pl.Series:
    """The first day, up to `within` days after a moment, on which the silence was as long as tau.

    The threshold is the one known at the moment. The first silence counts from the last purchase
    before the moment; where a purchase breaks it, the one from that purchase, and so on. A
    purchase on the very day on which the threshold would be reached comes in time.

    Args:
        purchases: customer_id, ordered_on; of all customers of the moments.
        moments: customer_id, landmark_on, last_on (latest purchase by then), tau_days (not yet
            reached then).
        within: Days after each moment; purchases up to then are known.

    Returns:
        A day for each moment, in their order; null for who did not churn in time.
    """
    ids = moments["customer_id"].unique().sort()
    known = purchases.with_columns(customer_id=places(purchases["customer_id"], ids))
    bought = CustomerDays.of(known.drop_nulls("customer_id"), "ordered_on").distinct()
    who, tau = ints(places(moments["customer_id"], ids)), ints(moments["tau_days"])
    end = ints(moments["landmark_on"]) + within
    found = _reached(bought, who, ints(moments["last_on"]), tau, end)
    days = as_dates(np.where(found > end, 0, found))
    return days.set(pl.Series(found > end), None).alias("churned_on")


def _reached(bought: CustomerDays, who: Ints, last: Ints, tau: Ints, end: Ints) -> Ints:
    """The day of the threshold, whatever it takes; of who did not reach it a day after `end`."""
    reached = last + tau
    waiting = np.flatnonzero(reached <= end)  # of the others nothing more is asked
    while len(waiting):
        people, day = who[waiting], reached[waiting]
        since = day - tau[waiting]
        span = bought.within(people, after=since, until=day)
        again = span.count() > 0
        waiting = waiting[again]
        # the last of several: between two purchases of less than tau days no silence is so long
        reached[waiting] = bought.last_day(span, since)[again] + tau[waiting]
        waiting = waiting[reached[waiting] <= end[waiting]]
    return reached
