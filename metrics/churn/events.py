"""What the tables of events tell of customers at the close of a day.

Only rows of days up to and including the day play a part. Each table is put in order once; what it
tells of a moment is then a few look-ups, whatever the number of days asked about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import polars as pl

from metrics.churn.contacts import Contacts
from metrics.churn.tables import CrmTables
from metrics.customer_days import CustomerDays, Ints, Span, ints
from metrics.numbering import places
from metrics.rules import load

_YEAR = 365  # days of orders that count


@dataclass(frozen=True, slots=True)
class FeatureRule:
    """Windows of the features, in days, from `rules/churn.toml`."""

    recent_days: int
    contact_days: int
    answer_days: int
    survey_days: int
    levels: int
    min_level_customers: int

    @classmethod
    def standard(cls) -> Self:
        """The windows in `rules/churn.toml`."""
        return cls(**load("churn")["features"])

    @property
    def longest_days(self) -> int:
        """Events that are as old as this, or older, say nothing of a day."""
        late = self.recent_days + self.answer_days
        return max(_YEAR, late, self.contact_days, self.survey_days)


def event_columns(
    tables: CrmTables, moments: pl.DataFrame, rule: FeatureRule
) -> dict[str, pl.Series]:
    """What each table tells of each moment.

    Args:
        tables: The CRM.
        moments: customer_id and as_of.
        rule: Windows.

    Returns:
        Columns in the order of the moments: revenue_365, _bought, _orders, _recent (of the year's
        orders, the last three of purchases), log_contacts, unanswered_streak (null if the CRM
        records no answers), complaints, other_tickets, missed_promises, 0 where there is nothing;
        last_nps, last_csat, null where there is none. Those of absent tables and columns are left
        out.
    """
    ids = moments["customer_id"].unique().sort()
    asked = _Moments(ints(places(moments["customer_id"], ids)), ints(moments["as_of"]), rule)
    first = moments["as_of"].min()
    if isinstance(first, date):
        tables = tables.after(first - timedelta(days=rule.longest_days))
    tables = tables.numbered(ids)
    told = _spending(tables.orders.collect(), asked)
    for name, table in tables.optional().items():
        if table is not None:
            told |= _TELLERS[name](table.collect(), asked)
    return {name: pl.Series(name, column) for name, column in told.items()}


_Told = dict[str, Ints | pl.Series]


@dataclass(frozen=True, slots=True)
class _Moments:
    """Customers by their place, each at the close of a day."""

    who: Ints
    as_of: Ints
    rule: FeatureRule

    def last(self, days: int, events: CustomerDays, *, wait: int = 0) -> Span:
        """The events of the `days` up to `wait` days before each moment."""
        until = self.as_of - wait
        return events.within(self.who, after=until - days, until=until)


def _spending(orders: pl.DataFrame, asked: _Moments) -> _Told:
    bought = pl.col("bought")
    rows = orders.with_columns(spent=pl.col("amount") * bought)
    known = CustomerDays.of(rows, "ordered_on", "amount", "spent", "bought")
    year = asked.last(_YEAR, known)
    return {
        "revenue_365": known.total(year, "amount"),
        "_bought": known.total(year, "spent"),
        "_orders": known.total(year, "bought"),
        "_recent": known.total(asked.last(asked.rule.recent_days, known), "bought"),
    }


def _contacts(interactions: pl.DataFrame, asked: _Moments) -> _Told:
    """Contacts of late, and those in a row that were not answered (`Contacts.streak`)."""
    rule = asked.rule
    every = CustomerDays.of(interactions, "occurred_on")
    late = asked.last(rule.recent_days, every).count()
    if "answer" not in interactions.columns:
        nothing = pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(asked.who))
        return {"log_contacts": late, "unanswered_streak": nothing}
    contacts = Contacts.of(
        interactions, contact_days=rule.contact_days, answer_days=rule.answer_days
    )
    streak = contacts.streak(asked.who, asked.as_of)
    return {"log_contacts": late, "unanswered_streak": streak}


def _tickets(tickets: pl.DataFrame, asked: _Moments) -> _Told:
    complaint = pl.col("complaint")
    kinds = {"complaints": complaint, "other_tickets": ~complaint}
    rows = tickets.with_columns(
        **{name: kind.fill_null(value=False) for name, kind in kinds.items()}
    )
    known = CustomerDays.of(rows, "created_on", *kinds)
    span = asked.last(asked.rule.recent_days, known)
    return {name: known.total(span, name) for name in kinds}


def _missed(missed: pl.DataFrame, asked: _Moments) -> _Told:
    known = "missed_on" in missed.columns
    day, wait = ("missed_on", 0) if known else ("created_on", asked.rule.answer_days)
    events = CustomerDays.of(missed, day)
    return {"missed_promises": asked.last(asked.rule.recent_days, events, wait=wait).count()}


def _answers(answers: pl.DataFrame, asked: _Moments) -> _Told:
    """The latest answer; of two answers on one day the lower, whatever the order of the rows."""
    told: _Told = {}
    for score in ("nps", "csat"):
        if score in answers.columns:
            given = answers.drop_nulls(score).sort(score, descending=True)
            known = CustomerDays.of(given, "answered_on", score)
            span = asked.last(asked.rule.survey_days, known)
            told[f"last_{score}"] = known.latest(span, score)
    return told


_TELLERS: dict[str, Callable[[pl.DataFrame, _Moments], _Told]] = {
    "interactions": _contacts,
    "tickets": _tickets,
    "missed": _missed,
    "survey_responses": _answers,
}
