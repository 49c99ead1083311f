"""What the pages tell of lifetime value: sums of the mart, and the facts of the version."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import clv
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.clv.forecast import FIGURES
from metrics.selection import Selection
from metrics.tiers.scheme import scheme
from tests.conftest import Installation

Open = Callable[[Installation], None]


def a_view(**filters: str) -> View:
    chosen = Selection(tuple((name, (value,)) for name, value in filters.items()))
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", chosen)


def test_every_buyer_has_a_value_and_nobody_else(opened: Open, demo: Installation):
    opened(demo)
    mart = data.frame(a_view(), "customer_mart").collect()
    bought = mart.filter(pl.col("first_order_on").is_not_null())
    assert bought.select(FIGURES).null_count().row(0) == (0, 0, 0)
    others = mart.filter(pl.col("first_order_on").is_null())
    assert others.select(FIGURES).null_count().row(0) == (others.height,) * 3
    # who has churned is worth the chance of a return, not nothing, and less than who has not
    worth = dict(bought.group_by("churned").agg(pl.col("clv").mean()).iter_rows())
    assert 0 < worth[True] < worth[False] / 4


def test_the_table_by_tier_adds_up(opened: Open, demo: Installation):
    opened(demo)
    view = a_view()
    table = clv.by_tier(view)
    mart = data.frame(view, "customer_mart").filter(pl.col("tier").is_not_null()).collect()
    assert table["tier"].to_list() == [code for code in scheme().codes if code in mart["tier"]]
    assert table["customers"].sum() == mart.height
    assert table["total"].sum() == mart["clv"].sum()
    assert table["share"].sum() == pytest.approx(1)
    for row in table.iter_rows(named=True):
        own = mart.filter(pl.col("tier") == row["tier"])
        assert row["clv"] == pytest.approx(sum(own["clv"]) / own.height)
        assert row["clv_second"] == pytest.approx(sum(own["clv_second"]) / own.height)
    one = clv.by_tier(a_view(segment="retail"))
    assert one["customers"].sum() == mart.filter(pl.col("segment") == "retail").height


def test_the_demo_company_forecast_its_year_well(opened: Open, demo: Installation):
    opened(demo)
    tested = clv.tested(a_view())
    assert 0.8 < tested["clv"] < 1.2  # pyright: ignore[reportOptionalOperand]
    assert 0.8 < tested["clv_second"] < 1.2  # pyright: ignore[reportOptionalOperand]
    terms = clv.facts(a_view())["terms"]
    assert terms["margin_recorded"]
    assert 0.2 < terms["margin"] < 0.5
    assert terms["acquisition_cost"] is None


def test_a_year_of_orders_is_not_tested_and_without_profit_the_margin_is_assumed(
    opened: Open, real: Installation
):
    opened(real)
    assert set(clv.tested(a_view()).values()) == {None}
    terms = clv.facts(a_view())["terms"]
    assert (terms["margin"], terms["margin_recorded"]) == (0.3, False)


def test_without_anybody_there_is_nothing_to_tell(opened: Open, empty: Installation):
    opened(empty)
    assert clv.by_tier(a_view()).is_empty()
    assert set(clv.tested(a_view()).values()) == {None}
