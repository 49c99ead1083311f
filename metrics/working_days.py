"""Working days: the one place that knows which days are worked."""

from __future__ import annotations

import polars as pl


def working_days_after(day: pl.Expr, days: int) -> pl.Expr:
    """The day so many working days after another, Monday to Friday.

    The day itself does not count: three working days after a Friday is the Wednesday. What ends at
    a weekend counts from the Friday before it. Public holidays and the Saturdays worked for them
    are not known here.

    Args:
        day: Date; null gives null.
        days: How many.
    """
    return day.dt.add_business_days(days, roll="backward")
