"""What tickets and calls tell beside their times: bots, first contacts, causes, who waited."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, blank, pick, weighted
from data_access.demo.people import AGENTS, MANAGERS

BOTS = ("none", "handed_over", "solved")
CAUSES = ("product", "delivery", "communication", "process", "price")
ROLES = ("success_manager", "sales", "agent", "specialist")

_BOT_CHANNELS = ("chat", "app", "social")
_SUCCESS_MANAGERS = 12
_SPECIALISTS = (5, 17, 29)  # places among the agents
_VENDOR = "启明外包"
_PEAK = (12, 16)  # hours in which calls are lost
_SLOW = "E0068"  # solves fewer at once than such tickets allow
_SHANGHAI_HOURS = 8
_PROGRAMME_DAYS = 184  # before the end of the data


def ticket_columns(rng: np.random.Generator, tickets: pl.DataFrame) -> pl.DataFrame:
    """The tickets with bot, first_contact and cause."""
    count = tickets.height
    inquiry = (tickets["kind"] == "inquiry").to_numpy()
    complaint = (tickets["kind"] == "complaint").to_numpy()
    suits = tickets["channel"].is_in(_BOT_CHANNELS).to_numpy()
    tried = rng.random(count) < np.where(inquiry, np.where(suits, 0.86, 0.34), 0.10)
    settled = (tickets["resolved_at"].is_not_null() & (tickets["reopened"] == 0)).to_numpy()
    alone = tried & settled & (rng.random(count) < 0.52)
    usual = np.where(complaint, 0.86, 0.95)
    usual = usual - 0.08 * (tickets["agent_id"] == _SLOW).to_numpy()
    first = rng.random(count) < np.where(settled, usual, 0.3)
    solved = tickets["resolved_at"].is_not_null().to_numpy()
    return tickets.with_columns(
        bot=pick(BOTS, tried.astype(np.int64) + alone),
        first_contact=blank(pl.Series(first | alone), ~solved),
        cause=pick((*CAUSES, None), _causes(rng, tickets, complaint)),
    )


def _causes(rng: np.random.Generator, tickets: pl.DataFrame, complaint: Flags) -> Ints:
    """Fewer complaints about communication since the programme began."""
    count, asked = tickets.height, pl.col("created_at")
    begun = asked.max() - pl.duration(days=_PROGRAMME_DAYS)
    before = tickets.select(asked < begun).to_series().to_numpy()
    early = weighted(rng, (30, 24, 21, 15, 10), count)
    late = weighted(rng, (33, 27, 13, 16, 11), count)
    cause = np.where(before, early, late)
    return np.where(complaint & (rng.random(count) > 0.06), cause, len(CAUSES))


def call_columns(rng: np.random.Generator, contacts: pl.DataFrame) -> pl.DataFrame:
    """The contacts with answered and waited_seconds, of calls that customers made."""
    mine = (contacts["direction"] == "inbound") & (contacts["channel"] == "phone")
    calls = mine.to_numpy()
    hour = (contacts["occurred_at"].dt.hour().to_numpy() + _SHANGHAI_HOURS) % 24
    peak = (hour >= _PEAK[0]) & (hour < _PEAK[1])
    waited: Floats = rng.gamma(1.6, np.where(peak, 62.0, 30.0), len(calls))
    lost = rng.random(len(calls)) < np.where(peak, 0.045, 0.012) + (waited > 300) * 0.4
    return contacts.with_columns(
        answered=blank(pl.Series(~lost), ~calls),
        waited_seconds=blank(pl.Series(waited.astype(np.int32)), ~calls),
    )


def staff_columns(employees: pl.DataFrame) -> pl.DataFrame:
    """The employees with role, vendor and left_on; every third agent works for a supplier."""
    agent = np.arange(AGENTS)
    first = np.where(np.arange(MANAGERS) % (MANAGERS // _SUCCESS_MANAGERS) == 0, 0, 1)
    role = np.concatenate([first, np.where(np.isin(agent, _SPECIALISTS), 3, 2)])
    outside = np.concatenate([np.zeros(MANAGERS, np.int64), (agent % 3 == 0).astype(np.int64)])
    return employees.with_columns(
        role=pick(ROLES, role),
        vendor=pick((None, _VENDOR), outside),
        left_on=pl.lit(None, pl.Date),
    )
