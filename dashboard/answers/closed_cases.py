"""What the page of follow-ups asks of those that have ended: how, what it cost, who came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import polars as pl

from dashboard import data
from dashboard.answers import casework
from dashboard.answers.casework import State
from dashboard.settings import now
from dashboard.view import View
from data_access.workspace.records import ENDINGS
from metrics import closed_cases, selection

EVERY = "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which ended follow-ups, beside the view; part of what their list is kept by.

    Attributes:
        period: A code of the named periods, up to today.
        ending: How they ended, of ENDINGS; EVERY for all.
        state: Of the workspace.
        today: The business day.
    """

    period: str
    ending: str
    state: State
    today: date


def choose(period: str, ending: str = EVERY) -> Choice:
    """The choice, of now.

    Raises:
        WorkspaceError: The workspace cannot be read.
    """
    today = now().astimezone(data.time_zone()).date()
    return Choice(period, ending, casework.state(), today)


@data.answer
def _ended(view: View, choice: Choice) -> pl.DataFrame:
    cases = casework.chosen(view, casework.cases(view, choice.state)).with_columns(
        began_on=casework.day_of("plan_started_at"), closed_on=casework.day_of("closed_at")
    )
    # unlike orders, follow-ups are known up to this minute
    first = cast("date | None", cases["closed_on"].min()) or choice.today
    days = selection.period(choice.period, as_of=choice.today, earliest=first)
    return closed_cases.closed_cases(
        cases.lazy(),
        casework.steps(view, choice.state).lazy(),
        casework.reactivations(view, choice.state).lazy().filter("planned"),
        period=days,
        as_of=data.as_of(view, "orders"),
    ).collect()


def counts(view: View, choice: Choice) -> dict[str, int]:
    """How many ended, EVERY first, then by ending in the order of ENDINGS; whatever is chosen."""
    states = _ended(view, _whole(choice))["state"]
    return {EVERY: len(states), **{code: int((states == code).sum()) for code in ENDINGS}}


def _whole(choice: Choice) -> Choice:
    return Choice(choice.period, EVERY, choice.state, choice.today)


def totals(view: View, choice: Choice) -> Mapping[str, Any]:
    """The measures of `closed_measures` over those listed."""
    return _chosen(view, choice).select(**closed_cases.closed_measures()).row(0, named=True)


def _chosen(view: View, choice: Choice) -> pl.DataFrame:
    rows = _ended(view, _whole(choice))
    return rows if choice.ending == EVERY else rows.filter(pl.col("state") == choice.ending)


def listed(view: View, choice: Choice) -> pl.LazyFrame:
    """The follow-ups that ended, the latest first.

    Returns:
        The rows of `closed_cases` with name, tier, and owner_id and owner (who looks after the
        customer today); null where the CRM has the customer no longer.
    """
    rows = _chosen(view, choice)
    mart = casework.of(data.frame(view, "customer_mart"), rows).select(
        "customer_id", "name", "tier", "owner_id", "owner"
    )
    joined = rows.lazy().join(mart, on="customer_id", how="left", validate="m:1")
    named = casework.with_owner(joined, view, choice.state)
    return named.sort("closed_at", "case_id", descending=[True, False])
