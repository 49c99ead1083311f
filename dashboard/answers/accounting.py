"""Lifecycle accounting: the moves of each month, and the customers who made them."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers.lifecycle import MART, topic
from dashboard.view import View
from metrics import accounting
from metrics.calendar import Grain, first_day, shift_months
from metrics.selection import Period


@data.answer
def accounts(view: View) -> pl.DataFrame:
    """The accounts of every month of the chosen customers, see `metrics.accounting.accounts`.

    Filters are those of today, the tier and the stage too: only then do the moves add up.
    """
    rows = data.selected(view.whenever(), "accounting_months")
    return accounting.accounts(rows, as_of=data.as_of(view, "orders")).collect()


def in_window(view: View) -> pl.DataFrame:
    """The months of the period, with at least a year up to its end; without the data's first.

    In the first month everybody is new.
    """
    about = topic(view)
    window = about.window(view)
    begin = first_day(about.earliest, Grain.MONTH)
    first = max(first_day(window.start, Grain.MONTH), shift_months(begin, 1))
    return accounts(view).filter(pl.col("month") >= first, pl.col("month") < window.end)


def moved(view: View, month: date, move: str) -> pl.LazyFrame:
    """The customers who made a move in a month, as rows of the customer mart; not sorted.

    Two months of bits are read: at 2 million customers 30 ms.
    """
    days = data.selected(view, "purchase_days")
    span = Period(month, shift_months(month, 1))
    people = data.selected(view, MART)
    firsts = people.select("customer_id", "first_order_on")
    names = days.collect_schema().names()
    found = days.join(firsts, on="customer_id", how="inner", validate="1:1").filter(
        accounting.moved(names, move, span, span.shifted(-1))
    )
    return people.join(found.select("customer_id"), on="customer_id", how="semi")
