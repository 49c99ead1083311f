"""Why the source's own verdict differs from ours, and which limit its flag seems to follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

import polars as pl

from metrics.measure import ratio
from metrics.rules import load
from metrics.sla.desks import with_desk
from metrics.sla.facts import MET, MISSED, TIMES, due_times, ended_at, is_late
from metrics.sla.policy import AROUND_THE_CLOCK, Clock, Policies

CAUSES = ("open", "closing", "clock", "events", "channel", "near", "calendar", "unknown")


@dataclass(frozen=True, slots=True)
class Rule:
    """How far apart verdicts may be by rounding, the calendar tried, and what is too few."""

    near: float
    calendar: str
    least_tickets: int

    @classmethod
    def standard(cls) -> Self:
        """From `rules/sla.toml`."""
        return cls(**load("sla")["reconciliation"])


def differences(
    facts: pl.LazyFrame,
    policies: Policies,
    *,
    as_of: datetime,
    recorded: frozenset[str] = TIMES,
    time_zone: str = "UTC",
    rule: Rule | None = None,
) -> pl.LazyFrame:
    """Facts with `difference`: why the source's verdict is not ours; null where they agree.

    A cause is another way to count that gives the source's verdict, the first of: open (past its
    limit, and the source judges only what has ended), closing (until closed, not until solved, with
    waits or without), clock (one promise of several alone), events (without waits, changed grades
    and reopening), channel (the grade's promise alone), near (ended within 5 % of the limit around
    it), calendar (another calendar), unknown. Nothing is joined, and only the rows that differ are
    judged the other ways: 100,000 of them take 3 s of processor time.

    Args:
        facts: Of `judged`.
        policies: The promises they were judged by.
        as_of: The moment.
        recorded: Time columns that the source records.
        time_zone: Of the hours of calendars.
        rule: Thresholds.
    """
    rule = rule or Rule.standard()
    source, ours = pl.col("source_sla_met"), pl.col("sla_state")
    differs = (source & (ours == MISSED)) | (~source & (ours == MET))

    def due(tried: Policies) -> dict[str, pl.Expr]:
        return due_times(tried, tried.times(zone=time_zone, as_of=as_of), recorded)

    def verdict(tried: Policies) -> pl.Expr:
        return kept(tried, due(tried), as_of)

    simply = due(policies)

    causes: dict[str, pl.Expr] = {
        "open": source & ~pl.any_horizontal(_ended_late(clock, as_of) for clock in Clock),
        "closing": (_until_closed(pl.col("resolution_due_at"), as_of) == source)
        | (_until_closed(policies.earliest(Clock.RESOLUTION, simply), as_of) == source),
        "clock": pl.any_horizontal(_alone(clock) == source for clock in Clock),
        "events": verdict(policies) == source,
        "channel": verdict(_grades_alone(policies)) == source,
        "near": pl.any_horizontal(_near(clock, rule.near, as_of) for clock in Clock),
        "calendar": (verdict(replace(policies, desks={})) == source)
        | (verdict(_other_calendar(policies, rule.calendar)) == source),
    }
    found = pl.lit("unknown")
    for name, holds in reversed(causes.items()):
        found = pl.when(holds.fill_null(value=False)).then(pl.lit(name)).otherwise(found)

    def beside(rows: pl.DataFrame) -> pl.DataFrame:
        few = rows.select(differs.fill_null(value=False)).to_series().arg_true()
        none = pl.Series("difference", [None], pl.String).new_from_index(0, rows.height)
        told = with_desk(rows[few].lazy()).select(found.cast(pl.String)).collect().to_series()
        return rows.with_columns(none.scatter(few, told) if len(few) else none)

    schema = {**facts.collect_schema(), "difference": pl.String}
    return facts.map_batches(
        beside,
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        schema=schema,
        streamable=True,
    )


def kept(policies: Policies, due: Mapping[str, pl.Expr], as_of: datetime) -> pl.Expr:
    """Whether no promise is broken by these due times; null without one."""
    each = {clock: policies.earliest(clock, due) for clock in Clock}
    late = [is_late(clock, moment, as_of) for clock, moment in each.items()]
    promised = pl.any_horizontal(moment.is_not_null() for moment in each.values())
    broken = pl.any_horizontal(one.fill_null(value=False) for one in late)
    return pl.when(promised).then(~broken)


def _ended_late(clock: Clock, as_of: datetime) -> pl.Expr:
    missed = pl.col(f"{clock.prefix}_state") == MISSED
    return (missed & ended_at(clock, as_of).is_not_null()).fill_null(value=False)


def _until_closed(due_at: pl.Expr, as_of: datetime) -> pl.Expr:
    """The verdict if a solution counted when the ticket was closed; null without such a promise."""
    closed = pl.when(pl.col("closed_at") <= as_of).then("closed_at")
    late = closed.fill_null(as_of) > due_at
    others = (pl.col(f"{clock.prefix}_state") for clock in Clock if clock is not Clock.RESOLUTION)
    return ~(late | pl.any_horizontal((state == MISSED).fill_null(value=False) for state in others))


def _alone(clock: Clock) -> pl.Expr:
    """The verdict of one clock where there are others, too."""
    others = [pl.col(f"{c.prefix}_state").is_not_null() for c in Clock if c is not clock]
    state = pl.col(f"{clock.prefix}_state")
    return pl.when(pl.any_horizontal(others) & state.is_in([MET, MISSED])).then(state == MET)


def _grades_alone(policies: Policies) -> Policies:
    own = tuple(promise for promise in policies.promises if promise.channel is None)
    return replace(policies, promises=own)


def _other_calendar(policies: Policies, calendar: str) -> Policies:
    other = calendar if calendar in policies.calendars else AROUND_THE_CLOCK
    promises = tuple(
        replace(each, calendar=other if each.calendar == AROUND_THE_CLOCK else AROUND_THE_CLOCK)
        for each in policies.promises
    )
    return replace(policies, promises=promises, desks={})


def _near(clock: Clock, share: float, as_of: datetime) -> pl.Expr:
    due = pl.col(f"{clock.prefix}_due_at")
    allowed = (due - pl.col("created_at")).dt.total_microseconds() * share
    return (ended_at(clock, as_of) - due).dt.total_microseconds().abs() <= allowed


WAYS: dict[str, tuple[str, ...]] = {
    "closed": ("closed_at", "resolved_at"),
    "resolved": ("resolved_at", "closed_at"),
    "answered": ("first_response_at", "resolved_at", "closed_at"),
}
"""Ends that a source may judge by: the first of the columns that is there."""


def followed_limits(
    facts: pl.LazyFrame, ways: Iterable[str] = WAYS, *, rule: Rule | None = None
) -> pl.DataFrame:
    """Per grade the limit that reproduces the source's flag best, for every way to count.

    Of all limits in hours between creation and end the one with the most tickets on the side that
    the flag says (met: within it). One sort of the tickets with a flag, by hours; then sums.

    Args:
        facts: Ticket facts.
        ways: Of `WAYS`.
        rule: Thresholds.

    Returns:
        One row per way and grade with enough tickets of which some are met and some missed: way,
        grade, limit_hours, agreed, tickets, agreement (0 to 1); the way that agrees most first,
        then by grade.
    """
    rule = rule or Rule.standard()
    parts = [_limits(facts, way, rule) for way in ways]
    found = pl.concat(parts).collect()
    total = ratio(pl.col("agreed").sum(), pl.col("tickets").sum()).over("way")
    return (
        found.with_columns(agreement=ratio(pl.col("agreed"), pl.col("tickets")), _total=total)
        .sort("_total", "way", "grade", descending=[True, False, False])
        .drop("_total")
    )


def _limits(facts: pl.LazyFrame, way: str, rule: Rule) -> pl.LazyFrame:
    """Below a limit the met agree, above it the missed: running sums in the order of the hours."""
    hours = (pl.coalesce(WAYS[way]) - pl.col("created_at")).dt.total_seconds() / 3600
    met = pl.col("source_sla_met").cast(pl.Int64)
    rows = (
        facts.select("grade", "source_sla_met", hours=hours)
        .drop_nulls()
        .group_by("grade", "hours")
        .agg(met=met.sum(), tickets=pl.len().cast(pl.Int64))
        .sort("grade", "hours")
    )
    missed = pl.col("tickets") - pl.col("met")
    right: Any = pl.col("met").cum_sum() + missed.sum() - missed.cum_sum()
    best = (pl.col("agreed") == pl.col("agreed").max()).arg_true().first()
    return (
        rows.with_columns(agreed=right.over("grade"), _missed=missed)
        .group_by("grade")
        .agg(
            limit_hours=pl.col("hours").gather(best).first(),
            agreed=pl.col("agreed").max(),
            tickets=pl.col("tickets").sum(),
            _sides=pl.min_horizontal(pl.col("met").sum(), pl.col("_missed").sum()),
        )
        .filter(pl.col("tickets") >= rule.least_tickets, pl.col("_sides") > 0)
        .select(pl.lit(way).alias("way"), "grade", "limit_hours", "agreed", "tickets")
    )
