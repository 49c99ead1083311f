"""Tickets: what customers ask, how fast they are answered, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_access.demo.arrays import (
    Flags,
    Floats,
    Ints,
    by_time,
    frame,
    ids,
    pick,
    times,
    values,
    weighted,
)
from data_access.demo.customers import GONE, Base, Life, customer_ids
from data_access.demo.people import AGENTS, MANAGERS
from data_access.demo.processes import at_hours, poisson_times
from data_access.demo.seasons import Seasons
from data_access.demo.truth import Truth

KINDS = ("inquiry", "complaint", "after_sales", "feedback")
INQUIRY, COMPLAINT, AFTER_SALES, FEEDBACK = range(4)
# Grades of feedback, then of all other tickets: the names repeat, the promises differ.
GRADES = ("general", "complex", "major", "urgent", "general", "consultation")
TICKET_CHANNELS = ("phone", "email", "social", "chat", "app")
CATEGORIES = ("delivery", "billing", "product_quality", "usage", "account", "installation")

_COMPLEX, _MAJOR = 1, 2
_MINUTE = 1 / 1440
_EVENTS_DAYS = 180
_KIND_SHARE = (0.45, 0.13, 0.22, 0.20)
_GRADE_SHARE = (
    (0, 0, 0, 0.05, 0.33, 0.62),
    (0, 0, 0, 0.38, 0.57, 0.05),
    (0, 0, 0, 0.14, 0.66, 0.20),
    (0.62, 0.27, 0.11, 0, 0, 0),
)
# Limit of the first answer in minutes, by grade and by channel; the stricter one holds.
_GRADE_MINUTES = np.array([60, np.inf, np.inf, 10, 30, 60])
_CHANNEL_MINUTES = np.array([3, 1440, 120, np.inf, np.inf])
_UNPROMISED_MINUTES = 240.0


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets by time; durations in days."""

    who: Ints
    when: Floats
    kind: Ints
    grade: Ints
    channel: Ints
    met: Flags  # whether the promise of the grade is kept, whatever clock it runs on
    answer: Floats  # days to the first answer
    solution: Floats  # days to the solution; infinity if never
    routing: Floats  # days to the department, NaN where not routed
    reopened: Ints


def draw_tickets(rng: np.random.Generator, base: Base, truth: Truth, seasons: Seasons) -> Tickets:
    """Tickets of everyone as if nobody left; those after the churn are dropped later."""
    rate = values(truth.tickets_per_year)[base.value] / 365
    end = np.full(len(rate), seasons.end)
    who, day = poisson_times(rng, rate, base.entry, end, seasons.days, seasons.tickets)
    when = np.maximum(at_hours(rng, day, 7.5, 22.5, lean=1.6), base.entry[who])
    order = by_time(when)
    order = order[when[order] < seasons.end]
    who, when = who[order], when[order]
    kind = weighted(rng, _KIND_SHARE, len(who))
    grade = _grades(rng, kind)
    channel = weighted(rng, (0.30, 0.20, 0.12, 0.25, 0.13), len(who))
    met = rng.random(len(who)) < _chance_met(grade, when, truth, seasons)
    answer = _answer_days(rng, grade, channel, met)
    routing = np.where(grade == _COMPLEX, answer + _routing_days(rng, met), np.nan)
    busy = seasons.busy[when.astype(np.int64)]
    solution = np.fmax(answer, routing) + _solution_days(rng, grade, met, busy)
    reopened = np.minimum(rng.poisson(np.where(met, 0.045, 0.14), len(who)), 3)
    return Tickets(who, when, kind, grade, channel, met, answer, solution, routing, reopened)


def _grades(rng: np.random.Generator, kind: Ints) -> Ints:
    edges = np.cumsum(np.array(_GRADE_SHARE), axis=1)[kind]
    return np.minimum((rng.random(len(kind))[:, None] >= edges).sum(axis=1), len(GRADES) - 1)


def _chance_met(grade: Ints, when: Floats, truth: Truth, seasons: Seasons) -> Floats:
    """Chance of a kept promise: lower at peaks, slowly better over the years."""
    odds = values(truth.promise_met)[grade]
    odds = odds / (1 - odds) * np.exp(0.10 * (when / 365 - 1.5))
    odds = np.where(
        seasons.busy[when.astype(np.int64)], odds / truth.promise_miss_odds_at_peaks, odds
    )
    return odds / (1 + odds)


def _answer_days(rng: np.random.Generator, grade: Ints, channel: Ints, met: Flags) -> Floats:
    limit = np.minimum(_GRADE_MINUTES[grade], _CHANNEL_MINUTES[channel])
    promised = np.isfinite(limit)
    limit = np.where(promised, limit, _UNPROMISED_MINUTES)
    quick = limit * np.clip(rng.beta(1.6, 3.0, len(grade)), 0.03, 0.98)
    slow = limit * (1.05 + rng.exponential(1.4, len(grade)))
    in_time = np.where((grade == _COMPLEX) | (grade == _MAJOR), rng.random(len(grade)) < 0.95, met)
    return np.where(in_time | ~promised, quick, slow) * _MINUTE


