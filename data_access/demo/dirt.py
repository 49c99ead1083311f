"""The dirt every real CRM has, in known amounts, so that the data-health page can be tested."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import numpy as np
import polars as pl

from data_access.demo.arrays import Ints

# Rows per 20,000 customers, at least 2 in every chunk.
AMOUNTS = {
    "customers": {
        "missing_segment": 60,
        "missing_region": 40,
        "missing_owner": 40,
        "duplicate_key": 8,
    },
    "orders": {
        "orphan": 24,
        "future": 12,
        "late_row": 20,
        "unknown_status": 6,
        "duplicate_key": 24,
    },
    "interactions": {"orphan": 24, "future": 18, "late_row": 30, "duplicate_key": 24},
    "tickets": {
        "orphan": 12,
        "future": 6,
        "answered_before_created": 18,
        "resolved_before_created": 12,
        "duplicate_key": 12,
    },
    "survey_responses": {"orphan": 12, "nps_out_of_range": 12, "csat_out_of_range": 8},
}
LATE_DAYS = 30  # a late row arrived at least that long after the event
UNKNOWN_STATUS = "processing"

_SETTLED_DAYS = 200  # only older rows are spoilt: nothing else refers to them, late is past

_EVENT = {"orders": "ordered_at", "interactions": "occurred_at", "tickets": "created_at"}
_TICKET_ENDS = ("first_response_at", "routed_at", "resolved_at", "closed_at")
_PER_CUSTOMERS = 20_000


def soil(
    rng: np.random.Generator, tables: dict[str, pl.DataFrame], customers: int, as_of: datetime
) -> dict[str, int]:
    """Spoil rows of the tables in place, each row in one way only.

    Returns:
        Rows spoilt by `table.kind`; a duplicate counts the added row.
    """
    counts: dict[str, int] = {}
    for name, kinds in AMOUNTS.items():
        free = rng.permutation(np.flatnonzero(_clean(name, tables[name], as_of).to_numpy()))
        for kind, amount in kinds.items():
            wanted = max(2, round(amount * customers / _PER_CUSTOMERS))
            fits = free[_fits(kind, tables[name], free)][:wanted]
            taken = np.zeros(tables[name].height, np.bool_)
            taken[fits] = True
            free = rng.permutation(free[~taken[free]])
            tables[name] = _spoil(rng, tables[name], name, kind, fits, as_of)
            counts[f"{name}.{kind}"] = len(fits)
    return counts


def _clean(name: str, frame: pl.DataFrame, as_of: datetime) -> pl.Series:
    """Rows that may be spoilt: not deleted, and events old enough to arrive late."""
    lives = pl.col("deleted_at").is_null() if "deleted_at" in frame.columns else pl.lit(value=True)
    if name in _EVENT:
        lives &= pl.col(_EVENT[name]) < as_of - timedelta(days=_SETTLED_DAYS)
    return frame.select(lives=lives & pl.col(frame.columns[1]).is_not_null())["lives"]


def _fits(kind: str, frame: pl.DataFrame, rows: Ints) -> np.ndarray:
    needed = {
        "answered_before_created": "first_response_at",
        "resolved_before_created": "resolved_at",
        "nps_out_of_range": "nps",
        "csat_out_of_range": "csat",
    }
    if kind not in needed:
        return np.ones(len(rows), np.bool_)
    return frame[needed[kind]].is_not_null().to_numpy()[rows]


def _spoil(
    rng: np.random.Generator,
    frame: pl.DataFrame,
    name: str,
    kind: str,
    rows: Ints,
    as_of: datetime,
) -> pl.DataFrame:
    if kind == "duplicate_key":
        later = pl.col("updated_at") + timedelta(hours=1)
        return pl.concat([frame, frame[rows].with_columns(later)])
    few = frame[rows].with_columns(spread=rng.integers(1, 30, frame.height)[rows])
    column, value = _change(kind, _EVENT.get(name, ""), as_of)
    spoilt = {column: value}
    if (name, kind) == ("tickets", "future"):  # or else it would also end before its beginning
        spoilt |= dict.fromkeys(_TICKET_ENDS, pl.lit(None))
    few = few.with_columns(
        value.cast(frame.schema[column]).alias(column) for column, value in spoilt.items()
    )
    return frame.with_columns(frame[column].scatter(rows, few[column]) for column in spoilt)


@cache  # an expression takes longer to write down than to compute on a few rows
def _change(kind: str, event: str, as_of: datetime) -> tuple[str, pl.Expr]:
    """The column that is spoilt and what is in it afterwards; `spread` is 1 to 29."""
    spread = pl.col("spread")
    hours, days = pl.duration(hours=spread), pl.duration(days=spread)
    late = pl.col(event or "updated_at") + days + timedelta(days=LATE_DAYS)
    changes = {
        "missing_segment": ("segment", pl.lit(None)),
        "missing_region": ("region", pl.lit(None)),
        "missing_owner": ("owner_id", pl.lit(None)),
        "orphan": ("customer_id", pl.lit("X") + pl.col("customer_id").str.tail(7)),
        "future": (event, pl.lit(as_of) + 40 * days + timedelta(days=3 * 365)),
        "late_row": ("updated_at", late),
        "unknown_status": ("status", pl.lit(UNKNOWN_STATUS)),
        "answered_before_created": ("first_response_at", pl.col("created_at") - hours),
        "resolved_before_created": ("resolved_at", pl.col("created_at") - hours),
        "nps_out_of_range": ("nps", pl.when(spread > 15).then(11).otherwise(-1)),
        "csat_out_of_range": ("csat", pl.when(spread > 15).then(6).otherwise(0)),
    }
    return changes[kind]
