"""The churn model: recovers a known truth, forecasts out of time, and is what it says it is."""

import json
import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from lifelines import CoxPHFitter
from polars.testing import assert_frame_equal

from metrics.churn.drivers import drivers, group_drivers, hazard_ratios
from metrics.churn.features import DRIVERS
from metrics.churn.fit import fit_churn, fit_rows
from metrics.churn.landmarks import landmark_rows
from metrics.churn.model import ChurnModel, Column, Effect
from metrics.churn.returns import returns
from metrics.churn.rhythm import Definition
from metrics.churn.risk import Models, assess, customer_risk
from metrics.churn.score import score, survival_curve
from tests.metrics.churn_company import AS_OF, company, known, until

ORIGIN = AS_OF - timedelta(days=90)
STANDARD = Definition.standard()


@pytest.fixture(scope="module")
def crm():
    return company(3000, seed=11)


@pytest.fixture(scope="module")
def past(crm):
    return until(crm, ORIGIN)


@pytest.fixture(scope="module")
def model(past):
    return fit_churn(past, as_of=ORIGIN)


@pytest.fixture(scope="module")
def risk(past, model):
    return customer_risk(past, model, as_of=ORIGIN)


# A model small enough to work out by hand: one driver, two bands, hazard 0.01 and 0.002 a day.
HAND = ChurnModel(
    effects=(Effect(Column("x", "frequency", "x"), math.log(2.0), 0.1, 1.0),),
    cuts=(1.0,),
    baseline=tuple(tuple(rate * day for day in range(91)) for rate in (0.01, 0.002)),
    rows=1000,
    customers=900,
    events=500,
    landmarks=4,
    concordance=0.7,
    definition=STANDARD,
    as_of=AS_OF,
)


def hand_row(**changes):
    row = {
        "x": 1.0,
        "overdue": 0.5,
        "silent_days": 20,
        "usual_gap_days": 40.0,
        "tau_days": 160,
        "remaining_days": 140,
        "churned": False,
    }
    frame = pl.DataFrame([row | changes], schema_overrides={"usual_gap_days": pl.Float64})
    return frame.with_columns(contract_ended_on=pl.lit(None, pl.Date))


def hand_score(definition=None, **changes):
    return score(hand_row(**changes).lazy(), HAND, definition).collect().row(0, named=True)


def test_the_probability_is_the_silence_until_the_threshold_and_zero_if_it_is_too_far():
    row = hand_score(overdue=2.0, silent_days=110, remaining_days=50)
    # Band 1, pace 1: S(50) = exp(-0.002 * 50) = 0.904837
    assert row["p30"] == 0.0
    assert row["p60"] == pytest.approx(0.904837, abs=1e-6)
    assert row["p90"] == row["p60"]
    assert row["silent_90"] == pytest.approx(math.exp(-0.18))
    assert row["band"] == 1


def test_the_pace_multiplies_the_hazard():
    row = hand_score(x=2.0, silent_days=80, remaining_days=80)
    assert row["pace"] == pytest.approx(2.0)
    assert row["p90"] == pytest.approx(math.exp(-2 * 0.01 * 80))
    assert row["p60"] == 0.0


def test_a_short_threshold_can_be_reached_after_a_next_purchase_too():
    row = hand_score(usual_gap_days=11.25, tau_days=45, silent_days=5, remaining_days=40)
    first = math.exp(-0.4)
    again = 45 / 11.25 * math.exp(-45 / 11.25) * (1 - first)  # 45 days of room after tau
    assert row["p90"] == pytest.approx(1 - (1 - first) * math.exp(-again))
    assert row["p30"] == 0.0


def test_the_churned_and_the_long_silent_have_no_probability():
    row = hand_score(overdue=5.0, silent_days=200, remaining_days=-40, churned=True)
    assert (row["p30"], row["p60"], row["p90"]) == (None, None, None)
    assert row["silent_90"] == pytest.approx(math.exp(-0.18))
    gone = hand_score(overdue=5.0, silent_days=365, remaining_days=-205, churned=True)
    assert gone["silent_90"] is None
    assert gone["pace"] is None


def late_rows(gaps: float, came: int, of: int) -> pl.DataFrame:
    row = hand_row(overdue=gaps, silent_days=int(40 * gaps), churned=True)
    rows = pl.concat([row.with_columns(landmark_on=pl.lit(AS_OF))] * of)
    return rows.with_columns(event=(pl.int_range(pl.len()) < came).cast(pl.Int8))


