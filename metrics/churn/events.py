"""What the tables of events tell of customers at the close of a day.

Each table is read in one pass, whatever the number of days, and only rows of days up to and
including the day play a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import polars as pl

from metrics.churn.readers import ANSWERED, INBOUND, UNANSWERED
from metrics.churn.tables import CrmTables
from metrics.rules import load

_YEAR = 365  # days of orders that count
MOMENT = ["customer_id", "as_of"]
"""The key of everything here: a customer at the close of a day."""


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


def event_parts(
    tables: CrmTables, moments: pl.LazyFrame, days: Sequence[date], rule: FeatureRule
) -> list[pl.LazyFrame]:
    """What each table tells of each moment.

    Args:
        tables: The CRM.
        moments: customer_id and as_of, each pair once.
        days: The days that occur in `as_of`.
        rule: Windows.

    Returns:
        Frames with at most one row per moment, unordered, with nothing for moments of which they
        know nothing; together: revenue_365, _bought, _orders, _recent (of the year's orders, the
        last three of purchases), log_contacts, unanswered_streak, complaints, other_tickets,
        missed_promises, last_nps, last_csat; those of absent tables and columns are left out.
    """
    windows = _Windows(moments.select(MOMENT), days)
    parts = [_spending(tables.orders, windows, rule)]
    if tables.interactions is not None:
        parts += _contacts(tables.interactions, windows, rule)
    if tables.tickets is not None:
        parts.append(_tickets(tables.tickets, windows, rule))
    if tables.missed is not None:
        parts.append(_missed(tables.missed, windows, rule))
    if tables.survey_responses is not None:
        parts += _answers(tables.survey_responses, windows, rule)
    return parts


@dataclass(frozen=True, slots=True)
class _Windows:
    """Moments, and the events in a window of days before them."""

    moments: pl.LazyFrame
    days: Sequence[date]

    def rows(self, events: pl.LazyFrame, day: str, days: int, *, wait: int = 0) -> pl.LazyFrame:
        """The events of the `days` up to `wait` days before each moment, with its as_of."""
        recent, gone = timedelta(days=wait), timedelta(days=days + wait)
        on, as_of = pl.col(day), pl.col("as_of")
        ever = (on <= max(self.days) - recent) & (on > min(self.days) - gone)
        within = (on <= as_of - recent) & (on > as_of - gone)
        return events.filter(ever).join(self.moments, on="customer_id").filter(within)


def _spending(orders: pl.LazyFrame, windows: _Windows, rule: FeatureRule) -> pl.LazyFrame:
    bought = pl.col("bought")
    recent = pl.col("ordered_on") > pl.col("as_of") - timedelta(days=rule.recent_days)
    return (
        windows.rows(orders, "ordered_on", _YEAR)
        .group_by(MOMENT)
        .agg(
            revenue_365=pl.col("amount").sum(),
            _bought=(pl.col("amount") * bought).sum(),
            _orders=bought.cast(pl.Int64).sum(),
            _recent=(bought & recent).cast(pl.Int64).sum(),
        )
    )


def _contacts(
    interactions: pl.LazyFrame, windows: _Windows, rule: FeatureRule
) -> list[pl.LazyFrame]:
    """Contacts of late, and outbound ones without an answer since the customer was last heard.

    These are counted within `contact_days`; contacts of the last `answer_days` are not judged,
    because their answer may still come and could not have been known. An inbound contact is an
    answer; a contact whose outcome was not recorded is neither.
    """
    on, as_of = pl.col("occurred_on"), pl.col("as_of")
    late = (on > as_of - timedelta(days=rule.recent_days)).cast(pl.Int64).sum()
    if "answer" not in interactions.collect_schema().names():
        rows = windows.rows(interactions, "occurred_on", rule.recent_days)
        nothing = pl.lit(None, pl.UInt32)
        return [rows.group_by(MOMENT).agg(log_contacts=late, unanswered_streak=nothing)]
    answer = pl.col("answer")
    judged = on <= as_of - timedelta(days=rule.answer_days)
    days = max(rule.contact_days, rule.recent_days)
    counted = on > as_of - timedelta(days=rule.contact_days)
    rows = windows.rows(interactions, "occurred_on", days).select(
        *MOMENT,
        "occurred_on",
        heard_on=pl.when(counted & ((answer == INBOUND) | ((answer == ANSWERED) & judged))).then(
            on
        ),
        missed_on=pl.when(counted & (answer == UNANSWERED) & judged).then(on),
    )
    heard = rows.group_by(MOMENT).agg(log_contacts=late, _heard_on=pl.col("heard_on").max())
    since = pl.col("_heard_on").is_null() | (pl.col("missed_on") > pl.col("_heard_on"))
    missed = (
        rows.filter(pl.col("missed_on").is_not_null())
        .join(heard, on=MOMENT, validate="m:1")
        .filter(since)
        .group_by(MOMENT)
        .agg(unanswered_streak=pl.len())
    )
    return [heard.drop("_heard_on"), missed]


def _tickets(tickets: pl.LazyFrame, windows: _Windows, rule: FeatureRule) -> pl.LazyFrame:
    complaint = pl.col("complaint")
    rows = windows.rows(tickets, "created_on", rule.recent_days)
    counts = {"complaints": complaint.sum(), "other_tickets": (~complaint).sum()}
    return rows.group_by(MOMENT).agg(**counts)


def _missed(missed: pl.LazyFrame, windows: _Windows, rule: FeatureRule) -> pl.LazyFrame:
    known = "missed_on" in missed.collect_schema().names()
    day, wait = ("missed_on", 0) if known else ("created_on", rule.answer_days)
    rows = windows.rows(missed, day, rule.recent_days, wait=wait)
    return rows.group_by(MOMENT).agg(missed_promises=pl.len())


def _answers(surveys: pl.LazyFrame, windows: _Windows, rule: FeatureRule) -> list[pl.LazyFrame]:
    names = surveys.collect_schema().names()
    return [_last(surveys, score, windows, rule) for score in ("nps", "csat") if score in names]


def _last(surveys: pl.LazyFrame, score: str, windows: _Windows, rule: FeatureRule) -> pl.LazyFrame:
    """The latest answer; of two answers on one day the lower, whatever the order of the rows."""
    given = surveys.filter(pl.col(score).is_not_null())
    by_day = given.group_by("customer_id", "answered_on").agg(pl.col(score).min())
    rows = windows.rows(by_day, "answered_on", rule.survey_days)
    latest = rows.group_by(MOMENT).agg(answered_on=pl.col("answered_on").max())
    last = latest.join(by_day, on=["customer_id", "answered_on"], validate="m:1")
    return last.select(*MOMENT, pl.col(score).alias(f"last_{score}"))
