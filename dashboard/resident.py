"""What of a snapshot is held in memory, and how: text of few values as numbers."""

from __future__ import annotations

import polars as pl

from metrics.selection import DIMENSIONS

# What stays in memory: whole marts read by nearly every page, and of the long facts the columns
# that figures are counted from. Everything else is scanned from disk.
RESIDENT = (
    "customer_mart",
    "tier_states",
    "tier_months",
    "cohort_months",
    "retention_months",
    "order_months",
    "risk_months",
    "budget_months",
    "employees",
)
COUNTED = {
    "survey_facts": ("invited_on", "answered_on", "nps", "csat", "channel", *DIMENSIONS),
    "ticket_facts": (
        "created_on",
        "resolved_on",
        "closed_on",
        "kind",
        "grade",
        "channel",
        "source_sla_met",
        "response_due_at",
        "routing_due_at",
        "resolution_due_at",
        "response_state",
        "routing_state",
        "resolution_state",
        "sla_state",
        "response_hours",
        "waiting_hours",
        "answered",
        *DIMENSIONS,
    ),
}
_FEW = 250  # values of a column that is kept as one byte each


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every text column of few values as a number: an eighth of the time to filter.

    The values are in the order of the alphabet, so sorting gives what it gives with text.
    """
    few = [name for name, type_ in frame.schema.items() if type_ == pl.String]
    few = [name for name in few if frame[name].n_unique() <= _FEW]
    values = {name: frame[name].drop_nulls().unique().sort() for name in few}
    typed = frame.with_columns(pl.col(name).cast(pl.Enum(values[name])) for name in few)
    return typed.rechunk()  # rows are fetched by number ten times as fast from one piece


def as_text(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Compact columns as the text they stand for, of the rows that are left."""
    return rows.with_columns(pl.col(pl.Enum).cast(pl.String))
