"""What the service page asks: promises kept over time and by group, backlog, breaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import polars as pl

from dashboard import data
from dashboard.answers.over_time import Topic, by_grain
from dashboard.view import View
from metrics import sla
from metrics.calendar import Grain
from metrics.measure import measure
from metrics.trends import Additive

TABLE = "tickets"
MART = "ticket_facts"
GRAINS = {"week": Grain.WEEK, "month": Grain.MONTH, "quarter": Grain.QUARTER}
CLOCKS = {
    "overall": "sla_state",
    "first_response": "response_state",
    "routing": "routing_state",
    "resolution": "resolution_state",
}
SOURCE = "source"  # the verdict of the source's own flag, in place of one of our clocks


@data.once
def clocks(view: View) -> tuple[str, ...]:
    """The clocks on which at least one ticket can be judged, whatever the filters.

    Ours if there are any, else the source's own flag if it has one.
    """
    seen = pl.col(*CLOCKS.values(), "source_sla_met").is_not_null().any()
    known = data.frame(view, MART).select(seen).collect().row(0, named=True)
    ours = tuple(clock for clock, state in CLOCKS.items() if known[state])
    return ours or ((SOURCE,) if known["source_sla_met"] else ())


@data.once
def both_verdicts(view: View) -> bool:
    """Whether there are tickets that both our clocks and the source's flag have judged."""
    both = (pl.col("source_sla_met").is_not_null() & pl.col("sla_state").is_not_null()).any()
    return bool(data.frame(view, MART).select(both).collect().item())


@data.once
def recorded(view: View, *columns: str) -> bool:
    """Whether the source records any of these columns of its tickets."""
    seen = pl.any_horizontal(pl.col(column).is_not_null().any() for column in columns)
    return bool(data.frame(view, MART).select(seen).collect().item())


@data.once
def anonymous(view: View) -> bool:
    """Whether no ticket has a customer, so that no filter on customers leaves any."""
    known = pl.col("customer_id").is_not_null().any()
    return not data.frame(view, MART).select(known).collect().item()


def tickets(view: View) -> Topic:
    """The tickets, by the day they were created."""
    earliest = data.first_day(view, MART, "created_on")
    return Topic(data.selected(view, MART), "created_on", data.as_of(view, TABLE), earliest)


def counted(view: View) -> Topic:
    """The same with the columns that figures are counted from, held in memory."""
    return replace(tickets(view), rows=data.counted(view, MART))


def inside(view: View) -> pl.LazyFrame:
    """The tickets of the chosen period."""
    return within(view, tickets(view))


def cells(view: View) -> Topic:
    """Counts instead of tickets, per day, kind, grade and channel; kept for every period."""
    return replace(tickets(view), rows=_cells(view.whenever()).lazy())


def within(view: View, topic: Topic) -> pl.LazyFrame:
    """The rows of a topic in the chosen period."""
    return topic.rows.filter(topic.period(view).holds(pl.col(topic.day)))


@data.answer
def _cells(view: View) -> pl.DataFrame:
    """One pass over the facts for each set of filters."""
    stored = {"tickets": pl.len().cast(pl.Int64)}
    for name, what in (*_verdicts().items(), ("feedback", feedback(view))):
        stored |= what.stored(f"{name}.")
    rows = data.counted(view, MART)
    return rows.group_by("created_on", "kind", "grade", "channel").agg(**stored).collect()


def moment(view: View) -> datetime:
    """The moment at which open tickets are judged, UTC."""
    return data.snapshot(view).as_of(TABLE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one clock is measured: the measure, its share, and the two counts that decide it."""

    what: Additive
    figure: str
    met: str
    missed: str


@cache
def verdict(clock: str) -> Verdict:
    """The measure over `cells` of one of our clocks, or of the source's flag."""
    what = _verdicts()[clock].rolled_up(f"{clock}.")
    if clock == SOURCE:
        return Verdict(what, "source_attainment", "source_met", "source_missed")
    return Verdict(what, "attainment", "met", "missed")


def _verdicts() -> dict[str, Additive]:
    ours = {clock: sla.attainment(state) for clock, state in CLOCKS.items()}
    return {**ours, SOURCE: sla.SOURCE_ATTAINMENT}


def feedback(view: View) -> Additive:
    """The measure over tickets of feedback answered at all."""
    return sla.feedback_response(as_of=moment(view))


@data.answer
def over_time(view: View, clock: str, grain: str) -> pl.DataFrame:
    """Attainment per bucket: bucket, counts, share with interval, complete."""
    return by_grain(cells(view), verdict(clock).what, view, GRAINS[grain])


@data.answer
def by_group(view: View, clock: str, dimension: str) -> pl.DataFrame:
    """Attainment of the period by grade or channel on one clock, lowest first, undecided out."""
    how = verdict(clock)
    return (
        measure(within(view, cells(view)), dimension, **how.what.over_rows())
        .filter(pl.col(how.figure).is_not_null())
        .sort(how.figure, dimension, nulls_last=True)
        .collect()
    )


@data.answer
def backlog(view: View) -> pl.DataFrame:
    """Open tickets of the chosen customers by age, youngest first: age, tickets, missed."""
    return sla.backlog(data.counted(view, MART)).collect()


@data.answer
def agreement(view: View) -> pl.DataFrame:
    """One row: how often the source's flag and ours agree in the period."""
    return within(view, counted(view)).select(**sla.AGREEMENT.over_rows()).collect()


def breaches(view: View, *, only_open: bool) -> pl.LazyFrame:
    """Broken promises of the period, the longest overrun first, with customer and agent names.

    The mart is in this order: at 2 million customers 10 ms of CPU for a page.
    """
    found = within(view, replace(tickets(view), rows=data.selected(view, "breaches")))
    if only_open:
        found = found.filter(pl.col("is_open"))
    status = pl.when("is_open").then(pl.lit("open")).otherwise(pl.lit("late"))
    return found.with_columns(_local_creation(), status=status)


def source_breaches(view: View) -> pl.LazyFrame:
    """Tickets that the source marks as missed, the slowest solution first, with names."""
    missed = inside(view).filter(~pl.col("source_sla_met"))
    slowest = missed.sort("resolution_hours", "ticket_id", descending=[True, False])
    return named(view, slowest)


def named(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Ticket rows with customer, agent and local time of creation; their order is kept."""
    customers = data.frame(view, "customer_mart").select("customer_id", customer="name")
    agents = data.frame(view, "employees").select(agent_id="employee_id", agent="name")
    return (
        rows.with_columns(_local_creation())
        .join(customers, on="customer_id", how="left", validate="m:1", maintain_order="left")
        .join(agents, on="agent_id", how="left", validate="m:1", maintain_order="left")
    )


def _local_creation() -> pl.Expr:
    return pl.col("created_at").dt.convert_time_zone(data.time_zone().key).alias("created")
