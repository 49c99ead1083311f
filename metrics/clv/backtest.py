"""Last year's forecast against what then came: how far each figure can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.churn.contracts import without_contract
from metrics.churn.landmarks import sample
from metrics.churn.rhythm import Definition, rhythm
from metrics.churn.tables import CrmTables
from metrics.churn.win_back import lapsed
from metrics.clv.forecast import FIGURES, forecast
from metrics.clv.rule import Terms
from metrics.revenue import last_year
from metrics.rules import load

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Backtest:
    """Forecast ÷ actual revenue of a year, over all customers known when it began.

    Attributes:
        made_on: The day as of which was forecast, as ISO text.
        customers: How many were known then, of the sample.
        actual: Their revenue in the year after, 10**-money_scale.
        clv, clv_formula, clv_second: Forecast ÷ actual; 1 is right, None: no forecast.
    """

    made_on: str
    customers: int
    actual: int
    clv: float | None
    clv_formula: float | None
    clv_second: float | None


def backtest(tables: CrmTables, *, as_of: date) -> Backtest | None:
    """Each figure's revenue of twelve months, made a year ago, against the revenue that came.

    Undiscounted and before margin, by what was known on that day, on 100,000 customers; those
    deleted since are left out of both. Revenue of customers won since is in neither.

    Args:
        tables: What is read of the CRM.
        as_of: Last day of the data, inclusive.

    Returns:
        None where the data reach back less than two years, or nothing was bought in the last.
    """
    rule = load("clv")["backtest"]
    made_on = as_of - timedelta(days=rule["days"])
    some = sample(tables, rule["sample_customers"]).loaded()
    first = some.purchases().select(pl.col("ordered_on").min()).collect().item()
    if first is None or first > last_year(made_on).start:
        return None
    people = known(some, made_on, there=as_of)
    made = forecast(people, Terms.revenue(_MONTHS), as_of=made_on).customers
    after = pl.col("ordered_on").is_between(made_on, as_of, closed="right")
    came = some.orders.filter(after).join(made.lazy(), on="customer_id", how="semi")
    actual = came.select(pl.col("amount").sum()).collect().item()
    if actual <= 0:
        return None
    sums = {name: made[name].sum() if made[name].count() else None for name in FIGURES}
    ratios = {name: None if total is None else total / actual for name, total in sums.items()}
    return Backtest(made_on.isoformat(), made.height, actual, **ratios)


def known(tables: CrmTables, day: date, *, there: date) -> pl.DataFrame:
    """The people of `forecast` as of a day, from what was known then, sorted by customer_id.

    Args:
        tables: The CRM.
        day: The last day of which anything is known.
        there: Customers deleted by this day are left out.
    """
    orders = tables.orders.filter(pl.col("ordered_on") <= day)
    year = last_year(day).holds(pl.col("ordered_on"))
    sums = orders.group_by("customer_id").agg(
        revenue_total=pl.col("amount").sum(), revenue_12m=pl.col("amount").filter(year).sum()
    )
    bought = orders.filter("bought").select("customer_id", "ordered_on")
    standard, contracts = Definition.standard(), tables.contracts
    habits = rhythm(bought, as_of=day, definition=standard, contracts=contracts)
    # whoever is under contract has not left, however silent; since when does not matter here
    free = without_contract(habits, contracts, day).select("customer_id", _free=True)
    held = pl.col("_free").is_null()
    habits = habits.join(free, on="customer_id", how="left", validate="1:1").with_columns(
        churned=pl.col("churned") & ~held, contract_days=pl.when(held).then(pl.lit(0, pl.Int32))
    )
    people = tables.customers
    if "deleted_on" in people.collect_schema().names():
        people = people.filter((pl.col("deleted_on") > there).fill_null(value=True))
    names = people.collect_schema().names()
    if "segment" not in names:
        people = people.with_columns(segment=pl.lit(None, pl.String))
    joined = people.join(habits, on="customer_id", validate="1:1")
    for part in (sums, lapsed(bought, as_of=day, contracts=contracts)):
        joined = joined.join(part, on="customer_id", how="left", validate="1:1")
    return joined.drop("_free").sort("customer_id").collect(engine="streaming")
