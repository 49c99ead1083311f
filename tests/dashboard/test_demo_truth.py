"""Whether the churn model finds again what is true of the demo company by construction.

The company is read as any CRM is. The model is fitted as of 90 days before the end of its data, and
what it foretold is then compared with what happened.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from data_access.contract import TABLES
from data_access.demo.build import build
from data_access.demo.generate import AS_OF
from data_access.door import admit
from data_access.extract import extract
from data_access.snapshot import SnapshotStore
from metrics import sla
from metrics.churn.backtest import backtest
from metrics.churn.drivers import hazard_ratios
from metrics.churn.evaluate import by_origin
from metrics.churn.fit import fit_churn
from metrics.churn.model import ChurnModel
from metrics.churn.rhythm import Definition, rhythm
from metrics.churn.risk import customer_risk
from metrics.churn.tables import CrmTables
from metrics.purchase_days import bought_on
from metrics.revenue import is_purchase
from metrics.survival import lifetimes

END = date(2026, 10, 31)
ORIGIN = END - timedelta(days=90)
CHANNEL = "acquisition_channel"
Tables = dict[str, pl.LazyFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("truth")
    build(path / "crm.sqlite", 6_000, seed=7)
    return path


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, dict[str, float]]:
    return json.loads((folder / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def crm(folder: Path) -> Tables:
    """The contract tables as admitted at the door."""
    url = f"sqlite:///{folder / 'crm.sqlite'}"
    with SnapshotStore(folder / "store").staging() as staging:
        read = extract(url, spool=staging.spool, read_at=AS_OF, time_zone="Asia/Shanghai")
        admit(read, staging)
        return {name: staging.scan(name).collect().lazy() for name in TABLES}


@pytest.fixture(scope="module")
def known(crm: Tables) -> CrmTables:
    """What the company knew at the close of ORIGIN."""
    moment = datetime.combine(ORIGIN, time(16), UTC)  # midnight in Shanghai
    judged = sla.judged(crm["tickets"], policies=sla.policies(), as_of=moment)
    return CrmTables.read(
        orders=crm["orders"].filter(pl.col("ordered_on") <= ORIGIN),
        customers=crm["customers"],
        interactions=crm["interactions"].filter(pl.col("occurred_on") <= ORIGIN),
        tickets=crm["tickets"].filter(pl.col("created_on") <= ORIGIN),
        survey_responses=crm["survey_responses"].filter(pl.col("answered_on") <= ORIGIN),
        missed=sla.missed(judged),
    )


@pytest.fixture(scope="module")
def model(known: CrmTables) -> ChurnModel:
    return fit_churn(known, as_of=ORIGIN)


@pytest.fixture(scope="module")
def scored(known: CrmTables, model: ChurnModel, crm: Tables) -> pl.DataFrame:
    """Everyone with a score, and the day until which they stayed silent."""
    later = crm["orders"].filter(is_purchase(), pl.col("ordered_on").is_between(ORIGIN, END))
    back = (
        later.filter(pl.col("ordered_on") > ORIGIN)
        .group_by("customer_id")
        .agg(back_on=pl.col("ordered_on").min())
        .collect()
    )
    risk = customer_risk(known, model, as_of=ORIGIN).filter(pl.col("p90").is_not_null())
    return risk.join(back, on="customer_id", how="left", validate="1:1").with_columns(
        reached_on=pl.lit(ORIGIN) + pl.duration(days=pl.col("remaining_days"))
    )


def churned_within(days: int) -> pl.Expr:
    back, reached = pl.col("back_on"), pl.col("reached_on")
    return (pl.col("remaining_days") <= days) & (back.is_null() | (back >= reached))


@pytest.mark.parametrize("days", [30, 60, 90])
def test_as_many_leave_as_foretold(days: int, scored: pl.DataFrame):
    foretold = scored[f"p{days}"].sum()
    happened = scored.select(churned_within(days).sum()).item()
    assert happened > 50
    assert 0.8 < foretold / happened < 1.25


def test_those_foretold_to_leave_are_those_who_leave(scored: pl.DataFrame):
    """Among those who can reach the threshold in time; for the others it is 0 by definition."""
    able = scored.filter(pl.col("remaining_days") <= 90)
    left = able.select(churned_within(90)).to_series()
    stayed, gone = able["p90"].filter(~left).to_numpy(), able["p90"].filter(left).to_numpy()
    assert (gone[:, None] > stayed[None, :]).mean() > 0.85  # area under the curve; 0.5 is chance


def test_low_middle_and_high_probabilities_are_each_true(scored: pl.DataFrame):
    able = scored.filter(pl.col("remaining_days") <= 90).sort("p90")
    for part in able.iter_slices(able.height // 4 + 1):
        happened = part.select(churned_within(90).mean()).item()
        assert part["p90"].mean() == pytest.approx(happened, abs=0.08)


def pairs(found: dict[str, float], truth: dict[str, dict[str, float]]) -> np.ndarray:
    """Logs of what was found and of the true hazard ratios, one column per channel."""
    true = truth["hazard_ratio_acquisition"]
    return np.log([[found[name], ratio] for name, ratio in true.items()]).T


def test_the_model_orders_acquisition_channels_by_their_true_hazards(
    model: ChurnModel, truth: dict[str, dict[str, float]]
):
    ratios = hazard_ratios(model).filter(pl.col("driver") == CHANNEL)
    reference = dict.fromkeys(truth["hazard_ratio_acquisition"], 1.0)
    found = reference | dict(ratios.select("level", "ratio").rows())
    assert np.corrcoef(pairs(found, truth))[0, 1] > 0.75


def test_lifetimes_end_at_the_true_relative_hazards(
    crm: Tables, truth: dict[str, dict[str, float]]
):
    bought = rhythm(
        bought_on(crm["orders"], as_of=END), as_of=END, definition=Definition.standard()
    )
    people = bought.join(crm["customers"], on="customer_id", how="inner", validate="1:1")
    lives = lifetimes(people, as_of=END, observed_from=date(2023, 11, 1))
    years = (pl.col("duration") - pl.col("entry")).sum() / 365
    rates = lives.group_by(CHANNEL).agg(rate=pl.col("event").sum() / years).collect()
    assert np.corrcoef(pairs(dict(rates.rows()), truth))[0, 1] > 0.8


def test_silence_on_our_messages_is_found_to_come_before_leaving(model: ChurnModel):
    lows = dict(hazard_ratios(model).select("feature", "low").rows())
    highs = dict(hazard_ratios(model).select("feature", "high").rows())
    assert lows["unanswered"] > 1
    assert lows["overdue"] > 1
    assert highs["log_frequency"] < 1


@pytest.fixture(scope="module")
def whole(crm: Tables) -> CrmTables:
    """What the company knew at the end."""
    judged = sla.judged(crm["tickets"], policies=sla.policies(), as_of=AS_OF)
    names = ("orders", "customers", "interactions", "tickets", "survey_responses")
    return CrmTables.read(**{name: crm[name] for name in names}, missed=sla.missed(judged))


def test_forecasts_of_two_years_come_true_one_with_another(whole: CrmTables):
    found = backtest(whole, as_of=END)
    rows = by_origin(found.customers, found.models, found.share).filter(horizon=90)
    assert rows.height == 8
    assert rows["foretold"].sum() / rows["churned"].sum() == pytest.approx(1, abs=0.05)
    assert rows["auc"].min() > 0.87
    skill = 1 - rows["brier"].sum() / rows["churned"].sum()
    assert skill > 0.6
    assert rows["brier"].sum() < 0.7 * rows["brier_clock"].sum()
