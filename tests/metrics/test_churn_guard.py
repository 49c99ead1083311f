"""Every trap of a survival fit: refused with its reason, or handled with a note."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from lifelines.fitters.coxph_fitter import SemiParametricPHFitter

from dashboard import i18n
from metrics.churn.fit import fit_rows
from metrics.churn.guard import FitRefusedError, GuardRule, guard
from metrics.churn.model import ChurnModel
from metrics.churn.regime import PURCHASES
from metrics.churn.rhythm import Definition
from metrics.churn.risk import assess
from metrics.churn.score import score
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import warnings_today
from tests.metrics.churn_company import AS_OF, company

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


CHURN = Path(__file__).parents[2] / "metrics" / "churn"


def sources() -> str:
    return "".join(path.read_text("utf-8") for path in sorted(CHURN.glob("*.py")))


def test_every_refusal_has_its_sentence_in_every_language():
    reasons = set(re.findall(r'FitRefusedError\(\s*"(\w+)"', sources()))
    assert len(reasons) >= 11
    for language in i18n.LANGUAGES:
        assert {f"risk.refusal.{reason}" for reason in reasons} <= set(i18n.words(language))


def banded_rows(n=6000, *, seed=1):
    """Landmark rows of two bands with one driver, and purchases on days 10 and 40 only."""
    rng = np.random.default_rng(seed)
    late, tenure = rng.random(n) < 0.5, rng.normal(0, 1, n)
    chance = 1 / (1 + np.exp(-(0.8 * tenure - late)))
    bought = rng.random(n) < chance
    return pl.DataFrame(
        {
            "overdue": np.where(late, 0.7, 0.2) + rng.random(n) * 0.1,
            "log_tenure": tenure,
            "duration": np.where(bought, rng.choice([10, 40], n), 90).astype(np.int32),
            "event": bought.astype(np.int8),
            "customer_id": np.arange(n).astype(str),
            "landmark_on": [date(2026, 1, 1)] * n,
        }
    )


@pytest.fixture(scope="module")
def fitted() -> ChurnModel:
    return fit_rows(banded_rows(), as_of=date(2026, 6, 30), definition=Definition())


def test_lifelines_is_given_numbers_and_no_entry_no_weights_no_slow_mode(monkeypatch):
    """`entry_col` gives a wrong baseline, weights wrong errors; text would count as an event; the
    mode that it chooses itself is sixteen times slower for many rows and few columns."""
    seen = {}
    fit = SemiParametricPHFitter.fit

    def watched(self, frame, *args, **options):
        seen.update(frame=frame, args=args, options=options)
        return fit(self, frame, *args, **options)

    monkeypatch.setattr(SemiParametricPHFitter, "fit", watched)
    rows = banded_rows().with_columns(csat_low=pl.col("overdue") > 0.75)  # a truth, no number
    fit_rows(rows, as_of=date(2026, 6, 30), definition=Definition())
    assert seen["args"] == ("duration", "event")
    assert seen["options"] == {"strata": ["band"], "batch_mode": True}
    assert {str(dtype) for dtype in seen["frame"].dtypes} == {"float64"}
    assert "CoxTimeVaryingFitter" not in sources()
    assert "predict_" not in sources()  # its curves take every day of every customer


def test_between_two_days_with_events_the_baseline_does_not_move(fitted):
    for row in fitted.baseline:
        assert row[0] == row[9] == 0.0
        assert 0 < row[10] == row[25] == row[39] < row[40] == row[90]


def test_beyond_the_window_nothing_is_extrapolated(fitted):
    at = {
        day: pl.select(fitted.hazard(pl.lit(0), pl.lit(day))).item() for day in (89, 90, 91, 5000)
    }
    assert at[89] == at[90] == at[91] == at[5000] == fitted.baseline[0][90]
    assert pl.select(fitted.hazard(pl.lit(0), pl.lit(-3))).item() == 0.0


@pytest.mark.parametrize(("overdue", "band"), [(-1.0, 0), (0.0, 0), (0.4, 1), (50.0, 1)])
def test_a_silence_never_seen_in_training_belongs_to_the_nearest_band(fitted, overdue, band):
    assert fitted.cuts == (0.4,)
    row = scored_row(fitted, overdue=overdue)
    assert row["band"] == band
    assert 0 < row["silent_90"] < 1


def test_without_a_rhythm_nobody_is_scored(fitted):
    row = scored_row(fitted, overdue=None)
    assert (row["band"], row["p90"], row["silent_90"]) == (None, None, None)


def scored_row(model, **changes):
    row = {
        "overdue": 0.5,
        "log_tenure": 0.0,
        "silent_days": 20,
        "usual_gap_days": 40.0,
        "tau_days": 160,
        "remaining_days": 140,
        "churned": False,
    }
    types = {"overdue": pl.Float64, "usual_gap_days": pl.Float64}
    frame = pl.DataFrame([row | changes], schema_overrides=types).with_columns(
        contract_ended_on=pl.lit(None, pl.Date)
    )
    return score(frame.lazy(), model).collect().row(0, named=True)


def test_too_few_events_leave_the_rules_and_say_so():
    """No model: nobody has a probability, the silence and the warnings of the rules remain."""
    few = company(14, seed=8)
    got = assess(few, as_of=AS_OF)
    assert got.model is None
    assert got.refusal is not None
    assert got.refusal.reason == "too_few_events"
    assert got.refusal.details["events"] < got.refusal.details["needed"]
    assert got.customers["p90"].null_count() == got.customers.height
    assert got.customers["churned"].null_count() < got.customers.height
    warned = warnings_today(few, got.customers, as_of=AS_OF)
    assert warned["warning"].null_count() < warned.height


def test_a_company_without_orders_or_contacts_is_refused_in_one_sentence():
    few = company(14, seed=8)
    nothing = CrmTables(orders=few.orders.head(0), customers=few.customers)
    got = assess(nothing, as_of=AS_OF)
    assert got.refusal is not None
    sentence = str(got.refusal)
    assert sentence
    assert "\n" not in sentence
    assert len(sentence) < 120
