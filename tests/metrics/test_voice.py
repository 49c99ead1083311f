"""Voice of the customer: whose score, real change or noise, drivers, aspects, themes, feedback."""

from __future__ import annotations

from datetime import date
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from metrics import surveys
from metrics.measure import measure
from metrics.voice import aspects, change, drivers, feedback, themes, weighted
from metrics.voice.logistic import fit

END = date(2026, 4, 1)


def answers(*rows: tuple[int | None, date | None, int | None]) -> pl.LazyFrame:
    schema = {"nps": pl.Int16, "next_nps_on": pl.Date, "revenue": pl.Int64}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def test_the_score_by_answers_by_customers_and_by_revenue():
    rows = answers(
        (10, date(2026, 3, 9), 100),  # the same customer answers again, lower
        (2, None, 100),
        (9, date(2026, 4, 2), 300),  # again, but after the period
        (8, None, -50),  # returns count as no revenue
        (10, None, None),  # anonymous
        (11, None, 1_000),  # off the scale
    )
    found = weighted.weighted_nps(rows, end=END).collect().rows_by_key("weighting", named=True)
    told = {name: (row[0]["answers"], row[0]["nps"]) for name, row in found.items()}
    assert told["responses"] == (5, pytest.approx(100 * (3 - 1) / 5))
    assert told["customers"] == (4, pytest.approx(100 * (2 - 1) / 4))
    assert told["revenue"] == (2, pytest.approx(100 * (300 - 100) / 400))
    assert found["revenue"][0]["size"] == pytest.approx(400**2 / (100**2 + 300**2))
    for (row,) in found.values():
        assert row["nps_low"] < row["nps"] < row["nps_high"]


def test_equal_revenue_weighs_like_customers():
    rows = answers(*((score, None, 70) for score in (10, 9, 7, 3, 10, 0)))
    customers, revenue = weighted.weighted_nps(rows, end=END).collect().rows(named=True)[1:]
    for figure in ("answers", "size", "nps", "nps_low", "nps_high"):
        assert revenue[figure] == pytest.approx(customers[figure])


def test_nobody_has_no_score():
    found = weighted.weighted_nps(answers((None, None, 5)), end=END).collect()
    assert found["nps"].to_list() == found["nps_low"].to_list() == [None] * 3


def pairs(*rows: tuple[int, int, int, int]) -> pl.DataFrame:
    names = ("satisfied", "rated", "other_satisfied", "other_rated")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")


def test_a_difference_of_shares_by_hand():
    found = change.differences(pairs((60, 98, 40, 98)), change.NETS["csat"]).row(0, named=True)
    one, two = 61 / 100, 41 / 100  # with a success and a failure more on each side
    spread = (one * (1 - one) / 100 + two * (1 - two) / 100) ** 0.5
    assert found["change"] == pytest.approx(60 / 98 - 40 / 98)
    assert found["change_low"] == pytest.approx(0.2 - 1.959964 * spread)
    assert found["p"] == pytest.approx(2 * NormalDist().cdf(-0.2 / spread))
    assert found["verdict"] == change.REAL


def test_a_difference_of_net_scores_by_hand():
    names = [f"{side}{name}" for side in ("", "other_") for name in change.NETS["nps"].counts]
    row = pl.DataFrame([(50, 20, 97, 40, 30, 97)], schema=names, orient="row")
    found = change.differences(row, change.NETS["nps"]).row(0, named=True)
    ups, downs = (50.75 / 100, 40.75 / 100), (20.75 / 100, 30.75 / 100)
    spread = sum((u + d - (u - d) ** 2) / 100 for u, d in zip(ups, downs, strict=True)) ** 0.5
    assert found["change"] == pytest.approx(0.30 / 0.97 - 0.10 / 0.97)
    assert found["change_high"] == pytest.approx(0.2 + 1.959964 * spread)
    assert found["p"] == pytest.approx(2 * NormalDist().cdf(-0.2 / spread))


def test_holm_by_hand():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.005])
    expected = [0.03, np.nan, 0.06, 0.06, 0.02]
    assert change.holm(p) == pytest.approx(expected, nan_ok=True)
    assert change.holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]
    assert change.holm(np.array([])).tolist() == []


def test_many_groups_make_one_lucky_one_noise():
    alone = change.differences(pairs((62, 100, 47, 100)), change.NETS["csat"])
    assert alone["verdict"].to_list() == [change.REAL]
    many = change.differences(
        pairs((62, 100, 47, 100), *[(50, 100, 50, 100)] * 9), change.NETS["csat"]
    )
    assert set(many["verdict"]) == {change.NOISE}


