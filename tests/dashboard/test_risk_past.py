"""The past of the churn cards: ends with today, adds up, keeps silent where it would mislead."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard import data, settings
from dashboard.answers import baseline, churn_risk
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.churn.history import GROUPS
from metrics.selection import Selection
from tests.conftest import Installation
from tests.dashboard.test_against_sql import CLEAN

MakeView = Callable[..., View]
FIGURES = {
    "customers_at_risk": "at_risk",
    "revenue_at_risk": "revenue_at_risk",
    "churned_customers": "churned",
}


def a_view(period: str = "year", **filters: str) -> View:
    """A view of the open installation: a period, and the one value of each filter."""
    chosen = Selection(tuple((name, (value,)) for name, value in filters.items()))
    return View(data.current_version(), LOCAL_ADMINISTRATOR, period, "previous", chosen)


@pytest.fixture
def look(opened: Callable[[Installation], None], demo: Installation) -> MakeView:
    opened(demo)
    return a_view


@pytest.mark.parametrize("dimension", [None, *GROUPS])
def test_the_past_ends_with_the_customers_of_today(dimension: str | None, look: MakeView):
    chosen: list[dict[str, str]] = [{}]
    if dimension:
        found = data.frame(look(), "customer_mart").select(pl.col(dimension).drop_nulls().unique())
        chosen = [{dimension: value} for value in found.collect()[dimension]]
    for filters in chosen:
        view = look(**filters)
        cards, people = churn_risk.headline(view), churn_risk.summary(view)
        for key, figure in FIGURES.items():
            assert cards[key].trend[-1] == cards[key].value == people[figure], filters
        if dimension != "tier" and cards["win_back_rate"].n:  # by the tier before coming back
            assert cards["win_back_rate"].n == people["lapsed"]
            assert cards["win_back_rate"].value == people["win_back_rate"]


@pytest.mark.parametrize("dimension", GROUPS)
def test_every_day_is_the_sum_of_its_groups(dimension: str, look: MakeView):
    rows = data.frame(look(), "risk_months")
    counts = pl.exclude("day", *GROUPS).sum()
    whole, parts = (
        rows.group_by(by).agg(counts).group_by("day").agg(counts).sort("day").collect()
        for by in (["day"], ["day", dimension])
    )
    assert_frame_equal(whole, parts)
    assert whole.height == 16
    assert min(whole.select(pl.exclude("day").min()).row(0)) > 0


def test_a_filter_on_the_stage_of_today_shows_no_past_and_no_come_backs(look: MakeView):
    cards = churn_risk.headline(look(stage="warning"))
    for key in FIGURES:
        assert (cards[key].previous, cards[key].last_year, cards[key].trend) == (None, None, ())
    assert cards["customers_at_risk"].value > 0
    assert cards["win_back_rate"] == churn_risk.headline(look())["win_back_rate"]


def test_all_of_time_is_compared_with_nothing_and_a_year_with_the_last(look: MakeView):
    for key in (*FIGURES, "win_back_rate", "recent_win_back"):
        card = churn_risk.headline(look("all"))[key]
        assert (card.previous, card.last_year, len(card.trend)) == (None, None, 13)
        card = churn_risk.headline(look("year"))[key]
        assert (card.previous, card.last_year) == (None, card.trend[0])


def test_data_of_one_year_and_a_week_are_compared_with_their_one_month_end(
    opened: Callable[[Installation], None], real: Installation
):
    opened(real)
    rows = data.frame(a_view(), "risk_months").group_by("day").agg(pl.col("at_risk").sum())
    days = dict(rows.sort("day").collect().iter_rows())
    november = date(2011, 11, 30)
    assert list(days) == [november, date(2011, 12, 9)]
    # Nine days of December: the state at the end of November, as tiers are told.
    earlier = {"month": days[november], "quarter": None, "year": None}
    for period, before in earlier.items():
        card = churn_risk.headline(a_view(period))["customers_at_risk"]
        assert (card.previous, card.last_year) == (before, None)
    assert card.trend == tuple(days.values())
    assert card.running


def test_customers_and_orders_are_enough_for_a_past(
    opened: Callable[[Installation], None], minimal: Installation
):
    opened(minimal)
    cards = churn_risk.headline(a_view())
    assert all(cards[key].last_year for key in (*FIGURES, "win_back_rate"))


def test_an_empty_crm_has_no_past(opened: Callable[[Installation], None], empty: Installation):
    opened(empty)
    view = a_view()
    assert data.frame(view, "risk_months").collect().is_empty()
    assert {card.missing for card in churn_risk.headline(view).values()} == {"no_customers"}


LAPSED = """
with day(early, late) as (values (date('{day}', '-90 days'), '{day}')),
told as (
  select who, count(distinct day) - 1 as gaps, julianday(max(day)) - julianday(min(day)) as span,
    max(day) as last from purchases, (select early from day) where day <= early group by who),
