"""Refusals: what a survival library fits without a word, or with a misleading one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from metrics.churn.model import Note
from metrics.rules import load

Details = dict[str, str | int | float]


class FitRefusedError(ValueError):
    """No model can be trusted on these rows; `str()` is a sentence for the log.

    Attributes:
        reason: Code of the refusal, for the words on screen.
        details: The values that the sentence names.
    """

    def __init__(self, reason: str, sentence: str, **details: str | float) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.details: Details = details


@dataclass(frozen=True, slots=True)
class GuardRule:
    """Limits of a fit, from `rules/churn.toml`."""

    events_per_driver: int
    varying_rows: int
    separating_share: float
    condition_number: float
    leak_correlation: float
    max_standard_error: float
    penalizer: float

    @classmethod
    def standard(cls) -> Self:
        """The limits in `rules/churn.toml`."""
        return cls(**load("churn")["guard"])


def guard(
    rows: pl.DataFrame, columns: Sequence[str], rule: GuardRule
) -> tuple[list[str], list[Note]]:
    """The columns a model may be fitted on, with a note for each that was dropped.

    Dropped: (almost) constant columns, rare columns that split events from the rest, and the
    later of columns that say the same. Everything else that is wrong is refused.

    Args:
        rows: The columns, `duration` (whole days >= 1) and `event` (0 or 1).
        columns: Names of the design columns, the more important first.
        rule: Limits.

    Raises:
        FitRefusedError: The rows cannot train a model.
    """
    _check_outcome(rows)
    if columns:
        _check_values(rows, columns)
    notes: list[Note] = []
    kept = _varying(rows, columns, rule, notes)
    _check_leak(rows, kept, rule)
    kept = _not_separating(rows, kept, rule, notes)
    kept = _independent(rows, kept, rule, notes)
    _check_size(rows, kept, rule)
    return kept, notes


def _check_outcome(rows: pl.DataFrame) -> None:
    event, duration = rows["event"], rows["duration"]
    if not event.dtype.is_integer() or not set(event.unique()) <= {0, 1}:
        sentence = f"event must be the number 0 or 1, not {event.dtype} values"
        raise FitRefusedError("event_not_binary", sentence, type=str(event.dtype))
    bad = rows.height
    if duration.dtype.is_numeric():
        days = pl.col("duration").cast(pl.Float64)
        whole = days.is_finite() & (days >= 1) & (days == days.floor())
        bad = rows.filter(~whole.fill_null(value=False)).height
    if bad:
        sentence = f"{bad} rows have a duration that is missing or not a whole day from 1"
        raise FitRefusedError("duration_invalid", sentence, rows=bad)
    if not event.sum():
        sentence = "no events in the training windows, so nothing can be learnt"
        raise FitRefusedError("no_events", sentence, rows=rows.height)


def _check_values(rows: pl.DataFrame, columns: Sequence[str]) -> None:
    finite = rows.select(
        pl.col(name).cast(pl.Float64).is_finite().fill_null(value=False).all() for name in columns
    ).row(0, named=True)
    bad = [name for name in columns if not finite[name]]
    if bad:
        sentence = f"missing or infinite values in {', '.join(bad)}"
        raise FitRefusedError("values_missing", sentence, columns=", ".join(bad))


def _varying(
    rows: pl.DataFrame, columns: Sequence[str], rule: GuardRule, notes: list[Note]
) -> list[str]:
    kept = [name for name in columns if _off_mode(rows[name]) >= rule.varying_rows]
    notes += [Note("constant", name) for name in columns if name not in kept]
    return kept


def _off_mode(values: pl.Series) -> int:
    """Rows that differ from the most frequent value."""
    return values.len() - int(values.value_counts()["count"].max())  # pyright: ignore[reportArgumentType]


def _not_separating(
    rows: pl.DataFrame, columns: list[str], rule: GuardRule, notes: list[Note]
) -> list[str]:
    """Refuse a column that is constant among events or non-events, unless it is a rare flag."""
    kept: list[str] = []
    sides = rows.partition_by("event")
    for name in columns:
        if len(sides) < 2 or all(side[name].n_unique() > 1 for side in sides):
            kept.append(name)
        elif _off_mode(rows[name]) <= rule.separating_share * rows.height:
            notes.append(Note("separating", name))
        else:
            sentence = f"{name} is constant among events or non-events: it gives the answer away"
            raise FitRefusedError("leak_separates", sentence, column=name)
    return kept


def _check_leak(rows: pl.DataFrame, columns: list[str], rule: GuardRule) -> None:
    if not columns or rows["duration"].n_unique() < 2:
        return
    linked = rows.select(pl.corr(name, "duration").abs() for name in columns).row(0, named=True)
    for name in columns:
        if linked[name] is not None and linked[name] > rule.leak_correlation:
            sentence = f"{name} is almost the duration itself: it knows the future"
            raise FitRefusedError("leak_duration", sentence, column=name)


def _independent(
    rows: pl.DataFrame, columns: list[str], rule: GuardRule, notes: list[Note]
) -> list[str]:
    """Drop the later of columns that are linear combinations of each other, one at a time."""
    kept = list(columns)
    while len(kept) > 1:
        correlation = np.corrcoef(rows.select(kept).cast(pl.Float64).to_numpy(), rowvar=False)
        values, vectors = np.linalg.eigh(correlation)
        if np.sqrt(values[-1] / max(float(values[0]), 1e-300)) <= rule.condition_number:
            break
        together = [
            name for name, load_ in zip(kept, vectors[:, 0], strict=True) if abs(load_) > 0.3
        ]
        kept.remove(together[-1])
        notes.append(Note("collinear", together[-1]))
    return kept


def _check_size(rows: pl.DataFrame, columns: list[str], rule: GuardRule) -> None:
    if not columns:
        raise FitRefusedError("no_drivers", "no column varies: customers cannot be told apart")
    events, needed = int(rows["event"].sum()), rule.events_per_driver * len(columns)
    if events < needed:
        sentence = f"{events} events for {len(columns)} drivers; at least {needed} are needed"
        raise FitRefusedError("too_few_events", sentence, events=events, needed=needed)