def test_few_answers_are_not_tested_and_not_of_the_family():
    found = change.differences(pairs((5, 5, 0, 100), (62, 100, 47, 100)), change.NETS["csat"])
    assert found["verdict"].to_list() == [change.FEW, change.REAL]
    assert found["p_adjusted"][0] is None
    assert found["p_adjusted"][1] == found["p"][1]
    nobody = change.differences(pairs((0, 0, 50, 100)), change.NETS["csat"]).row(0, named=True)
    assert nobody["value"] is nobody["change"] is nobody["change_low"] is None


def test_the_test_keeps_its_level():
    """Of 4,000 pairs drawn from one truth, some 5 % differ at 5 %."""
    rng = np.random.default_rng(5)
    shares = (0.55, 0.15, 0.3)
    draws = [
        (*rng.multinomial(120, shares)[:2], 120, *rng.multinomial(90, shares)[:2], 90)
        for _ in range(4_000)
    ]
    names = [f"{side}{name}" for side in ("", "other_") for name in change.NETS["nps"].counts]
    frame = pl.DataFrame([tuple(map(int, row)) for row in draws], schema=names, orient="row")
    found = change.differences(frame, change.NETS["nps"])
    assert (found["p"] < 0.05).mean() == pytest.approx(0.05, abs=0.012)
    holds = (found["change_low"] <= 0) & (found["change_high"] >= 0)
    assert holds.mean() == pytest.approx(0.95, abs=0.012)


def test_a_group_against_the_rest_and_groups_of_two_periods():
    net = change.NETS["csat"]
    groups = pl.DataFrame({"tier": ["a", "b", None], "satisfied": [5, 3, 1], "rated": [6, 7, 2]})
    found = change.against_the_rest(groups, net)
    assert found["other_satisfied"].to_list() == [4, 6, 8]
    assert found["other_rated"].to_list() == [9, 8, 13]
    then = pl.DataFrame({"tier": ["b", "c", None], "satisfied": [2, 1, 1], "rated": [2, 2, 3]})
    both = change.beside(groups, then, "tier", net).sort("tier", nulls_last=True)
    assert both["tier"].to_list() == ["a", "b", "c", None]
    assert both["rated"].to_list() == [6, 7, 0, 2]
    assert both["other_rated"].to_list() == [0, 2, 2, 3]


def test_one_predictor_gives_the_odds_ratio_of_the_table():
    found = fit(np.array([[1.0], [0.0]]), np.array([30.0, 10.0]), np.array([100.0, 90.0]))
    assert found is not None
    assert np.exp(found.coefficients[0]) == pytest.approx((30 / 70) / (10 / 80))
    assert found.errors[0] == pytest.approx((1 / 30 + 1 / 70 + 1 / 10 + 1 / 80) ** 0.5)


def test_the_fit_is_the_maximum_that_another_optimiser_finds():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 2, (60, 3)).astype(float)
    n = rng.integers(20, 60, 60).astype(float)
    y = rng.binomial(n.astype(int), 1 / (1 + np.exp(1 - x @ [0.8, -0.5, 0.1]))).astype(float)

    def minus_log_likelihood(beta):
        eta = beta[0] + x @ beta[1:]
        return -(y * eta - n * np.log1p(np.exp(eta))).sum()

    other = minimize(minus_log_likelihood, np.zeros(4), method="BFGS").x
    found = fit(x, y, n)
    assert found is not None
    assert found.coefficients == pytest.approx(other[1:], abs=1e-4)


@pytest.mark.parametrize(
    ("predictors", "happened"),
    [([[1.0], [0.0]], [50.0, 10.0]), ([[1.0, 1.0], [0.0, 0.0]], [20.0, 10.0])],
    ids=["always", "twice the same"],
)
def test_what_has_no_finite_maximum_is_not_fitted(predictors, happened):
    assert fit(np.array(predictors), np.array(happened), np.array([50.0, 50.0])) is None


def test_drivers_leave_out_what_is_too_rare():
    flags = {"missed": False, "asked": False, "new": False, "tier": "basic", "channel": "app"}
    cells = pl.DataFrame(
        [
            {"complaint": True, **flags, "n": 100, "promoter": 30, "detractor": 50},
            {"complaint": False, **flags, "n": 400, "promoter": 240, "detractor": 60},
            {"complaint": False, **flags, "missed": True, "n": 8, "promoter": 1, "detractor": 7},
        ]
    )
    found = drivers.odds_ratios(cells, "detractor")
    assert found["driver"].to_list() == ["complaint"]
    assert found["n"].to_list() == [100]
    assert found["odds"].item() == pytest.approx(1.0 / (67 / 341))
    assert drivers.odds_ratios(cells.clear(), "promoter").is_empty()