def _routing_days(rng: np.random.Generator, met: Flags) -> Floats:
    return np.where(met, rng.beta(2, 3, len(met)) * 0.8, 1.05 + rng.exponential(0.7, len(met)))


def _solution_days(rng: np.random.Generator, grade: Ints, met: Flags, busy: Flags) -> Floats:
    """Days from the answer to the solution; 1 in 250 never gets one."""
    count = len(grade)
    median = np.array([0.6, 2.4, 0.0, 0.3, 0.5, 0.12])[grade]
    usual = median * np.exp(rng.normal(0, 0.9, count)) * np.where(busy, 1.7, 1.0)
    major = np.where(met, 0.2 + 1.6 * rng.beta(2, 2, count), 2.1 + rng.exponential(1.5, count))
    days = np.where(grade == _MAJOR, major, usual)
    return np.where(rng.random(count) < 1 / 250, np.inf, days)


def of_customers_present(tickets: Tickets, life: Life) -> Tickets:
    """Only the tickets of customers who had not left."""
    present = life.state(tickets.who, tickets.when) != GONE
    return Tickets(*(getattr(tickets, name)[present] for name in Tickets.__dataclass_fields__))


def ticket_frame(
    rng: np.random.Generator, tickets: Tickets, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `tickets` table as it stands at `as_of`; 1 in 400 is anonymous."""
    count = len(tickets.who)
    answered = _until(tickets.when + tickets.answer, seasons)
    answered[rng.random(count) < 1 / 300] = np.nan  # never answered
    routed = _until(tickets.when + tickets.routing, seasons)
    again = np.where(tickets.reopened > 0, rng.exponential(2.0, count), 0.0)
    last_solution = tickets.when + tickets.solution + again
    resolved = _until(np.where(np.isnan(answered), np.inf, last_solution), seasons)
    closed = _until(resolved + rng.uniform(1, 6, count), seasons)
    changed = np.fmax(np.fmax(closed, resolved), np.fmax(answered, tickets.when))
    desk = np.array([0, 1, 1, 2])[tickets.kind]
    agent = MANAGERS + desk + 3 * rng.integers(0, AGENTS // 3, count)
    agents = [f"E{number:04d}" for number in range(1, MANAGERS + AGENTS + 1)]
    who = customer_ids(base, tickets.who)
    anonymous = rng.random(count) < 1 / 400
    return frame(
        "tickets",
        {
            "ticket_id": ids("T", numbers_from + np.arange(count), 10),
            "customer_id": pl.select(pl.when(~pl.Series(anonymous)).then(who)).to_series(),
            "kind": pick(KINDS, tickets.kind),
            "grade": pick(GRADES, tickets.grade),
            "channel": pick(TICKET_CHANNELS, tickets.channel),
            "category": pick(CATEGORIES, weighted(rng, (22, 14, 24, 20, 11, 9), count)),
            "created_at": times(seasons.origin, tickets.when),
            "first_response_at": times(seasons.origin, answered),
            "routed_at": times(seasons.origin, routed),
            "resolved_at": times(seasons.origin, resolved),
            "closed_at": times(seasons.origin, closed),
            "reopened": np.where(np.isnan(resolved), 0, tickets.reopened),
            "agent_id": pick(agents, agent),
            "updated_at": times(seasons.origin, changed),
        },
    )


def _until(moment: Floats, seasons: Seasons) -> Floats:
    """Moments that have come; NaN for those still ahead."""
    return np.where(moment <= seasons.end, moment, np.nan)


def event_frame(tickets: pl.DataFrame, seasons: Seasons) -> pl.DataFrame:
    """The `ticket_events` table: the states of the tickets, by id, of the last 180 days."""
    recent = pl.lit(seasons.origin) + pl.duration(days=seasons.end - _EVENTS_DAYS)
    states = {
        "opened": "created_at",
        "answered": "first_response_at",
        "routed": "routed_at",
        "resolved": "resolved_at",
        "closed": "closed_at",
    }
    events = (
        tickets.lazy()
        .filter(pl.col("created_at") > recent)
        .select("ticket_id", "agent_id", **states)
        .with_row_index("ticket")  # sorted and counted faster than ids
        .unpivot(
            on=list(states),
            index=["ticket", "ticket_id", "agent_id"],
            variable_name="status",
            value_name="occurred_at",
        )
        .drop_nulls("occurred_at")
        .sort("ticket", "occurred_at", maintain_order=True)
        .with_columns(event_number=pl.int_range(1, pl.len() + 1).over("ticket"))
        .collect()
    )
    columns = ("ticket_id", "event_number", "occurred_at", "status")
    return frame(
        "ticket_events",
        {name: events[name] for name in columns} | {"handled_by": events["agent_id"]},
    )
