"""Control and return of the budget against plain SQL on the demo company's CRM."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import accumulate

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    budget,
    budget_choice,
    budget_control,
    budget_headline,
    budget_measures,
    returns,
    returns_measures,
    unit_costs,
)
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from tests.conftest import Installation

MakeView = Callable[..., View]
YEAR, END = "2026-01-01", "2026-10-31"  # budget year so far; the data end with a month
OLD = "2025-11-01"

# Lines of this year with what was spent on them; every expense with the day and who approved it.
PREPARED = f"""
create temp view plan as
  select * from main.budget_lines where period_start between '{YEAR}' and '{END}';
create temp view spent as
  select e.*, l.subject, l.item, l.fixed, substr(e.spent_on, 1, 7) as month
  from main.expenses e join main.budget_lines l using (line_id) where e.spent_on <= '{END}';
create temp view whole as
  select sum(planned) as planned from main.budget_lines where period_start >= '{YEAR}';
create temp view lines as
  select p.subject, p.item, p.planned, s.amount from
    (select subject, item, sum(planned) as planned from plan group by 1, 2) p
    join (select subject, item, sum(amount) as amount from spent where spent_on >= '{YEAR}'
      group by 1, 2) s using (subject, item);
create temp view off as select * from lines where abs(amount - planned) > 0.15 * planned;
create temp view daily as
  select expense_id, subject, approved_by, sum(iif(subject = 'technology', 0, amount)) over
    (partition by month order by spent_on, expense_id) as running, month from spent
  where spent_on >= '{YEAR}';
create temp view votes as
  select *, 0.4 * coalesce(finance, 0) + 0.3 * coalesce(technology, 0)
    + 0.2 * coalesce(marketing, 0) + 0.1 * coalesce(service, 0) as yes
  from main.budget_decisions where decided_on <= '{END}';
create temp view held as
  select *, held_on is not null and held_on <= '{END}' as done from main.governance_events
  where due_on > '2025-10-31' and due_on <= '{END}';
create temp view costs as
  select *, labour + coalesce(other, 0) as cost from main.service_costs where month >= '{OLD}';
