"""What the pages ask of checks, look-ups, training, and what the team owes by the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import service_cases
from dashboard.answers.over_time import (
    SPARK_MONTHS,
    Asked,
    Topic,
    month_is_running,
    reading,
    readings,
)
from dashboard.answers.service_cases import whole_company
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import intervals
from metrics.calendar import Grain, bucket, first_day, shift_months, spine
from metrics.measure import count, ratio
from metrics.profiles.governance import events, held_quarter
from metrics.service import team
from metrics.service.measures import SAMPLE, checks, rate
from metrics.service.rule import words

CHECKS, QUERIES, REVIEWS = "quality_checks", "knowledge_queries", "governance_events"


def checked(view: View) -> Topic:
    """The checks of the company, by their day, whatever the filters."""
    earliest = data.first_day(view, CHECKS, "checked_on")
    return Topic(data.frame(view, CHECKS), "checked_on", data.as_of(view, CHECKS), earliest)


@data.answer
def quality(view: View) -> dict[str, Reading]:
    """Compliance and consistency of what was checked, the share checked, the mystery visits."""
    topic = checked(view)
    asked = {key: Asked(what, key, (f"{key}_of",)) for key, what in checks().items()}
    found = readings(topic, view, asked)
    sample = reading(sampled(view), SAMPLE, view, figure="qa_sample", n=("records",))
    nothing = topic.rows.limit(1).collect().is_empty()
    return {
        **found,
        "qa_sample": unavailable("no_rows") if nothing else sample,
        "mystery_visits": _visits(view),
    }


def sampled(view: View) -> Topic:
    """Days with sampled (checks of records and recordings) and records (tickets and calls)."""
    return Topic(_days(whole_company(view).whenever()).lazy(), "day", *_reach(view))


def _reach(view: View) -> tuple[date, date]:
    return checked(view).as_of, checked(view).earliest


@data.answer
def _days(view: View) -> pl.DataFrame:
    kinds = words("checks")["sampled"]
    taken = checked(view).rows.filter(pl.col("kind").is_in(kinds))
    tickets = service_cases.cells(view).rows
    calls = data.frame(view, "recording_days")
    none = pl.lit(0, pl.Int64)
    parts = (
        taken.select(day="checked_on", sampled=pl.lit(1, pl.Int64), records=none),
        tickets.select(day="created_on", sampled=none, records="tickets"),
        calls.select(day="occurred_on", sampled=none, records="recordings"),
    )
    sums = pl.concat(parts).group_by("day").agg(pl.col("sampled", "records").sum())
    return sums.filter(pl.col("day") >= checked(view).earliest).sort("day").collect()


def _visits(view: View) -> Reading:
    """Mystery visits of the last complete month, beside the one before and a year earlier."""
    topic = checked(view)
    rows = topic.rows.filter(pl.col("kind") == words("checks")["mystery"])
    return _monthly(rows.select(day="checked_on"), topic)


def _monthly(rows: pl.LazyFrame, topic: Topic) -> Reading:
    """How many days of a list fell into the last complete month; nothing before the first one."""
    counted = rows.group_by(bucket=bucket(pl.col("day"), Grain.MONTH)).agg(n=pl.len())
    first, end = topic.earliest, _month_after(topic.as_of)
    grid = spine(first_day(first, Grain.MONTH), end, Grain.MONTH)
    months = grid.join(counted, on="bucket", how="left").fill_null(0).sort("bucket").collect()
    held = dict(months.select("bucket", pl.col("n").cast(pl.Int64)).iter_rows())
    last = shift_months(end, -1)
    if last not in held:
        return unavailable("no_rows")
    return Reading(
        value=held[last],
        previous=held.get(shift_months(last, -1)),
        last_year=held.get(shift_months(last, -12)),
        n=int(months["n"].sum()),
        trend=tuple(months["n"].tail(SPARK_MONTHS).to_list()),
    )


def _month_after(as_of: date) -> date:
    """The first day after the last complete month."""
    if month_is_running(as_of):
        return first_day(as_of, Grain.MONTH)
    return as_of + timedelta(days=1)


@data.answer
def knowledge(view: View) -> Reading:
    """Look-ups with the right answer, of those that somebody judged."""
    earliest = data.first_day(view, QUERIES, "asked_on")
    topic = Topic(data.frame(view, QUERIES), "asked_on", data.as_of(view, QUERIES), earliest)
    what = rate("knowledge_accuracy", pl.col("correct"))
    return reading(topic, what, view, figure="knowledge_accuracy", n=("knowledge_accuracy_of",))


@data.once
def competency(view: View) -> pl.DataFrame:
    """Every active agent with what they lack; see `metrics.service.team`."""
    staff, trainings = data.frame(view, "employees"), data.frame(view, "trainings")
    return team.competency(staff, trainings, as_of=data.as_of(view, "trainings")).collect()


@data.once
def courses(view: View) -> pl.DataFrame:
    """Each course of the last year: level, course, attended, examined, passed, share."""
    rows = team.levels(data.frame(view, "trainings"), as_of=data.as_of(view, "trainings"))
    return rows.with_columns(share=ratio(pl.col("passed"), pl.col("examined"))).collect()


RESULTS: Mapping[str, pl.Expr] = {
    "failed": ~pl.col("passed"),
    "passed": pl.col("passed"),
    "unexamined": pl.col("passed").is_null(),
}
"""What became of an attendance of a course."""


def attended(view: View, result: str) -> pl.LazyFrame:
    """Who attended which course in the months that count, by what became of it, the latest first.

    Returns:
        Rows of the contract table trainings, with name (null of who is no employee).
    """
    rows = team.lately(data.frame(view, "trainings"), as_of=data.as_of(view, "trainings"))
    names = data.frame(view, "employees").select("employee_id", "name")
    told = rows.filter(RESULTS[result]).join(names, on="employee_id", how="left", validate="m:1")
    return told.sort("held_at", "training_id", descending=[True, False])


@data.once
def attendances(view: View) -> Mapping[str, int]:
    """How many there are of each of `RESULTS`."""
    rows = team.lately(data.frame(view, "trainings"), as_of=data.as_of(view, "trainings"))
    counts = {name: count(holds) for name, holds in RESULTS.items()}
    return rows.select(**counts).collect().row(0, named=True)


@data.once
def people(view: View) -> dict[str, Reading]:
    """Competent agents, courses passed, success managers of the team."""
    agents, held = competency(view), courses(view)
    counts = team.success_managers(data.frame(view, "employees"), data.as_of(view, "trainings"))
    managers, members = counts.collect().row(0)
    examined = int(held["examined"].sum())
    return {
        "agent_competency": _share(int(agents["competent"].sum()), agents.height),
        "training_passed": _share(int(held["passed"].sum()), examined),
        "success_manager_share": _share(managers, members),
    }


def _share(part: int, whole: int) -> Reading:
    if not whole:
        return unavailable("no_rows")
    counts = pl.DataFrame({"part": [part], "whole": [whole]})
    row = counts.select(**intervals.share("share", pl.col("part"), pl.col("whole")))
    value, low, high = row.row(0)
    return Reading(value, n=whole, low=low, high=high)


@data.once
def calendar(view: View) -> pl.DataFrame:
    """What the team owed in the last months of the rule, by kind (`governance.events`)."""
    rows, today = data.frame(view, REVIEWS), data.as_of(view, REVIEWS)
    return events(rows, as_of=today, rule=words("governance")).collect()


@data.once
def owed(view: View) -> dict[str, Reading]:
    """Analyses, assessments and awards by month or quarter; meetings and all of it by due date."""
    rule, rows = words("governance"), calendar(view)
    today = data.as_of(view, REVIEWS)
    counts = {
        **{key: _held(view, kind, today, 1) for key, kind in rule["monthly"].items()},
        **{key: _held(view, kind, today, 3) for key, kind in rule["quarterly"].items()},
    }
    vendors = rows.filter(pl.col("kind").is_in(rule["vendors"]))
    due = int(rows["due"].sum())
    return {
        **{key: counts[key] if due else unavailable("no_rows") for key in counts},
        "vendor_meetings": _share(int(vendors["held"].sum()), int(vendors["due"].sum())),
        "service_reviews": _share(int(rows["on_time"].sum()), due),
    }


def _held(view: View, kind: str, today: date, months: int) -> Reading:
    """How many were held in the last complete month, or quarter."""
    end = _month_after(today)
    if months > 1:
        end = first_day(end, Grain.QUARTER)
    rows = data.frame(view, REVIEWS)
    now, before = (
        held_quarter(
            rows, start=shift_months(end, -months - back), end=shift_months(end, -back), kind=kind
        )
        for back in (0, months)
    )
    value, previous = (part.collect().item() for part in (now, before))
    return Reading(int(value), int(previous))


@data.answer
def of_employees(view: View) -> pl.DataFrame:
    """Checks of the period by employee: employee_id, checks, compliant, judged_right (counts)."""
    topic = checked(view)
    rows = topic.rows.filter(topic.period(view).holds(pl.col("checked_on")))
    known = rows.filter(pl.col("employee_id").is_not_null())
    return (
        known.group_by("employee_id")
        .agg(
            checks=pl.len().cast(pl.Int64),
            compliant=count(pl.col("compliant")),
            judged_right=count(pl.col("compliant").is_not_null()),
        )
        .sort("employee_id")
        .collect()
    )