silent as (
  select who, last, julianday(early) - julianday(last)
      - round(min(max(4 * (span + 2 * m) / (gaps + 2), 45), 365)) as past
  from told, day, (select sum(span) / sum(gaps) as m from told)),
signed as (select who, max(begins <= early and ends > early) as held, max(ends) as ended
  from agreed, day where begins <= early group by who),
gone as (
  select who, past from silent left join signed using (who), day
    where not coalesce(held, 0) and past >= 0 and not coalesce(ended <= early and last < ended, 0)
  union all select who, julianday(early) - julianday(ended)
    from signed left join silent using (who), day
    where ended <= early and (last is null or last < ended)),
there as (select who, past from gone, day where who not in (
  select customer_id from main.customers where date(deleted_at, '+8 hours') <= late)),
back as (select past, exists (select 1 from purchases p where p.who = t.who and p.day > early
    and p.day <= late) or exists (select 1 from agreed a where a.who = t.who and begins > early
    and begins <= late) as back
  from there t, day)
select count(*), sum(back), sum(past < 90), sum(back and past < 90) from back
"""


def test_come_backs_are_held_against_the_year_before_the_programme(
    look: MakeView, demo_crm: sqlite3.Connection
):
    """Its four quarters taken together, each asked of the CRM in SQL."""
    view = look()
    assert settings.settings().programme_start == date(2026, 5, 1)
    crm = demo_crm.executescript(CLEAN)
    quarters = ("2025-07-31", "2025-10-31", "2026-01-31", "2026-04-30")
    found = [crm.execute(LAPSED.format(day=day)).fetchone() for day in quarters]
    rows = (
        data.frame(view, "risk_months")
        .group_by("day")
        .agg(pl.col("lapsed", "came_back", "lapsed_lately", "back_soon").sum())
    )
    told = {day.isoformat(): counts for day, *counts in rows.collect().iter_rows()}
    assert [told[day] for day in quarters] == [list(each) for each in found]
    _, _, lately, back = (sum(each) for each in zip(*found, strict=True))
    cards = churn_risk.headline(view)
    assert cards["recent_win_back"].baseline == pytest.approx(back / lately, rel=1e-12)
    assert cards["win_back_rate"].baseline is None  # its customers are more from year to year
    assert lately > 100


@pytest.mark.parametrize("start", [None, date(2025, 12, 1)])  # by then not all were stored
def test_without_the_year_before_a_programme_come_backs_have_no_baseline(
    start: date | None, look: MakeView, monkeypatch: pytest.MonkeyPatch
):
    own = replace(settings.settings(), programme_start=start)
    monkeypatch.setattr(churn_risk, "settings", lambda: own)
    monkeypatch.setattr(baseline, "settings", lambda: own)
    elsewhere = replace(look(), principal=Principal(f"{start}", "administrator"))
    assert churn_risk.headline(elsewhere)["recent_win_back"].baseline is None