def test_what_came_before_an_answer():
    day = date(2026, 3, 31)
    asked = pl.DataFrame(
        {"customer_id": [0, 1, None, 2], "answered_on": [day] * 4, "nps": [9, 3, 8, None]},
        schema_overrides={"customer_id": pl.Int32},
    )
    tickets = pl.DataFrame(
        [
            (0, date(2025, 12, 31), "complaint", "met"),  # 90 days before
            (1, date(2025, 12, 30), "complaint", "missed"),  # 91 days before
            (1, day, "inquiry", "missed"),  # on the day: may have come after the answer
            (2, date(2026, 3, 30), "inquiry", "missed"),
        ],
        schema={"customer_id": pl.Int32, "created_on": pl.Date, "kind": None, "sla_state": None},
        orient="row",
    )
    first = pl.Series([date(2025, 10, 3), date(2025, 10, 2), None])  # 179 and 180 days before
    found = drivers.events_before(asked, tickets, first)
    assert found.rows() == [
        (True, False, False, True),
        (False, False, False, False),
        (None, None, None, None),
        (False, True, True, None),
    ]


def test_the_day_of_the_next_recommendation():
    days = [date(2026, 1, day) for day in (1, 2, 2, 3, 4, 5)]
    frame = pl.DataFrame(
        {"customer_id": [1, 1, None, 2, 1, 1], "answered_on": days, "nps": [9, None, 9, 3, 2, 10]},
        schema_overrides={"customer_id": pl.Int32},
    )
    assert drivers.next_days(frame).to_list() == [days[4], None, None, None, days[5], None]


def test_weights_are_the_standardised_regression():
    rng = np.random.default_rng(8)
    x = rng.integers(1, 6, (900, 2))
    nps = np.clip(x @ [1.2, 0.3] + rng.normal(2, 1.5, 900), 0, 10).round()
    frame = pl.DataFrame({"nps": nps, "one": x[:, 0], "two": x[:, 1]})
    gap = pl.DataFrame({"nps": [0.0], "one": [None], "two": [5]}, schema=frame.schema)
    found = aspects.loyalty_weights(pl.concat([frame, gap]), ("one", "two"))
    z = (frame.to_numpy() - frame.to_numpy().mean(0)) / frame.to_numpy().std(0)
    beta, residual, *_ = np.linalg.lstsq(z[:, 1:], z[:, 0])
    errors = np.sqrt(residual[0] / (900 - 3) * np.diag(np.linalg.inv(z[:, 1:].T @ z[:, 1:])))
    assert found["weight"].to_list() == pytest.approx(beta.tolist())
    half = (found["weight_high"] - found["weight"]).to_numpy()
    assert half == pytest.approx(1.959964 * errors)
    assert found["n"].to_list() == [900, 900]
    few = aspects.loyalty_weights(frame.head(100), ("one", "two"))
    flat = aspects.loyalty_weights(frame.with_columns(two=3), ("one", "two"))
    assert few["weight"].to_list() == flat["weight"].to_list() == [None, None]


def test_the_mean_of_all_ratings_is_no_mean_of_means():
    frame = pl.LazyFrame({"one": [5, 5, 5, None], "two": [1, None, None, 9]})
    found = measure(frame, **aspects.overall(("one", "two")).over_rows()).collect()
    assert found.row(0, named=True) == {"total": 16, "rated": 4, "mean": 4.0}
    rated = aspects.ratings(frame, ("two", "one")).collect()
    assert rated["aspect"].to_list() == ["two", "one"]
    assert rated["rated"].to_list() == [1, 3]
    assert rated["csat_share"].to_list() == [0.0, 1.0]


def test_a_customer_is_sampled_once_a_calendar_month():
    rows = [
        ("r1", "a", date(2026, 1, 31)),
        ("r2", "a", date(2026, 1, 2)),
        ("r3", "a", date(2026, 2, 1)),
        ("r4", None, date(2026, 1, 1)),
        ("r5", None, date(2026, 1, 1)),
        ("r6", "a", None),
    ]
    schema = {"response_id": pl.String, "customer_id": pl.String, "invited_on": pl.Date}
    others = ("answered_on", "nps", "csat", "comment", "survey", "channel")
    table = pl.LazyFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(None).alias(name) for name in others
    )
    found = surveys.survey_facts(table).collect().sort("response_id")
    assert found["sampled"].to_list() == [True, False, True, True, True, False]


def test_terms_of_comments_in_two_languages():
    assert list(themes.terms_of("问题没解决，工单就被关闭了。")) == ["问题", "解决", "工单", "关闭"]
    assert list(themes.terms_of("Late delivery AGAIN, 3 times")) == [
        *("late", "delivery", "late delivery", "again", "delivery again", "times")
    ]
    assert list(themes.terms_of("")) == list(themes.terms_of("😡 !! 15% 的 ok")) == []