def test_of_the_churned_as_many_come_back_as_such_did():
    expected = 1 - math.exp(-0.18)  # band 1, pace 1, 90 days
    rows = pl.concat(
        [late_rows(4.5, 30, 200), late_rows(7.0, 6, 100), late_rows(9.0, 1, 60)], rechunk=True
    )
    found = returns(rows, HAND)
    assert found == (
        (4.0, pytest.approx(30 / 200 / expected)),
        (6.0, pytest.approx(7 / 160 / expected)),  # the few beyond 8 gaps join them
    )
    told = replace(HAND, returns=found)

    def back(**changes):
        return 1 - score(hand_row(**changes).lazy(), told).collect()["silent_90"].item()

    assert back(overdue=4.5, silent_days=180, churned=True) == pytest.approx(0.15)
    assert back(overdue=9.0, silent_days=360, churned=True) == pytest.approx(7 / 160)
    assert back(overdue=3.9, silent_days=156, churned=True) == pytest.approx(expected)
    assert back(overdue=4.5, silent_days=180, churned=False) == pytest.approx(expected)
    assert returns(rows.head(99), HAND) == ()
    second = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit(AS_OF - timedelta(days=90)))
    spread = rows.with_columns(landmark_on=second.otherwise("landmark_on"))
    older = late_rows(4.5, 200, 200).with_columns(landmark_on=pl.lit(AS_OF - timedelta(days=180)))
    assert returns(pl.concat([older, spread]), HAND) == found  # of the last two landmarks
    again = ChurnModel.from_json(told.to_json())
    assert again.returns == told.returns


def test_the_churned_come_back_as_often_as_foretold_on_later_days(crm, model):
    rows = landmark_rows(crm, as_of=AS_OF)
    later = rows.filter(pl.col("churned"), pl.col("landmark_on") == ORIGIN)
    told = score(later.lazy(), model).collect()
    back = (1 - told["silent_90"]).sum()
    assert later.height > 200
    plain = (1 - score(later.lazy(), replace(model, returns=())).collect()["silent_90"]).sum()
    came = later["event"].sum()
    assert abs(back / came - 1) < abs(plain / came - 1)


def test_tau_moves_without_a_new_fit():
    row = hand_score(replace(STANDARD, times=2.0))
    assert (row["tau_days"], row["remaining_days"], row["churned"]) == (80, 60, False)
    assert row["p60"] == pytest.approx(math.exp(-0.6))
    assert row["silent_90"] == hand_score()["silent_90"]  # no threshold in it
    fixed = hand_score(replace(STANDARD, fixed_days=90))
    assert fixed["remaining_days"] == 70
    assert hand_score(replace(STANDARD, fixed_days=20))["churned"] is True


def test_a_feature_that_has_gone_counts_as_the_mean_and_columns_go_by_name():
    frame = hand_row().select("churned", "x", "silent_days", "overdue", *["usual_gap_days"],
                              "tau_days", "remaining_days", "contract_ended_on")  # fmt: skip
    reordered = score(frame.lazy(), HAND).collect()["silent_90"][0]
    assert reordered == hand_score()["silent_90"]
    without = score(hand_row(x=7.0).drop("x").lazy(), HAND).collect()
    assert without["pace"][0] == 1.0


def test_the_curve_passes_through_the_probabilities():
    row = hand_score(usual_gap_days=11.25, tau_days=45, silent_days=5, remaining_days=40)
    curve = survival_curve(HAND, row)
    at = dict(zip(curve["day"], curve["survival"], strict=True))
    assert curve.height == 91
    assert at[0] == at[39] == 1.0
    assert at[40] == pytest.approx(1 - math.exp(-0.4))
    for days in (30, 60, 90):
        assert at[days] == pytest.approx(1 - row[f"p{days}"])
    assert curve["silent"][90] == pytest.approx(row["silent_90"])
    assert survival_curve(HAND, row | {"band": None}).is_empty()


