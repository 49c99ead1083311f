"""The forecasts of an installation, looked back on: the aims of the model, and what is not told."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import list_quality, model_quality
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from tests.conftest import Installation

Open = Callable[[Installation], None]


def a_view() -> View:
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


def test_a_year_of_a_real_shop_is_foretold(opened: Open, real: Installation):
    """Online Retail: four overlapping windows, since one year leaves no room for more."""
    opened(real)
    found = model_quality.overall(a_view())
    assert found["forecasts"] == 4
    assert 0.9 < found["ratio"] < 1.1
    assert found["auc"] > 0.84
    assert found["skill"] > 0.70
    assert model_quality.scatter(a_view(), "revenue")["low"] is None
    assert model_quality.expected(a_view(), 100.0) is None


def test_the_demo_company_is_foretold_two_years_back(opened: Open, demo: Installation):
    opened(demo)
    view = a_view()
    found, rows = model_quality.overall(view), model_quality.origins(view)
    assert found["forecasts"] == rows.height == 8
    assert 0.9 < found["ratio"] < 1.1  # of 1,500 customers; see test_demo_truth for 6,000
    assert rows["ratio"].is_between(rows["ratio_low"], rows["ratio_high"]).all()
    low, high = model_quality.expected(view, 100.0)
    assert low < 100 * model_quality.scatter(view, "revenue")["ratio"] < high


def test_parts_add_up_to_the_whole(opened: Open, demo: Installation):
    opened(demo)
    view = a_view()
    whole = model_quality.overall(view)
    sums = model_quality.by_group(view, "tier").sum().row(0, named=True)
    for name in ("customers", "churned"):
        assert sums[name] == whole[name]
    assert sums["foretold"] == pytest.approx(whole["foretold"])
    bins = model_quality.bins(view).filter(horizon=90)
    assert (bins.height, bins["churned"].sum()) == (20, whole["churned"])
    assert bins["customers"].max() - bins["customers"].min() <= 1
    money = model_quality.revenue(view)
    assert money["lost"].sum() == sums["revenue_lost"]
    tenths = data.frame(view, "backtest_tenths").collect()
    assert tenths["caught"].sum() == whole["churned"]


def test_the_regime_of_all_is_the_whole(opened: Open, demo: Installation):
    opened(demo)  # too few contracts for a model of theirs, so nobody under contract is forecast
    view = a_view()
    assert model_quality.groups(view) == ("tier",)
    row = model_quality.by_group(view, "regime").row(0, named=True)
    whole = model_quality.overall(view)
    assert (row["regime"], row["churned"]) == ("purchases", whole["churned"])
    assert row["deviation"] == pytest.approx(1 / whole["ratio"] - 1)


def test_longer_lists_catch_more_and_are_right_less_often(opened: Open, demo: Installation):
    opened(demo)
    view = a_view()
    rows = list_quality.by_size(view)
    assert rows["caught"].is_sorted()
    assert rows["recall"].is_sorted()
    assert rows["precision"][0] > rows["precision"][-1]
    assert (rows["lift"] * rows["churned"]).to_list() == pytest.approx(
        (rows["precision"] * model_quality.overall(view)["customers"]).to_list()
    )
    offered = list_quality.list_sizes(view)
    assert set(offered) <= set(rows["size"])
    assert list_quality.usual_size(view) == 100
    each = list_quality.of_list(view, 100)
    assert each["caught"].sum() == rows.filter(size=100)["caught"].item()


def test_by_money_a_list_holds_more_of_what_was_lost(opened: Open, demo: Installation):
    opened(demo)
    view = a_view()
    rows = list_quality.by_order(view, 100)
    assert rows["tier"].to_list() == [None, "high", "mid", "basic"]
    whole = rows.row(0, named=True)
    usual = list_quality.by_size(view).filter(size=100).row(0, named=True)
    for name in ("listed", "precision", "recall", "money_recall"):
        assert whole[f"p90_{name}"] == usual[name]
    assert whole["revenue_at_risk_money_recall"] > 0.1 + whole["p90_money_recall"]
    assert whole["revenue_at_risk_precision"] < whole["p90_precision"]
    assert rows["churned"][1:].sum() == whole["churned"] == model_quality.overall(view)["churned"]
    lost = data.frame(view, "backtest_lists").filter(pl.col("tier").is_null(), size=100)
    assert lost.collect()["revenue_lost"].sum() == 2 * model_quality.revenue(view)["lost"].sum()


def test_the_model_is_right_more_often_than_each_rule_at_the_same_volume(
    opened: Open, demo: Installation
):
    opened(demo)
    rows = list_quality.rules(a_view())
    assert rows["level"].to_list() == ["red", "yellow", "blue", "model"]
    rules = rows.filter(pl.col("level") != "model")
    assert (rules["model_precision"] > 2 * rules["precision"]).sum() >= 2
    own = rows.filter(level="model").row(0, named=True)
    assert own["precision"] == own["model_precision"]
    assert own["recall"] == own["model_recall"]


@pytest.mark.parametrize("database", ["minimal", "real"])
def test_a_rule_that_is_off_has_no_figures(
    database: str, opened: Open, request: pytest.FixtureRequest
):
    opened(request.getfixturevalue(database))
    rows = {row["level"]: row for row in list_quality.rules(a_view()).to_dicts()}
    assert {name: rows["red"][name] for name in ("flagged", "precision", "model_recall")} == {
        "flagged": None,
        "precision": None,
        "model_recall": None,
    }
    assert rows["blue"]["precision"] > 0
    assert "red" not in list_quality.leads(a_view())["level"].to_list()


def test_without_customers_there_is_no_forecast(opened: Open, empty: Installation):
    opened(empty)
    view = a_view()
    assert not model_quality.known(view)
    assert list_quality.list_sizes(view) == ()
    assert model_quality.expected(view, 100.0) is None
    assert list_quality.rules(view).is_empty()
