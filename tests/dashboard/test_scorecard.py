"""The scorecard and its outlook against plain SQL on the demo company's CRM database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date

import pytest

from dashboard import data, i18n, settings
from dashboard.answers import budget_choice, outlook, overview, scorecard, value_growth, voice
from dashboard.panels import outlook_words
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.catalog import KPIS
from metrics.selection import Selection
from tests.conftest import Installation

MakeView = Callable[..., View]
Open = Callable[[Installation], None]
OCTOBER = "between '2026-10-01' and '2026-10-31'"
NINETY_DAYS = "between '2026-08-03' and '2026-10-31'"
MOMENT = "2026-10-31 10:00:00.000000"

CLEAN = f"""
create temp table people as
  select customer_id as who, date(deleted_at, '+8 hours') as gone
  from (select *, max(updated_at) from main.customers group by customer_id);
create temp table sold as
  select customer_id as who, date(ordered_at, '+8 hours') as day, status, amount
  from (select *, max(updated_at) from main.orders group by order_id)
  where deleted_at is null and ordered_at <= '{MOMENT}' and status in ('completed', 'returned')
    and customer_id in (select who from people);
create temp table buys as select * from sold where status = 'completed' and amount > 0;
create index temp.by_who on buys(who, day);
create temp table answers as
  select date(answered_at, '+8 hours') as day, case when nps between 0 and 10 then nps end as nps,
    case when csat between 1 and 5 then csat end as csat
  from main.survey_responses where answered_at <= '{MOMENT}';