def test_drivers_are_the_distances_to_the_mean_customer():
    rows = pl.concat([hand_row(x=0.0), hand_row(x=2.0, overdue=1.5)])
    scored = score(rows.lazy(), HAND).collect()
    first, second = drivers(scored, HAND).to_list()
    # x: mean 1; log 2 below it: takes twice as long. Clock: bands 5 times apart, mean sqrt(5).
    assert first[0] == {"driver": "silence", "effect": pytest.approx(1 / math.sqrt(5) - 1)}
    assert first[1] == {"driver": "frequency", "effect": pytest.approx(1.0)}
    assert second[0]["effect"] == pytest.approx(math.sqrt(5) - 1)
    assert second[1]["effect"] == pytest.approx(-0.5)


def test_groups_differ_by_the_mean_of_their_customers():
    rows = pl.concat([hand_row(x=0.0), hand_row(x=2.0, overdue=1.5), hand_row(x=4.0)])
    scored = score(rows.lazy(), HAND).collect()
    told = scored.with_columns(
        region=pl.Series(["east", "east", None]), segment=pl.Series(["a", "b", "b"])
    )
    found = group_drivers(told, HAND)
    by = {(row[0], row[1], row[3]): (row[2], row[4]) for row in found.rows()}
    # x: mean 2; log 2 for each below it. East: 0 and 2, one below on average: twice as long.
    assert by["region", "east", "frequency"] == (2, pytest.approx(1.0))
    assert by["region", None, "frequency"] == (1, pytest.approx(0.25 - 1))
    assert by["segment", "b", "frequency"] == (2, pytest.approx(0.5 - 1))
    weighed = found.filter(dimension="region", driver="frequency")
    mean = (weighed["customers"] * (weighed["effect"] + 1).log()).sum()
    assert mean == pytest.approx(0, abs=1e-12)  # the groups together are everybody
    assert found.select("dimension").unique().height == 2


def test_who_is_not_scored_is_in_no_group_and_without_a_model_there_are_none():
    rows = pl.concat([hand_row(x=0.0), hand_row(x=2.0)]).with_columns(region=pl.lit("east"))
    scored = score(rows.lazy(), HAND).collect()
    unknown = scored.with_columns(pace=pl.when(pl.int_range(pl.len()) == 0).then("pace"))
    assert group_drivers(unknown, HAND)["customers"].unique().to_list() == [1]
    assert group_drivers(scored, None).is_empty()


def test_hazard_ratios_point_towards_risk():
    row = hazard_ratios(HAND).row(0, named=True)
    assert row["ratio"] == pytest.approx(0.5)  # twice the pace, half the wait
    assert row["low"] == pytest.approx(0.5 * math.exp(-0.196), abs=1e-4)
    assert row["high"] == pytest.approx(0.5 * math.exp(0.196), abs=1e-4)


TRUTH = {
    "log_frequency": 0.5,
    "log_basket": 0.2,
    "order_trend": 0.0,
    "log_tenure": -0.15,
    "unanswered": -0.1,
    "complaints": -0.3,
    "other_tickets": 0.1,
    "nps_detractor": -0.4,
    "segment=public": 0.35,
    "overdue": -0.25,
}


def proportional(n=30_000, seed=2):
    rng = np.random.default_rng(seed)
    public = rng.random(n) < 0.3
    x = {name: rng.normal(0, 0.7, n) for name in TRUTH if name != "segment=public"}
    x["nps_detractor"] = (rng.random(n) < 0.2).astype(float)
    x["overdue"] = rng.exponential(1.5, n)
    log = sum(x[name] * beta for name, beta in TRUTH.items() if name != "segment=public")
    log = log + public * TRUTH["segment=public"]
    base = np.array([0.02, 0.012, 0.008, 0.006, 0.004])[
        np.digitize(x["overdue"], [0.4, 1.0, 2.0, 3.0])
    ]
    time = np.ceil(rng.exponential(1 / (base * np.exp(log))))
    return pl.DataFrame(
        x
        | {
            "segment": np.where(public, "public", "retail"),
            "duration": np.minimum(time, 90).astype(np.int32),
            "event": (time <= 90).astype(np.int8),
            "customer_id": np.arange(n).astype(str),
            "landmark_on": [date(2026, 1, 1)] * n,
        }
    )


