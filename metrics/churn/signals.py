"""The rules of early warning: what each looks at, whether it holds on a day, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.churn.contacts import Contacts
from metrics.churn.events import FeatureRule
from metrics.churn.readers import ANSWERED, INBOUND
from metrics.churn.tables import CrmTables
from metrics.customer_days import CustomerDays, Ints

Truths = NDArray[np.bool_]


class Signal(Protocol):
    """A rule over the events of customers by number.

    It begins to hold only `wait` days after one of `events`, never on another day; so the day on
    which it began is found among a few, not day by day.
    """

    @property
    def events(self) -> CustomerDays:
        """What happened `wait` days before it may begin to hold."""
        ...

    @property
    def wait(self) -> int:
        """How many days after an event."""
        ...

    def holds(self, who: Ints, day: Ints) -> Truths:
        """Whether it holds at the close of each day."""
        ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Red: the customer has left our last contacts unanswered."""

    contacts: Contacts
    least: int

    @property
    def events(self) -> CustomerDays:
        """Contacts without an answer."""
        return self.contacts.unanswered

    @property
    def wait(self) -> int:
        """Then a contact is judged."""
        return self.contacts.answer_days

    def holds(self, who: Ints, day: Ints) -> Truths:
        """At least so many in a row."""
        return self.contacts.streak(who, day) >= self.least


@dataclass(frozen=True, slots=True)
class Fewer:
    """Yellow and blue: fewer events in the last days than in as many before."""

    events: CustomerDays
    days: int
    drop: float
    least_before: int

    @property
    def wait(self) -> int:
        """Then an event counts as before."""
        return self.days

    def holds(self, who: Ints, day: Ints) -> Truths:
        """At least one less, and at least that share of what there was before."""
        then = day - self.days
        before = self.events.within(who, after=then - self.days, until=then).count()
        lost = before - self.events.within(who, after=then, until=day).count()
        return (before >= self.least_before) & (lost >= np.maximum(self.drop * before, 1))


def signals(tables: CrmTables, rules: Mapping[str, Any]) -> dict[str, Signal]:
    """The rules that can be asked, by level, the strongest first.

    Red needs contacts with their answers; without them it is left out. Blue counts the orders that
    are purchases. Yellow counts activity: what a CRM records of a customer's own doing, which is
    purchases, contacts that the customer began, ours that were answered (from the day on which
    they are judged), tickets and answers to surveys, as far as there are such tables.

    Args:
        tables: With customers by number.
        rules: Of `rules/warnings.toml`.
    """
    windows = FeatureRule.standard()
    bought = tables.purchases().select("customer_id", day="ordered_on").collect()
    active, found = [bought], dict[str, Signal]()
    if tables.interactions is not None and tables.records_answers():
        contacts = tables.interactions.collect()
        known = Contacts.of(
            contacts, contact_days=windows.contact_days, answer_days=windows.answer_days
        )
        found["red"] = Unanswered(known, rules["red"]["unanswered"])
        active.append(_heard(contacts, windows.answer_days))
    for table, day in ((tables.tickets, "created_on"), (tables.survey_responses, "answered_on")):
        if table is not None:
            active.append(table.select("customer_id", day=day).collect())
    found["yellow"] = Fewer(CustomerDays.of(pl.concat(active), "day"), **rules["yellow"])
    found["blue"] = Fewer(CustomerDays.of(bought, "day"), **rules["blue"])
    return found


def _heard(contacts: pl.DataFrame, answer_days: int) -> pl.DataFrame:
    """The days on which customers were heard, on contacts of theirs or ours."""
    later = pl.when(pl.col("answer") == ANSWERED).then(answer_days).otherwise(0)
    heard = contacts.filter(pl.col("answer").is_in([INBOUND, ANSWERED]))
    return heard.select("customer_id", day=pl.col("occurred_on") + pl.duration(days=later))


def began(signal: Signal, who: Ints, day: Ints, *, look_back: int) -> Ints:
    """Since which day a rule has held that holds on `day`; `look_back` days before, if for longer.

    Args:
        signal: The rule.
        who: Customers, by number.
        day: The day at whose close it holds.
        look_back: How many days back.
    """
    start = day - look_back
    question, days = _onsets(signal, who, after=start, until=day)
    starts = ~signal.holds(who[question], days - 1)
    since = start.copy()
    np.maximum.at(since, question[starts], days[starts])
    return since


def first(signal: Signal, who: Ints, *, after: Ints, until: Ints) -> Ints:
    """The first day later than `after` and up to `until` on which a rule holds.

    Returns:
        A day for each customer; the day after `until` where there is none.
    """
    question, days = _onsets(signal, who, after=after + 1, until=until)
    every = np.arange(len(who))[after < until]
    question, days = np.concatenate([every, question]), np.concatenate([after[every] + 1, days])
    holds = signal.holds(who[question], days)
    found = until + 1
    np.minimum.at(found, question[holds], days[holds])
    return found


def _onsets(signal: Signal, who: Ints, *, after: Ints, until: Ints) -> tuple[Ints, Ints]:
    """The days within each span on which the rule may begin: which question, and the day."""
    span = signal.events.within(who, after=after - signal.wait, until=until - signal.wait)
    question, row = span.rows()
    return question, signal.events.day_of(row) + signal.wait