"""
CHECKS = "('finance_check', 'technology_check', 'service_check')"

# By measure: value and n; null where the measure tells no n.
QUESTIONS = {
    "blocks_exceeded": (
        "select sum(abs(p - a) > 0.005 * a), count(*) from (select subject, sum(planned) as p "
        f"from main.budget_lines where period_start >= '{YEAR}' group by 1) join (select subject, "
        f"sum(approved) as a from main.budget_blocks where period_start >= '{YEAR}' group by 1) "
        "using (subject)"
    ),
    "deviations_investigated": (
        "select avg(exists (select 1 from main.investigations i where i.about = 'spending' "
        "and i.subject = off.subject and coalesce(i.item, off.item) = off.item "
        f"and coalesce(closed_on, '9999') >= '{YEAR}')), count(*) from off"
    ),
    "approval_kept": (
        "select avg(approved_by = 'committee' or (subject <> 'technology' and running <= 50000000 "
        "and approved_by = 'operations_head')), count(*) from daily where approved_by is not null"
    ),
    "operating_month": (
        "select max(t) / 100.0, count(*) from (select max(running) as t from daily group by month)"
    ),
    "fixed_month": (
        "select max(t) / 100.0, count(*) from (select sum(amount) as t from spent "
        f"where fixed and spent_on >= '{YEAR}' group by month)"
    ),
    "committee_kept": "select avg((yes > 0.5) = approved), count(*) from votes",
    "triple_check": (
        f"select avg(done and held_on <= due_on), count(*) from held where kind in {CHECKS}"
    ),
    "fund_reports": "select avg(done), count(*) from held where kind = 'fund_report'",
    "rolling_versions": (
        "select count(distinct (cast(substr(approved_on, 6, 2) as int) + 2) / 3) / 3.0, 3 "
        f"from main.budget_revisions where approved_on between '{YEAR}' and '2026-09-30'"
    ),
    "competition_reserve": (
        "select (select sum(amount) from main.earmarks where purpose = 'competition' "
        f"and set_on >= '{YEAR}') * 1.0 / sum(planned), null from main.budget_lines "
        f"where subject = 'marketing' and period_start >= '{YEAR}'"
    ),
    "innovation_fund": (
        "select (select sum(amount) from main.earmarks where purpose = 'innovation' "
        f"and set_on >= '{YEAR}') * 1.0 / planned, null from whole"
    ),
    "operations_increase": (
        "select planned * 1.0 / (select sum(planned) from main.budget_lines "
        f"where period_start < '{YEAR}') - 1, null from whole"
    ),
    "insurance_cover": (
        "select sum(insured >= iif(risk = 'it_liability', 300000000, 500000000)) / 2.0, 2 "
        "from main.insurance_policies where risk in ('it_liability', 'general_liability')"
    ),
    "premium_share": (
        "select sum(premium) * 1.0 / (select planned from whole), count(premium) "
        "from main.insurance_policies"
    ),
    "risks_to_insure": (
        "select sum(probability * loss / 100.0 > retained_cost and insured is null), count(*) "
        "from main.insurance_policies"
    ),
    "return_to_date": (
        "select (select sum(amount) from main.benefits) * 1.0 / sum(amount), "
        "count(distinct month) from spent"
    ),
    "benefit_traced": (
        "select sum(iif(driver is null, 0, amount)) * 1.0 / sum(amount), null from main.benefits"
    ),
    "bot_unit_cost": (
        "select sum(cost) / 100.0 / sum(contacts), sum(contacts) from costs where handled_by='bot'"
    ),
    "human_unit_cost": (
        "select sum(cost) / 100.0 / sum(contacts), sum(contacts) from costs "
        "where handled_by = 'human'"
    ),
    "bot_saving": (
        "select 1 - b / h, n from (select sum(cost) * 1.0 / sum(contacts) as b, "
        "sum(contacts) as n from costs where handled_by = 'bot'), (select sum(cost) * 1.0 "
        "/ sum(contacts) as h from costs where handled_by = 'human')"
    ),
    "labour_month": "select sum(labour) / 12.0, count(distinct month) from costs",
    "value_added_coverage": (
        "select sum(value_added) * 1.0 / sum(labour), count(distinct month) from costs"
    ),
    "acquisition_cost": (
        "select avg(acquisition_cost) / 100.0, count(acquisition_cost) from (select *, "
        "max(updated_at) from main.customers group by customer_id) where deleted_at is null "
        f"and date(registered_at, '+8 hours') between '{OLD}' and '{END}'"
    ),
}


@pytest.fixture
def look(opened: Callable[[Installation], None], demo: Installation) -> MakeView:
    """A view of the demo company by its period."""
    opened(demo)

    def make(period: str = "year") -> View:
        return View(data.current_version(), LOCAL_ADMINISTRATOR, period, "previous", Selection())

    return make


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Connection:
    demo_crm.executescript(PREPARED)
    return demo_crm


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_a_measure_is_what_plain_sql_says(key: str, look: MakeView, crm: sqlite3.Connection):
    value, n = crm.execute(QUESTIONS[key]).fetchone()
    found = {**budget_measures.every(look(), "B1"), **returns_measures.headline(look())}[key]
    assert (found.value, found.n) == (pytest.approx(value), n)


def test_the_payback_of_a_module_is_counted_month_by_month(look: MakeView, crm: sqlite3.Connection):
    rows = crm.execute(
        "select month, sum(cost), sum(benefit) from (select month, amount as cost, 0 as benefit "
        "from spent where subject = 'technology' union all select substr(earned_on, 1, 7), 0, "
        "amount from main.benefits where subject = 'technology') group by month order by month"
    ).fetchall()
    gaps = accumulate(earned - paid for _, paid, earned in rows)
    months = next(number for number, gap in enumerate(gaps, 1) if gap >= 0)
    assert returns_measures.headline(look())["payback_technology"].value == months / 12
    aims = dict(returns.modules(look()).select("subject", "aim").iter_rows())
    assert aims == {"technology": 1.8, "labour": 2.4, "marketing": 1.5, "reserve": None}


def test_what_serves_a_tier_costs_what_its_contacts_cost(look: MakeView, crm: sqlite3.Connection):
    """Contacts before the first purchase have no tier: with them it is all that SQL counts."""
    found = unit_costs.to_serve(look())
    contacts = data.frame(look(), "contact_months").filter(pl.col("day") >= pl.date(2025, 11, 1))
    sums = contacts.filter(pl.col("tier").is_null()).select(pl.col("cost", "costed").sum())
    before = sums.collect().row(0)
    wanted = crm.execute(
        "select sum(cost), count(cost) from (select *, max(updated_at) from main.interactions "
        "group by interaction_id) where direction = 'outbound' "
        f"and date(occurred_at, '+8 hours') between '{OLD}' and '{END}' "
        "and occurred_at <= '2026-10-31 10:00:00.000000'"
    ).fetchone()
    told = found.select(pl.col("cost").sum(), pl.col("contacts").sum()).row(0)
    assert (told[0] + before[0], told[1] + before[1]) == wanted
    each = found.with_columns(again=pl.col("per_customer") * pl.col("customers"))
    assert each["again"].to_list() == pytest.approx(each["cost"].to_list())


def test_a_later_version_changes_the_plan_and_leaves_the_spending(
    look: MakeView, crm: sqlite3.Connection
):
    view = look()
    codes = list(budget_choice.budgets(view))
    assert codes == ["B1", "B1.v4", "B1.v3", "B1.v2"]
    assert budget_choice.default(view) == "B1"
    for code, version in (("B1.v4", 4), ("B1.v3", 3), ("B1.v2", 2)):
        plan, spent = crm.execute(
            "select sum(coalesce((select r.planned from main.budget_revisions r "
            "where r.line_id = p.line_id and r.version <= ? order by r.version desc limit 1), "
            "p.planned)), (select sum(amount) from spent where spent_on >= ?) from plan p",
            (version, YEAR),
        ).fetchone()
        cards = budget_headline.headline(view, code)
        assert (cards["budget_planned"].value, cards["budget_actual"].value) == (plan, spent)
        booked = budget.expenses(view, code, None).collect()
        assert booked["amount"].sum() == spent


@pytest.mark.parametrize("period", ["month", "quarter", "last_quarter", "year", "all"])
@pytest.mark.parametrize("code", ["B1", "B1.v3"])
def test_causes_and_deviations_belong_to_the_variance_of_the_page(
    period: str, code: str, look: MakeView
):
    view = look(period)
    causes = {row["subject"]: row for row in budget_control.causes(view, code).to_dicts()}
    for row in budget.by_subject(view, code).to_dicts():
        assert causes[row["subject"]]["variance"] == row["variance"]
    off = budget_headline.headline(view, code)["budget_lines_red"].value
    assert budget_control.deviations(view, code).height == off


def test_the_report_on_the_fund_adds_up_to_the_return(look: MakeView):
    rows = returns.report(look()).sort("month")
    to_date = returns_measures.headline(look())["return_to_date"].value
    assert int(rows["benefit"].sum()) / int(rows["cost"].sum()) == pytest.approx(to_date)
    assert rows["total_ratio"][-1] == pytest.approx(to_date)
    assert rows["held_on"].to_list()[-1] is None  # October's is due in November


def test_a_company_without_these_tables_is_told_which(
    opened: Callable[[Installation], None], minimal: Installation
):
    opened(minimal)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    readings = {**budget_measures.every(view, None), **returns_measures.headline(view)}
    assert {key for key, each in readings.items() if each.value is not None} == {"acquisition_cost"}
    told = {key: (each.missing, each.missing_what) for key, each in readings.items()}
    assert told["bot_unit_cost"] == ("no_table", "service_costs")
    assert told["premium_share"] == ("no_table", "budget_lines")
