"""Who is contacted as often as the tier's cadence asks, and who is overdue or met too often."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers.contact import as_of
from dashboard.view import View
from metrics.contact.cadence import (
    OVER,
    STATES,
    UNDER,
    by_rule,
    followed,
    range_counts,
    reach_counts,
)
from metrics.contact.rule import Cadence, cadences
from metrics.measure import count, measure

MART = "contact_cadence"
GROUPS = ("tier", "owner_id", "region", "segment")
LISTS = (UNDER, OVER)


def rules(view: View) -> tuple[Cadence, ...]:
    """The cadence of the scheme that the tiers are of; none if it has none."""
    return cadences(view.scheme)


def _followed(view: View) -> pl.LazyFrame:
    return followed(data.selected(view, MART), rules(view), as_of=as_of(view))


@data.answer
def ranges(view: View) -> dict[str, int | float | None]:
    """How many of those chosen lie under, within and over the range; see `range_counts`."""
    return _followed(view).select(**range_counts()).collect().row(0, named=True)


@data.answer
def reach(view: View) -> dict[str, int]:
    """Whom something personal reached, who is met on several channels, and who uses the app."""
    counts = reach_counts(as_of(view))
    return data.selected(view, MART).select(**counts).collect().row(0, named=True)


@data.answer
def of_rules(view: View) -> pl.DataFrame:
    """Each cadence with its customers, see `by_rule`."""
    return by_rule(data.selected(view, MART), rules(view), as_of=as_of(view))


@data.answer
def by_group(view: View, dimension: str) -> pl.DataFrame:
    """Customers under, within and over the range by a dimension, most overdue first.

    Returns:
        The dimension, bound, under, within, over, reasonable, coverage; unknown last.
    """
    counts = {name: each for name, each in range_counts().items() if name[:5] != "rules"}
    told = measure(_followed(view), dimension, **counts).filter(pl.col("bound") > 0)
    order = told.sort(pl.col(dimension).is_null(), -pl.col("under"), dimension).collect()
    if dimension != "owner_id":
        return order
    names = data.frame(view, "employees").select(owner_id="employee_id", owner="name").collect()
    return order.join(names, on="owner_id", how="left", validate="m:1", maintain_order="left")


def customers(view: View, state: str) -> pl.LazyFrame:
    """The customers overdue for contact, the longest first, or those met too often.

    Returns:
        Columns of customer_mart with state, overdue_days, waited, missed (the rule), contact_on,
        over.
    """
    names = ("customer_id", "state", "overdue_days", "waited", "missed", "contact_on", "over")
    late = _followed(view).filter(pl.col("state") == state).select(names)
    known = data.frame(view, "customer_mart")
    told = late.join(known, on="customer_id", how="inner", validate="1:1")
    order = ["overdue_days", "revenue_12m", "customer_id"]
    return told.sort(order, descending=[True, True, False], nulls_last=True)


@data.answer
def counted(view: View) -> dict[str, int]:
    """How many customers each list holds."""
    states = {name: count(pl.col("state") == name) for name in STATES}
    return _followed(view).select(**states).collect().row(0, named=True)
