"""Early warnings of customers at the close of a day: red, yellow or blue, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl

from metrics.churn.events import FeatureRule
from metrics.churn.signals import Signal, Truths, began, signals
from metrics.churn.tables import CrmTables
from metrics.customer_days import Ints, as_dates, ints
from metrics.numbering import places
from metrics.rules import load

LEVELS = ("red", "yellow", "blue")
"""The strongest first."""
_AT_ONCE = 100_000  # moments in memory at a time


def warnings(tables: CrmTables, moments: pl.DataFrame) -> pl.DataFrame:
    """The warnings of customers at the close of a day, from what was known then (S3 4.4).

    Red: at least 3 contacts of ours in a row without an answer within 72 h. Yellow: activity of
    the last 30 days down by half or more on the 30 before, of at least 4. Blue: fewer orders in
    the last 90 days than in the 90 before. All in `rules/warnings.toml`; what counts as activity
    is said in `signals`. The levels stand for different signals; the level is that of the
    strongest that holds. To be asked of who can still leave: there is nothing to warn of with
    those who have, and those who never bought cannot.

    Today and any day of the past are asked the same way. The cost is one sort of a year's events
    and some look-ups a moment: for 2 million customers with 41M orders and 41M contacts see
    ARCHITECTURE.md.

    Args:
        tables: The CRM.
        moments: customer_id and as_of; a customer may be asked about on several days.

    Returns:
        The moments in their order, with warning (red, yellow, blue or null), warned_on (the first
        of the days without a gap on which the rule of the level has held; at most 180 days back)
        and warning_rules (all that hold, the strongest first; empty if none does).
    """
    first = moments["as_of"].min()
    if isinstance(first, date):
        tables = tables.after(first - timedelta(days=_longest_days()))
    tables = tables.loaded()
    rows = moments.with_row_index("_row").sort("customer_id", maintain_order=True)
    parts = list(rows.iter_slices(_AT_ONCE)) or [rows]
    return pl.concat(_told(tables, part) for part in parts).sort("_row").drop("_row")


def warnings_today(tables: CrmTables, customers: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """The `warnings` of everybody who can leave: who has bought and does not count as churned.

    Args:
        tables: The CRM.
        customers: Of `customer_risk`.
        as_of: Last day of the data, inclusive.

    Returns:
        One row for each of them, unordered: customer_id, warning, warned_on, warning_rules.
    """
    can_leave = customers.filter(~pl.col("churned")).select("customer_id", as_of=pl.lit(as_of))
    return warnings(tables, can_leave).drop("as_of")


def switched_off(tables: CrmTables) -> tuple[str, ...]:
    """The levels whose rule cannot be asked, for want of the tables or columns it needs."""
    present, _ = tables.without_empty()
    return () if present.records_answers() else ("red",)


def _longest_days() -> int:
    """Events that are as old as this say nothing of a day, nor of the days it looks back on."""
    rules, windows = load("warnings"), FeatureRule.standard()
    contacts = windows.contact_days + windows.answer_days
    falls = (2 * rules[level]["days"] + windows.answer_days for level in ("yellow", "blue"))
    return max(contacts, *falls) + rules["since"]["look_back_days"] + 1


def _told(tables: CrmTables, moments: pl.DataFrame) -> pl.DataFrame:
    """The `warnings` of moments in the order of their customers."""
    ids = moments["customer_id"].unique(maintain_order=True)
    near = tables.where(pl.col("customer_id").is_between(pl.lit(ids.min()), pl.lit(ids.max())))
    who, day = ints(places(moments["customer_id"], ids)), ints(moments["as_of"])
    rules = load("warnings")
    asked = signals(near.numbered(ids), rules)
    holds = {level: signal.holds(who, day) for level, signal in asked.items()}
    flags = [pl.when(pl.Series(holds[level])).then(pl.lit(level)) for level in holds]
    told = moments.with_columns(warning_rules=pl.concat_list(flags).list.drop_nulls())
    since = _since(asked, holds, who, day, look_back=rules["since"]["look_back_days"])
    warned = pl.col("warning_rules").list.len() > 0
    return told.select(
        *moments.columns,
        warning=pl.col("warning_rules").list.first(),
        warned_on=pl.when(warned).then(as_dates(since)),
        warning_rules="warning_rules",
    )


def _since(
    asked: Mapping[str, Signal], holds: Mapping[str, Truths], who: Ints, day: Ints, look_back: int
) -> Ints:
    """Since when the strongest rule that holds has held; the day itself where none does."""
    since, waiting = day.copy(), np.full(len(day), fill_value=True)
    for level, signal in asked.items():
        first = holds[level] & waiting
        since[first] = began(signal, who[first], day[first], look_back=look_back)
        waiting &= ~first
    return since
