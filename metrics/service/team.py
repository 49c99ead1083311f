"""Those who serve customers: whether they have passed what they need, and who they are."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.calendar import shift_months
from metrics.service.rule import words


def active(employees: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Employees who have not left by a day (inclusive)."""
    return employees.filter(pl.col("left_on").is_null() | (pl.col("left_on") > as_of))


def competency(employees: pl.LazyFrame, trainings: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Every active agent, and whether they have passed every required course in the last year.

    The last attendance of a course counts: who has failed since is not competent in it. Attendances
    that nobody examined do not count. Source: S2 (100 %).

    Returns:
        employee_id, name, passed (required courses), lacking (codes, joined), competent; sorted by
        competent (those who are not first), employee_id.
    """
    how = words("team")
    needed = pl.Series(how["courses"])
    last = (
        lately(trainings, as_of=as_of)
        .filter(pl.col("passed").is_not_null(), pl.col("course").is_in(needed.implode()))
        .sort("held_at", "training_id")
        .group_by("employee_id", "course")
        .agg(pl.col("passed").last())
        .filter("passed")
        .group_by("employee_id")
        .agg(pl.col("course"))
    )
    none = pl.lit([], dtype=pl.List(pl.String))
    lacking = pl.lit(needed.implode()).list.set_difference(pl.col("course").fill_null(none))
    return (
        active(employees, as_of)
        .filter(pl.col("role") == how["agent"])
        .select("employee_id", "name")
        .join(last, on="employee_id", how="left", validate="1:1")
        .with_columns(
            passed=pl.col("course").list.len().fill_null(0).cast(pl.Int64),
            lacking=lacking.list.sort(),
        )
        .with_columns(competent=pl.col("lacking").list.len() == 0)
        .drop("course")
        .sort("competent", "employee_id")
    )


def success_managers(employees: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """One row: success_managers and members of the team (they and the agents), active ones."""
    how = words("team")
    role = pl.col("role")
    return active(employees, as_of).select(
        success_managers=(role == how["success"]).sum().cast(pl.Int64),
        members=role.is_in(how["members"]).sum().cast(pl.Int64),
    )


def lately(trainings: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The attendances of the months that count."""
    since, day = shift_months(as_of, -words("team")["valid_months"]), pl.col("held_on")
    return trainings.filter(day > since, day <= as_of)


def levels(trainings: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Each course of the last year: level, course, attended, examined, passed (counts); sorted."""
    return (
        lately(trainings, as_of=as_of)
        .group_by("level", "course")
        .agg(
            attended=pl.len().cast(pl.Int64),
            examined=pl.col("passed").count().cast(pl.Int64),
            passed=pl.col("passed").sum().cast(pl.Int64),
        )
        .sort("level", "course", nulls_last=True)
    )
