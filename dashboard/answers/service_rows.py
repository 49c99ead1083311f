"""The tickets behind the service page: the open ones by age, the judged ones by verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dashboard import data
from dashboard.answers import service
from dashboard.answers.over_time import WHOLE, days_of
from dashboard.answers.service import CLOCKS, GRAINS, MART, SOURCE
from dashboard.view import View
from metrics import sla
from metrics.calendar import Grain
from metrics.measure import count
from metrics.sla.facts import DUE, MET, MISSED

ALL = "all"
STATES = (MISSED, MET, DUE)
AGREEMENTS = {
    "both_met": (True, MET),
    "both_missed": (False, MISSED),
    "only_source_met": (True, MISSED),
    "only_ours_met": (False, MET),
}


@dataclass(frozen=True, slots=True)
class Cut:
    """Which of the tickets created in the period.

    Attributes:
        clock: Of the verdict: one of `service.CLOCKS`, or the source's flag.
        point: First day of a bucket in ISO format, or the whole period.
        grain: Of the buckets.
        dimension: grade, channel or promise; empty for all.
        value: Of that dimension, or the key of the promise; None is unknown.
    """

    clock: str
    point: str = WHOLE
    grain: str = Grain.MONTH.value
    dimension: str = ""
    value: str | None = None


def opened(view: View, age: str, *, overdue: bool) -> pl.LazyFrame:
    """Tickets open at the moment of the data, of an age or all, the oldest first.

    Args:
        view: The view; its period does not matter, as in the chart.
        age: One of `sla.AGES`, or all.
        overdue: Only those past a promise.

    Returns:
        Ticket facts with age, state (their overall verdict), waiting_days, names.
    """
    rows = sla.opened(data.selected(view, MART)).with_columns(
        state="sla_state", waiting_days=pl.col("waiting_hours") / 24
    )
    if age != ALL:
        rows = rows.filter(pl.col("age") == age)
    if overdue:
        rows = rows.filter(pl.col("state") == MISSED)
    return service.named(view, rows.sort("created_at", "ticket_id"))


def _cut(view: View, cut: Cut) -> pl.LazyFrame:
    topic = service.tickets(view)
    days = days_of(topic, view, GRAINS[cut.grain], cut.point)
    rows = topic.rows.filter(days.holds(pl.col(topic.day)))
    if cut.dimension == "promise":
        return rows.with_columns(state=_own(cut.value))
    if cut.dimension:
        rows = rows.filter(pl.col(cut.dimension).eq_missing(pl.lit(cut.value, pl.String)))
    return rows.with_columns(state=_state(cut.clock))


def _own(key: str | None) -> pl.Expr:
    """The verdict by the own limit of a promise."""
    keys = [promise.key for promise in sla.policies().promises]
    bit = 1 << keys.index(key or "")
    state = pl.when((pl.col("promises_met") & bit) > 0).then(pl.lit(MET))
    return state.when((pl.col("promises_missed") & bit) > 0).then(pl.lit(MISSED))


def _state(clock: str) -> pl.Expr:
    if clock != SOURCE:
        return pl.col(CLOCKS[clock])
    met = pl.col("source_sla_met")
    return pl.when(met).then(pl.lit(MET)).when(~met).then(pl.lit(MISSED))


@data.answer
def counted(view: View, cut: Cut) -> Mapping[str, int]:
    """How many tickets of a cut there are in each state."""
    states = {state: count(pl.col("state") == state) for state in STATES}
    return _cut(view, cut).select(**states).collect().row(0, named=True)


def judged(view: View, cut: Cut, state: str) -> pl.LazyFrame:
    """Tickets of a cut with one verdict, the latest first: ticket facts, state, names."""
    rows = _cut(view, cut).filter(pl.col("state") == state)
    latest = rows.sort("created_at", "ticket_id", descending=[True, False])
    return service.named(view, latest)


def compared(view: View, case: str) -> pl.LazyFrame:
    """Tickets of the period by what the source and we say, or why we differ, the latest first.

    Args:
        view: The view.
        case: One of `AGREEMENTS`, or of `sla.CAUSES`.
    """
    rows = service.inside(view)
    if case in sla.CAUSES:
        rows = rows.filter(pl.col("difference") == case)
    else:
        source, ours = AGREEMENTS[case]
        rows = rows.filter(pl.col("source_sla_met") == source, pl.col("sla_state") == ours)
    latest = rows.with_columns(state="sla_state").sort(
        "created_at", "ticket_id", descending=[True, False]
    )
    return service.named(view, latest)
