"""Who is contacted as often as the tier's cadence asks, and who is overdue or met too often."""

from __future__ import annotations

from dataclasses import dataclass

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
    ranged,
    reach_counts,
    reached,
    states_of,
)
from metrics.contact.rule import Cadence, cadences
from metrics.measure import count, measure

MART = "contact_cadence"
GROUPS = ("tier", "owner_id", "region", "segment")
LISTS = (UNDER, OVER)


def rules(view: View) -> tuple[Cadence, ...]:
    """The cadence of the scheme that the tiers are of; none if it has none."""
    return cadences(view.scheme)


def _ranged(view: View) -> pl.LazyFrame:
    """Counted from what is held in memory; lists read the mart."""
    return ranged(data.counted(view, MART), rules(view), as_of=as_of(view))


@data.answer
def ranges(view: View) -> dict[str, int | float | None]:
    """How many of those chosen lie under, within and over the range; see `range_counts`."""
    return _ranged(view).select(**range_counts()).collect().row(0, named=True)


@data.answer
def reach(view: View) -> dict[str, int]:
    """Whom something personal reached, who is met on several channels, and who uses the app."""
    counts = reach_counts(as_of(view))
    return data.counted(view, MART).select(**counts).collect().row(0, named=True)


@data.answer
def of_rules(view: View) -> pl.DataFrame:
    """Each cadence with its customers, see `by_rule`."""
    return by_rule(data.counted(view, MART), rules(view), as_of=as_of(view))


@data.answer
def by_group(view: View, dimension: str) -> pl.DataFrame:
    """Customers under, within and over the range by a dimension, most overdue first.

    Returns:
        The dimension, bound, under, within, over, reasonable, coverage; unknown last.
    """
    counts = {name: each for name, each in range_counts().items() if name[:5] != "rules"}
    told = measure(_ranged(view), dimension, **counts).filter(pl.col("bound") > 0)
    order = told.sort(pl.col(dimension).is_null(), -pl.col("under"), dimension).collect()
    if dimension != "owner_id":
        return order
    names = data.frame(view, "employees").select(owner_id="employee_id", owner="name").collect()
    return order.join(names, on="owner_id", how="left", validate="m:1", maintain_order="left")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which customers: those of one rule, or of one value of a dimension; else all.

    Attributes:
        rule: Key of a rule: then its own range counts, else that of all rules together.
        dimension: One of `GROUPS`; empty for all.
        value: Of that dimension; None is unknown.
    """

    rule: str = ""
    dimension: str = ""
    value: str | None = None


EVERYBODY = Cut()


def _states(view: View, cut: Cut) -> dict[str, pl.Expr]:
    """Whether a customer of `ranged` lies in each state."""
    if not cut.rule:
        return {name: pl.col("state") == name for name in STATES}
    (rule,) = (each for each in rules(view) if each.key == cut.rule)
    return states_of(rule, as_of=as_of(view))


def _cut(rows: pl.LazyFrame, cut: Cut) -> pl.LazyFrame:
    if cut.dimension:
        rows = rows.filter(pl.col(cut.dimension).eq_missing(pl.lit(cut.value, pl.String)))
    return rows


NAMED = {"name": "name", "owner": "owner"}
"""What lists of customers are told with, of customer_mart."""


def customers(view: View, state: str, cut: Cut = EVERYBODY) -> pl.LazyFrame:
    """The customers overdue for contact, the longest first, in range, or met too often.

    Returns:
        Rows of contact_cadence with state, overdue_days, waited, missed (the rule), over.
    """
    rows = followed(data.selected(view, MART), rules(view), as_of=as_of(view))
    return _by(_cut(rows, cut).filter(_states(view, cut)[state]), "overdue_days")


def _by(rows: pl.LazyFrame, first: str) -> pl.LazyFrame:
    """Customers by a column and then by revenue, high first."""
    order = dict.fromkeys([first, "revenue_12m", "customer_id"])
    down = [name != "customer_id" for name in order]
    return rows.sort(*order, descending=down, nulls_last=True)


@data.answer
def counted(view: View, cut: Cut = EVERYBODY) -> dict[str, int]:
    """How many customers each list holds."""
    states = {name: count(holds) for name, holds in _states(view, cut).items()}
    return _cut(_ranged(view), cut).select(**states).collect().row(0, named=True)


def reached_by(view: View, verdict: str) -> pl.LazyFrame:
    """Customers whom something personal reached lately (yes), or not (no), see `reach_counts`.

    Returns:
        Rows of contact_cadence (contact_on and personal_on are the days of our last contact, and of
        the last personalised one); the highest revenue first.
    """
    there, personal = reached(as_of(view))
    which = there & (personal if verdict == "yes" else ~personal)
    return _by(data.selected(view, MART).filter(which), "revenue_12m")
