"""The cards of the pages Service quality and Rectification, and every other measure of them."""

from __future__ import annotations

from dashboard import data
from dashboard.answers import (
    complaints,
    gaps,
    rectification,
    service_calls,
    service_cases,
    service_team,
)
from dashboard.reading import Reading
from dashboard.view import View

QUALITY = (
    "first_contact_resolution",
    "resolution_30d",
    "recurrence",
    "repeat_contact",
    "hand_over_continuity",
    "peak_answer_rate",
    "bot_containment",
)
MENDING = (
    "rectification_overdue",
    "rectification_on_time",
    "customers_informed",
    "communication_complaints",
    "qa_compliance",
    "qa_sample",
    "mystery_visits",
)


@data.answer
@gaps.named
def quality(view: View) -> dict[str, Reading]:
    """Every measure of the page Service quality, those of the cards first."""
    found = {
        **service_cases.shares(view),
        **service_calls.answered(view),
        **service_calls.handed(view),
        "resolution_hours": service_cases.solution_hours(view),
        "knowledge_accuracy": service_team.knowledge(view),
        **service_team.people(view),
    }
    del found["loop_verified"]
    return _first(found, QUALITY)


@data.answer
@gaps.named
def mending(view: View) -> dict[str, Reading]:
    """Every measure of the page Rectification, those of the cards first."""
    found = {
        **rectification.readings(view),
        "loop_verified": service_cases.shares(view)["loop_verified"],
        **complaints.rates(view),
        **service_team.quality(view),
        **service_team.owed(view),
    }
    return _first(found, MENDING)


def _first(found: dict[str, Reading], cards: tuple[str, ...]) -> dict[str, Reading]:
    return {key: found[key] for key in (*cards, *(key for key in found if key not in cards))}
