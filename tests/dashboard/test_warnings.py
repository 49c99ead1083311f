"""Warnings of an installation: counted from its own rows, and said to be off where they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import warnings
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from tests.conftest import Installation

Open = Callable[[Installation], None]


def a_view(**filters: str) -> View:
    chosen = Selection(tuple((name, (value,)) for name, value in filters.items()))
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", chosen)


def test_levels_are_of_customers_who_can_leave_and_have_a_day(opened: Open, demo: Installation):
    opened(demo)
    view = a_view()
    mart = data.frame(view, "customer_mart").collect()
    can_leave = pl.col("churned").eq_missing(pl.lit(value=False))
    others = mart.filter(~can_leave)
    assert others["warning"].null_count() == others["warning_rules"].null_count() == others.height
    warned = mart.filter(pl.col("warning").is_not_null())
    assert warned["warned_on"].null_count() == 0
    day = data.as_of(view, "orders")
    assert warned["warned_on"].is_between(day - timedelta(days=180), day).all()
    assert (warned["warning"] == warned["warning_rules"].list.first()).all()
    found = warnings.counts(view)
    assert found == dict(warned["warning"].value_counts().iter_rows())
    assert min(found.values()) > 10
    card = warnings.headline(view)["customers_warned"]
    assert (card.value, card.n) == (warned.height, mart.filter(can_leave).height)


def test_red_is_the_streak_that_the_list_shows(opened: Open, demo: Installation):
    opened(demo)
    mart = data.frame(a_view(), "customer_mart").drop_nulls("warning_rules").collect()
    red = mart["warning_rules"].list.contains("red")
    assert (red == (mart["unanswered_streak"] >= 3)).all()


def test_groups_add_up(opened: Open, demo: Installation):
    opened(demo)
    whole = warnings.counts(a_view())
    regions = data.frame(a_view(), "customer_mart").select(pl.col("region").drop_nulls().unique())
    parts = [warnings.counts(a_view(region=each)) for each in regions.collect()["region"]]
    unknown = data.frame(a_view(), "customer_mart").filter(pl.col("region").is_null()).collect()
    for level, total in whole.items():
        nowhere = (unknown["warning"] == level).sum()
        assert sum(part[level] for part in parts) + nowhere == total


@pytest.mark.parametrize("database", ["minimal", "real"])
def test_without_contacts_red_is_off_and_blue_is_not(
    database: str, opened: Open, request: pytest.FixtureRequest
):
    opened(request.getfixturevalue(database))
    found = warnings.counts(a_view())
    assert warnings.switched_off(a_view()) == ("red",)
    assert found["red"] is None
    assert found["blue"] > 0


def test_an_empty_crm_warns_of_nobody(opened: Open, empty: Installation):
    opened(empty)
    assert warnings.headline(a_view())["customers_warned"].missing == "no_customers"
