"""Who watches a budget: versions, blocks against lines, inquiries, approvals, votes."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from metrics.calendar import Grain, bucket
from metrics.measure import ratio
from metrics.rules import load


def revised(lines: pl.LazyFrame, revisions: pl.LazyFrame, version: int) -> pl.LazyFrame:
    """The lines as a version of the budget has them.

    Each line has the amount of the last version up to the asked one that names it, else its
    original one. Version 1 is the original.

    Args:
        lines: Contract table budget_lines.
        revisions: Contract table budget_revisions.
        version: The version asked for.
    """
    named = (
        revisions.filter(pl.col("version") <= version)
        .sort("line_id", "version", "approved_on", "revision_id")
        .unique("line_id", keep="last")
        .select("line_id", _revised="planned")
    )
    return (
        lines.join(named, on="line_id", how="left", validate="m:1", maintain_order="left")
        .with_columns(planned=pl.coalesce("_revised", "planned"))
        .drop("_revised")
    )


def versions(lines: pl.LazyFrame, revisions: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The versions of each budget after the original one.

    Args:
        lines: Contract table budget_lines.
        revisions: Contract table budget_revisions.
        as_of: Later approvals are not known yet.

    Returns:
        One row per budget × version, sorted: budget_id, version, approved_on (of its first
        change), lines (how many it changed).
    """
    known = lines.select("line_id", "budget_id")
    return (
        revisions.filter(pl.col("approved_on") <= as_of)
        .join(known, on="line_id", how="inner", validate="m:1")
        .group_by("budget_id", "version")
        .agg(approved_on=pl.col("approved_on").min(), lines=pl.col("line_id").n_unique())
        .with_columns(pl.col("lines").cast(pl.Int64))
        .sort("budget_id", "version")
    )


def block_check(sums: pl.DataFrame) -> pl.DataFrame:
    """Whether the lines of each subject add up to what was approved for it.

    Args:
        sums: subject, approved, planned (what the lines add up to).

    Returns:
        The same, with over (planned - approved), over_share (of what was approved; null without
        approval) and state: 'fits' (within the tolerance of `budget.toml`), 'exceeds', 'short'.
        Source: S3 5.1, whose own lines exceed two of its blocks.
    """
    over = pl.col("planned") - pl.col("approved")
    allowed = pl.col("approved") * load("budget")["tolerance"]
    state = pl.when(over.abs() <= allowed).then(pl.lit("fits"))
    state = state.when(over > 0).then(pl.lit("exceeds")).otherwise(pl.lit("short"))
    return sums.with_columns(over=over, over_share=ratio(over, pl.col("approved")), state=state)


def with_inquiry(
    rows: pl.DataFrame, investigations: pl.DataFrame, *, since: date, as_of: date
) -> pl.DataFrame:
    """What lies too far from expectation, with the inquiry into it.

    An inquiry belongs to a row of its subject, and of its item unless it is about the whole
    subject; it counts if it runs or was closed since a day. Of several the last opened one is told.

    Args:
        rows: subject, item (null: the whole subject) and anything else.
        investigations: Those of one budget about one matter: subject, item, opened_on, closed_on,
            responsible, finding.
        since: First day of the budget year.
        as_of: Last day of the data.

    Returns:
        The rows with inquiry ('open', 'closed' or 'none'), opened_on, closed_on, responsible,
        finding (untrusted text); in their order. Source: S3 5.4.
    """
    closed = pl.col("closed_on").fill_null(pl.date(9999, 12, 31))
    known = investigations.filter(pl.col("opened_on") <= as_of, closed >= since)
    told = ("opened_on", "closed_on", "responsible", "finding")
    numbered = rows.with_row_index("_row")
    found = (
        numbered.select("_row", "subject", "item")
        .join(known, on="subject", how="inner", suffix="_of")
        .filter(pl.col("item_of").is_null() | (pl.col("item_of") == pl.col("item")))
        .sort("_row", "opened_on", "investigation_id")
        .unique("_row", keep="last")
        .select("_row", *told)
    )
    over = (pl.col("closed_on") <= as_of).fill_null(value=False)
    state = pl.when(pl.col("opened_on").is_null()).then(pl.lit("none"))
    state = state.when(over).then(pl.lit("closed")).otherwise(pl.lit("open"))
    return (
        numbered.join(found, on="_row", how="left", validate="1:1", maintain_order="left")
        .with_columns(inquiry=state)
        .drop("_row")
    )


def approvals(expenses: pl.LazyFrame, *, money_scale: int) -> pl.LazyFrame:
    """Whether each expense was approved at the level that the rules ask for.

    Spending of a month needs the lowest level until it reaches the month's limit, in the order of
    its days; what goes beyond, and every expense of the committee's subjects, needs the highest.
    These subjects do not use up the limit: it is one of daily operations. A level that the rules
    do not name is below all of them; an expense without any is not judged.

    Args:
        expenses: expense_id, budget_id, subject, spent_on, amount, approved_by.
        money_scale: Amounts are in 10**-money_scale of a unit.

    Returns:
        The expenses with month, running (operating money of the month so far, this one included),
        required (a level), right (Boolean, null: nobody recorded); sorted by spent_on, expense_id.
        Source: S3 5.4.
    """
    rules: dict[str, Any] = load("budget")["approval"]
    levels: list[str] = rules["levels"]
    limit = rules["month_limit"] * 10**money_scale
    committee = pl.col("subject").is_in(rules["committee_subjects"]).fill_null(value=False)
    daily = pl.when(committee).then(0).otherwise(pl.col("amount"))
    beyond = committee | (pl.col("running") > limit)
    rank = dict(zip(levels, range(len(levels)), strict=True))
    level = pl.col("approved_by").replace_strict(rank, default=-1, return_dtype=pl.Int64)
    needed = pl.when(beyond).then(len(levels) - 1).otherwise(0)
    return (
        expenses.sort("spent_on", "expense_id")
        .with_columns(month=bucket(pl.col("spent_on"), Grain.MONTH))
        .with_columns(running=daily.cum_sum().over("budget_id", "month"))
        .with_columns(
            required=pl.when(beyond).then(pl.lit(levels[-1])).otherwise(pl.lit(levels[0])),
            right=pl.when(pl.col("approved_by").is_not_null()).then(level >= needed),
        )
    )


def weighed(decisions: pl.LazyFrame) -> pl.LazyFrame:
    """The committee's decisions, with the weight of those who agreed.

    Approved by the weights is what gets more than the majority; who did not vote did not agree.

    Args:
        decisions: Contract table budget_decisions.

    Returns:
        The decisions with yes (0 to 1), by_weights (Boolean) and right (whether it was decided so;
        null where the outcome is not recorded); the latest first. Source: S3 5.4.
    """
    rules: dict[str, Any] = load("budget")["committee"]
    yes = pl.sum_horizontal(
        pl.col(name).fill_null(value=False).cast(pl.Float64) * weight
        for name, weight in rules["weights"].items()
    ).round(6)
    passed = pl.col("yes") > rules["majority"]
    return (
        decisions.with_columns(yes=yes)
        .with_columns(by_weights=passed, right=pl.col("approved") == passed)
        .sort("decided_on", "decision_id", descending=[True, False])
    )
