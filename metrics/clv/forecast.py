"""The three figures of every customer as of a day, on whatever terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.churn.summary import win_back_counts
from metrics.clv.likelihood import NotFittedError
from metrics.clv.rule import Terms
from metrics.clv.second import Second
from metrics.clv.staying import Staying
from metrics.clv.value import values
from metrics.measure import ratio

FIGURES = ("clv", "clv_formula", "clv_second")
"""The headline, the formula of the plans, the second opinion."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """FIGURES per customer (Int64), and what they rest on.

    Attributes:
        customers: customer_id and FIGURES of those who have bought, in the order of the people.
        win_back: Of those who counted as churned 90 days before the share who came back; null if
            nobody did.
        second: The models of the second opinion; None if `problem`.
        problem: Why there is no second opinion; empty if there is.
    """

    customers: pl.DataFrame
    win_back: float | None
    second: Second | None
    problem: str = ""


def forecast(people: pl.DataFrame, terms: Terms, *, as_of: date) -> Forecast:
    """What each customer will bring, by what is known at the close of a day.

    Args:
        people: Customers who have bought, or have had a contract, and are not deleted: customer_id,
            segment, registered_on (may be absent), first_on, last_on (null: never bought, then
            they only count for win_back), purchase_days, tau_days, silent_days, remaining_days,
            churned, contract_days (null: under none), contract_ended_on, lapsed (churned 90 days
            before), revenue_12m, revenue_total.
        terms: Months, discount, margin, acquisition cost.
        as_of: That day, the last of the data.

    Returns:
        clv and clv_formula are null where fewer than 50 customers have been there at one time;
        clv also of the churned if nobody had lapsed; clv_second if its models do not fit.
    """
    counts = win_back_counts()
    win_back = people.select(ratio(counts["came_back"], counts["lapsed"])).item()
    people = people.filter(pl.col("first_on").is_not_null())
    found = people.select("customer_id", **dict.fromkeys(FIGURES, pl.lit(None, pl.Int64)))
    observed_from = people["first_on"].min()
    if not isinstance(observed_from, date):
        return Forecast(found, win_back, None, "nobody has bought yet")
    staying = Staying.learnt(people.lazy(), as_of=as_of, observed_from=observed_from)
    if staying is not None:
        told = values(
            people, staying, terms, win_back=win_back, as_of=as_of, observed_from=observed_from
        )
        found = found.with_columns(_money(told[name]) for name in FIGURES[:2])
    try:
        second = Second.learnt(people, as_of=as_of)
    except NotFittedError as error:
        return Forecast(found, win_back, None, str(error))
    opinion = second.values(people, terms, as_of=as_of).alias(FIGURES[2])
    return Forecast(found.with_columns(_money(opinion)), win_back, second)


def _money(values: pl.Series) -> pl.Series:
    return values.round().cast(pl.Int64)
