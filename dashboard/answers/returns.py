"""What the money brings: benefits against costs by module, five years ahead, unit costs, tiers.

Of the budget that the budget page begins with, in its original version: costs are what was booked.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import budget, budget_control, clv
from dashboard.answers.budget_choice import TABLE, Budget, budgets, default
from dashboard.answers.over_time import Topic, by_grain
from dashboard.view import View
from metrics import returns, what_if
from metrics.budget_control import with_inquiry
from metrics.calendar import Grain, bucket, is_complete, shift_months
from metrics.catalog import KPIS
from metrics.measure import ratio
from metrics.returns import Flow, Payback
from metrics.rules import load
from metrics.service_cost import SERVICE_COST, ready
from metrics.tiers.scheme import scheme
from metrics.what_if import Raised

BENEFITS = "benefits"
COSTS = "service_costs"
CONTACTS = "contact_months"
_YEAR = 12


def chosen(view: View) -> Budget | None:
    """The budget whose return is told; None without one."""
    code = default(view)
    return None if code is None else budgets(view)[code]


def told(view: View) -> bool:
    """Whether there is a budget with benefits to tell of."""
    return data.present(view, BENEFITS, TABLE) and not flows(view).is_empty()


@data.once
def flows(view: View) -> pl.DataFrame:
    """Cost and benefit by subject and month up to the last complete one; see `returns.flows`.

    Empty without a budget, or where no benefit is recorded.
    """
    one = chosen(view)
    rows = pl.DataFrame(schema={"subject": pl.String, "month": pl.Date})
    empty = rows.with_columns(cost=pl.lit(0, pl.Int64), benefit=pl.lit(0, pl.Int64))
    if one is None or not data.present(view, BENEFITS, TABLE):
        return empty
    gains = budget_control.of_budget(view, BENEFITS, one)
    as_of = min(data.as_of(view, TABLE), data.as_of(view, BENEFITS))
    found = returns.flows(budget.months(view, one), gains, as_of=as_of)
    return found if (found["benefit"] != 0).any() else empty


@data.once
def flow(view: View, subject: str | None = None) -> Flow:
    """The flow of a subject, or of the whole budget."""
    return returns.flow_of(flows(view), subject)


def target_years(subject: str) -> float | None:
    """After how many years a subject is to be paid back; None where the plans name none."""
    entry = KPIS.get(f"payback_{subject}")
    return entry.target.value if entry and entry.target else None


@data.once
def modules(view: View) -> pl.DataFrame:
    """Each subject with a cost or benefit, and what it brought.

    Returns:
        One row per subject, the largest cost first: subject, cost, benefit, ratio (to date),
        years (its own payback; null if never at this pace), projected, aim (years, null if none),
        five_years (discounted benefit ÷ cost; null without cost), deviation (of five_years from
        the aim of the whole), off (whether that is beyond what is investigated), item (null).
    """
    aim = KPIS["return_five_years"].target
    rows = returns.returned(flows(view), "subject").filter(
        (pl.col("cost") + pl.col("benefit")) != 0
    )
    paid: list[Payback] = [returns.payback(flow(view, each)) for each in rows["subject"]]
    ahead = [returns.discounted(flow(view, each)).ratio for each in rows["subject"]]
    away = pl.col("five_years") / (aim.value if aim else 1.0) - 1
    gains = pl.col("benefit") != 0
    return (
        rows.with_columns(
            years=pl.Series([each.years for each in paid], dtype=pl.Float64),
            projected=pl.Series([each.projected for each in paid], dtype=pl.Boolean),
            aim=pl.Series([target_years(each) for each in rows["subject"]], dtype=pl.Float64),
            five_years=pl.Series(ahead, dtype=pl.Float64),
            item=pl.lit(None, dtype=pl.String),
        )
        .with_columns(deviation=pl.when(gains).then(away))
        .with_columns(off=pl.col("deviation").abs() > load("returns")["deviation"])
        .sort("cost", "subject", descending=[True, False])
    )


@data.once
def inquiries(view: View) -> pl.DataFrame:
    """The `modules`, with the inquiry into the return of each; null where none is due."""
    one = chosen(view)
    if one is None or not data.present(view, "investigations"):
        return modules(view).with_columns(inquiry=pl.lit(None, pl.String))
    rows = budget_control.of_budget(view, "investigations", one)
    found = rows.filter(pl.col("about") == "return").collect()
    as_of = data.as_of(view, TABLE)
    year = budget_control.this_year(view, one)
    told = with_inquiry(modules(view), found, since=year, as_of=as_of)
    needless = (pl.col("inquiry") == "none") & ~pl.col("off").fill_null(value=False)
    return told.with_columns(inquiry=pl.when(~needless).then("inquiry"))


@data.once
def drivers(view: View) -> pl.DataFrame:
    """Benefit by what brought it: driver (null: not recorded), subject, amount; largest first."""
    one = chosen(view)
    if one is None:
        return pl.DataFrame(schema={"driver": pl.String, "subject": pl.String, "amount": pl.Int64})
    rows = budget_control.of_budget(view, BENEFITS, one)
    known = rows.filter(pl.col("earned_on") <= data.as_of(view, BENEFITS))
    sums = known.group_by("driver", "subject").agg(pl.col("amount").sum())
    return sums.sort("amount", "driver", "subject", descending=[True, False, False]).collect()


def records(view: View, subject: str | None) -> pl.LazyFrame:
    """The recorded benefits of a subject, or of all, the latest first.

    Returns:
        benefit_id, subject, earned_on, amount, driver, method (untrusted text).
    """
    one = chosen(view)
    rows = data.frame(view, BENEFITS).filter(pl.col("earned_on") <= data.as_of(view, BENEFITS))
    of = pl.lit(value=False) if one is None else pl.col("budget_id") == one.budget_id
    named = rows.filter(of) if subject is None else rows.filter(of, pl.col("subject") == subject)
    order = named.sort("earned_on", "benefit_id", descending=[True, False])
    return order.select("benefit_id", "subject", "earned_on", "amount", "driver", "method")


@data.once
def report(view: View) -> pl.DataFrame:
    """The monthly report on the fund: what each of the last months cost and brought.

    Returns:
        One row per complete month of the last 24, the latest first: month, cost, benefit, ratio,
        total_ratio (of all months up to it), held_on (when its report was published: the first one
        held in the month after; null if none).
    """
    sums = flows(view).group_by("month").agg(pl.col("cost", "benefit").sum()).sort("month")
    rows = sums.with_columns(
        ratio=ratio(pl.col("benefit"), pl.col("cost")),
        total_ratio=ratio(pl.col("benefit").cum_sum(), pl.col("cost").cum_sum()),
    )
    held = data.frame(view, "governance_events").filter(
        pl.col("kind").is_in(budget_control.REPORTS), pl.col("held_on").is_not_null()
    )
    before = bucket(pl.col("held_on"), Grain.MONTH).dt.offset_by("-1mo")
    published = held.group_by(month=before).agg(pl.col("held_on").min()).collect()
    joined = rows.join(published, on="month", how="left", validate="1:1")
    return joined.sort("month", descending=True).head(2 * _YEAR)


# ---- unit costs


def costs(view: View) -> Topic:
    """The months of service costs that are over."""
    as_of = data.as_of(view, COSTS)
    rows = ready(data.frame(view, COSTS)).filter(
        is_complete(pl.col("month"), Grain.MONTH, as_of=as_of)
    )
    return Topic(rows, "month", as_of, data.first_day(view, COSTS, "month"))


@data.answer
def cost_months(view: View) -> pl.DataFrame:
    """Unit costs, labour and coverage by month; see `SERVICE_COST`."""
    found = by_grain(costs(view), SERVICE_COST, view, Grain.MONTH)
    return found.filter(pl.col("months") > 0)


@data.answer
def to_serve(view: View) -> pl.DataFrame:
    """What a customer of each tier costs us in contacts, in the twelve months up to as of.

    Recorded cost of our contacts by the tier at the time ÷ the customers who were in the tier at
    the ends of these months, on average; beside a year's revenue of a customer.

    Returns:
        One row per tier, the best first: tier, cost (minor units), contacts (whose cost is known),
        customers (average), per_customer, revenue (a year, of a customer; the average of the month
        ends), share (cost ÷ revenue; null without revenue).
    """
    as_of = data.as_of(view, "interactions")
    since = shift_months(as_of + timedelta(days=1), -_YEAR)
    spent = (
        data.frame(view, CONTACTS)
        .filter(pl.col("day") >= since, pl.col("tier").is_not_null())
        .group_by("tier")
        .agg(pl.col("cost", "costed").sum())
    )
    months = data.frame(view, "tier_months").filter(
        pl.col("month") >= since.replace(day=1), pl.col("month") <= as_of
    )
    ends = months.group_by("tier").agg(
        customers=pl.col("customers").sum(), revenue=pl.col("revenue_12m").sum()
    )
    count = months.select(pl.col("month").n_unique()).collect().item() or 1
    order = pl.LazyFrame({"tier": scheme(view.scheme).codes})
    return (
        order.join(ends, on="tier", how="inner", validate="1:1", maintain_order="left")
        .join(spent, on="tier", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("cost", "costed").fill_null(0))
        .select(
            "tier",
            "cost",
            contacts="costed",
            customers=pl.col("customers") / count,
            per_customer=ratio(pl.col("cost") * count, pl.col("customers")),
            revenue=ratio(pl.col("revenue"), pl.col("customers")),
            share=ratio(pl.col("cost") * count, pl.col("revenue")),
        )
        .collect()
    )


@data.once
def won(view: View) -> tuple[int | None, int]:
    """Average recorded cost of winning a customer of the last twelve months; how many told it."""
    as_of: date = data.as_of(view, "customers")
    since = shift_months(as_of + timedelta(days=1), -_YEAR)
    cost = pl.col("acquisition_cost")
    rows = data.frame(view, "customers").filter(pl.col("registered_on").is_between(since, as_of))
    total, n = rows.select(total=cost.sum(), n=cost.count()).collect().row(0)
    return (total / n if n else None), n


# ---- what if


@data.once
def raised(view: View, before: int, after: int) -> tuple[Raised, float | None, int]:
    """What another retention (per cent) is worth, a customer's yearly margin, how many there are.

    Margin is that of the lifetime value: revenue of the last twelve months of those who are still
    customers × the share that is gross profit.
    """
    found = what_if.retention(before / 100, after / 100)
    rows = data.frame(view, "customer_mart").filter(pl.col("revenue_12m") > 0)
    revenue, n = rows.select(pl.col("revenue_12m").sum(), pl.len()).collect().row(0)
    margin: float = clv.facts(view)["terms"]["margin"]
    return found, (revenue * margin / n if n else None), n
