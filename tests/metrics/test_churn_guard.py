"""Every trap of a survival fit: refused with its reason, or handled with a note."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from metrics.churn.fit import fit_rows
from metrics.churn.guard import FitRefusedError, GuardRule, guard
from metrics.churn.regime import PURCHASES
from metrics.churn.rhythm import Definition

RULE = GuardRule.standard()
N = 2000


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=N), rng.normal(size=N)
    time = np.ceil(rng.exponential(60 * np.exp(-0.4 * a)))
    return pl.DataFrame(
        {
            "a": a,
            "b": b,
            "duration": np.minimum(time, 90).astype(np.int32),
            "event": (time <= 90).astype(np.int8),
        }
    )


def refused(rows, columns=("a", "b")):
    with pytest.raises(FitRefusedError) as caught:
        guard(rows, columns, RULE)
    assert str(caught.value)
    return caught.value


def noted(rows, columns):
    kept, notes = guard(rows, columns, RULE)
    return kept, [(note.code, note.subject) for note in notes]


def test_sound_rows_pass(rows):
    assert noted(rows, ["a", "b"]) == (["a", "b"], [])


def test_events_as_text_are_refused_because_every_row_would_count(rows):
    bad = rows.with_columns(pl.col("event").cast(pl.String))
    assert refused(bad).reason == "event_not_binary"
    assert refused(rows.with_columns(event=pl.lit(2))).reason == "event_not_binary"
    assert refused(rows.with_columns(event=pl.lit(None, pl.Int8))).reason == "event_not_binary"


@pytest.mark.parametrize("value", [0, -5, 1.5, None, float("nan")])
def test_a_duration_that_is_not_a_whole_day_is_refused(rows, value):
    first = pl.int_range(pl.len()) == 0
    bad = rows.with_columns(duration=pl.when(~first).then("duration").otherwise(value))
    error = refused(bad)
    assert error.reason == "duration_invalid"
    assert error.details == {"rows": 1}


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_missing_and_infinite_values_are_refused_by_name(rows, value):
    bad = rows.with_columns(b=pl.when(pl.int_range(pl.len()) > 0).then("b").otherwise(value))
    error = refused(bad)
    assert (error.reason, error.details) == ("values_missing", {"columns": "b"})


def test_no_events_is_called_no_events(rows):
    assert refused(rows.with_columns(event=pl.lit(0))).reason == "no_events"


def test_too_few_events_for_the_drivers(rows):
    error = refused(rows.with_columns(event=(pl.int_range(pl.len()) < 19).cast(pl.Int8)))
    assert error.reason == "too_few_events"
    assert error.details == {"events": 19, "needed": 20}


def test_constant_and_almost_constant_columns_are_dropped_and_named(rows):
    more = rows.with_columns(
        same=pl.lit(1.0), almost=(pl.int_range(pl.len()) < 24).cast(pl.Float64)
    )
    kept, notes = noted(more, ["a", "same", "almost"])
    assert kept == ["a"]
    assert notes == [("constant", "same"), ("constant", "almost")]
    assert refused(more, ["same"]).reason == "no_drivers"


def test_of_a_column_and_its_copy_the_later_goes(rows):
    copies = rows.with_columns(
        copy=pl.col("a") * 3 + 1, near=pl.col("a") + pl.col("b") + 1e-6 * pl.col("duration")
    )
    assert noted(copies, ["a", "b", "copy"]) == (["a", "b"], [("collinear", "copy")])
    assert noted(copies, ["a", "b", "near"]) == (["a", "b"], [("collinear", "near")])


def test_a_full_set_of_dummies_loses_its_last(rows):
    third = pl.int_range(pl.len()) % 3
    flags = rows.with_columns(
        *[(third == level).cast(pl.Float64).alias(f"x{level}") for level in range(3)]
    )
    kept, notes = noted(flags, ["a", "x0", "x1", "x2"])
    assert kept == ["a", "x0", "x1"]
    assert notes == [("collinear", "x2")]


def test_a_column_that_knows_the_answer_is_refused(rows):
    event = rows.with_columns(k=pl.col("event").cast(pl.Float64))
    assert refused(event, ["a", "k"]).reason == "leak_separates"
    duration = rows.with_columns(k=pl.col("duration") * -2.0)
    assert refused(duration, ["a", "k"]).reason == "leak_duration"


def test_a_rare_flag_that_splits_by_chance_is_only_dropped():
    rows = pl.DataFrame(
        {
            "a": np.random.default_rng(0).normal(size=10_000),
            "rare": (np.arange(10_000) < 50).astype(float),
            "duration": np.arange(10_000) % 90 + 1,
            "event": (np.arange(10_000) >= 5000).astype(int),
        }
    )
    assert noted(rows, ["a", "rare"]) == (["a"], [("separating", "rare")])


def banded(events):
    """Rows of the given number of events in each silence band, as many without."""
    overdue = [0.2, 0.7, 1.5, 2.5, 4.0]
    return pl.DataFrame(
        [
            {"overdue": value, "event": event}
            for value, number in zip(overdue, events, strict=True)
            for event in [1] * number + [0] * max(number, 5)
        ]
    )


@pytest.mark.parametrize(
    ("events", "cuts"),
    [
        ([50, 50, 50, 50, 50], (0.4, 1.0, 2.0, 3.0)),
        ([50, 50, 50, 50, 19], (0.4, 1.0, 2.0)),  # the longest silence joins the one before
        ([5, 50, 50, 50, 50], (1.0, 2.0, 3.0)),
        ([50, 50, 10, 5, 8], (0.4, 1.0)),  # 5 joins 8, then 10 joins their 13
        ([50, 50, 1, 0, 0], (0.4,)),
        ([3, 0, 0, 0, 0], ()),
    ],
)
def test_thin_bands_are_merged_until_each_has_its_events(events, cuts):
    assert PURCHASES.merged_cuts(banded(events)) == cuts


def landmark_like(rows):
    return rows.with_columns(
        overdue=pl.col("b").abs(),
        customer_id=pl.int_range(pl.len()).cast(pl.String),
        landmark_on=pl.lit(date(2026, 1, 1)),
    ).drop("a", "b")


def test_no_rows_and_no_fit_have_a_reason(rows):
    def fitted(frame):
        with pytest.raises(FitRefusedError) as caught:
            fit_rows(frame, as_of=date(2026, 6, 30), definition=Definition())
        return caught.value.reason

    like = landmark_like(rows)
    assert fitted(like.head(0)) == "no_landmarks"
    assert fitted(like.head(9)) in {"too_few_events", "no_drivers"}
    assert fitted(like.with_columns(event=pl.lit(0))) == "no_events"


def test_an_unstable_coefficient_is_refused(rows, monkeypatch):
    strict = replace(RULE, max_standard_error=1e-6)
    monkeypatch.setattr(GuardRule, "standard", classmethod(lambda _: strict))
    with pytest.raises(FitRefusedError) as caught:
        fit_rows(landmark_like(rows), as_of=date(2026, 6, 30), definition=Definition())
    assert (caught.value.reason, caught.value.details) == ("unstable", {"column": "overdue"})