def test_known_hazard_ratios_lie_in_the_interval_and_lifelines_agrees():
    rows = proportional()
    fitted = fit_rows(rows, as_of=AS_OF, definition=STANDARD)
    inside = {
        effect.column.name: abs(effect.beta - TRUTH[effect.column.name])
        < 1.96 * effect.standard_error
        for effect in fitted.effects
    }
    assert set(inside) == set(TRUTH)
    assert sum(inside.values()) >= 9, inside
    assert fitted.concordance > 0.6
    # Our lookup against lifelines' own prediction for the same rows.
    few = rows.head(200)
    frame = few.with_columns(
        usual_gap_days=pl.lit(30.0), silent_days=1, tau_days=200, remaining_days=199, churned=False,
        contract_ended_on=None,
    )  # fmt: skip
    ours = score(frame.lazy(), fitted).collect()["silent_90"].to_numpy()
    theirs = lifelines_survival(rows, few, fitted)
    assert ours == pytest.approx(theirs, abs=1e-6)


def lifelines_survival(rows, few, fitted):
    def design(frame):
        columns = {e.column.name: e.column.value() for e in fitted.effects}
        made = frame.select("duration", "event", band=fitted.band(), **columns)
        return pd.DataFrame({name: made[name].to_numpy().astype(float) for name in made.columns})

    cox = CoxPHFitter(penalizer=1e-4)
    cox.fit(design(rows), "duration", "event", strata=["band"], batch_mode=True)
    curves = cox.predict_survival_function(design(few), times=[90.0])
    return curves[range(few.height)].to_numpy()[0]  # by row label: it returns them by stratum


def churn_days(crm, risk):
    """By plain iteration: the first day after ORIGIN on which each silence reaches its tau."""
    taus = dict(zip(risk["customer_id"], risk["tau_days"], strict=True))
    found = {}
    bought = crm.purchases().collect().sort("customer_id", "ordered_on")
    for (customer,), part in bought.group_by("customer_id", maintain_order=True):
        days = part["ordered_on"].to_list()
        tau = taus.get(customer)
        if tau is None:
            continue
        for this, following in zip(days, [*days[1:], date.max], strict=True):
            end = this + timedelta(days=tau)
            if end > ORIGIN and following > end:
                found[customer] = end
                break
    return found


def test_predictions_come_true_out_of_time(crm, risk):
    ends = churn_days(crm, risk)
    there = crm.customers.filter(
        pl.col("deleted_on").is_null() | (pl.col("deleted_on") > AS_OF)
    ).collect()
    scored = risk.join(there, on="customer_id", how="semi").filter(pl.col("p90").is_not_null())
    assert scored.height > 1000
    for days in (30, 60, 90):
        limit = ORIGIN + timedelta(days=days)
        happened = [ends.get(c, date.max) <= limit for c in scored["customer_id"]]
        predicted, observed = scored[f"p{days}"].sum(), sum(happened)
        assert observed > 50
        assert 0.85 < predicted / observed < 1.15, (days, predicted, observed)
        shares = scored[f"p{days}"].to_numpy()
        brier = np.mean((shares - happened) ** 2)
        rate = np.mean(happened)
        assert 1 - brier / (rate * (1 - rate)) > 0.4


def test_one_row_per_customer_with_every_column(past, risk):
    living = past.customers.filter(
        pl.col("deleted_on").is_null() | (pl.col("deleted_on") > ORIGIN)
    ).collect()
    assert risk["customer_id"].to_list() == sorted(living["customer_id"])
    buyers = risk.filter(pl.col("tau_days").is_not_null())
    assert buyers["churned"].null_count() == 0
    assert risk.height > buyers.height  # some have not bought yet
    never = risk.filter(pl.col("tau_days").is_null())
    assert never["p90"].null_count() == never.height
    assert never["unanswered_streak"].null_count() == 0
    alive = buyers.filter(~pl.col("churned") & (pl.col("silent_days") < 365))
    assert alive["p90"].null_count() == 0
    assert alive.filter(pl.col("p30") > pl.col("p60")).is_empty()
    assert alive.filter(pl.col("p60") > pl.col("p90")).is_empty()
    assert set(alive["drivers"].list.len()) == {3}
    codes = set(alive["drivers"].explode(empty_as_null=False).struct.field("driver"))
    assert codes <= {*DRIVERS.values(), "segment", "region", "acquisition_channel"}


