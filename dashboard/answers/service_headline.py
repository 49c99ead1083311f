"""The cards of the service page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import polars as pl

from dashboard import data
from dashboard.answers import gaps
from dashboard.answers.over_time import SPARK_MONTHS, Asked, month_is_running, reading, readings
from dashboard.answers.service import (
    SOURCE,
    TABLE,
    backlog,
    cells,
    clocks,
    counted,
    feedback,
    recorded,
    tickets,
    verdict,
)
from dashboard.answers.service_promises import times
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import sla
from metrics.calendar import Grain, next_bucket, spine
from metrics.trends import Additive

KEYS = ("sla_attainment", "first_response_attainment", "resolution_attainment")


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of the cards, worst kinds of promise first; the source's flag where it stands in."""
    cards = promises(view)
    if not data.present(view, TABLE) or not recorded(view, "created_at"):
        return {**cards, "backlog": cards[KEYS[0]]}
    if SOURCE in clocks(view):
        return cards | {"tickets_created": _created(view)} | _open_tickets(view)
    return (
        cards | _open_tickets(view) | {"first_response_hours": times(view)["first_response_hours"]}
    )


@data.answer
@gaps.named
def promises(view: View) -> dict[str, Reading]:
    """Readings of the promises alone: those that have a target."""
    if not data.present(view, TABLE):
        return dict.fromkeys(KEYS, unavailable("no_table", TABLE))
    if not recorded(view, "created_at"):
        return dict.fromkeys(KEYS, unavailable("no_tickets"))
    if SOURCE in clocks(view):
        unknown = unavailable("no_column", "tickets.first_response_at")
        return {**_shares(view, {"source_sla": SOURCE}), "first_response_attainment": unknown}
    names = ("overall", "first_response", "resolution")
    shares: dict[str, str] = dict(zip(KEYS, names, strict=True))
    return {**_shares(view, shares), "feedback_response": _feedback(view)}


def _shares(view: View, wanted: Mapping[str, str]) -> dict[str, Reading]:
    """By KPI the promises kept of a clock."""
    told = {key: verdict(clock) for key, clock in wanted.items() if clock in clocks(view)}
    asked = {key: Asked(how.what, how.figure, (how.met, how.missed)) for key, how in told.items()}
    found = readings(cells(view), view, asked) if asked else {}
    return {key: found.get(key, unavailable("no_policy")) for key in wanted}


def _feedback(view: View) -> Reading:
    if not recorded(view, "first_response_at"):
        return unavailable("no_column", "tickets.first_response_at")
    what = feedback(view).rolled_up("feedback.")
    return reading(cells(view), what, view, figure="feedback_response_share", n=("feedback_owed",))


def _no_figures(_counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {}


_CREATED = Additive({"tickets": pl.col("tickets").sum()}, _no_figures)


def _created(view: View) -> Reading:
    found = reading(cells(view), _CREATED, view, figure="tickets", n=("tickets",))
    topic = tickets(view)
    before, year_ago = map(topic.known, view.earlier(topic.period(view)))
    return replace(
        found,
        previous=found.previous if before else None,
        last_year=found.last_year if year_ago else None,
    )


def _open_tickets(view: View) -> dict[str, Reading]:
    """Open tickets at the end of the data, at month ends, and before; those overdue."""
    if not recorded(view, "resolved_at", "closed_at"):
        return {"backlog": unavailable("no_column", "tickets.resolved_at")}
    topic = counted(view)
    day = timedelta(days=1)
    earlier = [days.end - day if days else None for days in view.earlier_states(topic.as_of)]
    months = spine(topic.window(view).start, topic.as_of + day, Grain.MONTH).collect()
    ends = [
        min(next_bucket(month, Grain.MONTH) - day, topic.as_of)
        for month in months["bucket"].tail(SPARK_MONTHS)
    ]
    known = [end for end in earlier if end is not None and end >= topic.earliest]
    asked = sla.open_at(topic.rows, [*known, *ends], time_zone=data.time_zone()).collect()
    ages = backlog(view)
    total = int(ages["tickets"].sum())

    def states(count: str, value: int, n: int) -> Reading:
        past = dict(zip(known, asked[count], strict=False))
        before, year_ago = (past.get(end) if end else None for end in earlier)
        return Reading(
            value,
            previous=before,
            last_year=year_ago,
            n=n,
            trend=tuple(asked[count][len(known) :]),
            running=month_is_running(topic.as_of),
        )

    everything = cells(view).rows.select(pl.col("tickets").sum()).collect().item()
    found = {"backlog": states("tickets", total, everything)}
    if SOURCE not in clocks(view):
        found["overdue_tickets"] = states("overdue", int(ages["missed"].sum()), total)
    return found
