"""The page of follow-ups: what is due, what was in time, who came back; by hand, in scope."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from dashboard import data, i18n, workspace
from dashboard.answers import customer_follow_up, follow_ups
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, cases, new_id, reading, reviews, steps
from metrics.selection import Selection
from tests.conftest import NOW, Installation
from tests.pages.test_pages import assert_opens, run

pytestmark = pytest.mark.usefixtures("own_workspace")

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def seen_by(principal: Principal = LOCAL_ADMINISTRATOR, *filters: tuple) -> View:
    return View(data.current_version(), principal, "all", "previous", Selection(filters))


def everybody() -> pl.DataFrame:
    mart = data.frame(seen_by(), "customer_mart").filter(pl.col("warned_on").is_null())
    return mart.sort("customer_id").collect()


def follow(customer: str, *, begun: timedelta, warned: timedelta, done: dict[str, timedelta]):
    """A plan that began a while ago, after a warning, with steps done a while ago."""
    warned_at, at = NOW - warned, NOW - begun
    dues = customer_follow_up.follow_up.due_times(at, warned_at)
    planned = tuple(cases.PlannedStep(kind, due) for kind, due in dues)
    open_ = workspace.workspace()
    opening = {customer: cases.Opening("red", (), warned_at, planned)}
    cases.start(open_, Write(LOCAL_ADMINISTRATOR, at, new_id()), opening)
    for step in reading.folder(open_, LOCAL_ADMINISTRATOR, customer).steps:
        if step.kind in done:
            when = NOW - done[step.kind]
            by = Write(LOCAL_ADMINISTRATOR, when, new_id())
            steps.record(open_, by, step.step_id, 1, steps.Result("responded", when))


@pytest.fixture
def customers(own_workspace: None) -> list[str]:  # noqa: ARG001 - written into it
    """Three plans: one overdue, one in time, one with every step done."""
    found = everybody()["customer_id"].to_list()[:3]
    follow(found[0], begun=4 * DAY, warned=5 * DAY, done={})
    follow(found[1], begun=2 * DAY, warned=3 * DAY, done={"phone": 1 * DAY + HOUR})
    every = dict.fromkeys(("phone", "wechat", "email", "benefit", "recheck"), 5 * DAY)
    follow(found[2], begun=8 * DAY, warned=9 * DAY, done=every)
    return found


def test_the_cards_by_hand(customers: list[str]):
    found = follow_ups.headline(seen_by())
    in_time = found.pop("win_back_on_time")  # the second; also of those nobody followed up
    assert in_time.value == pytest.approx(1 / in_time.n)
    assert {key: (reading.value, reading.n) for key, reading in found.items()} == {
        "open_plans": (3, None),
        "overdue_plans": (1, 3),
        "recheck_on_time": (1.0, 1),
        "plan_completion": (1.0, 1),
        "reactivation": (None, None),
    }
    assert found["reactivation"].missing == "no_old_plan"
    assert len(customers) == 3


def test_warned_customers_whom_nobody_follows_up_are_late_too(customers: list[str]):
    """Of today's warnings those raised since the first follow-up, at least 48 hours ago."""
    early = everybody()["customer_id"].to_list()[10]
    follow(early, begun=60 * DAY, warned=61 * DAY, done={"phone": 60 * DAY})
    warned = data.frame(seen_by(), "customer_mart").drop_nulls("warned_on").collect()
    first, last = (NOW - 60 * DAY).date(), (NOW - 3 * DAY).date()
    late = warned.filter(pl.col("warned_on").is_between(first, last)).height
    assert late > 3
    found = follow_ups.headline(seen_by())["win_back_on_time"]
    assert found.n == len(customers) + late  # the first of all was warned before it was opened
    assert found.value == pytest.approx(1 / found.n)


def test_the_parts_of_a_company_add_up_also_where_nobody_was_followed_up_yet():
    mart = data.frame(seen_by(), "customer_mart").collect()
    early = everybody().drop_nulls("region")["customer_id"][0]
    follow(early, begun=60 * DAY, warned=61 * DAY, done={"phone": 60 * DAY})
    whole = follow_ups.headline(seen_by())["win_back_on_time"].n
    nowhere = mart.filter(pl.col("region").is_null() & (pl.col("warned_on") < NOW.date()))
    regions = mart["region"].drop_nulls().unique()
    parts = [
        follow_ups.headline(seen_by(LOCAL_ADMINISTRATOR, ("region", (region,))))
        for region in regions
    ]
    assert nowhere.is_empty()
    assert len(regions) > 1
    assert sum(each["win_back_on_time"].n or 0 for each in parts) == whole


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Shanghai", 16), ("Africa/Cairo", 22)])
def test_a_warning_counts_from_the_end_of_its_day_also_where_clocks_change_then(
    monkeypatch: pytest.MonkeyPatch, zone: str, hour: int
):
    """In Cairo there is no midnight after 23 April 2026: clocks go from it to one o'clock."""
    follow(everybody()["customer_id"][0], begun=200 * DAY, warned=201 * DAY, done={})
    monkeypatch.setattr(data, "time_zone", lambda: ZoneInfo(zone))
    rows = pl.DataFrame({"customer_id": ["x"], "warned_on": [date(2026, 4, 23)]})
    monkeypatch.setattr(data, "selected", lambda *_: rows.lazy())
    state = follow_ups.casework.state()
    cases_ = follow_ups.casework.cases(seen_by(), state)
    found = follow_ups._unattended(seen_by(), state, cases_)["warned_at"].to_list()
    assert found == [datetime(2026, 4, 23, hour, tzinfo=UTC)]


