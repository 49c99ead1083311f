"""What the pages of service quality ask of tickets: solved, at once, for good, and how often."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboard import data
from dashboard.answers import baseline
from dashboard.answers.over_time import (
    SPARK_MONTHS,
    Asked,
    Topic,
    by_grain,
    month_is_running,
    readings,
)
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.calendar import Grain, bucket
from metrics.measure import measure, ratio
from metrics.selection import Selection
from metrics.service import agents as side_by_side
from metrics.service.measures import complaints, of_cases
from metrics.service.rule import words
from metrics.trends import Additive

TABLE, MART = "tickets", "case_facts"
GRAINS = {"month": Grain.MONTH, "quarter": Grain.QUARTER}
SOLVED = (
    *("first_contact_resolution", "resolution_30d"),
    *("recurrence", "repeat_contact", "reopen_rate"),
)
_KEYS = ("created_on", "kind", "channel", "category")


def whole_company(view: View) -> View:
    """The view of everybody, for what no filter on customers can narrow."""
    return replace(view, selection=Selection(), moved=None)


def cases(view: View) -> Topic:
    """The tickets with what came of them, by the day they were created."""
    earliest = data.first_day(view, MART, "created_on")
    return Topic(data.selected(view, MART), "created_on", data.as_of(view, TABLE), earliest)


def cells(view: View) -> Topic:
    """Counts instead of tickets, per day, kind, channel and category; kept for every period."""
    return replace(cases(view), rows=_cells(view.whenever()).lazy())


@data.answer
def _cells(view: View) -> pl.DataFrame:
    """One pass over the facts in memory for each set of filters."""
    stored = {"tickets": pl.len().cast(pl.Int64), **complaints()}
    for name, what in of_cases().items():
        stored |= what.stored(f"{name}.")
    return data.counted(view, MART).group_by(_KEYS).agg(**stored).collect()


def rolled(key: str) -> Additive:
    """The measure of a KPI over `cells`."""
    return of_cases()[key].rolled_up(f"{key}.")


def inside(topic: Topic, view: View) -> pl.LazyFrame:
    """The rows of the chosen period."""
    return topic.rows.filter(topic.period(view).holds(pl.col(topic.day)))


def shares(view: View) -> dict[str, Reading]:
    """Every share over tickets; null where nothing in the period can be judged yet."""
    topic = cells(view)
    asked = data.first_day(view, "knowledge_queries", "asked_on")
    since = replace(topic, earliest=max(topic.earliest, asked))
    wanted = {key: Asked(rolled(key), key, (f"{key}_of",), "too_early") for key in of_cases()}
    pushed = {"knowledge_push": wanted["knowledge_push"]}
    return readings(topic, view, wanted) | readings(since, view, pushed)


def median(topic: Topic, value: pl.Expr, view: View) -> Reading:
    """A median over rows in the period, beside the earlier ones and the year of the baseline."""
    day = pl.col(topic.day)
    rows = topic.rows.select(day, value=value).drop_nulls("value")
    period, window = topic.period(view), topic.window(view)
    frozen = baseline.year(topic.earliest)
    wanted = (period, *map(topic.known, view.earlier(period)), frozen)
    found = {"value": pl.col("value").median(), "n": pl.len().cast(pl.Int64)}
    parts = [rows.filter(days.holds(day)) if days else rows.clear() for days in wanted]
    monthly = rows.filter(window.holds(day)).with_columns(month=bucket(day, Grain.MONTH))
    months = measure(monthly, "month", **found)
    *told, months = pl.collect_all([*(part.select(**found) for part in parts), months])
    now, before, year_ago, then = (part["value"].item() for part in told)
    if now is None:
        return unavailable("no_rows")
    return Reading(
        value=now,
        previous=before,
        last_year=year_ago,
        n=told[0]["n"].item(),
        trend=tuple(months["value"].tail(SPARK_MONTHS).to_list()),
        running=month_is_running(topic.as_of),
        baseline=then,
    )


def solution_hours(view: View) -> Reading:
    """Median hours from the creation of a ticket to its solution."""
    topic = replace(cases(view), rows=data.counted(view, MART))
    return median(topic, pl.col("resolution_hours"), view)


@data.answer
def over_time(view: View, key: str, grain: str) -> pl.DataFrame:
    """One measure per bucket: bucket, counts, share with interval, complete."""
    return by_grain(cells(view), rolled(key), view, GRAINS[grain])


@data.answer
def by_scenario(view: View) -> pl.DataFrame:
    """Each kind of ticket in the period: kind, tickets, and the measures of `of_cases`."""
    figures: dict[str, pl.Expr] = {"tickets": pl.col("tickets").sum()}
    for key in (*SOLVED, "bot_containment", "ticket_owned"):
        figures |= rolled(key).over_rows()
    found = measure(inside(cells(view), view), "kind", **figures).collect()
    order = {kind: place for place, kind in enumerate(words("scenarios"))}
    rank = pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return found.sort(rank, "kind")


@data.answer
def pareto(view: View) -> pl.DataFrame:
    """What tickets of the period are about, the most frequent first.

    Returns:
        category (null: not recorded), tickets, before (in the period before; null if there is
        none), share and running (cumulative share, 0 to 1), recurrence (0 to 1), recurrence_of.
    """
    topic = cells(view)
    period = topic.period(view)
    before = next((days for days in map(topic.known, view.earlier(period)) if days), None)
    counted = {"tickets": pl.col("tickets").sum(), **rolled("recurrence").over_rows()}
    found = measure(inside(topic, view), "category", **counted)
    earlier = topic.rows.filter(before.holds(pl.col(topic.day)) if before else pl.lit(value=False))
    past = measure(earlier, "category", before=pl.col("tickets").sum())
    share = ratio(pl.col("tickets"), pl.col("tickets").sum())
    compared = pl.col("before").fill_null(0) if before else pl.col("before")
    return (
        found.join(past, on="category", how="left", nulls_equal=True, validate="1:1")
        .sort("tickets", "category", descending=[True, False], nulls_last=True)
        .with_columns(share=share, before=compared)
        .with_columns(running=pl.col("share").cum_sum())
        .collect()
    )


def by_people() -> pl.Expr:
    """Whether a ticket was not solved by the bot alone."""
    return ~(pl.col("bot") == words("bot")["alone"]).fill_null(value=False)


@data.answer
def by_agent(view: View) -> pl.DataFrame:
    """Agents side by side in the period (`metrics.service.agents`), with name and employer.

    Returns:
        Its columns, and agent (name), vendor (null: our own, or not known).
    """
    found = side_by_side.agents(inside(cases(view), view).filter(by_people()))
    staff = data.frame(view, "employees").select(
        agent_id="employee_id", agent="name", vendor="vendor"
    )
    return found.join(
        staff.collect(), on="agent_id", how="left", validate="m:1", maintain_order="left"
    )
