"""The backtest knows only what was known, and what then happened is what plain loops find."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from lifelines import CoxPHFitter

from metrics.churn.backtest import Backtest, backtest
from metrics.churn.evaluate import by_origin, churned_within
from metrics.churn.fit import fit_churn
from metrics.churn.landmarks import LandmarkRule
from metrics.churn.lead_time import lead_times
from metrics.churn.origins import BacktestRule, origin_days, overlap
from metrics.churn.outcomes import churned_on
from metrics.churn.replay import clock_alone
from metrics.churn.rhythm import Definition, rhythm
from metrics.churn.risk import customer_risk
from metrics.churn.tables import CrmTables
from tests.metrics import contract_company
from tests.metrics.churn_company import AS_OF, company, until

RULE, LANDMARKS = BacktestRule.standard(), LandmarkRule.standard()


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


@pytest.fixture(scope="module")
def crm() -> CrmTables:
    return company(2500, seed=21)


@pytest.fixture(scope="module")
def found(crm: CrmTables) -> Backtest:
    return backtest(crm, as_of=AS_OF)


def test_origins_are_a_quarter_apart_and_closer_where_the_data_are_short():
    long = origin_days(date(2020, 1, 1), as_of=AS_OF, rule=RULE, landmarks=LANDMARKS)
    assert [(AS_OF - day).days for day in long] == [720, 630, 540, 450, 360, 270, 180, 90]
    assert not overlap(long, LANDMARKS)
    # a year: an origin needs a landmark 90 days before it, and that 90 days of history
    short = origin_days(ago(365), as_of=AS_OF, rule=RULE, landmarks=LANDMARKS)
    assert [(AS_OF - day).days for day in short] == [180, 150, 120, 90]
    assert overlap(short, LANDMARKS)
    assert origin_days(ago(200), as_of=AS_OF, rule=RULE, landmarks=LANDMARKS) == []
    assert origin_days(None, as_of=AS_OF, rule=RULE, landmarks=LANDMARKS) == []


def test_every_forecast_is_what_a_crm_cut_off_on_the_day_would_have_said(
    crm: CrmTables, found: Backtest
):
    for days in (90, 360):
        origin = ago(days)
        cut = until(crm, origin)
        model = fit_churn(cut, as_of=origin)
        assert found.models["purchases", origin].effects == model.effects
        told = found.customers.filter(pl.col("origin") == origin).rename({"revenue": "revenue_365"})
        known = customer_risk(cut, model, as_of=origin)
        names = ["customer_id", "tau_days", "revenue_365", "p30", "p60", "p90"]
        both = told.select(names).join(known, on="customer_id", suffix="_known")
        assert both.height == told.height > 500
        for name in names[1:]:
            assert both[name].to_list() == both[f"{name}_known"].to_list()
        deleted = crm.customers.filter(pl.col("deleted_on").is_between(origin, ago(days - 90)))
        missing = known.filter(pl.col("p90").is_not_null()).join(told, on="customer_id", how="anti")
        assert set(missing["customer_id"]) <= set(deleted.collect()["customer_id"])


def test_who_churned_is_who_was_silent_for_long_enough_on_some_day(crm: CrmTables, found: Backtest):
    """Day by day, from the rhythm of each day but with the threshold of the origin."""
    origin = ago(180)
    told = found.customers.filter(pl.col("origin") == origin)
    tau = told.select("customer_id", tau="tau_days").lazy()
    standard = Definition.standard()
    days = [origin + timedelta(days=each) for each in range(1, 91)]
    silent = [
        rhythm(crm.purchases(), as_of=day, definition=standard)
        .join(tau, on="customer_id")
        .filter(pl.col("silent_days") >= pl.col("tau"))
        .select("customer_id", day=pl.lit(day))
        for day in days
    ]
    first = pl.concat(silent).group_by("customer_id").agg(pl.col("day").min()).collect()
    both = told.join(first, on="customer_id", how="left")
    assert both["churned_on"].to_list() == both["day"].to_list()
    assert both["day"].count() > 50


def test_a_second_silence_counts_and_a_purchase_on_the_last_day_is_in_time():
    rows = [("A", 5), ("A", 60), ("B", 45), ("C", 44), ("D", 10), ("D", 50), ("D", 94)]
    bought = pl.DataFrame(
        {
            "customer_id": [who for who, _ in rows],
            "ordered_on": [AS_OF + timedelta(days=day) for _, day in rows],
        }
    )
    moments = pl.DataFrame(
        {
            "customer_id": ["A", "B", "C", "D", "E"],
            "landmark_on": [AS_OF] * 5,
            "last_on": [AS_OF] * 5,
            "tau_days": pl.Series([45, 45, 45, 45, 100], dtype=pl.Int32),
        }
    )
    days = churned_on(bought, moments, within=90).to_list()
    # A: silent from 5 on, churned on day 50; B bought on day 45 itself; C: 44 + 45 = 89
    assert [day and (day - AS_OF).days for day in days] == [50, 90, 89, None, None]


def test_the_clock_alone_is_nelson_and_aalens_hazard(found: Backtest):
    rows = pl.DataFrame(
        {
            "overdue": [0.1] * 5 + [5.0],
            "duration": [2, 2, 3, 90, 40, 90],
            "event": [1, 1, 1, 0, 0, 0],
        }
    )
    clock = clock_alone(rows, next(iter(found.models.values())))
    first = clock.baseline[0]
    assert (first[1], first[2], first[3]) == pytest.approx((0, 2 / 5, 2 / 5 + 1 / 3))
    assert first[90] == first[3]
    assert set(clock.baseline[-1]) == {0.0}
    assert clock.effects == ()


def test_foretold_and_happened_agree_and_drivers_add_to_the_clock():
    told = backtest(company(4000, seed=5), as_of=AS_OF)
    rows = by_origin(told.customers, told.models, told.share)
    assert rows["origin"].n_unique() == 8
    for days in (30, 60, 90):
        of = rows.filter(horizon=days)
        assert of["foretold"].sum() / of["churned"].sum() == pytest.approx(1, abs=0.07)
        assert of["brier"].sum() < of["brier_clock"].sum() < of["churned"].sum()
        assert of["auc"].mean() > of["auc_clock"].mean() > 0.5


def test_customers_under_contract_are_forecast_by_their_contracts():
    told = backtest(contract_company.company(6000), as_of=contract_company.AS_OF)
    customers = told.customers
    assert set(customers["regime"]) == {"contracts"}
    assert customers["tau_days"].null_count() == customers.height
    origin = contract_company.AS_OF - timedelta(days=90)
    model = told.models["contracts", origin]
    assert model.regime == "contracts"
    ended = told.tables.contracts.filter(
        pl.col("ended_on") > origin, pl.col("ended_on") <= contract_company.AS_OF
    )
    gone = customers.filter(pl.col("origin") == origin).drop_nulls("churned_on")
    days = dict(ended.select("customer_id", "ended_on").collect().iter_rows())
    assert gone.height > 100
    assert all(days[who] == day for who, day in gone.select("customer_id", "churned_on").rows())
    rows = by_origin(customers, told.models, told.share).filter(horizon=90)
    assert rows["foretold"].sum() / rows["churned"].sum() == pytest.approx(1, abs=0.07)
    assert (rows["auc"] > rows["auc_clock"] + 0.03).all()
    assert rows["origin"].max() == origin
    assert lead_times(told).is_empty()


def test_a_sample_forecasts_some_and_fits_on_fewer(crm: CrmTables, found: Backtest):
    few = replace(RULE, customers=1500, fit_customers=900)
    told = backtest(crm, as_of=AS_OF, rule=few)
    assert 0.5 < told.share < 0.75
    drawn, fitted = (
        told.customers["customer_id"].unique(),
        told.training["purchases"]["customer_id"].unique(),
    )
    assert len(fitted) < 0.75 * len(drawn) < len(found.customers["customer_id"].unique())
    whole = found.customers.filter(pl.col("customer_id").is_in(drawn.implode()))
    # the usual gap of everybody is that of the sample, so thresholds differ by a day or so
    assert told.customers.height == pytest.approx(whole.height, rel=0.02)


@pytest.mark.parametrize("customers", [0, 15])
def test_too_few_or_no_customers_give_no_forecast(customers: int):
    told = backtest(company(customers, seed=2), as_of=AS_OF)
    assert told.models == {}
    assert told.customers.is_empty()


def test_the_usual_tutorial_fails_out_of_time(crm: CrmTables, found: Backtest):
    """Duration since the first order, event: churned by now, features as of now.

    In sample it looks excellent; asked for the next 90 days, it is worse than saying "nobody".
    """
    origin = ago(90)
    people = customer_risk(until(crm, origin), None, as_of=origin).drop_nulls("tau_days")
    known = rhythm(crm.purchases(), as_of=origin, definition=Definition.standard()).collect()
    rows = people.select("customer_id", "silent_days", "unanswered_streak", "churned").join(
        known.select("customer_id", "purchase_days", "first_on"), on="customer_id"
    )
    frame = rows.select(
        tenure=(pl.lit(origin) - pl.col("first_on")).dt.total_days().clip(1),
        event=pl.col("churned").cast(pl.Int8),
        silent=pl.col("silent_days"),
        orders=pl.col("purchase_days").log(),
        unanswered=pl.col("unanswered_streak").fill_null(0).clip(0, 6).cast(pl.Float64),
    ).to_pandas()
    cox = CoxPHFitter(penalizer=1e-4).fit(frame, "tenure", "event", batch_mode=True)
    assert cox.concordance_index_ > 0.75
    numbered = rows.with_row_index("row").select("customer_id", "row")
    at_risk = found.customers.filter(pl.col("origin") == origin)
    judged = at_risk.join(numbered, on="customer_id").sort("customer_id").head(300)
    alive = frame.iloc[judged["row"].to_numpy()]
    survival = [
        cox.predict_survival_function(alive.iloc[[each]], times=[days, days + 90])
        .to_numpy()
        .ravel()
        for each, days in enumerate(alive["tenure"])
    ]
    p = np.array([1 - later / now for now, later in survival])
    left = judged.select(churned_within(90)).to_series().to_numpy()
    ours = judged["p90"].to_numpy()
    nobody = np.mean(left)
    assert 1 - np.mean((p - left) ** 2) / nobody < -0.1
    assert 1 - np.mean((ours - left) ** 2) / nobody > 0.4
