"""Lifecycle measures and touches asked again of the CRM in plain SQL; lists and cards agree."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import accounting, care, cross_sell, lifecycle_headline, lifecycle_progress
from dashboard.answers.care import Cut
from dashboard.answers.over_time import WHOLE
from dashboard.reading import Reading
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.accounting import MOVES
from metrics.selection import Selection
from metrics.tiers.scheme import schemes
from metrics.touches import JUDGED, STATES
from tests.conftest import Installation
from tests.dashboard.test_against_sql import CLEAN, MOMENT, YEAR

# The stage new ends three months after the first order, on the last day of a shorter month.
TOUCHED = f"""
create temp table firsts as
  select who, min(ordered_at) as started, min(day) as first,
    min(date(min(day), '+3 months'), date(min(day), 'start of month', '+4 months', '-1 day'))
      as turned
  from purchases where who in (select who from present) group by who;
create temp table everybody as
  select who, min(date(min(day), '+3 months'), date(min(day), 'start of month', '+4 months',
      '-1 day')) as turned, (select coalesce(date(max(deleted_at), '+8 hours'), '9999')
      from main.customers where customer_id = who) as gone
  from purchases group by who;
create temp table contacts as
  select customer_id as who, occurred_at, date(occurred_at, '+8 hours') as day, purpose, content,
    rule, responded
  from (select *, max(updated_at) from main.interactions group by interaction_id)
  where direction = 'outbound' and occurred_at <= '{MOMENT}' and coalesce(delivered, 1)
    and customer_id in (select customer_id from main.customers where deleted_at is null);
create index temp.contact_of on contacts(who, occurred_at);
create temp table welcomed as
  select who, strftime('%J', started) as began,
    (select min(strftime('%J', c.occurred_at)) from contacts c where c.who = f.who
      and c.occurred_at >= started and (content = 'thanks' or rule = 'thank_you_24h')) as thanked,
    (select min(strftime('%J', c.occurred_at)) from contacts c where c.who = f.who
      and c.occurred_at >= started
      and (purpose = 'follow_up' or rule = 'need_follow_up_7d')) as tried,
    (select min(strftime('%J', c.occurred_at)) from contacts c where c.who = f.who and responded
      and c.occurred_at >= started
      and (purpose = 'follow_up' or rule = 'need_follow_up_7d')) as asked
  from firsts f;
create temp table quarters as
  select '2025-10-01' as begins, '2026-01-01' as ends union select '2026-01-01', '2026-04-01'
  union select '2026-04-01', '2026-07-01' union select '2026-07-01', '2026-10-01';
create temp table cares as
  select occasion, due_on, date(delivered_at, '+8 hours') as day from main.care_events
  where customer_id in (select customer_id from main.customers where deleted_at is null);
