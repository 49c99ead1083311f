"""The customers behind the lifecycle page: won, active, of a step, a cohort cell, a base year."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import lifecycle
from dashboard.answers.deleted import beside
from dashboard.answers.lifecycle import MART, judged, topic
from dashboard.view import View
from metrics.calendar import shift_months
from metrics.funnel import ordered_again, verdict
from metrics.measure import count
from metrics.retention import base_year
from metrics.revenue import is_purchase
from metrics.selection import Period
from metrics.tiers.history import with_tier
from metrics.tiers.scheme import scheme

VERDICTS = ("converted", "not_converted", "too_young")
_REACHED = {"first": "first_order_on", "second": "second_order_on", "third": "third_order_on"}


def active(view: View) -> pl.LazyFrame:
    """Customers with a purchase in the period; not sorted."""
    about = topic(view)
    bought = lifecycle.active(view, about.period(view))
    return about.rows.join(bought, on="customer_id", how="semi")


def won(view: View) -> pl.LazyFrame:
    """Customers whose first order lies in the period; not sorted."""
    about = topic(view)
    return about.rows.filter(about.period(view).holds(pl.col(about.day)))


def reached(view: View, step: str) -> pl.LazyFrame:
    """Customers won in the period who placed their first, second or third order so far."""
    return won(judged(view)).filter(pl.col(_REACHED[step]).is_not_null())


def once(view: View) -> pl.LazyFrame:
    """Customers won in the period who have not ordered again so far."""
    return won(judged(view)).filter(pl.col("second_order_on").is_null())


def _needs(view: View) -> dict[str, pl.Expr]:
    stage = pl.col("stage")
    return {
        "activation": (stage == "new") & pl.col("second_order_on").is_null(),
        "maintenance": stage.is_in(["existing", "mature", "won_back"]),
        "deepening": (pl.col("tier") == scheme(view.scheme).tiers[0].code) & (stage != "churned"),
        "winning_back": stage == "churned",
    }


NEEDS = ("activation", "maintenance", "deepening", "winning_back")
"""The four needs of S0: of new customers, of existing ones, of the best, of those who have left."""


@data.answer
def needing(view: View) -> dict[str, int]:
    """How many customers have each need today; one may have two, those warned may have none."""
    needs = {need: count(holds) for need, holds in _needs(view).items()}
    rows = data.selected(view.without("stage"), MART)
    return rows.select(**needs).collect().row(0, named=True)


def in_need(view: View, need: str) -> pl.LazyFrame:
    """Today's customers with one of the NEEDS; not sorted."""
    return data.selected(view.without("stage"), MART).filter(_needs(view)[need])


def stands(view: View, step: str, case: str) -> pl.LazyFrame:
    """Customers won in the period by how they count in the conversion to a step: `VERDICTS`."""
    as_of = data.as_of(view, "orders")
    return won(judged(view)).filter(verdict(step, as_of=as_of) == case)


def again_within(view: View, days: int) -> pl.LazyFrame:
    """Customers won in the period whose second order came within so many days."""
    return won(judged(view)).filter(ordered_again(days))


def cohort(view: View, first: date, months: int, *, bought: bool) -> pl.LazyFrame:
    """A monthly cohort's customers who bought in the month so much later, or did not.

    Returns:
        Columns of the customer mart, not sorted; a customer deleted since, whom the cohort still
        counts, has a row without id and name.
    """
    view = judged(view)
    month = Period(first, shift_months(first, 1))
    ids = _first_orders(view).filter(month.holds(pl.col("first_order_on"))).select("customer_id")
    later = month.shifted(months)
    then = _purchases(view).filter(later.holds(pl.col("ordered_on")))
    found = ids.join(then, on="customer_id", how="semi" if bought else "anti")
    return _known(view, found)


def base_of(view: View, month: date, *, retained: bool) -> pl.LazyFrame:
    """Last year's customers at the end of a month, who bought again since or did not.

    Returns:
        As `cohort`. A filter on tiers holds for the tier at the beginning of the year.
    """
    end = min(shift_months(month, 1) - timedelta(days=1), data.as_of(view, "orders"))
    rows = base_year(data.frame(view, "orders"), end=end).filter(pl.col("retained") == retained)
    tiers = next((kept for name, kept in view.selection.filters if name == "tier"), None)
    if tiers is not None:
        history = data.frame(view, "tier_history")
        rows = with_tier(rows, history, day="since").filter(pl.col("tier").is_in(tiers))
    left = (pl.col("deleted_on") <= end).fill_null(value=False)
    people = data.selected(judged(view), "customers").filter(~left).select("customer_id")
    return _known(view, rows.select("customer_id").join(people, on="customer_id", how="semi"))


def _purchases(view: View) -> pl.LazyFrame:
    known = pl.col("ordered_on") <= data.as_of(view, "orders")
    return data.frame(view, "orders").filter(is_purchase() & known)


def _first_orders(view: View) -> pl.LazyFrame:
    """First orders of those chosen, deleted ones included: customer_id, first_order_on."""
    columns = ("customer_id", "first_order_on")
    gone = data.selected(view, "customers").filter(pl.col("deleted_on").is_not_null())
    theirs = (
        _purchases(view)
        .join(gone, on="customer_id", how="semi")
        .group_by("customer_id")
        .agg(first_order_on=pl.col("ordered_on").min())
    )
    return pl.concat([data.selected(view, MART).select(columns), theirs.select(columns)])


def _known(view: View, ids: pl.LazyFrame) -> pl.LazyFrame:
    """What the mart knows of some customers; those it does not know keep a row of nulls."""
    return beside(ids, data.selected(judged(view), MART))
