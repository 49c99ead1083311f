"""Who left more often: after a broken promise or a complaint, beside others with a ticket.

An association, never a cause: whoever is about to leave may complain because of that. A customer is
looked at from the day of a ticket on, by what was known on it, beside others with a ticket: those
without any differ in more than the service. What comes after the ticket (silence, fewer orders) is
what it may have led to, so none of it is held equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
import polars as pl

from metrics.churn.contracts import IN_FORCE
from metrics.churn.features import features
from metrics.churn.guard import FitRefusedError
from metrics.churn.landmarks import first_purchase, sample
from metrics.churn.outcomes import churned_on
from metrics.churn.purchases import Buyers, buyers_of, mean_gaps
from metrics.churn.rhythm import Definition, with_rhythm
from metrics.churn.tables import CrmTables
from metrics.customer_days import as_dates, ints
from metrics.intervals import Z95
from metrics.numbering import places
from metrics.rules import load

EXPOSURES = ("missed", "complaint")
_BESIDE = (  # what is known of a customer on the day, so that like is compared with like
    *("overdue", "log_usual_gap", "log_frequency", "log_basket", "log_tenure", "single_purchase"),
    "order_trend",
)
_SCHEMA = {
    "exposure": pl.String,
    "ratio": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "exposed": pl.Int64,
    "exposed_left": pl.Int64,
    "others": pl.Int64,
    "others_left": pl.Int64,
    "days": pl.Int64,
    "until": pl.Date,
    "refused": pl.String,
}


@dataclass(frozen=True, slots=True)
class StayingRule:
    """Length and number of the stretches, bounds of the strata, and the size of the sample."""

    follow_days: int
    count: int
    bands: tuple[float, ...]
    sample_customers: int

    @classmethod
    def standard(cls) -> Self:
        """From `rules/sla.toml`."""
        rules = dict(load("sla")["staying"])
        bands = tuple(rules.pop("bands"))
        return cls(bands=bands, **rules)


def staying(tables: CrmTables, *, as_of: date, rule: StayingRule | None = None) -> pl.DataFrame:
    """How many times as often customers left after a broken promise, or a complaint (mart).

    Hazard ratio of a Cox model of leaving within 90 days of a ticket, stratified by the silence
    before it, beside rhythm, spending and tenure. Left: bought for the last time before a silence
    that reached the threshold; it is dated by that purchase, or by the ticket if there was none
    since. Only tickets old enough for every threshold to have been reached: none is censored
    because it is recent. Of each customer at most one ticket in a stretch of 90 days, and none in
    the 90 days after it, so that windows do not overlap. Customers under contract are left out:
    they do not leave by silence. On a sample of 100,000 customers 6 s of processor time, whatever
    the size of the company.

    Args:
        tables: The CRM.
        as_of: Last day of the data, inclusive.
        rule: Windows and sample.

    Returns:
        One row per exposure (missed, complaint): exposure, ratio, low, high (95 %; null if
        refused), exposed, exposed_left (tickets with it, and whose customers left), others,
        others_left (without it), days (of the follow-up), until (last day of a ticket), refused
        (why there is no ratio, a code; else null).
    """
    rule = rule or StayingRule.standard()
    if tables.tickets is None or tables.missed is None:
        return _refused("no_table", rule)
    some = sample(tables, rule.sample_customers).loaded()
    ends = stretches(first_purchase(some.purchases()), as_of=as_of, rule=rule)
    if not ends:
        return _refused("no_landmarks", rule)
    return compared(asked(some, ends, as_of=as_of, rule=rule), rule, until=ends[-1])


def stretches(first_on: date | None, *, as_of: date, rule: StayingRule) -> list[date]:
    """The last days of the stretches with tickets, ascending.

    After the last of them every silence that began within the follow-up can have reached the
    longest threshold; before the first there is as much history as a stretch is long.
    """
    if first_on is None:
        return []
    last = as_of - timedelta(days=rule.follow_days + Definition.standard().cap_days)
    step = 2 * rule.follow_days
    ends = [last - timedelta(days=step * n) for n in range(rule.count - 1, -1, -1)]
    return [end for end in ends if (end - first_on).days >= step]


def asked(tables: CrmTables, ends: list[date], *, as_of: date, rule: StayingRule) -> pl.DataFrame:
    """The first ticket of each customer in each stretch, and whether the customer then left.

    Returns:
        One row per customer and stretch, sorted: customer_id, as_of (the day of the ticket), the
        features of `_BESIDE`, missed, complaint (Float64: 1 if a promise to one of the tickets of
        the day was broken, or one is a complaint), duration (1 to 90 days), event (Int8: left).
    """
    assert tables.tickets is not None
    assert tables.missed is not None
    first = _first_tickets(tables.tickets, ends, rule)
    broken = tables.missed.select("customer_id", as_of=_day(tables.missed)).unique()
    ranges = buyers_of(tables, as_of)
    means = mean_gaps(ranges, ends)
    known = pl.concat(_with_rhythm(buyers, first, means) for buyers in ranges)
    if known.is_empty():
        return known
    told = features(tables, known.lazy()).join(
        broken.with_columns(missed=pl.lit(1.0)),
        on=["customer_id", "as_of"],
        how="left",
        validate="m:1",
    )
    rows = told.with_columns(pl.col("missed").fill_null(0.0)).sort("customer_id", "as_of").collect()
    return rows.with_columns(**_outcome(tables, rows, rule))


def _day(rows: pl.LazyFrame) -> str:
    return "created_on" if "created_on" in rows.collect_schema().names() else "missed_on"


def _first_tickets(tickets: pl.LazyFrame, ends: list[date], rule: StayingRule) -> pl.DataFrame:
    day, length = pl.col("created_on"), timedelta(days=rule.follow_days)
    stretch = pl.coalesce(pl.when(day > end - length, day <= end).then(pl.lit(end)) for end in ends)
    rows = tickets.with_columns(end=stretch).drop_nulls(["customer_id", "end"])
    complaint = pl.col("complaint").fill_null(value=False).cast(pl.Float64).max()
    by_day = rows.group_by("customer_id", "end", as_of=day).agg(complaint=complaint)
    return by_day.filter(
        pl.col("as_of") == pl.col("as_of").min().over("customer_id", "end")
    ).collect()


def _with_rhythm(
    buyers: Buyers, tickets: pl.DataFrame, means: dict[date, float | None]
) -> pl.DataFrame:
    """The tickets of these customers who were there, with the rhythm of their purchases by then."""
    rows = tickets.with_columns(place=places(tickets["customer_id"], buyers.ids)).drop_nulls(
        "place"
    )
    who, day = ints(rows["place"]), ints(rows["as_of"])
    ever = buyers.bought.until(who, day)
    nothing = {name: pl.lit(None, kind) for name, kind in IN_FORCE.items()}
    contracts = nothing if buyers.contracts is None else buyers.contracts.at(who, day)
    habits = rows.drop("place").with_columns(
        purchase_days=pl.Series(ever.count().astype(np.uint32)),
        first_on=as_dates(buyers.bought.first_day(ever, day)),
        last_on=as_dates(buyers.bought.last_day(ever, day)),
        **contracts,
    )
    mean = pl.col("end").replace_strict(means, return_dtype=pl.Float64)
    free = pl.col("contract_days").is_null() & pl.col("contract_ended_on").is_null()
    bought = habits.filter(pl.col("purchase_days") > 0, free).lazy()
    told = with_rhythm(bought, mean, as_of=pl.col("as_of"), definition=Definition.standard())
    there = pl.col("usual_gap_days").is_not_null() & ~pl.col("churned")
    return (
        told.filter(there).drop(name for name in IN_FORCE if name != "contract_ended_on").collect()
    )


def _outcome(tables: CrmTables, rows: pl.DataFrame, rule: StayingRule) -> dict[str, pl.Expr]:
    """Left: the silence that reached the threshold began within the follow-up."""
    purchases = tables.purchases().collect()
    moments = rows.select("customer_id", "last_on", "tau_days", landmark_on="as_of")
    longest = rule.follow_days + Definition.standard().cap_days
    silent_on = pl.lit(churned_on(purchases, moments, within=longest))
    last = (silent_on - pl.col("as_of")).dt.total_days() - pl.col("tau_days")
    left = (last <= rule.follow_days).fill_null(value=False)
    return {
        "duration": pl.when(left).then(last).otherwise(rule.follow_days).clip(1).cast(pl.Int32),
        "event": left.cast(pl.Int8),
    }


def compared(rows: pl.DataFrame, rule: StayingRule, *, until: date) -> pl.DataFrame:
    """The hazard ratios of the rows of `asked`; see `staying`."""
    from metrics.churn.fit import coefficients  # with lifelines, 90 MB that no page needs

    if rows.is_empty():
        return _refused("no_events", rule)
    columns = (*EXPOSURES, *(name for name in _BESIDE if name in rows.columns))
    band = pl.sum_horizontal(pl.col("overdue") >= cut for cut in rule.bands).cast(pl.Int8)
    design = rows.select(*columns, "duration", "event", band=band)
    try:
        found = coefficients(design, columns)
    except FitRefusedError as refused:
        return _refused(refused.reason, rule)
    told = pl.concat(_row(name, rows, rule, found.get(name)) for name in EXPOSURES)
    return told.with_columns(until=pl.lit(until))


def _row(
    name: str, rows: pl.DataFrame, rule: StayingRule, effect: tuple[float, float] | None
) -> pl.DataFrame:
    sides = (rows.filter(pl.col(name) > 0), rows.filter(pl.col(name) <= 0))
    counts = [number for side in sides for number in (side.height, int(side["event"].sum()))]
    ratio = low = high = None
    if effect is not None:
        beta, error = effect
        ratio, low, high = (float(np.exp(beta + z * error)) for z in (0, -Z95, Z95))
    refused = "constant" if effect is None else None
    values = (name, ratio, low, high, *counts, rule.follow_days, None, refused)
    return pl.DataFrame([values], schema=_SCHEMA, orient="row")


def _refused(reason: str, rule: StayingRule) -> pl.DataFrame:
    nothing = dict.fromkeys(_SCHEMA)
    rows = [
        {**nothing, "exposure": name, "days": rule.follow_days, "refused": reason}
        for name in EXPOSURES
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)