"""
SECOND = 0.5 / 86400  # of a day: texts of days are rounded


def limit(hours: int) -> str:
    """Whose limit lies in the year and is over."""
    due = f"date(began + {hours / 24}, '+8 hours')"
    over = f"began + {hours / 24} <= julianday('{MOMENT}')"
    return f"from welcomed where {due} between '{YEAR[0]}' and '{YEAR[1]}' and {over}"


def within(column: str, hours: int) -> str:
    return (
        f"select avg(coalesce({column} - began <= {hours / 24 + SECOND}, 0)), count(*) "
        f"{limit(hours)}"
    )


def surveyed(column: str) -> str:
    """Existing customers at the start of each quarter that ended in the year, asked or answered."""
    day = f"date({column}, '+8 hours')"
    return (
        f"select avg(exists (select 1 from main.survey_responses s where s.customer_id = who "
        f"and {day} >= begins and {day} < ends)), count(*) from firsts, quarters "
        "where turned <= begins and min(date(first, '+12 months'), "
        "date(first, 'start of month', '+13 months', '-1 day')) >= begins"
    )


PROGRESS: Callable[[View], dict[str, Reading]] = lifecycle_progress.headline
QUESTIONS: dict[str, tuple[Callable[[View], dict[str, Reading]], str]] = {
    "new_to_existing": (
        PROGRESS,
        "select avg(coalesce(second < turned, 0)), count(*) from firsts join repeats using (who) "
        f"where turned between '{YEAR[0]}' and '{YEAR[1]}'",
    ),
    "repurchase_rate": (
        PROGRESS,
        "select avg(who in (select who from purchases where day between '2026-08-01' and "
        "'2026-10-31')), count(*) from firsts where turned <= '2026-08-01' and who in (select who "
        "from purchases where day >= '2025-08-01' and day < '2026-08-01')",
    ),
    "reorder_after_follow_up": (
        PROGRESS,
        "select avg(exists (select 1 from purchases p where p.who = f.who and p.day > f.day "
        "and p.day <= date(f.day, '+30 days'))), count(*) from (select who, min(day) as day "
        "from contacts where purpose in ('follow_up', 'renewal') and day >= '2025-10-01' "
        "and day <= '2026-09-30' group by who, substr(day, 1, 7)) f",
    ),
    "thank_you_on_time": (care.headline, within("thanked", 24)),
    "need_follow_up_on_time": (care.headline, within("asked", 168)),
    "need_follow_up_tried": (care.headline, within("tried", 168)),
    "need_survey_on_time": (care.headline, surveyed("answered_at")),
    "care_on_time": (
        care.headline,
        "select avg(coalesce(day <= due_on, 0)), count(*) from cares "
        f"where due_on between '{YEAR[0]}' and date('{YEAR[1]}', '-1 day')",
    ),
    "birthday_on_time": (
        care.headline,
        "select avg(coalesce(day <= due_on, 0)), count(*) from cares where occasion = 'birthday' "
        f"and due_on between '{YEAR[0]}' and date('{YEAR[1]}', '-1 day')",
    ),
}


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Cursor:
    return demo_crm.executescript(CLEAN + TOUCHED)


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_the_measure_says_what_the_crm_says(key: str, look, crm: sqlite3.Cursor):
    headline, sql = QUESTIONS[key]
    value, n = crm.execute(sql).fetchone()
    found = headline(look())[key]
    assert found.n == n > 20
    assert found.value == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert 0 < value < 1


# The year before the programme, which began on 1 May 2026.
BASELINES = {
    "new_to_existing": (
        PROGRESS,
        "select avg(coalesce(second < turned, 0)) from firsts join repeats using (who) "
        "where turned >= '2025-05-01' and turned < '2026-05-01'",
    ),
    "second_order_conversion": (
        lifecycle_headline.headline,
        "select avg(coalesce(julianday(second) - julianday(first) <= 90, 0)) from repeats "
        "where first >= '2025-05-01' and first < '2026-05-01'",
    ),
    "repurchase_rate": (
        PROGRESS,
        "with windows as (select '2025-05-01' as a, '2025-08-01' as b union select '2025-08-01', "
        "'2025-11-01' union select '2025-11-01', '2026-02-01' union select '2026-02-01', "
        "'2026-05-01') select avg(exists (select 1 from purchases p where p.who = f.who and "
        "day >= a and day < b)) from everybody f, windows where turned <= a and gone >= b and "
        "exists (select 1 from purchases p where p.who = f.who "
        "and day >= date(a, '-12 months') and day < a)",
    ),
}


@pytest.mark.parametrize("key", list(BASELINES))
@pytest.mark.parametrize("period", ["month", "year"])
def test_the_baseline_is_the_year_before_whatever_the_period(
    period: str, key: str, look, crm: sqlite3.Cursor
):
    headline, sql = BASELINES[key]
    (value,) = crm.execute(sql).fetchone()
    reading = headline(look(period)).get(key)
    if reading is not None and reading.value is not None:
        assert reading.baseline == pytest.approx(value)
    else:
        assert period == "month"


def test_the_moves_of_a_month_are_those_of_the_crm(look, crm: sqlite3.Cursor):
    told = {row["month"]: row for row in accounting.accounts(look()).iter_rows(named=True)}
    sql = """
        with now as (select distinct who from purchases where day like :now || '%'),
          before as (select distinct who from purchases where day like :before || '%')
        select
          (select count(*) from now join firsts using (who) where first like :now || '%'),
          (select count(*) from now join firsts using (who) join before using (who)),
          (select count(*) from now join firsts using (who) where first < :now
            and who not in (select who from before)),
          (select count(*) from before join firsts using (who)
            where who not in (select who from now))"""
    for now, before in (("2026-09", "2026-08"), ("2026-02", "2026-01")):
        counts = crm.execute(sql, {"now": now, "before": before}).fetchone()
        row = told[date.fromisoformat(f"{now}-01")]
        assert tuple(row[move] for move in MOVES) == counts
        assert min(counts) > 0


FILTERS = [
    {},
    {"tier": "high"},
    {"stage": "warning"},
    {"region": "east_china"},
    {"segment": "retail"},
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_moves_add_up_under_every_filter_to_active_customers(filters: dict[str, str], look):
    told = accounting.accounts(look(**filters))
    assert told["before"].to_list()[1:] == told["active"].to_list()[:-1]
    assert (told["active"] - told["before"] == told["change"]).all()
    assert told["amount_before"].to_list()[1:] == told["amount"].to_list()[:-1]
    card = lifecycle_headline.headline(look("month", **filters))["active_customers"]
    assert told["active"][-1] == card.value


@pytest.mark.parametrize("filters", FILTERS[:4], ids=str)
def test_the_lists_behind_the_moves_hold_as_many_customers(filters: dict[str, str], look):
    view = look(**filters)
    for row in accounting.in_window(view).tail(3).iter_rows(named=True):
        for move in MOVES:
            frame = accounting.moved(view, row["month"], move)
            assert frame.select(pl.len()).collect().item() == row[move]


@pytest.mark.parametrize("period", ["month", "last_quarter", "year", "all"])
@pytest.mark.parametrize("filters", FILTERS[:4], ids=str)
def test_touches_add_up_to_their_cards_and_lists(filters: dict[str, str], period: str, look):
    view = look(period, **filters)
    cards, kinds = care.headline(view), care.by_touch(view)
    by_code = {row["touch"]: row for row in kinds.iter_rows(named=True)}
    for code in care.CODES:
        reading = cards[f"{code}_on_time"]
        row = by_code.get(code)
        assert reading.value == (row["on_time"] if row else None)
        assert reading.n == (row["judged"] if row else None)
        if row:
            counts = care.counted(view, Cut(code, "met", WHOLE))
            assert {state: counts[state] for state in STATES} == {s: row[s] for s in STATES}
            assert sum(counts[state] for state in JUDGED) == row["judged"]
    owners = care.by_owner(view)
    for state in care.OPEN:
        assert cards[f"touches_{state}"].value == owners[state].sum()
        listed = care.listed(view, Cut("", state)).collect()
        assert listed.height == owners[state].sum()
        assert (listed["state"] == state).all()
    whole = care.in_period(view)
    assert (whole.n or 0) == kinds["judged"].sum()


def test_a_list_of_one_owner_and_of_one_month_is_part_of_the_whole(look):
    view = look()
    first = care.by_owner(view).row(0, named=True)
    mine = care.listed(view, Cut("", "overdue", owner=first["owner_id"])).collect()
    assert mine.height == first["overdue"]
    month = care.over_time(view, "birthday").row(-2, named=True)
    cut = Cut("birthday", "met", month["bucket"].isoformat())
    assert care.listed(view, cut).collect().height == month["met"]
    open_first = care.listed(view, Cut("", "overdue")).collect()["due_at"]
    assert open_first.is_sorted()


def test_a_year_that_the_touches_do_not_reach_is_not_compared_with(look):
    view = look("year")
    assert care.headline(view)["thank_you_on_time"].last_year is None
    month = care.headline(replace(view, period_code="month"))["thank_you_on_time"]
    assert month.previous is not None


def test_without_contacts_every_measure_of_care_says_what_is_missing(
    opened: Callable[[Installation], None], minimal: Installation
):
    opened(minimal)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    found = {**care.headline(view), **lifecycle_progress.headline(view)}
    assert care.recorded(view) == ()
    lacking = {key: each.missing_what for key, each in found.items() if each.value is None}
    assert lacking["thank_you_on_time"] == "interactions"
    assert lacking["care_on_time"] == "care_events"
    assert lacking["need_survey_on_time"] == "survey_responses"
    assert lacking["reorder_after_follow_up"] == "interactions"
    assert found["repurchase_rate"].value is not None


def test_accessories_to_suggest_are_those_of_the_crm(look, crm: sqlite3.Cursor):
    view = look()
    sql = """
        with bought as (select who, product, min(day) as day from purchases
            join main.order_lines using (order_id)
            where who in (select who from present) and quantity > 0 group by who, product),
          pairs as (select a.who, p.accessory_of, p.product, a.day as bought, b.day as taken
            from main.products p join bought a on a.product = p.accessory_of
            left join bought b on b.who = a.who and b.product = p.product)
        select accessory_of, product, count(*), count(taken),
          sum(taken is null and not exists (select 1 from contacts c where c.who = pairs.who
            and content = 'product_advice' and c.day >= bought))
        from pairs where coalesce(taken >= bought, true) group by accessory_of, product"""
    expected = sorted(crm.execute(sql).fetchall())
    told = cross_sell.by_pair(view).select(
        "product", "accessory", "buyers", "attached", "unadvised"
    )
    assert sorted(told.rows()) == expected
    assert cross_sell.headline(view)["cross_sell_open"].value == sum(row[-1] for row in expected)
    for product, accessory, *_, open_ones in expected:
        listed = cross_sell.to_suggest(view, product, accessory)
        assert listed.select(pl.len()).collect().item() == open_ones > 0


def test_a_message_is_owed_care_only_to_the_top_tier_of_the_chosen_scheme(look):
    owed: dict[str, set[tuple[str, object]]] = {}
    for each in schemes():
        view = replace(look(), scheme=each.code)
        rows = care.owed(view).rows.filter(pl.col("touch") == "wechat_care").collect()
        assert set(rows["tier"]) == {each.codes[0]}
        shown = care.headline(view)["wechat_care_on_time"]
        judged = rows.filter(
            pl.col("state").is_in(JUDGED),
            pl.col("due_on").is_between(*(date.fromisoformat(day) for day in YEAR)),
        )
        assert shown.n == judged.height
        assert shown.value == pytest.approx((judged["state"] == "met").mean())
        owed[each.code] = set(rows.select("customer_id", "triggered_at").rows())
    assert len({frozenset(rows) for rows in owed.values()}) > 1
