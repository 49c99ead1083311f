"""Service promises: which hold for a ticket, and whether they were kept."""

from metrics.sla.attainment import (
    AGREEMENT,
    SOURCE_ATTAINMENT,
    attainment,
    by_promise,
    feedback_response,
    of_promise,
    response_times,
)
from metrics.sla.desks import has_desks
from metrics.sla.facts import (
    TIMES,
    ended_at,
    is_flagged,
    judged,
    missed,
    recorded_times,
    ticket_facts,
)
from metrics.sla.lists import AGES, backlog, breaches, open_at, opened, promises
from metrics.sla.policy import AROUND_THE_CLOCK, Clock, Policies, Precedence, Promise, policies
from metrics.sla.reconcile import CAUSES, WAYS, differences, followed_limits
from metrics.sla.running import segments, turned_due, turns
from metrics.sla.trace import binding, pieces_of, trace

__all__ = [
    "AGES",
    "AGREEMENT",
    "AROUND_THE_CLOCK",
    "CAUSES",
    "SOURCE_ATTAINMENT",
    "TIMES",
    "WAYS",
    "Clock",
    "Policies",
    "Precedence",
    "Promise",
    "attainment",
    "backlog",
    "binding",
    "breaches",
    "by_promise",
    "differences",
    "ended_at",
    "feedback_response",
    "followed_limits",
    "has_desks",
    "is_flagged",
    "judged",
    "missed",
    "of_promise",
    "open_at",
    "opened",
    "pieces_of",
    "policies",
    "promises",
    "recorded_times",
    "response_times",
    "segments",
    "ticket_facts",
    "trace",
    "turned_due",
    "turns",
]