def test_what_is_due_by_hand(customers: list[str]):
    ages = dict(follow_ups.ageing(seen_by()).iter_rows())
    assert ages == dict.fromkeys(follow_ups.AGES, 0) | {"days_late": 1, "week": 1, "to_close": 1}
    rows = follow_ups.due(seen_by()).collect()
    assert rows["customer_id"].to_list() == customers
    assert rows["next_step"].to_list() == ["phone", "wechat", None]
    assert rows["owner_id"].to_list() == everybody()["owner_id"].to_list()[:3]
    for age, count in ages.items():
        assert follow_ups.due(seen_by(), age).collect().height == count


@pytest.mark.usefixtures("customers")
def test_a_filter_and_a_scope_leave_their_own_customers():
    mart = everybody().head(3)
    region = mart["region"].drop_nulls()[0]
    own = mart.filter(pl.col("region") == region)["customer_id"].to_list()
    limited = Principal("x", "manager", regions=(region,))
    for view in (seen_by(LOCAL_ADMINISTRATOR, ("region", (region,))), seen_by(limited)):
        assert set(follow_ups.due(view).collect()["customer_id"]) == set(own)
        assert follow_ups.headline(view)["open_plans"].value == len(own)
    nobody = seen_by(Principal("x", "manager", regions=()))
    assert follow_ups.is_empty(nobody)
    assert follow_ups.headline(nobody)["open_plans"].value == 0


def test_what_is_written_is_counted_at_once(customers: list[str]):
    assert follow_ups.headline(seen_by())["open_plans"].value == 3
    case = reading.folder(workspace.workspace(), LOCAL_ADMINISTRATOR, customers[0]).case
    by = Write(LOCAL_ADMINISTRATOR, NOW, new_id())
    cases.close(workspace.workspace(), by, case.case_id, case.version, "lost", None)
    assert follow_ups.headline(seen_by())["open_plans"].value == 2


def under_contract(day: date) -> set[str]:
    rows = data.frame(seen_by(), "contracts").collect().iter_rows(named=True)
    return {
        row["customer_id"]
        for row in rows
        if row["started_on"] <= day and (row["ended_on"] is None or row["ended_on"] > day)
    }


def test_plans_of_customers_under_contract_alone_say_whether_they_stayed():
    """No order is asked of them, so there is no rate of orders, and the card says why."""
    held = sorted(under_contract((NOW - 120 * DAY).date()) & set(everybody()["customer_id"]))[:3]
    for customer in held:
        follow(customer, begun=120 * DAY, warned=121 * DAY, done={})
    found = follow_ups.reactivation(seen_by())
    assert (found["reactivation"], found["reactivation_n"], found["kept_n"]) == (None, 0, 3)
    assert follow_ups.headline(seen_by())["reactivation"].missing == "only_contracts"
    for language in i18n.LANGUAGES:
        assert_opens(run("follow_ups", language), "follow_ups", language)


def test_reactivation_against_the_orders_and_those_without_a_plan():
    """The orders themselves say who came back: those with a plan, and those only listed."""
    ids = everybody()["customer_id"].to_list()
    planned, listed = ids[:60], ids[50:200]
    began = NOW - 120 * DAY
    for customer in planned:
        follow(customer, begun=120 * DAY, warned=121 * DAY, done={})
    members = pl.DataFrame({"customer_id": listed}).with_columns(
        rank=pl.int_range(1, pl.len() + 1), p90=0.5, warning=pl.lit("red"),
        remaining_days=9, revenue_at_risk=1, silent_days=9,
    )  # fmt: skip
    by = Write(LOCAL_ADMINISTRATOR, began, new_id())
    reviews.record_review(
        workspace.workspace(), by, "all", members, listed=len(listed), snapshot="v"
    )
    orders = data.frame(seen_by(), "orders").filter(
        pl.col("status") == "completed",
        pl.col("amount") > 0,
        pl.col("ordered_on") > began.date(),
        pl.col("ordered_on") <= began.date() + 90 * DAY,
    )
    back = set(orders.select("customer_id").collect()["customer_id"])
    found = follow_ups.reactivation(seen_by())
    held, kept = (under_contract(began.date() + days) for days in (0 * DAY, 90 * DAY))
    # the first ten had a plan; who was under contract need not order
    for group, order, stay in (
        (set(planned), "reactivation", "kept"),
        (set(listed[10:]), "unhelped", "unhelped_kept"),
    ):
        assert found[f"{order}_n"] == len(group - held)
        assert found[order] == pytest.approx(len(back & (group - held)) / len(group - held))
        assert found[f"{stay}_n"] == len(group & held) > 0
        assert found[stay] == pytest.approx(len(group & held & kept) / len(group & held))
    assert found["reactivation_n"] + found["kept_n"] == 60
    assert 0 < found["reactivation"] < 1
    gap = found["reactivation"] - found["unhelped"]
    assert found["advantage"] == pytest.approx(gap)
    assert found["advantage_low"] < gap < found["advantage_high"]
    for language in i18n.LANGUAGES:
        assert_opens(run("follow_ups", language), "follow_ups", language)


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_the_page_opens_with_its_rows(language: str):
    assert_opens(run("follow_ups", language), "follow_ups", language)
    app = run("follow_ups", language, rows="ageing", ageing_of="to_close")
    assert_opens(app, "follow_ups", language)
    assert len(app.dataframe) == 2


def test_without_a_workspace_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, opened, demo: Installation, tmp_path
):
    (tmp_path / "broken.sqlite").write_bytes(b"no database at all " * 500)
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/broken.sqlite")
    opened(demo)
    app = run("follow_ups", "en")
    assert not app.exception
    assert len(app.error) == 1
    assert "damaged" in app.error[0].value
