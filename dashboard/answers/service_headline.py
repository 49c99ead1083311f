"""The cards of the service page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import polars as pl

from dashboard import data
from dashboard.answers.over_time import SPARK_MONTHS, month_is_running, now_and_before, reading
from dashboard.answers.service import (
    SOURCE,
    TABLE,
    backlog,
    cells,
    clocks,
    feedback,
    recorded,
    tickets,
    verdict,
)
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import sla
from metrics.calendar import Grain, bucket, next_bucket, spine
from metrics.measure import measure
from metrics.trends import Additive

KEYS = ("sla_attainment", "first_response_attainment", "resolution_attainment")


@data.answer
def headline(view: View) -> dict[str, Reading]:
    """Readings of the cards, worst kinds of promise first; the source's flag where it stands in."""
    cards = promises(view)
    if not data.present(view, TABLE) or not recorded(view, "created_at"):
        return {**cards, "backlog": cards[KEYS[0]]}
    if SOURCE in clocks(view):
        return cards | {"tickets_created": _created(view)} | _open_tickets(view)
    return cards | _open_tickets(view) | {"first_response_hours": _response_hours(view)}


@data.answer
def promises(view: View) -> dict[str, Reading]:
    """Readings of the promises alone: those that have a target."""
    if not data.present(view, TABLE):
        return dict.fromkeys(KEYS, unavailable("no_table", TABLE))
    if not recorded(view, "created_at"):
        return dict.fromkeys(KEYS, unavailable("no_rows"))
    if SOURCE in clocks(view):
        unknown = unavailable("no_column", "tickets.first_response_at")
        return {"source_sla": _share(view, SOURCE), "first_response_attainment": unknown}
    shares = dict(zip(KEYS, ("overall", "first_response", "resolution"), strict=True))
    cards = {key: _share(view, clock) for key, clock in shares.items()}
    return cards | {"feedback_response": _feedback(view)}


def _share(view: View, clock: str) -> Reading:
    if clock not in clocks(view):
        return unavailable("no_policy")
    how = verdict(clock)
    found = reading(cells(view), how.what, view, figure=how.figure, n=how.met)
    if found.value is None:
        return found
    now, _ = now_and_before(cells(view), how.what, view)
    return replace(found, n=now[how.met] + now[how.missed])


def _feedback(view: View) -> Reading:
    if not recorded(view, "first_response_at"):
        return unavailable("no_column", "tickets.first_response_at")
    what = feedback(view).rolled_up("feedback.")
    return reading(cells(view), what, view, figure="feedback_response_share", n="feedback_owed")


def _no_figures(_counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {}


_CREATED = Additive({"tickets": pl.col("tickets").sum()}, _no_figures)


def _created(view: View) -> Reading:
    found = reading(cells(view), _CREATED, view, figure="tickets", n="tickets")
    known = view.compared(tickets(view).period(view)).end > tickets(view).earliest
    return found if known else replace(found, previous=None)


def _response_hours(view: View) -> Reading:
    """Median hours to the first response; quantiles do not add up, so each bucket has its own."""
    if not recorded(view, "first_response_at"):
        return unavailable("no_column", "tickets.first_response_at")
    topic = tickets(view)
    period = topic.period(view)
    day = pl.col(topic.day)
    window = topic.window(view)
    answered = topic.rows.filter(pl.col("response_hours").is_not_null())
    months = measure(
        answered.filter(window.holds(day)).with_columns(month=bucket(day, Grain.MONTH)),
        "month",
        **sla.response_times(),
    )
    whole = [
        answered.filter(days.holds(day)).select(**sla.response_times())
        for days in (period, view.compared(period))
    ]
    now, before, months = pl.collect_all([*whole, months])
    value = now["response_hours_median"].item()
    if value is None:
        return unavailable("no_rows")
    return Reading(
        value=value,
        previous=before["response_hours_median"].item(),
        n=now["answered_tickets"].item(),
        trend=tuple(months["response_hours_median"].tail(SPARK_MONTHS).to_list()),
        running=month_is_running(topic.as_of),
    )


def _open_tickets(view: View) -> dict[str, Reading]:
    """Open tickets at the end of the period's data, at month ends, and before; those overdue."""
    if not recorded(view, "resolved_at", "closed_at"):
        return {"backlog": unavailable("no_column", "tickets.resolved_at")}
    topic = tickets(view)
    day = timedelta(days=1)
    before = view.compared(topic.period(view)).end - day
    months = spine(topic.window(view).start, topic.as_of + day, Grain.MONTH).collect()
    ends = [
        min(next_bucket(month, Grain.MONTH) - day, topic.as_of)
        for month in months["bucket"].tail(SPARK_MONTHS)
    ]
    counts = sla.open_at(topic.rows, [before, *ends]).collect()["tickets"].to_list()
    ages = backlog(view)
    total = int(ages["tickets"].sum())
    found = {
        "backlog": Reading(
            total,
            previous=counts[0] if before >= topic.earliest else None,
            trend=tuple(counts[1:]),
            running=month_is_running(topic.as_of),
        )
    }
    if SOURCE not in clocks(view):
        found["overdue_tickets"] = Reading(int(ages["missed"].sum()), n=total)
    return found
