"""The published figures of the public data, from the CRM to the pages that show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    budget,
    budget_choice,
    campaigns_open,
    care,
    file_quality,
    file_rows,
    lifecycle,
    lifecycle_headline,
    overview,
    programme,
    service_headline,
    value_growth,
    voice,
)
from dashboard.answers import (
    campaigns as campaign_answers,
)
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics import revenue
from metrics.campaigns import members as campaigns
from metrics.selection import Selection
from tests.conftest import Installation


@pytest.fixture
def view(opened: Callable[[Installation], None], real: Installation) -> View:
    """Everything since the beginning of each source."""
    opened(real)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "all", "previous", Selection())


def test_the_shop_nets_to_the_published_revenue(view: View):
    months = data.frame(view, "order_months")
    found = months.select(revenue.revenue(), purchased=pl.col("purchased").sum()).collect()
    assert found["revenue"].item() == 9_747_747_934  # thousandths of a pound
    assert found["purchased"].item() == 8_911_407_904


def test_the_published_customers_bought(view: View):
    assert lifecycle_headline.headline(view)["active_customers"].value == 4_338
    assert lifecycle.stages(view)["customers"].sum() == 4_338


def test_the_first_cohort_is_the_published_one(view: View):
    rows = lifecycle.cohorts(view).filter(cohort=date(2010, 12, 1)).sort("age")
    published = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
    assert rows["active"].to_list() == published
    assert set(rows["customers"]) == {885}
    assert rows["complete"].to_list() == [True] * 12 + [False]  # the data end on 9 December 2011


def test_the_service_card_counts_incidents_and_not_events(view: View):
    for cards in (service_headline.headline(view), overview.promises(view)):
        assert cards["source_sla"].value == pytest.approx(0.634200, abs=1e-6)
        assert cards["source_sla"].n == 24_918


def test_the_promoter_score_of_each_wave_is_the_published_one(view: View):
    years = voice.over_time(view, "nps", "quarter").filter(pl.col("responses") > 2)
    assert [day.year for day in years["bucket"]] == [2017, 2018]
    assert years["nps"].to_list() == pytest.approx([39.84, 30.98], abs=0.05)
    scores = voice.distribution(view)
    assert scores["responses"].sum() == 2_746 + 2_650


def test_the_budget_page_executes_as_published(view: View):
    known = budget_choice.budgets(view)
    assert "AFG-total" in known
    year = budget.over_time(view, "AFG-total").filter(month=date(2011, 1, 1)).row(0, named=True)
    assert 100 * year["actual"] / year["planned"] == pytest.approx(94.2031427, abs=1e-6)


def test_the_bank_campaigns_convert_as_published(view: View):
    found = data.frame(view, "member_facts").select(**campaigns.RESULTS.over_rows()).collect()
    assert found["conversion_known"].item() == 45_211
    assert found["conversion_share"].item() == pytest.approx(0.116985, abs=1e-6)


def test_what_was_never_recorded_is_not_told_as_none(view: View):
    """The bank tells who said yes and when they were called, of nobody that they took part."""
    course = campaign_answers.days(view)
    assert course.group_by("campaign_id").agg(pl.col("invited").max())["invited"].sum() == 45_211
    assert course["joined"].count() == course["participation"].count() == 0
    assert campaign_answers.triggers(view).is_empty()
    assert "adjust" not in set(campaigns_open.actions(view)["kind"])
    doubles = file_quality.duplicates(view)
    told = dict(doubles.select("by", "customers").iter_rows())
    assert told == {"phone": None, "email": None, "name": 0, "any": 0}
    assert set(file_rows.counts(view)) == {"incomplete", "double", "stale"}
    assert care.headline(view)["touches_overdue"].missing == "no_table"
    assert not programme.recorded(view)


def test_growth_and_formula_say_what_they_lack_themselves(view: View):
    found = value_growth.headline(view)
    assert found["customer_value_growth"].missing == "short_growth"
    assert found["clv_formula"].missing == found["clv_formula_core"].missing == "short_lifetime"
