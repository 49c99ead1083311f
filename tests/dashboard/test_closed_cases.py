"""Ended follow-ups on their page: as SQL over the workspace finds them, by outcome, in scope."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from dashboard import i18n, workspace
from dashboard.answers import casework, closed_cases, follow_ups
from dashboard.answers.closed_cases import EVERY
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, assignments, cases, new_id, reading, steps
from data_access.workspace.models import Base
from data_access.workspace.records import ENDINGS
from tests.conftest import NOW
from tests.dashboard.test_churn_bulk import said
from tests.dashboard.test_follow_ups import everybody, follow, seen_by
from tests.pages.test_pages import assert_opens, run

pytestmark = pytest.mark.usefixtures("own_workspace")

DAY = timedelta(days=1)


def folder(customer: str):
    return reading.folder(workspace.workspace(), LOCAL_ADMINISTRATOR, customer)


def close(customer: str, ending: str, ago: timedelta, cost: int | None = None) -> None:
    open_, found = workspace.workspace(), folder(customer)
    if cost is not None:
        when = NOW - ago - DAY
        result = steps.Result("responded", when, cost=cost)
        by = Write(LOCAL_ADMINISTRATOR, when, new_id())
        steps.record(open_, by, found.steps[0].step_id, 1, result)
    case = folder(customer).case
    by = Write(LOCAL_ADMINISTRATOR, NOW - ago, new_id())
    cases.close(open_, by, case.case_id, case.version, ending, None)


@pytest.fixture
def ended(own_workspace: None) -> list[str]:  # noqa: ARG001 - written into it
    """Thirty follow-ups that ended over a year and a half, and one that goes on."""
    ids = everybody()["customer_id"].to_list()[:31]
    for number, customer in enumerate(ids[:30]):
        ago = number * 18 * DAY + DAY
        follow(customer, begun=ago + 8 * DAY, warned=ago + 9 * DAY, done={})
        close(customer, ENDINGS[number % 3], ago, [None, 100, 2_550][number % 3])
    follow(ids[30], begun=DAY, warned=2 * DAY, done={})
    return ids


def table(name: str) -> pl.DataFrame:
    """A table of the workspace as it lies in the database."""
    from sqlalchemy import select

    with workspace.workspace().reading() as session:
        found = session.execute(select(Base.metadata.tables[name])).mappings()
        return pl.DataFrame([dict(row) for row in found])


@pytest.mark.parametrize("period", ["month", "last_quarter", "year", "all"])
@pytest.mark.parametrize("ending", [EVERY, *ENDINGS])
@pytest.mark.usefixtures("ended")
def test_what_is_listed_is_what_sql_finds(period: str, ending: str):
    first, until = {
        "month": ("2026-10-01", "2026-11-01"), "last_quarter": ("2026-07-01", "2026-10-01"),
        "year": ("2025-11-01", "2026-11-01"), "all": ("2000-01-01", "2100-01-01"),
    }[period]  # fmt: skip
    rows = table("cases").with_columns(
        day=pl.col("closed_at").dt.offset_by("8h").dt.date()  # Shanghai
    )
    context = pl.SQLContext(cases=rows, steps=table("steps").select("case_id", "cost"))
    expected = context.execute(
        f"""select cases.case_id, sum(steps.cost) as cost, count(steps.cost) as priced
            from cases left join steps using (case_id)
            where state <> 'open' and day >= date '{first}' and day < date '{until}'
              and ('{ending}' = 'all' or state = '{ending}')
            group by cases.case_id""",
        eager=True,
    )
    choice = closed_cases.choose(period, ending)
    found = closed_cases.listed(seen_by(), choice).collect()
    assert set(found["case_id"]) == set(expected["case_id"])
    assert closed_cases.counts(seen_by(), choice)[ending] == found.height
    costs = {row["case_id"]: row["cost"] if row["priced"] else None
             for row in expected.iter_rows(named=True)}  # fmt: skip
    assert dict(found.select("case_id", "cost").iter_rows()) == costs
    assert closed_cases.totals(seen_by(), choice)["cost"] == (
        sum(cost for cost in costs.values() if cost is not None)
        if any(cost is not None for cost in costs.values())
        else None
    )
    assert found["closed_at"].is_sorted(descending=True)


@pytest.mark.usefixtures("ended")
def test_who_came_back_is_who_the_card_counts():
    choice = closed_cases.choose("all")
    found = closed_cases.totals(seen_by(), choice)
    card = follow_ups.reactivation(seen_by())  # the plan that goes on is too young
    assert found["judged"] == card["reactivation_n"] > 10
    assert found["came_back"] / found["judged"] == pytest.approx(card["reactivation"])
    rows = closed_cases.listed(seen_by(), choice).collect()
    assert (
        {"yes", "no", "running"}
        <= set(rows["came_back"])
        <= {"yes", "no", "running", "kept", "left"}
    )
    stayed = rows.filter(pl.col("came_back").is_in(["kept", "left"]))
    assert stayed.height == card["kept_n"] > 0
    assert (stayed["came_back"] == "kept").mean() == pytest.approx(card["kept"])


def test_a_reopened_one_leaves_the_list_and_counts_as_if_never_closed(ended: list[str]):
    one = ended[4]
    before = closed_cases.counts(seen_by(), closed_cases.choose("all"))
    case = folder(one).case
    open_, by = workspace.workspace(), Write(LOCAL_ADMINISTRATOR, NOW, new_id())
    cases.reopen(open_, by, case.case_id, case.version, "called back")
    after = closed_cases.counts(seen_by(), closed_cases.choose("all"))
    assert after[EVERY] == before[EVERY] - 1
    measures = follow_ups.headline(seen_by())
    # a company in which this one was never closed
    never = {key: (each.value, each.n) for key, each in measures.items()}
    assert never["open_plans"] == (2, None)
    assert never["overdue_plans"] == (1, 2)
    assert one in follow_ups.due(seen_by(), "week_late").collect()["customer_id"].to_list()


def test_process_measures_are_those_of_a_case_that_was_never_closed():
    customer = everybody()["customer_id"][0]
    follow(customer, begun=20 * DAY, warned=21 * DAY, done={"phone": 20 * DAY})
    never = follow_ups.headline(seen_by())
    close(customer, "lost", 5 * DAY)
    assert follow_ups.headline(seen_by()) != never
    case = folder(customer).case
    by = Write(LOCAL_ADMINISTRATOR, NOW, new_id())
    cases.reopen(workspace.workspace(), by, case.case_id, case.version, "too soon")
    assert follow_ups.headline(seen_by()) == never


def test_owner_scope_and_filters_hold(ended: list[str]):
    mart = everybody().filter(pl.col("customer_id").is_in(ended[:30]))
    region = mart["region"].drop_nulls()[0]
    own = set(mart.filter(pl.col("region") == region)["customer_id"])
    east = seen_by(Principal("x", "manager", regions=(region,)))
    chosen = seen_by(LOCAL_ADMINISTRATOR, ("region", (region,)))
    for view in (east, chosen):
        found = closed_cases.listed(view, closed_cases.choose("all")).collect()
        assert set(found["customer_id"]) == own
    by = Write(LOCAL_ADMINISTRATOR, NOW, new_id())
    assignments.assign(workspace.workspace(), by, "somebody-new", {ended[0]: 0})
    found = closed_cases.listed(seen_by(), closed_cases.choose("all")).collect()
    owners = dict(found.select("customer_id", "owner_id").iter_rows())
    assert owners.pop(ended[0]) == "somebody-new"
    expected = dict(mart.select("customer_id", "owner_id").iter_rows())
    assert owners == {key: expected[key] for key in owners}
    assert casework.state() == closed_cases.choose("all").state


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
@pytest.mark.usefixtures("ended")
def test_the_page_shows_them_by_outcome_and_says_when_there_are_none(language: str):
    words = i18n.words(language)
    app = run("follow_ups", language, closed_period="all", closed_ending="lost")
    assert_opens(app, "follow_ups", language)
    title = words["follow_ups.closed.title"].format(all=30, won=10, lost=10, closed=10)
    assert title in said(app)
    assert words["follow_ups.closed.cost"].format(money="¥10.00").split("¥")[0] in said(app)
    app = run("follow_ups", language, closed_period="nonsense", closed_ending="<b>")
    assert_opens(app, "follow_ups", language)
    assert "closed_ending" not in app.query_params


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_where_nothing_has_ended_the_page_says_so(language: str):
    follow(everybody()["customer_id"][0], begun=DAY, warned=2 * DAY, done={})
    app = run("follow_ups", language)
    assert_opens(app, "follow_ups", language)
    assert i18n.words(language)["follow_ups.closed.none"] in said(app)
