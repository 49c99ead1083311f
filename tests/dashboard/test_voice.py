"""The voice page against plain SQL on the demo company, its lists against its numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    feedback,
    voice,
    voice_aspect_rows,
    voice_changes,
    voice_drivers,
    voice_headline,
    voice_ratings,
    voice_themes,
)
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.selection import Selection
from metrics.voice import drivers, themes
from tests.conftest import Installation

MakeView = Callable[..., View]
START, END = "2025-11-01", "2026-10-31"
SETTLED = f"date('{END}', '-90 days')"
MOMENT = "2026-10-31 10:00:00.000000"  # until when the demo's feeds are complete, UTC
FILTERS: dict[str, dict[str, str]] = {
    "everybody": {},
    "tier": {"tier": "high"},
    "region": {"region": "east_china", "acquisition_channel": "search"},
}
SERVQUAL = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")

CLEAN = f"""
create temp table people as
  select customer_id as who from (select *, max(updated_at) from main.customers
    group by customer_id) where deleted_at is null;
create temp table bought as
  select o.who, sum(o.amount) as paid, count(*) as orders from (
    select customer_id as who, amount, status, deleted_at, ordered_at, max(updated_at)
    from main.orders group by order_id) o
  where deleted_at is null and status in ('completed', 'returned') and ordered_at <= '{MOMENT}'
    and date(ordered_at, '+8 hours') > date('{END}', '-1 year') group by o.who;
create temp table asked as
  select response_id, iif(customer_id in (select customer_id from main.customers), customer_id,
      null) as who, date(invited_at, '+8 hours') as invited, date(answered_at, '+8 hours') as day,
    iif(nps between 0 and 10, nps, null) as nps, iif(csat between 1 and 5, csat, null) as csat,
    scenario, {", ".join(SERVQUAL)}, product, service, communication,
    customer_id is null or customer_id in (select customer_id from main.customers) as known
  from (select *, max(updated_at) from main.survey_responses group by response_id);
create temp view said as select * from asked where day between '{START}' and '{END}' and known;
create temp view scored as
  select s.who, s.nps, coalesce(b.paid, 0) as paid from said s left join bought b
    on b.who = s.who and b.who in (select who from people)
  where nps is not null and not exists (select 1 from said o where o.who = s.who
    and o.nps is not null and (o.day, o.response_id) > (s.day, s.response_id));
create temp view came as
  select *, date(created_at, '+8 hours') as day, date(adopted_at, '+8 hours') as taken
  from main.feedback where date(created_at, '+8 hours') between '{START}' and '{END}';
create temp view ideas as
  select *, date(created_at, '+8 hours') as day, date(adopted_at, '+8 hours') as taken
  from main.feedback where kind = 'need_suggestion' and valid
    and date(created_at, '+8 hours') between date({SETTLED}, '+1 day', '-1 year') and {SETTLED};
create temp view proved as
  select need = confirmed_need as hit from main.needs
  where date(confirmed_at, '+8 hours') between '{START}' and '{END}';
create temp view buyers as select who from people where who in (
  select o.who from bought o where paid is not null);
