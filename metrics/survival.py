"""Kaplan–Meier curves by group: how long customers stay, with intervals and numbers at risk.

Works on counts (group, entry, duration, event, customers), so that 2 million customers cost one
group_by. The product limit is written out here because a customer older than the data must not
count as at risk before he could be seen: lifelines takes no entry in its log-rank test and counts
an entry on the day of an event as at risk. Without entries both agree (tested).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from metrics.churn.rhythm import Definition
from metrics.intervals import Z95
from metrics.measure import ratio

_COUNTS = {"entry": pl.Int64, "duration": pl.Int64, "event": pl.Boolean, "customers": pl.Int64}
FEW = 50  # at risk: below, a curve is not to be read


def lifetimes(customers: pl.LazyFrame, *, as_of: date, observed_from: date) -> pl.LazyFrame:
    """How long each customer has stayed, and since when that could be seen.

    A lifetime runs from the first purchase to the day the silence reached its threshold (last
    purchase + tau), or the day the last contract ended without a purchase since; a customer won
    back has one lifetime, ending after the last purchase. It is censored at as_of and at deletion,
    which is not churn; who has no threshold (a contract runs) is still there. A customer older than
    his first known purchase (`origin`) has his observation (entry) begin with it, because until
    then only those who stayed could appear.

    Args:
        customers: One row per customer: first_on, last_on (Date; null: dropped), tau_days;
            contract_ended_on, registered_on and deleted_on where the CRM has them.
        as_of: Last day of the data, inclusive.
        observed_from: First day of the data.

    Returns:
        The same columns, rows with at least a day of observation, plus: entry (days, >= 0),
        duration (days, > entry), event (true: churned by then).
    """
    names = customers.collect_schema().names()
    absent = [
        name for name in ("registered_on", "deleted_on", "contract_ended_on") if name not in names
    ]
    frame = customers.with_columns(pl.lit(None, dtype=pl.Date).alias(name) for name in absent)
    silent_on = pl.col("last_on") + pl.duration(days=pl.col("tau_days"))
    churn_on = pl.coalesce("contract_ended_on", silent_on)
    end = pl.min_horizontal("deleted_on", pl.lit(as_of))
    born = origin(names, observed_from)
    return (
        frame.filter(pl.col("first_on").is_not_null())
        .with_columns(
            entry=(pl.col("first_on") - born).dt.total_days(),
            duration=(pl.min_horizontal(churn_on, end) - born).dt.total_days(),
            event=(churn_on <= end).fill_null(value=False),
        )
        .filter(pl.col("duration") > pl.col("entry"))
        .drop(absent)
    )


def origin(columns: Collection[str], observed_from: date) -> pl.Expr:
    """The day from which a customer's life is counted: the first purchase, or registration.

    Registration where it lies before the data and the first purchase so soon in them that the
    customer cannot have been churned by then: he is older than his first known purchase. Where a
    contract runs there is no threshold, and the longest one counts.

    Args:
        columns: Those of the customers; registered_on may be absent.
        observed_from: First day of the data.
    """
    if "registered_on" not in columns:
        return pl.col("first_on")
    longest = Definition.standard().cap_days
    waited = (pl.col("first_on") - pl.lit(observed_from)).dt.total_days()
    soon = waited < pl.col("tau_days").fill_null(longest)
    older = (pl.col("registered_on") < observed_from) & soon
    return pl.when(older).then("registered_on").otherwise("first_on")


def counts(lifetimes: pl.LazyFrame, group: str) -> pl.LazyFrame:
    """Customers per group, entry, duration and event: all that a curve needs to know.

    Returns:
        group (String, null: unknown), entry, duration, event, customers; sorted.
    """
    return (
        lifetimes.group_by(pl.col(group).alias("group"), "entry", "duration", "event")
        .agg(customers=pl.len().cast(pl.Int64))
        .sort("group", "entry", "duration", "event", nulls_last=True)
    )


def risk_table(lives: pl.DataFrame) -> pl.DataFrame:
    """Events and customers at risk on each day on which something happened.

    At risk on day t: entered before t, not gone before t.

    Returns:
        One row per group and day with an event or an exit, sorted (null group last): group, day,
        events, exits (with events), at_risk.
    """
    event = pl.col("customers") * pl.col("event")
    lives = lives.with_columns(pl.col(name).cast(dtype) for name, dtype in _COUNTS.items())
    exits = lives.group_by("group", day=pl.col("duration")).agg(
        events=event.sum(), exits=pl.col("customers").sum()
    )
    # An entry on day e is at risk from e + 1 on.
    entries = lives.group_by("group", day=pl.col("entry") + 1).agg(
        entries=pl.col("customers").sum()
    )
    flow = exits.join(
        entries, on=["group", "day"], how="full", coalesce=True, nulls_equal=True, validate="1:1"
    ).sort("group", "day", nulls_last=True)
    number = pl.col("events", "exits", "entries").fill_null(0)
    gone = pl.col("exits").cum_sum() - pl.col("exits")
    return (
        flow.with_columns(number)
        .with_columns(at_risk=(pl.col("entries").cum_sum() - gone).over("group"))
        .filter(pl.col("exits") > 0)
        .select("group", "day", "events", "exits", "at_risk")
    )


def kaplan_meier(lives: pl.DataFrame, *, few: int = FEW) -> pl.DataFrame:
    """Share of customers still there after each day, by group, with a 95 % band.

    Product limit with left truncation; band: log-log, from Greenwood's variance. A curve starts on
    its first day with `few` customers at risk (earlier, one departure among three would throw it
    to the floor for good); it then reads "of those still there on that day". Later points with
    fewer at risk are kept and marked.

    Args:
        lives: Rows of `counts`.
        few: Least customers at risk for a curve to start and be read; a group that never has so
            many starts at once, marked throughout.

    Returns:
        One row per group and day with an event or exit, after a first row with survival 1; sorted
        (null group last): group, day (Int64), survival (0..1), low, high (0..1; null before the
        first event and after survival 0), at_risk, events, is_thin (fewer than `few` at risk).
    """
    table = risk_table(lives)
    enough = pl.col("at_risk") >= few
    start = pl.col("day").filter(enough).min().over("group")
    started = table.filter(start.is_null() | (pl.col("day") >= start))
    terms = started.with_columns(
        survival=(1 - ratio(pl.col("events"), pl.col("at_risk"))).cum_prod().over("group"),
        _variance=ratio(
            pl.col("events"), pl.col("at_risk") * (pl.col("at_risk") - pl.col("events"))
        )
        .fill_null(0.0)
        .cum_sum()
        .over("group"),
    )
    log = pl.col("survival").log()
    spread = ratio(Z95 * pl.col("_variance").sqrt(), log.abs()).exp()
    inside = (pl.col("survival") > 0) & (pl.col("survival") < 1)
    curve = terms.with_columns(
        low=pl.when(inside).then((log * spread).exp()),
        high=pl.when(inside).then((log / spread).exp()),
        is_thin=~enough,
    ).drop("exits", "_variance")
    begin = _beginnings(lives, table, curve)
    return (
        pl.concat([begin, curve], how="diagonal")
        .sort("group", "day", nulls_last=True)
        .select("group", "day", "survival", "low", "high", "at_risk", "events", "is_thin")
    )


def _beginnings(lives: pl.DataFrame, table: pl.DataFrame, curve: pl.DataFrame) -> pl.DataFrame:
    """Survival 1 where each curve begins: its first entry, or the day before a late start."""
    entered = lives.group_by("group").agg(_entered=pl.col("entry").min())
    seen = table.group_by("group").agg(_seen=pl.col("day").min())
    first = curve.group_by("group").agg(
        pl.col("day").min(), pl.col("at_risk", "is_thin").sort_by("day").first()
    )
    for part in (entered, seen):
        first = first.join(part, on="group", how="left", nulls_equal=True, validate="1:1")
    late = pl.col("day") > pl.col("_seen")
    return first.with_columns(
        day=pl.when(late).then(pl.col("day") - 1).otherwise("_entered"),
        survival=pl.lit(1.0),
        events=pl.lit(0, dtype=curve.schema["events"]),
    ).drop("_entered", "_seen")


def at_risk(lives: pl.DataFrame, days: list[int]) -> pl.DataFrame:
    """Customers at risk on given days: the row of numbers under a survival chart.

    Returns:
        One row per group and day, sorted (null group last): group, day, at_risk.
    """
    grid = pl.DataFrame({"day": days}, schema={"day": pl.Int64})
    there = (pl.col("entry") < pl.col("day")) & (pl.col("duration") >= pl.col("day"))
    at_start = (pl.col("day") == 0) & (pl.col("entry") == 0)
    return (
        lives.join(grid, how="cross")
        .group_by("group", "day")
        .agg(at_risk=(pl.col("customers") * (there | at_start)).sum())
        .sort("group", "day", nulls_last=True)
    )


def survival_at(curve: pl.DataFrame, days: list[int]) -> pl.DataFrame:
    """The curve read at given days: the last value at or before each.

    Returns:
        One row per group and day, sorted (null group last): group, day, survival, low, high,
        at_risk; null before the curve starts and after its last day.
    """
    values = ["survival", "low", "high", "at_risk"]
    grid = pl.DataFrame({"asked": days}, schema={"asked": pl.Int64})
    groups = curve.group_by("group").agg(_last=pl.col("day").max())
    read = (
        curve.join(grid, how="cross")
        .filter(pl.col("day") <= pl.col("asked"))
        .group_by("group", "asked")
        .agg(pl.col(values).sort_by("day").last())
    )
    return (
        groups.join(grid, how="cross")
        .join(read, on=["group", "asked"], how="left", nulls_equal=True, validate="1:1")
        .select(
            "group",
            pl.col("asked").alias("day"),
            *[
                pl.when(pl.col("asked") <= pl.col("_last")).then(name).alias(name)
                for name in values
            ],
        )
        .sort("group", "day", nulls_last=True)
    )