def test_revenue_at_risk_is_probability_times_the_last_year(past, risk):
    year = (
        past.orders.filter((pl.col("ordered_on") > ORIGIN - timedelta(days=365)) & pl.col("bought"))
        .group_by("customer_id")
        .agg(pl.col("amount").sum())
    )
    joined = risk.filter(pl.col("p90").is_not_null()).join(year.collect(), on="customer_id")
    expected = (joined["p90"] * joined["amount"]).round().cast(pl.Int64)
    assert joined["revenue_at_risk"].to_list() == expected.to_list()
    assert risk.filter(pl.col("p90").is_null())["revenue_at_risk"].null_count() > 0


def test_the_order_of_rows_changes_nothing(past, model):
    shuffled = replace(
        past,
        orders=past.orders.collect().sample(fraction=1, shuffle=True, seed=1).lazy(),
        customers=past.customers.reverse(),
        interactions=past.interactions.reverse(),
        survey_responses=past.survey_responses.reverse(),
    )
    again = fit_churn(shuffled, as_of=ORIGIN)
    assert again.to_json() == model.to_json()
    assert_frame_equal(
        customer_risk(shuffled, model, as_of=ORIGIN), customer_risk(past, model, as_of=ORIGIN)
    )


def test_a_model_survives_json_exactly(model):
    assert ChurnModel.from_json(model.to_json()) == model
    stored = json.loads(model.to_json())
    assert stored["version"] == 3
    with pytest.raises(ValueError, match="version 99"):
        ChurnModel.from_json(json.dumps(stored | {"version": 99}))


def test_the_model_says_what_it_rests_on(past, model):
    rows = landmark_rows(past, as_of=ORIGIN)
    assert (model.rows, model.events) == (rows.height, rows["event"].sum())
    assert model.as_of == ORIGIN
    assert model.window == 90
    assert len(model.baseline) == len(model.cuts) + 1
    assert all(row[0] == 0.0 and list(row) == sorted(row) for row in model.baseline)
    # One level only: nothing to tell apart. No table of missed promises.
    assert ("no_table", "missed") in {(note.code, note.subject) for note in model.notes}
    assert not [e for e in model.effects if e.column.driver == "acquisition_channel"]


def test_a_crm_with_customers_and_orders_only_gets_a_model(past):
    bare = replace(past, interactions=None, tickets=past.tickets.head(0), survey_responses=None)
    got = assess(bare, as_of=ORIGIN)
    assert got.refusal is None
    assert {note.subject for note in got.model.notes if note.code == "no_table"} == {
        "interactions", "tickets", "survey_responses", "missed"}  # fmt: skip
    used = {effect.column.driver for effect in got.model.effects}
    assert not used & {"unanswered", "contacts", "complaints", "nps", "csat", "other_tickets"}
    assert got.customers["p90"].drop_nulls().len() > 1000
    assert got.customers["unanswered_streak"].null_count() == got.customers.height


def test_without_a_model_the_states_remain_and_the_refusal_says_why(past, risk):
    short = replace(past, orders=past.orders.filter(pl.col("ordered_on") > date(2026, 1, 15)))
    got = assess(short, as_of=ORIGIN)
    assert got.model is None
    assert got.refusal.reason == "no_landmarks"
    assert got.customers.columns == risk.columns
    assert got.customers.schema == risk.schema
    assert got.customers["p90"].null_count() == got.customers.height
    assert got.customers["churned"].null_count() < got.customers.height


def test_a_refused_fit_keeps_the_last_good_model(past, model):
    short = replace(past, orders=past.orders.filter(pl.col("ordered_on") > date(2026, 1, 15)))
    got = assess(short, as_of=ORIGIN, last_good=Models(model))
    assert got.model is model
    assert got.refusal is not None
    assert got.customers["p90"].drop_nulls().len() > 100


def test_an_empty_crm_is_no_error(past):
    nothing = replace(past, orders=past.orders.head(0))
    got = assess(nothing, as_of=ORIGIN)
    assert got.refusal.reason == "no_landmarks"
    assert got.customers["tau_days"].null_count() == got.customers.height > 0
    nobody = replace(nothing, customers=past.customers.head(0))
    assert assess(nobody, as_of=ORIGIN).customers.is_empty()


def test_scores_rest_on_the_features_of_the_same_day(past, model, risk):
    today = known(past, ORIGIN)
    direct = score(today, model).select("customer_id", "p90").collect()
    joined = risk.drop_nulls("p90").join(direct, on="customer_id", validate="1:1")
    assert joined["p90"].to_list() == joined["p90_right"].to_list()
