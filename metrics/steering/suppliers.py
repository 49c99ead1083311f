"""Suppliers by their yearly appraisal, and the last fifth that is to be replaced."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.calendar import shift_months
from metrics.measure import count, ratio
from metrics.rules import load

MARKS = ("capability", "performance", "risk")


def suppliers(rows: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Every supplier of the last appraisal, the worst first, with their place.

    The total is the weighted mean of the three marks, of `suppliers.weights` of the rules (the plan
    gives none: equal); it is null if one is not known. Of n suppliers with a total the last
    ⌊n × 0.2⌋ are to go, so with fewer than five nobody is; of equals at the cut none is, because
    nothing but chance would choose. Who was replaced after the appraisal stays in its count.

    Args:
        rows: Contract table supplier_scores.
        as_of: Last day of the data.

    Returns:
        One row per supplier still worked with, or replaced since their last appraisal in the last
        twelve months: supplier, service, scored_on, capability, performance, risk, total, before
        (total of the appraisal before), bottom (among the last fifth), replaced (by as_of), to_go
        (bottom, still worked with), due (still worked with, appraised more than a year ago).
    """
    rule = load("programme")["suppliers"]
    weights: dict[str, float] = {name: rule["weights"][name] for name in MARKS}
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in MARKS)
    total = pl.sum_horizontal(pl.col(name) * weight for name, weight in weights.items())
    fresh = pl.col("scored_on") > shift_months(as_of, -rule["months"])
    latest = (
        rows.filter(pl.col("scored_on") <= as_of, pl.col("supplier").is_not_null())
        .with_columns(
            total=pl.when(known).then(total / sum(weights.values())),
            replaced=(pl.col("replaced_on") <= as_of).fill_null(value=False),
        )
        .sort("supplier", "scored_on", "score_id")
        .group_by("supplier", maintain_order=True)
        .agg(
            pl.col("service", "scored_on", *MARKS, "total").last(),
            before=pl.col("total").shift().last(),
            replaced=pl.col("replaced").any(),
        )
        .filter(fresh | ~pl.col("replaced"))
    )
    judged = pl.when(fresh).then("total")
    # equals all have the largest of their places from below: none is among the last by chance
    bottom = judged.rank("max") <= (judged.count() * rule["bottom"] + _SLACK).floor()
    going = pl.col("bottom") & ~pl.col("replaced")
    return (
        latest.with_columns(bottom=bottom.fill_null(value=False), due=~fresh & ~pl.col("replaced"))
        .with_columns(to_go=going)
        .sort("total", "supplier", nulls_last=True)
        .select(
            *("supplier", "service", "scored_on", *MARKS, "total", "before", "bottom"),
            *("replaced", "to_go", "due"),
        )
    )


_SLACK = 1e-9  # 0.2 × 15 is a little less than 3 in binary


def totals(suppliers: pl.LazyFrame) -> pl.LazyFrame:
    """Suppliers in one row.

    Returns:
        working (not replaced), scored (of these, in the last year), scored_share, judged (with a
        total of the last year, those replaced since too), bottom, to_go.
    """
    working = ~pl.col("replaced")
    return suppliers.select(
        working=count(working),
        scored=count(working & ~pl.col("due")),
        judged=count(~pl.col("due") & pl.col("total").is_not_null()),
        bottom=count(pl.col("bottom")),
        to_go=count(pl.col("to_go")),
    ).with_columns(scored_share=ratio(pl.col("scored"), pl.col("working")))
