"""What is known about a customer at the close of a day: the drivers of the churn model.

Everything here reads only rows of days up to and including that day, so the same function serves
training (at each landmark) and scoring (today).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import polars as pl

from metrics.churn.rhythm import Definition, rhythm
from metrics.churn.tables import CrmTables
from metrics.measure import ratio
from metrics.nps import DETRACTOR, PROMOTER, is_in
from metrics.revenue import earns, is_purchase
from metrics.rules import load

# Feature to the driver it belongs to; several features may speak for one driver. In this order:
# of features that say the same, the later one is dropped.
DRIVERS = {
    "overdue": "silence",
    "log_frequency": "frequency",
    "log_usual_gap": "usual_gap",
    "single_purchase": "single_purchase",
    "log_basket": "basket",
    "order_trend": "order_trend",
    "log_tenure": "tenure",
    "unanswered": "unanswered",
    "log_contacts": "contacts",
    "complaints": "complaints",
    "other_tickets": "other_tickets",
    "missed_promises": "missed_promises",
    "nps_detractor": "nps",
    "nps_promoter": "nps",
    "csat_low": "csat",
}
LEVELS = ("segment", "region", "acquisition_channel")  # one feature for each frequent value

_MOST_OVERDUE = 8.0  # usual gaps; beyond, more silence says nothing more
_MOST_COUNTED = 6  # streaks and counts are cut here, so that one extreme customer bends no line


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


def features(
    tables: CrmTables, *, as_of: date, definition: Definition, rule: FeatureRule | None = None
) -> pl.LazyFrame:
    """Everything the model may know of a customer at the close of `as_of`.

    Customers deleted by then and customers without a purchase are not here. Segment, region and
    channel are today's: a CRM keeps no history of them.

    Returns:
        One row per customer, unordered: the columns of `rhythm`, the columns of `DRIVERS` whose
        tables exist (Float64, never null for customers silent for less than a year), the raw
        columns of `LEVELS`, and revenue_365 (minor units, returns deducted).
    """
    rule = rule or FeatureRule.standard()
    buyers = rhythm(tables.orders, as_of=as_of, definition=definition)
    frame = _customers(tables.customers, as_of).join(
        buyers, on="customer_id", how="inner", validate="1:1"
    )
    for part in _parts(tables, as_of, rule):
        frame = frame.join(part, on="customer_id", how="left", validate="1:1")
    return _finish(frame, rule)


def _customers(customers: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    names = customers.collect_schema().names()
    if "deleted_on" in names:
        gone = (pl.col("deleted_on") <= as_of).fill_null(value=False)
        customers = customers.filter(~gone)
    return customers.select("customer_id", *[name for name in LEVELS if name in names])


def _parts(tables: CrmTables, as_of: date, rule: FeatureRule) -> list[pl.LazyFrame]:
    recent = as_of - timedelta(days=rule.recent_days)
    parts = [_spending(tables.orders, as_of, recent)]
    if tables.interactions is not None:
        parts.append(_contacts(tables.interactions, as_of, recent))
        parts.append(unanswered(tables.interactions, as_of=as_of, rule=rule))
    if tables.tickets is not None:
        parts.append(_tickets(tables.tickets, as_of, recent))
    if tables.missed is not None:
        parts.append(_missed(tables.missed, as_of, recent, rule))
    if tables.survey_responses is not None:
        parts += _answers(tables.survey_responses, as_of, rule)
    return parts


def _spending(orders: pl.LazyFrame, as_of: date, recent: date) -> pl.LazyFrame:
    bought = is_purchase()
    known = pl.col("customer_id").is_not_null()
    year = orders.filter(earns() & known & _within("ordered_on", as_of, 365))
    return year.group_by("customer_id").agg(
        revenue_365=pl.col("amount").sum(),
        _bought=(pl.col("amount") * bought).sum(),
        _orders=bought.cast(pl.Int64).sum(),
        _recent=(bought & (pl.col("ordered_on") > recent)).cast(pl.Int64).sum(),
    )


def _within(day: str, as_of: date, days: int) -> pl.Expr:
    return (pl.col(day) <= as_of) & (pl.col(day) > as_of - timedelta(days=days))


def _contacts(interactions: pl.LazyFrame, as_of: date, recent: date) -> pl.LazyFrame:
    day = pl.col("occurred_on")
    rows = interactions.filter((day <= as_of) & (day > recent))
    return _count(rows, log_contacts=pl.len())


def unanswered(interactions: pl.LazyFrame, *, as_of: date, rule: FeatureRule) -> pl.LazyFrame:
    """Outbound contacts without an answer since the customer was last heard.

    Counted within `contact_days`; contacts of the last `answer_days` are not judged, because
    their answer may still come and could not have been known. An inbound contact is an answer;
    a contact whose outcome was not recorded is neither.

    Returns:
        One row per customer with such contacts: customer_id, unanswered_streak (UInt32).
    """
    if "responded" not in interactions.collect_schema().names():
        return pl.LazyFrame(schema={"customer_id": pl.String, "unanswered_streak": pl.UInt32})
    inbound = pl.col("direction") == "inbound"
    judged = pl.col("occurred_on") <= as_of - timedelta(days=rule.answer_days)
    rows = interactions.filter(
        _within("occurred_on", as_of, rule.contact_days) & pl.col("customer_id").is_not_null()
    ).select(
        "customer_id",
        heard_on=pl.when(inbound | (pl.col("responded") & judged)).then("occurred_on"),
        missed_on=pl.when(~inbound & ~pl.col("responded") & judged).then("occurred_on"),
    )
    heard = rows.group_by("customer_id").agg(last_heard_on=pl.col("heard_on").max())
    since = pl.col("last_heard_on").is_null() | (pl.col("missed_on") > pl.col("last_heard_on"))
    return (
        rows.filter(pl.col("missed_on").is_not_null())
        .join(heard, on="customer_id", how="left", validate="m:1")
        .filter(since)
        .group_by("customer_id")
        .agg(unanswered_streak=pl.len())
    )


def _tickets(tickets: pl.LazyFrame, as_of: date, recent: date) -> pl.LazyFrame:
    day, complaint = pl.col("created_on"), pl.col("kind") == "complaint"
    rows = tickets.filter((day <= as_of) & (day > recent))
    return _count(rows, complaints=complaint.sum(), other_tickets=(~complaint).sum())


def _missed(missed: pl.LazyFrame, as_of: date, recent: date, rule: FeatureRule) -> pl.LazyFrame:
    known = "missed_on" in missed.collect_schema().names()
    wait = timedelta(days=0 if known else rule.answer_days)
    day = pl.col("missed_on" if known else "created_on")
    return _count(
        missed.filter((day <= as_of - wait) & (day > recent - wait)), missed_promises=pl.len()
    )


def _count(rows: pl.LazyFrame, **counts: pl.Expr) -> pl.LazyFrame:
    return rows.filter(pl.col("customer_id").is_not_null()).group_by("customer_id").agg(**counts)


def _answers(surveys: pl.LazyFrame, as_of: date, rule: FeatureRule) -> list[pl.LazyFrame]:
    names = surveys.collect_schema().names()
    recent = surveys.filter(
        _within("answered_on", as_of, rule.survey_days) & pl.col("customer_id").is_not_null()
    )
    parts: list[pl.LazyFrame] = []
    for score in ("nps", "csat"):
        if score in names:
            # Of two answers on one day the lower counts, whatever the order of the rows.
            last = pl.col(score).sort_by("answered_on", -pl.col(score).cast(pl.Int32)).last()
            answered = recent.filter(pl.col(score).is_not_null())
            parts.append(answered.group_by("customer_id").agg(last.alias(f"last_{score}")))
    return parts


def _finish(frame: pl.LazyFrame, rule: FeatureRule) -> pl.LazyFrame:
    names = frame.collect_schema().names()
    tenure = pl.col("silent_days") + (pl.col("last_on") - pl.col("first_on")).dt.total_days()
    orders, recent = pl.col("_orders").fill_null(0), pl.col("_recent").fill_null(0)
    expected = ratio(orders.cast(pl.Float64) * rule.recent_days, tenure.clip(rule.recent_days, 365))
    made: dict[str, pl.Expr] = {
        "overdue": ratio(pl.col("silent_days"), pl.col("usual_gap_days")).clip(0, _MOST_OVERDUE),
        "log_frequency": (orders + 1).log(),
        "log_usual_gap": pl.col("usual_gap_days").log(),
        "single_purchase": _flag(pl.col("purchase_days") == 1),
        "log_basket": (ratio(pl.col("_bought"), pl.col("_orders")) + 1).log(),
        "order_trend": ratio(recent + 0.5, expected + 0.5).log(),
        "log_tenure": (tenure + 1).log(),
        "unanswered": _cut("unanswered_streak"),
        "log_contacts": (pl.col("log_contacts").fill_null(0) + 1).log(),
        "complaints": _cut("complaints"),
        "other_tickets": _cut("other_tickets"),
        "missed_promises": _cut("missed_promises"),
        "nps_detractor": _flag(is_in(DETRACTOR, pl.col("last_nps"))),
        "nps_promoter": _flag(is_in(PROMOTER, pl.col("last_nps"))),
        "csat_low": _flag(pl.col("last_csat") <= 2),
    }
    present = {
        name: expression
        for name, expression in made.items()
        if set(expression.meta.root_names()) <= set(names)
    }
    revenue = pl.col("revenue_365").fill_null(0)
    return frame.with_columns(revenue, **present).drop("_bought", "_orders", "_recent")


def _flag(holds: pl.Expr) -> pl.Expr:
    return holds.fill_null(value=False).cast(pl.Float64)


def _cut(column: str) -> pl.Expr:
    return pl.col(column).fill_null(0).clip(0, _MOST_COUNTED).cast(pl.Float64)
