"""Service promises: which hold for a ticket, and whether they were kept."""

from metrics.sla.attainment import (
    AGREEMENT,
    SOURCE_ATTAINMENT,
    attainment,
    by_grade,
    feedback_response,
    response_times,
)
from metrics.sla.facts import TIMES, judged, missed, recorded_times, ticket_facts
from metrics.sla.lists import AGES, backlog, breaches, open_at, opened, promises
from metrics.sla.policy import Clock, Policies, Precedence, Promise, policies

__all__ = [
    "AGES",
    "AGREEMENT",
    "SOURCE_ATTAINMENT",
    "TIMES",
    "Clock",
    "Policies",
    "Precedence",
    "Promise",
    "attainment",
    "backlog",
    "breaches",
    "by_grade",
    "feedback_response",
    "judged",
    "missed",
    "open_at",
    "opened",
    "policies",
    "promises",
    "recorded_times",
    "response_times",
    "ticket_facts",
]
