"""What is known about a customer at the close of a day: the drivers of the churn model.

Everything here reads only rows of days up to and including that day, so the same function serves
training (at each landmark) and scoring (today).
"""

from __future__ import annotations

import polars as pl

from metrics.churn.events import FeatureRule, event_columns
from metrics.churn.tables import CrmTables
from metrics.measure import ratio
from metrics.nps import DETRACTOR, PROMOTER, is_in

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
CONTRACT_DRIVERS = {  # of customers under contract; their tenure is the stratum
    "log_monthly_amount": "contract_value",
    **{
        name: driver
        for name, driver in DRIVERS.items()
        if driver
        in {
            "frequency",
            "unanswered",
            "contacts",
            "complaints",
            "other_tickets",
            "missed_promises",
            "nps",
            "csat",
        }
    },
}
LEVELS = ("segment", "region", "acquisition_channel")  # one feature for each frequent value

_MOST_OVERDUE = 8.0  # usual gaps; beyond, more silence says nothing more
_MOST_COUNTED = 6  # streaks and counts are cut here, so that one extreme customer bends no line


def features(
    tables: CrmTables, moments: pl.LazyFrame, *, rule: FeatureRule | None = None
) -> pl.LazyFrame:
    """Everything the model may know of customers at the close of a day.

    Segment, region and channel are today's: a CRM keeps no history of them. Each table of events
    is put in order once, whatever the number of days.

    Args:
        tables: The CRM.
        moments: One row per customer and day: customer_id, as_of, and as far as they are to be
            told the columns of `rhythm` (null for customers without a purchase), monthly_amount.
        rule: Windows; those of the rules by default.

    Returns:
        The moments of customers not deleted by then, unordered, with the columns of `DRIVERS` and
        `CONTRACT_DRIVERS` whose tables exist (Float64, never null for customers silent for less
        than a year, or under contract), the
        raw columns of `LEVELS`, unanswered_streak if the CRM records contacts, and revenue_365
        (minor units, returns deducted; 0 without orders).
    """
    rule = rule or FeatureRule.standard()
    rows = present(moments, tables.customers).collect(engine="streaming")
    known = rows.with_columns(**event_columns(tables, rows, rule))
    return _finish(known.lazy(), rule)


def present(moments: pl.LazyFrame, customers: pl.LazyFrame) -> pl.LazyFrame:
    """The moments of customers not deleted by then, with today's `LEVELS`, as far as present."""
    names = customers.collect_schema().names()
    known = customers.select(
        "customer_id", *(name for name in (*LEVELS, "deleted_on") if name in names)
    )
    rows = moments.join(known, on="customer_id", validate="m:1")
    if "deleted_on" not in names:
        return rows
    gone = (pl.col("deleted_on") <= pl.col("as_of")).fill_null(value=False)
    return rows.filter(~gone).drop("deleted_on")


def _finish(frame: pl.LazyFrame, rule: FeatureRule) -> pl.LazyFrame:
    names = frame.collect_schema().names()
    tenure = pl.col("silent_days") + (pl.col("last_on") - pl.col("first_on")).dt.total_days()
    orders, recent = pl.col("_orders"), pl.col("_recent")
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
        "log_contacts": (pl.col("log_contacts") + 1).log(),
        "complaints": _cut("complaints"),
        "other_tickets": _cut("other_tickets"),
        "missed_promises": _cut("missed_promises"),
        "nps_detractor": _flag(is_in(DETRACTOR, pl.col("last_nps"))),
        "nps_promoter": _flag(is_in(PROMOTER, pl.col("last_nps"))),
        "csat_low": _flag(pl.col("last_csat") <= 2),
        "log_monthly_amount": (pl.col("monthly_amount").clip(lower_bound=0) + 1).log(),
    }
    present = {
        name: expression
        for name, expression in made.items()
        if set(expression.meta.root_names()) <= set(names)
    }
    return frame.with_columns(**present).drop("_bought", "_orders", "_recent")


def _flag(holds: pl.Expr) -> pl.Expr:
    return holds.fill_null(value=False).cast(pl.Float64)


def _cut(column: str) -> pl.Expr:
    return pl.col(column).fill_null(0).clip(0, _MOST_COUNTED).cast(pl.Float64)
