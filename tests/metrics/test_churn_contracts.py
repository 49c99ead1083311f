"""Customers under contract: who is, what the model recovers of a known truth, what is no churn."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.churn.cancellation import contract_rows
from metrics.churn.contracts import Contracts
from metrics.churn.definitions import costs, rescored
from metrics.churn.drivers import hazard_ratios
from metrics.churn.fit import fit_churn, fit_contracts
from metrics.churn.guard import FitRefusedError
from metrics.churn.model import ChurnModel, Column, Effect
from metrics.churn.readers import contracts as read_contracts
from metrics.churn.regime import CONTRACTS
from metrics.churn.rhythm import Definition
from metrics.churn.risk import assess, customer_risk
from metrics.churn.score import survival_curve
from metrics.churn.summary import risk_counts
from metrics.churn.win_back import lapsed
from tests.metrics import churn_company
from tests.metrics.contract_company import AS_OF, BANDS, BASE, TRUTH, company

DAY = date(2026, 1, 1)


def day(offset):
    return None if offset is None else DAY + timedelta(days=offset)


def book(*rows):
    """Contracts of customer 0 and, if four are given, another: (start, end, amount[, customer])."""
    return pl.DataFrame(
        [
            {
                "customer_id": row[3] if len(row) > 3 else 0,
                "started_on": day(row[0]),
                "ended_on": day(row[1]),
                "monthly_amount": row[2],
            }
            for row in rows
        ],
        schema={
            "customer_id": pl.UInt32,
            "started_on": pl.Date,
            "ended_on": pl.Date,
            "monthly_amount": pl.Int64,
        },
    )


def on(rows, offset, who=0):
    days = np.array([(day(offset) - date(1970, 1, 1)).days])
    told = Contracts.of(rows).at(np.array([who]), days)
    return tuple(told[name][0] for name in ("contract_days", "monthly_amount", "contract_ends_on"))


def test_a_contract_runs_from_its_first_day_until_the_day_it_ends():
    rows = book((0, 30, 500), (0, None, 7, 1))
    assert on(rows, -1) == (None, None, None)
    assert on(rows, 0) == (0, 500, day(30))
    assert on(rows, 29) == (29, 500, day(30))
    assert on(rows, 30) == (None, None, None)
    assert on(rows, 400, who=1) == (400, 7, None)
    assert on(rows, 400, who=2) == (None, None, None)


def test_a_renewal_on_the_day_of_the_end_is_no_departure_and_a_day_later_it_is():
    renewed = book((0, 30, 500), (30, 60, 600))
    assert on(renewed, 29) == (29, 500, day(60))
    assert on(renewed, 40) == (40, 600, day(60))
    lapsed = book((0, 30, 500), (31, None, 600))
    assert on(lapsed, 29) == (29, 500, day(30))
    assert on(lapsed, 30) == (None, None, None)
    assert on(lapsed, 40) == (9, 600, None)  # tenure begins anew


def test_of_several_contracts_the_amounts_add_up_and_the_last_end_counts():
    rows = book((0, 100, 500), (10, 40, 200), (20, 60, 50))
    assert on(rows, 5) == (5, 500, day(100))
    assert on(rows, 30) == (30, 750, day(100))
    assert on(rows, 50) == (50, 550, day(100))
    assert on(rows, 99) == (99, 500, day(100))


def test_a_contract_that_never_ran_is_not_read():
    rows = read_contracts(book((0, 0, 500), (5, 3, 500), (7, 8, 500)).lazy()).collect()
    assert rows["started_on"].to_list() == [day(7)]


@pytest.fixture(scope="module")
def crm():
    return company(24_000)


@pytest.fixture(scope="module")
def model(crm):
    return fit_contracts(crm, as_of=AS_OF)


def test_known_hazard_ratios_lie_in_the_interval(model):
    ratios = {row["feature"]: row for row in hazard_ratios(model).iter_rows(named=True)}
    assert len(TRUTH) == 10
    assert set(ratios) == set(TRUTH)
    inside = {
        name: ratios[name]["low"] <= math.exp(beta) <= ratios[name]["high"]
        for name, beta in TRUTH.items()
    }
    assert sum(inside.values()) >= 9, inside


def test_the_baseline_of_each_band_is_the_true_one(model):
    """The hazard of a day in each band of tenure, for the mean customer of the training rows."""
    mean = sum(TRUTH[effect.column.name] * effect.centre for effect in model.effects)
    mean -= TRUTH["log_monthly_amount"] * 10.0  # the generator's own centre
    for band, row in enumerate(model.baseline):
        tenure = (0, *model.cuts)[band]
        factor = next(factor for limit, factor in BANDS if tenure < limit)
        assert row[90] / 90 == pytest.approx(BASE * factor * math.exp(mean), rel=0.2), band


def test_as_many_leave_as_foretold(crm):
    """Out of time: fitted and scored 90 days ago, held against the contracts that then ended."""
    then = AS_OF - timedelta(days=90)
    ended = pl.col("ended_on")
    past = replace(
        crm,
        tickets=crm.tickets.filter(pl.col("created_on") <= then),
        survey_responses=crm.survey_responses.filter(pl.col("answered_on") <= then),
        missed=crm.missed.filter(pl.col("missed_on") <= then),
        contracts=crm.contracts.filter(pl.col("started_on") <= then).with_columns(
            ended_on=pl.when(ended <= then).then(ended)
        ),
    )
    got = assess(past, as_of=then)
    assert got.contracts is not None
    assert got.contracts_refusal is None
    assert got.refusal.reason == "no_landmarks"  # nobody ever ordered
    risk = got.customers.filter(pl.col("contract_days").is_not_null())
    gone = crm.customers.filter(pl.col("deleted_on") <= AS_OF).select("customer_id").collect()
    risk = risk.join(gone, on="customer_id", how="anti")
    ends = crm.contracts.collect()
    for days in (30, 60, 90):
        by_then = ends.filter((ended > then) & (ended <= then + timedelta(days=days)))
        observed = risk.join(by_then, on="customer_id", how="semi").height
        assert observed > 100
        assert risk[f"p{days}"].sum() / observed == pytest.approx(1, abs=0.15)


def test_nobody_deleted_counts_as_a_cancellation(crm):
    rows = contract_rows(crm, as_of=AS_OF)
    deleted = crm.customers.filter(pl.col("deleted_on").is_not_null()).collect()
    joined = rows.join(deleted.select("customer_id", "deleted_on"), on="customer_id")
    assert joined.height > 500
    until = joined.with_columns(until=pl.col("landmark_on") + pl.duration(days=pl.col("duration")))
    assert until.filter(pl.col("until") > pl.col("deleted_on")).is_empty()
    cut = until.filter((pl.col("until") == pl.col("deleted_on")) & (pl.col("duration") < 90))
    assert cut.height > 10
    assert cut["event"].sum() == 0


def test_the_end_on_the_day_of_deletion_is_no_cancellation(crm):
    who = crm.contracts.filter(pl.col("ended_on").is_not_null()).collect().row(0, named=True)
    same = crm.customers.with_columns(
        deleted_on=pl.when(customer_id=who["customer_id"]).then(pl.lit(who["ended_on"]))
    )
    rows = contract_rows(replace(crm, customers=same), as_of=AS_OF)
    assert rows.filter(pl.col("customer_id") == who["customer_id"])["event"].sum() == 0


def test_the_rows_are_those_of_a_plain_loop(crm):
    few = crm.where(pl.col("customer_id") < "C0000200")
    rows = contract_rows(few, as_of=AS_OF)
    deleted = dict(few.customers.select("customer_id", "deleted_on").collect().iter_rows())
    expected = []
    for row in few.contracts.collect().iter_rows(named=True):
        for step in range(8, 0, -1):
            landmark = AS_OF - timedelta(days=90 * step)
            until, gone = row["ended_on"] or date.max, deleted[row["customer_id"]] or date.max
            if row["started_on"] > landmark or until <= landmark or gone <= landmark:
                continue
            last = min(landmark + timedelta(days=90), gone)
            event = until <= last and until < gone
            days = ((until if event else last) - landmark).days
            expected.append((row["customer_id"], landmark, days, int(event)))
    got = rows.select("customer_id", "landmark_on", "duration", "event").rows()
    assert got == sorted(expected)


# Hazard 0.001 and 0.0005 a day in the first year of tenure and later; one driver.
HAND = ChurnModel(
    effects=(Effect(Column("complaints", "complaints", "complaints"), math.log(2.0), 0.1, 1.0),),
    cuts=(365.0,),
    baseline=tuple(tuple(rate * at for at in range(91)) for rate in (0.001, 0.0005)),
    rows=1000,
    customers=900,
    events=500,
    landmarks=4,
    concordance=0.7,
    definition=Definition.standard(),
    as_of=AS_OF,
    regime=CONTRACTS.name,
)


def test_the_probability_follows_from_band_and_pace(crm):
    risk = customer_risk(crm, None, as_of=AS_OF, contracts=HAND)
    running = crm.contracts.filter(pl.col("ended_on").is_null()).collect()
    joined = risk.drop_nulls("p90").join(running, on="customer_id", validate="1:1")
    assert joined.height > 1000
    quarter = crm.tickets.filter(
        (pl.col("created_on") > AS_OF - timedelta(days=90)) & pl.col("complaint")
    )
    counts = dict(quarter.group_by("customer_id").len().collect().iter_rows())
    for row in joined.head(300).iter_rows(named=True):
        tenure = (AS_OF - row["started_on"]).days
        pace = 2.0 ** (min(counts.get(row["customer_id"], 0), 6) - 1)
        hazard = (0.001 if tenure < 365 else 0.0005) * pace
        for days in (30, 60, 90):
            assert row[f"p{days}"] == pytest.approx(1 - math.exp(-hazard * days))
        lost = row["p90"] * 12 * row["monthly_amount"]
        assert row["revenue_at_risk"] == round(lost)
        assert (row["churned"], row["tau_days"], row["silent_90"]) == (False, None, None)
        curve = survival_curve(HAND, row)
        assert curve["survival"][60] == pytest.approx(1 - row["p60"])
        assert curve["silent"].null_count() == 91


def test_drivers_raise_the_risk_with_the_hazard(crm):
    risk = customer_risk(crm, None, as_of=AS_OF, contracts=HAND).drop_nulls("p90")
    told = risk.select("customer_id", "drivers").explode("drivers").unnest("drivers")
    complaints = told.filter(pl.col("driver") == "complaints")
    assert set(told["driver"]) == {"complaints", "contract_tenure"}
    worst = complaints.sort("effect", descending=True).row(0, named=True)
    assert worst["effect"] > 1  # more than one complaint: more than twice as many cancel


def test_a_company_of_both_kinds_scores_each_by_its_own(crm):
    buyers = churn_company.company(1500, seed=4)
    held = buyers.customers.head(60).select("customer_id").collect()["customer_id"]
    some = crm.contracts.head(60).collect().with_columns(customer_id=held)
    both = replace(buyers, contracts=some.lazy())
    running = set(some.filter(pl.col("ended_on").is_null())["customer_id"])
    plain = assess(buyers, as_of=AS_OF)
    got = assess(both, as_of=AS_OF)
    assert got.contracts is None
    assert got.contracts_refusal.reason in {"too_few_events", "no_drivers"}
    free = got.customers.filter(~pl.col("customer_id").is_in(running))
    assert set(free["contract_days"]) == {None}
    left = free.filter(pl.col("contract_ended_on").is_not_null())
    assert set(left["churned"]) == {True}
    others = ~pl.col("customer_id").is_in([*running, *left["customer_id"]])
    assert got.customers.filter(others)["churned"].to_list() == (
        plain.customers.filter(others)["churned"].to_list()
    )
    under = got.customers.filter(pl.col("contract_days").is_not_null())
    assert set(under["customer_id"]) <= running
    assert set(under["churned"]) == {False}
    assert under["p90"].null_count() == under.height  # no model of contracts: nobody is scored
    counts = got.customers.select(**risk_counts()).row(0, named=True)
    assert counts["scored"] == free["p90"].count()
    trained = got.model
    assert trained is not None
    assert trained.rows < plain.model.rows  # who is under contract teaches nothing of purchases


def test_another_definition_of_silence_leaves_contracts_alone(crm):
    buyers = churn_company.company(600, seed=4)
    held = buyers.customers.head(60).select("customer_id").collect()["customer_id"]
    some = crm.contracts.head(60).with_columns(customer_id=pl.lit(held))
    both = replace(buyers, contracts=some)
    fitted = fit_churn(both, as_of=AS_OF)
    mart = customer_risk(both, fitted, as_of=AS_OF, contracts=HAND)
    then = lapsed(both.purchases(), as_of=AS_OF, contracts=both.contracts).collect()
    mart = mart.join(then, on="customer_id", how="left")
    patient = Definition(fixed_days=365)
    moved = rescored(mart.lazy(), fitted, patient).collect()
    assert moved.columns == mart.columns
    runs = pl.col("contract_days").is_not_null()
    same = [name for name in mart.columns if name != "lapsed"]
    assert_frame_equal(moved.filter(runs).select(same), mart.filter(runs).select(same))
    assert mart.filter(runs)["p90"].null_count() == 0
    free = moved.filter(~runs)
    assert set(free["tau_days"].drop_nulls()) == {365}
    told = costs(mart.lazy()).filter(pl.col("code") == "365d").row(0, named=True)
    assert told["churned"] == free["churned"].sum()
    # whoever signed a contract since counts as lapsed, on the card and here
    assert told["lapsed"] == moved["lapsed"].sum()


def test_without_contracts_there_is_nothing_to_fit(crm):
    with pytest.raises(FitRefusedError) as caught:
        fit_contracts(replace(crm, contracts=crm.contracts.head(0)), as_of=AS_OF)
    assert caught.value.reason == "no_landmarks"


def test_a_model_of_contracts_survives_json(model):
    again = ChurnModel.from_json(model.to_json())
    assert again == model
    assert again.kind is CONTRACTS
