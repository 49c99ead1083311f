"""The risk register: expected loss, whether protection pays, what is due for a review."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.measure import count, ratio
from metrics.rules import load


def register(rows: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Every open risk, the largest expected loss first.

    P × L is what the risk costs a year on average; P × L − C says by how much that exceeds what
    protection costs (S3 6.4: above zero, protect more). The plan derives C from P and L in the same
    sentence, which would say nothing; it is taken as what the company writes down.

    Args:
        rows: Contract table risks; probability in per cent, money in minor units.
        as_of: Last day of the data.

    Returns:
        One row per risk that is not closed: risk_id, risk_class, name, code, probability (0 to 1),
        loss, expected (P × L, rounded to the minor unit, half up), measure_cost, gain (P × L − C),
        pays (gain above 0) - null where P, L or C is not known -, response, measure and owner
        (null: none), reviewed_on, review_due_on (`review_months` of the rules later; null: never
        reviewed), overdue (that day is over, or it was never reviewed), overdue_days (null if not
        overdue, or never reviewed).
    """
    months = load("programme")["risks"]["review_months"]
    reviewed = pl.when(pl.col("reviewed_on") <= as_of).then("reviewed_on")
    open_ = pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of)
    chance = pl.col("probability").cast(pl.Int64)
    due = pl.col("review_due_on")
    return (
        rows.filter(open_)
        .with_columns(
            expected=(chance * pl.col("loss") + 50) // 100,
            reviewed_on=reviewed,
            review_due_on=reviewed.dt.offset_by(f"{months}mo"),
            measure=_said("measure"),
            owner=_said("owner"),
        )
        .with_columns(
            gain=pl.col("expected") - pl.col("measure_cost"),
            overdue=due.is_null() | (due < as_of),
        )
        .with_columns(
            pays=pl.col("gain") > 0,
            overdue_days=pl.when(due < as_of).then((pl.lit(as_of) - due).dt.total_days()),
            probability=pl.col("probability") / 100,
        )
        .sort("expected", "risk_id", descending=[True, False], nulls_last=True)
        .select(
            *("risk_id", "risk_class", "name", "code", "probability", "loss", "expected"),
            *("measure_cost", "gain", "pays", "response", "measure", "owner", "reviewed_on"),
            *("review_due_on", "overdue", "overdue_days"),
        )
    )


def _said(name: str) -> pl.Expr:
    """A text, or null where it says nothing."""
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text)


def totals(register: pl.LazyFrame) -> pl.LazyFrame:
    """The register in one row.

    Returns:
        risks, classes (of the rules, with at least one), expected and worth (sums of P × L, and of
        P × L − C where that is above zero; null where none is known), appraised (P and L known),
        judged (C too), pays, planned and planned_share (something is done against it), transferred
        and transferred_share, overdue, unowned.
    """
    rule = load("programme")["risks"]
    known = pl.col("expected").count() > 0
    gain, planned = pl.col("gain"), pl.col("measure").is_not_null()
    moved = pl.col("response") == rule["transfer"]
    classes = pl.col("risk_class").filter(pl.col("risk_class").is_in(rule["classes"]))
    return register.select(
        risks=pl.len().cast(pl.Int64),
        classes=classes.n_unique().cast(pl.Int64),
        appraised=pl.col("expected").count().cast(pl.Int64),
        expected=pl.when(known).then(pl.col("expected").sum()),
        judged=gain.count().cast(pl.Int64),
        pays=count(pl.col("pays")),
        worth=pl.when(gain.count() > 0).then(gain.filter(gain > 0).sum()),
        planned=count(planned),
        transferred=count(moved),
        overdue=count(pl.col("overdue")),
        unowned=count(pl.col("owner").is_null()),
    ).with_columns(
        planned_share=ratio(pl.col("planned"), pl.col("risks")),
        transferred_share=ratio(pl.col("transferred"), pl.col("risks")),
    )
