"""What the money brings: benefits against costs by module, payback, five years ahead.

Of the budget that the budget page begins with, in its original version: costs are what was booked.
"""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import budget, budget_control
from dashboard.answers.budget_choice import TABLE, Budget, budgets, default
from dashboard.view import View
from metrics import returns
from metrics.budget_control import with_inquiry
from metrics.calendar import Grain, bucket
from metrics.catalog import KPIS
from metrics.measure import ratio
from metrics.returns import Flow, Payback
from metrics.rules import load

BENEFITS = "benefits"
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