"""


@pytest.fixture
def look(opened: Open, demo: Installation) -> MakeView:
    opened(demo)
    version = data.current_version()

    def make(period: str = "year", **filters: str) -> View:
        chosen = tuple((name, (value,)) for name, value in sorted(filters.items()))
        return View(version, LOCAL_ADMINISTRATOR, period, "previous", Selection(chosen))

    return make


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Connection:
    demo_crm.executescript(CLEAN)
    return demo_crm


def one(crm: sqlite3.Connection, question: str) -> tuple[float, ...]:
    return crm.execute(question).fetchone()


# ---- the outlook


def test_answers_of_the_quarter_and_of_ninety_days_are_those_of_plain_sql(look, crm):
    found = outlook.ahead(look(), "quarter")
    parts = "sum(nps >= 9), sum(nps between 7 and 8), sum(nps <= 6)"
    so_far = one(
        crm, f"select {parts} from answers where day between '2026-10-01' and '2026-10-31'"
    )
    learnt = one(
        crm, f"select {parts} from answers where day between '2026-08-03' and '2026-10-31'"
    )
    counted = found["nps"].counted
    assert (counted.so_far, counted.learnt) == (so_far, learnt)
    assert counted.expected == round(sum(learnt) * 61 / 90)
    assert counted.target == 0.5
    parts = "sum(csat >= 4), sum(csat < 4)"
    so_far = one(
        crm, f"select {parts} from answers where day between '2026-10-01' and '2026-10-31'"
    )
    assert found["csat"].counted.so_far == so_far
    assert (found["csat"].until, found["csat"].days_left) == (date(2026, 12, 31), 61)


def test_who_is_back_and_who_came_a_year_ago_are_those_of_plain_sql(look, crm):
    """At 31 December the base bought in 2025; so far is until 31 October; a year ago likewise."""

    def counts(base, back, later):
        return one(
            crm,
            f"""
            with base as (select distinct who from buys where day between {base}
                and who in (select who from people where gone is null)),
              asked as (select who,
                exists (select 1 from buys b where b.who = base.who and b.day between {back})
                  as back,
                exists (select 1 from buys b where b.who = base.who and b.day between {later})
                  as later from base)
            select sum(back), sum(not back), sum(not back and later) from asked""",
        )

    now = counts(
        "'2025-01-01' and '2025-12-31'",
        "'2026-01-01' and '2026-10-31'",
        "'2026-11-01' and '2026-12-31'",
    )
    then = counts(
        "'2024-01-02' and '2024-12-31'",
        "'2025-01-01' and '2025-10-31'",
        "'2025-11-01' and '2025-12-31'",
    )
    found = outlook.ahead(look(), "quarter")["annual_retention"].counted
    assert found.so_far == (now[0], 0)
    assert found.expected == now[1]
    assert found.learnt == (then[2], then[1] - then[2])


def test_a_month_that_has_ended_is_met_or_missed_whatever_comes(look):
    found = outlook.ahead(look(), "month")
    for key in ("nps", "csat", "annual_retention"):
        told = found[key]
        assert told.days_left == 0
        assert told.chance in (0, 1)
        assert told.chance == (told.counted.now >= told.counted.target)


def test_retention_at_the_end_of_the_data_is_the_one_of_its_page(look):
    told = outlook.ahead(look(), "month")["annual_retention"].counted
    page = next(line for line in scorecard.lines(look(), ["annual_retention"]))
    assert told.now == pytest.approx(page.reading.value, abs=0.003)  # deleted customers apart


def test_a_filter_on_todays_tier_or_stage_foresees_no_retention(look):
    for filters in ({"tier": "high"}, {"stage": "mature"}):
        told = outlook.ahead(look(**filters), "quarter")["annual_retention"]
        assert (told.chance, told.missing.missing) == (None, "outlook_by_today")


def test_the_budget_ends_where_its_months_lead(look, crm):
    """The budget year of the largest running budget, up to October, which is complete."""
    view = look()
    told = outlook.ahead(view, "quarter")["budget_variance"].spending
    budget_id = budget_choice.default(view)
    lines = f"from main.budget_lines where budget_id = '{budget_id}'"
    year = "period_start >= '2026-01-01'"
    assert told.plan == one(crm, f"select sum(planned) {lines} and {year}")[0]
    spent = one(
        crm,
        f"""select sum(amount) from main.expenses
          where spent_on between '2026-01-01' and '2026-10-31'
            and line_id in (select line_id {lines})""",
    )[0]
    assert sum(told.spent) == spent
    assert told.rate == pytest.approx(spent / sum(told.planned))


def test_the_worst_chance_comes_first(look):
    chances = [each.chance for each in outlook.ahead(look(), "quarter").values()]
    known = [chance for chance in chances if chance is not None]
    assert known == sorted(known)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("end", list(outlook.ENDS))
def test_every_outlook_is_told_in_words(language, end, look):
    i18n.speak(language)
    for key, told in outlook.ahead(look(), end).items():
        said = outlook_words.needed(key, told) + outlook_words.figures(key, told)
        assert said
        assert "{" not in said
        assert outlook_words.chance(told)
        assert outlook_words.word(told)


def test_a_crm_of_orders_alone_says_what_it_lacks(opened, minimal):
    opened(minimal)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    found = outlook.ahead(view, "quarter")
    assert {key for key, told in found.items() if told.chance is None} >= {"nps", "csat"}
    lines = {line.key: line for line in scorecard.measures(view)}
    assert lines["nps"].reading.missing == "no_table"
    assert lines["annual_retention"].reading.value is not None


def test_an_empty_crm_foresees_nothing(opened, empty):
    opened(empty)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    assert {told.chance for told in outlook.ahead(view, "quarter").values()} == {None}
    assert all(line.reading.value is None for line in scorecard.measures(view))


# ---- the scorecard


def test_value_of_a_customer_is_what_plain_sql_says(look, crm):
    def yearly(first, last):
        present = f"who in (select who from people where gone is null or gone > '{last}')"
        began = f"who in (select who from buys where day <= '{last}')"
        days = f"day between '{first}' and '{last}'"
        return one(
            crm,
            f"""select 1.0 * (select sum(amount) from sold where {days} and {present} and {began})
              / (select count(distinct who) from buys where {days} and {present})""",
        )[0]

    found = value_growth.headline(look())["customer_value_growth"]
    now, before = yearly("2025-11-01", "2026-10-31"), yearly("2024-11-01", "2025-10-31")
    assert found.value == pytest.approx(now / before - 1)
    frozen = yearly("2025-05-01", "2026-04-30") / yearly("2024-05-01", "2025-04-30") - 1
    assert found.baseline == pytest.approx(frozen)


def test_clv_by_the_formula_is_made_of_what_its_page_shows(look):
    rows = value_growth.months(look(), "clv_formula")
    last = rows.row(-1, named=True)
    rate = last["retention"]
    lifetime = sum(rate**age for age in range(5))
    found = value_growth.headline(look())["clv_formula"]
    assert found.value == pytest.approx(last["yearly"] * rate * lifetime)
    assert rate == pytest.approx(scorecard.lines(look(), ["annual_retention"])[0].reading.value)
    assert found.baseline is not None


def test_filters_on_todays_tier_and_stage_do_not_change_the_value(look):
    whole = value_growth.headline(look())["customer_value_growth"].value
    assert value_growth.headline(look(tier="high"))["customer_value_growth"].value == whole
    assert value_growth.headline(look(stage="mature"))["customer_value_growth"].value == whole


def test_the_rank_is_the_latest_assessment(look, crm):
    latest = one(
        crm, "select rank_percent from main.assessments order by assessed_on desc limit 1"
    )[0]
    found = value_growth.headline(look())["crm_rank"]
    assert found.value == pytest.approx(latest / 100)
    assert KPIS["crm_rank"].judge(found.value) == ("good" if latest <= 20 else "bad")


def test_baselines_are_of_the_year_before_the_programme(look, crm):
    year = "day between '2025-05-01' and '2026-04-30'"
    nps = one(
        crm,
        f"select 100.0 * (sum(nps >= 9) - sum(nps <= 6)) / count(nps) from answers where {year}",
    )[0]
    assert voice.headline(look())["nps"].baseline == pytest.approx(nps)
    assert voice.headline(look("month"))["nps"].baseline == pytest.approx(nps)  # frozen


def test_without_a_programme_there_is_no_baseline_and_no_verdict_on_changes(
    look, demo, opened, monkeypatch
):
    monkeypatch.setenv("STAYLINE_PROGRAMME_START", "")
    opened(demo)
    assert settings.settings().programme_start is None
    view = look("month")  # a view of its own, so that nothing kept is met
    found = {line.key: line for line in scorecard.lines(view, ["clv_formula", "nps"])}
    assert (found["clv_formula"].level, found["clv_formula"].judgement) == (None, "neutral")
    assert found["nps"].judgement != "neutral"
    assert scorecard.month(view) is None


def test_missed_targets_come_first_and_the_furthest_on_top(look):
    lines = [line for line in scorecard.measures(look()) if line.reading.value is not None]
    ranks = [("bad", "watch", "good", "neutral").index(line.judgement) for line in lines]
    assert ranks == sorted(ranks)
    missed = [line for line in lines if line.judgement == "bad"]
    away = [abs(line.reading.value - line.level) / line.level for line in missed]
    assert away == sorted(away, reverse=True)


def test_overview_and_scorecard_give_one_verdict(look):
    view = look()
    cards = overview.promises(view)
    lines = {line.key: line for line in scorecard.measures(view)}
    both = cards.keys() & lines.keys()
    assert len(both) >= 5
    for key in both:
        reading = cards[key]
        assert lines[key].reading == reading
        assert lines[key].judgement == KPIS[key].judge(reading.value, reading.baseline)


def test_the_five_are_told_by_month_and_quarter_and_answers_by_week(look):
    view = look()
    for key in ("nps", "csat", "customer_value_growth", "reorder_after_follow_up"):
        for grain in ("month", "quarter"):
            rows = scorecard.over_time(view, key, grain)
            assert rows.height >= 4, (key, grain)
            assert rows["bucket"].is_sorted()
    assert scorecard.over_time(view, "nps", "week").height > 50
    assert scorecard.over_time(view, "customer_value_growth", "week") is None
    quarters = scorecard.over_time(view, "customer_value_growth", "quarter")
    months = dict(scorecard.over_time(view, "customer_value_growth", "month").select(
        "bucket", "customer_value_growth").iter_rows())  # fmt: skip
    last = quarters.row(-2, named=True)
    assert last["customer_value_growth"] == months[date(2026, 9, 1)]
    assert not quarters["complete"][-1]  # October alone is no quarter