def test_the_tone_of_a_comment_is_its_score():
    frame = pl.DataFrame(
        {"nps": [6, 7, 9, None, None, None, None], "csat": [5, 1, 1, 3, 4, 5, None]}
    )
    tones = frame.select(tone=themes.tone())["tone"].to_list()
    assert tones == ["low", "middle", "high", "low", "middle", "high", None]


def test_a_term_counts_once_for_each_comment_it_is_in():
    comments = pl.Series(["slow slow delivery", "Slow!", "slow", "slow", "slow", None, "other"])
    found = themes.comment_terms(comments)
    assert found.rows() == [(row, "slow") for row in range(5)]


def test_themes_by_hand_and_without_parts():
    counted = pl.DataFrame(
        {
            "term": ["delivery", "late delivery", "kind", "rare"],
            "low": [21, 20, 1, 1],
            "high": [1, 1, 30, 0],
            "comments": [24, 22, 33, 1],
        }
    )
    found = themes.themes(counted, {"low": 50, "high": 100, "middle": 9})
    assert found["term"].to_list() == ["late delivery", "kind", "rare"]
    row = found.row(0, named=True)
    odds = (20.5 / 30.5) / (1.5 / 99.5)
    assert (row["low_share"], row["high_share"]) == (0.4, 0.01)
    assert row["odds"] == pytest.approx(odds)
    half = 1.959964 * (1 / 20.5 + 1 / 30.5 + 1 / 1.5 + 1 / 99.5) ** 0.5
    assert row["odds_low"] == pytest.approx(odds / np.exp(half))
    assert found["side"].to_list() == ["low", "high", None]
    nobody = themes.themes(counted, {"low": 50, "high": 0})
    assert nobody["odds"].null_count() == nobody.height


def test_terms_of_the_same_comments_are_one_theme():
    found = pl.DataFrame({"term": ["a", "b", "c", "d"]})
    numbers = {"a": range(6), "b": range(5), "c": range(3, 9), "d": range(9)}
    rows = [(term, f"r{number}") for term, each in numbers.items() for number in each]
    said = pl.DataFrame(rows, schema=["term", "response_id"], orient="row")
    assert themes.grouped(found, said, 2).rows() == [("a", "b"), ("c", None)]


def test_suggestions_taken_up_in_time():
    day = date(2026, 1, 1)
    rows = [
        ("need_suggestion", True, day, date(2026, 4, 1)),  # 90 days
        ("need_suggestion", True, day, date(2026, 4, 2)),
        ("need_suggestion", True, day, None),
        ("need_suggestion", None, day, day),  # nobody has looked at it
        ("product_issue", None, day, None),
        (None, True, day, day),
    ]
    schema = {"kind": pl.String, "valid": pl.Boolean, "created_on": pl.Date, "adopted_on": pl.Date}
    frame = pl.LazyFrame(rows, schema=schema, orient="row")
    found = measure(frame, **feedback.ADOPTION.over_rows()).collect().row(0, named=True)
    assert (found["suggestions"], found["adopted"]) == (3, 1)
    assert found["adoption"] == pytest.approx(1 / 3)
    came = measure(frame, **feedback.VOLUME.over_rows()).collect().row(0, named=True)
    assert came == {"feedback": 6, "suggestions": 3}
    assert feedback.settled(date(2026, 4, 1)) == day


def test_sources_that_bring_nothing_are_told():
    frame = pl.LazyFrame({"source": ["app", "app", "fax", None, "hotline"]})
    found = feedback.sources_live(frame).collect()
    assert found.rows() == [
        ("after_sales_survey", True, 0),
        ("app", True, 2),
        ("hotline", True, 1),
        ("interview", True, 0),
        ("fax", False, 1),
    ]


def test_needs_that_proved_right():
    frame = pl.LazyFrame({"need": ["a", "b", "c"], "confirmed_need": ["a", "c", None]})
    found = measure(frame, **feedback.NEEDS.over_rows()).collect().row(0, named=True)
    assert (found["confirmed"], found["right"], found["accuracy"]) == (2, 1, 0.5)


def test_before_during_and_after_a_slump():
    windows = feedback.recovery_windows(date(2026, 3, 1), date(2026, 3, 9), date(2026, 3, 19))
    assert windows == {
        "before": (date(2026, 1, 30), date(2026, 3, 1)),
        "during": (date(2026, 3, 1), date(2026, 3, 10)),
        "after": (date(2026, 3, 10), date(2026, 3, 20)),  # the data end
    }
