"""The rows behind the service figures: promises one by one, breaches, and the backlog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl

from metrics.measure import count
from metrics.selection import DIMENSIONS
from metrics.sla.facts import MISSED, ended_at
from metrics.sla.policy import Clock
from metrics.tiers.versions import columns

_TICKET = (
    "ticket_id",
    "customer_id",
    "kind",
    "grade",
    "channel",
    "category",
    "agent_id",
    "created_at",
    "created_on",
)

AGES = ("under_1_day", "1_to_3_days", "3_to_7_days", "7_to_30_days", "over_30_days")
_FROM_DAYS = (0, 1, 3, 7, 30)


def promises(facts: pl.LazyFrame, *, as_of: datetime) -> pl.LazyFrame:
    """Every promise that held for a ticket and can be judged: one row per ticket and clock.

    Measure it by clock, grade or channel with `attainment("state")`.

    Returns:
        ticket_id, customer_id, kind, grade, channel, category, agent_id, created_at,
        created_on, the dimensions present, clock, due_at, ended_at (null while open), state;
        sorted by ticket_id, clock.
    """
    dimensions = [pl.col(rf"^{name}$") for name in (*DIMENSIONS, *columns()[1:])]
    parts = [
        facts.filter(pl.col(f"{clock.prefix}_state").is_not_null()).select(
            *_TICKET,
            *dimensions,
            clock=pl.lit(clock.value),
            due_at=pl.col(f"{clock.prefix}_due_at"),
            ended_at=ended_at(clock, as_of),
            state=pl.col(f"{clock.prefix}_state"),
        )
        for clock in Clock
    ]
    return pl.concat(parts).sort("ticket_id", "clock")


def breaches(facts: pl.LazyFrame, *, as_of: datetime) -> pl.LazyFrame:
    """Every broken promise, the longest overrun first.

    Returns:
        The columns of `promises()`, is_open (Boolean: still not done), overrun_hours (elapsed
        past the limit, until done or `as_of`; above 0); sorted by overrun_hours (longest
        first), ticket_id, clock.
    """
    over = pl.coalesce("ended_at", pl.lit(as_of)) - pl.col("due_at")
    return (
        promises(facts, as_of=as_of)
        .filter(pl.col("state") == MISSED)
        .with_columns(
            is_open=pl.col("ended_at").is_null(),
            overrun_hours=over.dt.total_hours(fractional=True),
        )
        .sort("overrun_hours", "ticket_id", "clock", descending=[True, False, False])
    )


def opened(facts: pl.LazyFrame) -> pl.LazyFrame:
    """Open tickets with their age at the moment the facts were judged, in the order of the facts.

    An age begins at its lower bound: a ticket of exactly 24 hours is 1_to_3_days. A ticket is
    open until it is solved or closed; if the source records neither, none is known to be open.

    Returns:
        The rows and columns of the facts, and age (one of `AGES`).
    """
    return facts.filter(pl.col("waiting_hours").is_not_null()).with_columns(age=_age())


def backlog(facts: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """Tickets `opened` by age.

    Returns:
        One row per `by` × age, every age present: `by`, age (one of `AGES`), tickets, missed
        (of these, past a promise); sorted by `by` (nulls last), then from young to old.
    """
    ages = pl.LazyFrame({"age": AGES, "_order": range(len(AGES))})
    grid = facts.select(by).unique().join(ages, how="cross") if by else ages
    counted = (
        opened(facts)
        .group_by(*by, "age")
        .agg(
            tickets=pl.len().cast(pl.Int64),
            missed=(pl.col("sla_state") == MISSED).sum().cast(pl.Int64),
        )
    )
    return (
        grid.join(counted, on=[*by, "age"], how="left", nulls_equal=True, validate="1:1")
        .with_columns(pl.col("tickets", "missed").fill_null(0))
        .sort(*by, "_order", nulls_last=True)
        .drop("_order")
    )


def open_at(facts: pl.LazyFrame, days: Sequence[date], *, time_zone: ZoneInfo) -> pl.LazyFrame:
    """How many tickets were open at the close of each day: created by then, and not ended.

    A ticket ends with its last solution, else with its closing; a reopened one counts as open
    until its last solution, also in between. A day before the first ticket has none. It is
    overdue once the first of its promises is broken.

    Args:
        facts: Ticket facts.
        days: Days up to the moment the facts were judged at.
        time_zone: Business time zone, in which the days close.

    Returns:
        One row per day, in the order given: day, tickets, overdue (of these).
    """
    broken = pl.min_horizontal(
        pl.when(pl.col(f"{clock.prefix}_state") == MISSED).then(f"{clock.prefix}_due_at")
        for clock in Clock
    )
    ended = pl.coalesce("resolved_on", "closed_on")
    midnight = [
        datetime.combine(day + timedelta(days=1), time(), time_zone).astimezone(UTC) for day in days
    ]
    opened = [(pl.col("created_on") <= day) & (ended > day).fill_null(value=True) for day in days]
    late = [held & (broken < pl.lit(close)) for held, close in zip(opened, midnight, strict=True)]
    return (
        facts.select(
            tickets=pl.concat_list(count(each) for each in opened),
            overdue=pl.concat_list(count(each) for each in late),
        )
        .explode("tickets", "overdue")
        .select(pl.Series("day", days, dtype=pl.Date), "tickets", "overdue")
    )


def _age() -> pl.Expr:
    hours = pl.col("waiting_hours")
    age = pl.lit(AGES[-1])
    bounds = list(zip(AGES, pairwise(_FROM_DAYS), strict=False))
    for name, (_, until) in reversed(bounds):
        age = pl.when(hours < 24 * until).then(pl.lit(name)).otherwise(age)
    return age