"""


def _rating(column: str, figure: str = "avg({0})") -> str:
    return f"select {figure.format(column)}, count({column}) from said"


# KPI: value and n in SQL.
QUESTIONS = {
    "nps_customers": (
        "select 100.0 * (sum(nps > 8) - sum(nps < 7)) / count(*), count(*) from scored"
    ),
    "nps_revenue": (
        "select 100.0 * (sum(iif(nps > 8, paid, 0)) - sum(iif(nps < 7, paid, 0))) / sum(paid), "
        "count(*) from scored where paid > 0"
    ),
    "scenario_csat": (
        "select avg(csat >= 4), count(csat) from said where scenario is not null "
        "and csat is not null"
    ),
    **{f"servqual_{name}": _rating(name) for name in SERVQUAL},
    "servqual_mean": " ".join(
        (
            "select avg(score), count(score) from (",
            " union all ".join(f"select {name} as score from said" for name in SERVQUAL),
            ")",
        )
    ),
    **{
        f"csat_{name}": _rating(name, "avg({0} >= 4)")
        for name in ("product", "service", "communication")
    },
    "survey_sample": (
        "select count(distinct coalesce(who, response_id)), "
        "count(distinct coalesce(who, response_id)) from asked "
        "where known and invited between '2026-10-01' and '2026-10-31'"
    ),
    "feedback_count": "select count(*), count(*) from came",
    "feedback_sources": (
        "select count(distinct source) / 4.0, 4 from came "
        "where source in ('after_sales_survey', 'app', 'hotline', 'interview')"
    ),
    "suggestions_per_day": (
        "select sum(kind = 'need_suggestion' and valid) / 365.0, "
        "sum(kind = 'need_suggestion' and valid) from came"
    ),
    "suggestion_adoption": (
        "select avg(coalesce(julianday(taken) - julianday(day) <= 90, 0)), count(*) from ideas"
    ),
    "need_accuracy": "select avg(hit), count(*) from proved",
    "satisfaction_recovery": (
        "select avg(csat >= 4), count(csat) from asked, (select max(date(ended_at, '+8 hours')) "
        "as ended from main.incidents where kind = 'quality') where known and csat is not null "
        "and day > ended and day <= date(ended, '+30 days')"
    ),
    "committee_held": (
        "select count(*), null from main.governance_events where kind = 'customer_committee' "
        f"and held_on > '2026-04-30' and held_on <= '{END}'"
    ),
}


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Connection:
    demo_crm.executescript(CLEAN)
    return demo_crm


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_a_measure_is_what_plain_sql_says(key: str, look: MakeView, crm: sqlite3.Connection):
    value, n = crm.execute(QUESTIONS[key]).fetchone()
    found = voice_headline.headline(look())[key]
    assert (found.value, found.n) == (pytest.approx(value), n)
    assert value


def test_who_was_asked_or_heard_is_what_plain_sql_says(look: MakeView, crm: sqlite3.Connection):
    whole, part = crm.execute(
        "select count(*), sum(who in (select who from asked where invited > "
        f"date('{END}', '-92 days') union select customer_id from main.feedback where "
        f"date(created_at, '+8 hours') > date('{END}', '-92 days'))) from buyers"
    ).fetchone()
    found = voice_headline.headline(look())["feedback_reach"]
    mart = data.customers(look()).filter(pl.col("purchases_12m") > 0).collect().height
    assert found.n == mart
    assert found.value == pytest.approx(part / whole, abs=0.01)  # returned orders are no purchases


def test_groups_of_two_periods_are_what_plain_sql_says(look: MakeView, crm: sqlite3.Connection):
    sums = "sum(nps > 8), sum(nps < 7), count(nps)"
    spans = {"now": ("2026-07-01", "2026-09-30"), "then": ("2026-04-01", "2026-06-30")}
    now, then = (
        crm.execute(
            f"select {sums} from asked where known and day between ? and ?", days
        ).fetchone()
        for days in spans.values()
    )
    row = voice_changes.overall(look("last_quarter"), "nps").row(0, named=True)
    names = ("promoters", "detractors", "responses")
    assert tuple(row[name] for name in names) == now
    assert tuple(row[f"other_{name}"] for name in names) == then
    for by in ("tier", "segment", "channel", "region"):
        groups = voice_changes.against_the_rest(look("last_quarter"), "nps", by)
        assert groups["responses"].sum() == now[2]
        assert set(groups["responses"] + groups["other_responses"]) == {now[2]}


def test_what_came_before_an_answer_is_what_plain_sql_says(look: MakeView, crm: sqlite3.Connection):
    complaints = crm.execute(
        "select count(*) from asked a where known and day is not null and exists (select 1 from "
        "main.tickets t where t.customer_id = a.who and t.kind = 'complaint' and "
        "date(t.created_at, '+8 hours') >= date(a.day, '-90 days') and "
        f"date(t.created_at, '+8 hours') < a.day and t.created_at <= '{MOMENT}')"
    ).fetchone()
    rows = data.frame(look(), "answer_facts").select(pl.col("complaint").sum()).collect()
    assert rows.item() == complaints[0] > 20


@pytest.mark.parametrize("chosen", list(FILTERS))
@pytest.mark.parametrize("period", ["month", "last_quarter", "year"])
def test_lists_hold_as_many_as_the_page_says(period: str, chosen: str, look: MakeView):
    view = look(period, **FILTERS[chosen])
    expected: list[tuple[str, pl.LazyFrame, int]] = []
    rated = voice_ratings.by_aspect(view, SERVQUAL)
    for name, satisfied, n in rated.select("aspect", "satisfied", "rated").iter_rows():
        for group, size in (("satisfied", satisfied), ("not", n - satisfied)):
            rows = voice_aspect_rows.ratings(view, name, "", group)
            expected.append((f"{name} {group}", rows, size))
    for row in voice_ratings.by_scenario(view).iter_rows(named=True):
        sizes = voice_aspect_rows.counted(view, "csat", row["scenario"])
        assert sizes == {
            "satisfied": row["satisfied"],
            "not": row["rated"] - row["satisfied"],
        }
    for dimension in feedback.DIMENSIONS:
        for value, n in feedback.by(view, dimension).select(dimension, "feedback").iter_rows():
            expected.append((f"{value}", voice_aspect_rows.came(view, **{dimension: value}), n))
    needs = feedback.needs_by_source(view).select(pl.col("right", "confirmed").sum()).row(0)
    expected.append(("right", voice_aspect_rows.found(view, "right"), needs[0]))
    expected.append(("wrong", voice_aspect_rows.found(view, "wrong"), needs[1] - needs[0]))
    for side in (themes.LOW, themes.HIGH):
        for term, n in voice_themes.of(view, side).select("term", "comments").iter_rows():
            expected.append((term, voice_themes.with_term(view, term), n))
    expected.append(
        ("comments", voice_themes.saying(view, None, ""), voice_themes.sizes(view)["all"])
    )
    counted = pl.collect_all([rows.select(pl.len()) for _, rows, _ in expected])
    lists = [(name, rows.item()) for (name, _, _), rows in zip(expected, counted, strict=True)]
    assert lists == [(name, n) for name, _, n in expected]


def test_answers_are_the_answered_surveys_with_their_dimensions(look: MakeView):
    view = look()
    shared = ("response_id", "customer_id", "answered_on", "nps", "csat", "channel", "tier")
    every = data.frame(view, "survey_facts").filter(pl.col("answered_on").is_not_null())
    one, two = (
        rows.select(shared).sort("response_id").collect()
        for rows in (every, data.frame(view, "answer_facts"))
    )
    assert one.equals(two)


def test_a_search_takes_words_as_they_are(look: MakeView):
    view = look()
    written = voice.written(view, None).collect()["comment"]
    for words in ("<script>", "APP", "15%", "(", ".*", "[", "投诉"):
        found = voice_themes.saying(view, None, words).collect()["comment"]
        assert found.to_list() == [each for each in written if words.lower() in each.lower()]
    assert voice_themes.saying(view, None, "<script>").collect().height > 0


def test_themes_of_the_demo_company_are_those_of_its_comments(look: MakeView):
    view = look("all")
    for side, group in ((themes.LOW, "detractor"), (themes.HIGH, "promoter")):
        found = voice_themes.of(view, side)
        assert found.height
        assert (found["side"] == side).all()
        first = found["term"][0]
        groups = voice_themes.with_term(view, first).collect()["nps_group"].drop_nulls()
        assert set(groups) == {group}


def test_drivers_rest_on_each_customers_last_answer(look: MakeView, crm: sqlite3.Connection):
    sums = "select count(*), sum(nps > 8), sum(nps < 7) from scored"
    cells = drivers.cells(voice_drivers.last_answers(look())).collect()
    counted = cells.select(pl.col("n", "promoter", "detractor").sum()).row(0)
    assert counted == crm.execute(sums).fetchone()
    assert voice_drivers.asked(look()) == counted[0]


def test_a_limited_reader_sees_themes_and_aspects_of_their_own_customers(look: MakeView):
    view = look()
    own = View(view.version, Principal("x", "manager", regions=("east_china",)), *_rest(view))
    chosen = look(region="east_china")
    for question in (
        voice_themes.sizes,
        voice_drivers.asked,
        lambda each: voice_ratings.by_aspect(each, SERVQUAL).rows(),
        lambda each: feedback.by(each, "kind").rows(),
    ):
        assert question(own) == question(chosen)


def _rest(view: View) -> tuple[str, str, Selection]:
    return view.period_code, view.comparison, view.selection


def test_points_before_the_sample_counts_once_a_month(look: MakeView):
    """Every invitation is its customer's first of the month, or follows one."""
    rows = data.frame(look(), "survey_facts").filter(pl.col("customer_id").is_not_null())
    month = pl.col("invited_on").dt.month_start()
    each = (
        rows.filter(month.is_not_null()).group_by("customer_id", month).agg(pl.col("sampled").sum())
    )
    assert each.select(pl.col("sampled").unique()).collect()["sampled"].to_list() == [1]


def test_a_crm_without_surveys_names_what_it_lacks(
    opened: Callable[[Installation], None], minimal: Installation
):
    opened(minimal)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    readings = voice_headline.headline(view)
    assert {found.missing for found in readings.values()} == {"no_table"}
    lacks = {key: found.missing_what for key, found in readings.items()}
    assert lacks["scenario_csat"] == "survey_responses"
    assert (lacks["feedback_sources"], lacks["need_accuracy"]) == ("feedback", "needs")
    assert (lacks["satisfaction_recovery"], lacks["committee_held"]) == (
        *("incidents", "governance_events"),
    )


def test_the_real_survey_has_no_aspects_and_says_so(
    opened: Callable[[Installation], None], real: Installation
):
    opened(real)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "all", "previous", Selection())
    readings = voice_headline.headline(view)
    assert readings["nps_customers"].value == pytest.approx(readings["nps"].value)
    assert readings["nps_customers"].n == readings["nps"].n  # all of them anonymous
    assert readings["scenario_csat"].missing == "no_column"
