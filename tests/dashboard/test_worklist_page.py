"""The worklist page: sized to the owners, reviewed, and why it has changed since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import churn_models, data, workspace
from dashboard.answers import casework, churn_risk, worklist
from dashboard.answers.worklist import Choice
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, assignments, cases, new_id, reviews
from metrics.churn.regime import CONTRACTS
from metrics.selection import Selection
from tests.conftest import NOW, Installation
from tests.pages.test_pages import run

pytestmark = pytest.mark.usefixtures("own_workspace")

WEEK = timedelta(days=7)


def view(*filters: tuple[str, tuple[str, ...]]) -> View:
    version = data.current_version()
    return View(version, LOCAL_ADMINISTRATOR, "year", "previous", Selection(filters))


def choice(capacity: int = 10) -> Choice:
    return worklist.choose(capacity)


def write(at=NOW) -> Write:
    return Write(LOCAL_ADMINISTRATOR, at, new_id())


def page(**query: str) -> AppTest:
    app = run("worklist", "en", **query)
    assert not app.exception
    return app


def test_the_list_holds_the_best_of_each_owner_as_sql_would_choose_them():
    mart = data.frame(view(), "customer_mart").filter(pl.col("revenue_at_risk") > 0).collect()
    expected = pl.sql(
        """select customer_id from (
             select customer_id, row_number() over (
               partition by owner_id order by round(revenue_at_risk * 0.2) desc, customer_id
             ) as place, round(revenue_at_risk * 0.2) as saved from mart)
           where place <= 3 and saved > 0""",
        eager=True,
    )
    found = worklist.listed(view(), choice(3))
    assert mart.height > found.height > 0
    assert set(found["customer_id"]) == set(expected["customer_id"])
    assert found["expected_saved"].is_sorted(descending=True)
    assert found["rank"].to_list() == [*range(1, found.height + 1)]


def test_who_is_assigned_to_somebody_else_is_on_their_list():
    first = worklist.listed(view(), choice(3)).row(0, named=True)
    people = data.frame(view(), "employees").collect()
    other = people.filter(pl.col("employee_id") != first["owner_id"]).row(0, named=True)
    whose = {first["customer_id"]: 0}
    assignments.assign(workspace.workspace(), write(), other["employee_id"], whose)
    moved = worklist.listed(view(), choice(3)).filter(customer_id=first["customer_id"])
    assert moved.select("owner_id", "owner").row(0) == (other["employee_id"], other["name"])


def test_who_has_left_stands_with_whom_they_are_assigned_to_even_one_whom_the_crm_has_not():
    worklist.hold(view(), choice(3), write(NOW - WEEK))
    first = worklist.listed(view(), choice(3)).row(0, named=True)
    opening = {first["customer_id"]: cases.Opening("manual")}
    cases.start(workspace.workspace(), write(), opening)
    people = data.frame(view(), "employees").collect()
    other = people.filter(pl.col("employee_id") != first["owner_id"]).row(0, named=True)
    for version, (owner_id, shown) in enumerate(
        [(other["employee_id"], other["name"]), ("gone", "gone")]
    ):
        whose = {first["customer_id"]: version}
        assignments.assign(workspace.workspace(), write(), owner_id, whose)
        found = worklist.changes(view(), choice(3))
        assert found is not None
        assert found.left["owner"].to_list() == [shown]


def test_without_a_review_there_is_nothing_to_compare():
    assert worklist.changes(view(), choice()) is None
    assert "No review of this list has been held yet" in html(page())


def test_a_list_that_has_not_changed_says_so():
    worklist.hold(view(), choice(), write())
    found = worklist.changes(view(), choice())
    assert found is not None
    assert (found.entered.height, found.left.height) == (0, 0)
    assert found.held_at == NOW


@pytest.mark.parametrize("row", [0, -1])
def test_following_somebody_up_makes_room_for_the_next_of_their_owner(
    row: int, monkeypatch: pytest.MonkeyPatch
):
    before, longer = worklist.listed(view(), choice(3)), worklist.listed(view(), choice(4))
    following = longer.join(before, on="customer_id", how="anti", maintain_order="left")
    # a review has room for one more of each owner: however little their customers may save
    monkeypatch.setattr(worklist, "_NEXT", following.height)
    worklist.hold(view(), choice(3), write(NOW - WEEK))
    first = before.filter(owner_id=following["owner_id"][row]).row(0, named=True)
    opening = {first["customer_id"]: cases.Opening("manual")}
    cases.start(workspace.workspace(), write(), opening)
    found = worklist.changes(view(), choice(3))
    assert found is not None
    assert found.left.select("customer_id", "reason").rows() == [(first["customer_id"], "followed")]
    assert found.left["name"].to_list() == [first["name"]]
    came = found.entered.select("owner_id", "reason", "was_p90", "p90").rows()
    assert came == [(first["owner_id"], "others", came[0][2], came[0][2])]


@pytest.mark.parametrize(("days", "listed"), [(29, []), (30, ["lost"])])
def test_a_follow_up_that_has_ended_rests_a_month_and_then_tells_its_outcome(days, listed):
    first = worklist.listed(view(), choice(3)).row(0, named=True)
    ended = NOW - timedelta(days=days)
    opening = {first["customer_id"]: cases.Opening("manual")}
    cases.start(workspace.workspace(), write(ended - WEEK), opening)
    worklist.hold(view(), choice(3), write(ended - WEEK))
    case = casework.cases(view(), casework.state()).row(0, named=True)
    cases.close(workspace.workspace(), write(ended), case["case_id"], case["version"], "lost", None)
    back = worklist.listed(view(), choice(3)).filter(customer_id=first["customer_id"])
    assert back["case_state"].to_list() == listed
    found = worklist.changes(view(), choice(3))
    assert found is not None
    came = found.entered.select("customer_id", "reason").rows()
    assert came == [(first["customer_id"], "closed")] * len(listed)


def test_under_a_filter_only_its_own_are_told_as_followed_up():
    first = worklist.listed(view(), choice(3)).row(0, named=True)
    elsewhere = worklist.listed(view(), choice(3)).filter(pl.col("tier") != first["tier"])
    for customer in (first["customer_id"], elsewhere["customer_id"][0]):
        cases.start(workspace.workspace(), write(), {customer: cases.Opening("manual")})
    assert worklist.totals(view(), choice()).open_cases == 2
    assert worklist.totals(view(("tier", (first["tier"],))), choice()).open_cases == 1


def test_reviews_of_other_customers_are_not_compared():
    tier = data.frame(view(), "customer_mart").select(pl.col("tier").drop_nulls().first())
    some = view(("tier", (tier.collect().item(),)))
    worklist.hold(view(), choice(), write())
    assert worklist.changes(some, choice()) is None


def test_who_has_left_the_chosen_customers_is_not_told_as_deleted():
    """Somebody of another tier stood on the list of a tier at its last review."""
    mart = data.frame(view(), "customer_mart").filter(pl.col("revenue_at_risk") > 0).collect()
    tier, other = mart["tier"].drop_nulls().unique().sort()[:2]
    some = view(("tier", (tier,)))
    before = worklist.listed(some, choice())
    foreign = mart.filter(pl.col("tier") == other, pl.col("contract_days").is_null()).head(1)
    names = ("customer_id", "p90", "warning", "remaining_days", "revenue_at_risk", "silent_days")
    kept = pl.concat([each.select(names) for each in (foreign, before)], how="vertical_relaxed")
    ranked = kept.with_columns(pl.col("warning").cast(pl.String)).with_row_index("rank", 1)
    reviews.record_review(
        workspace.workspace(), write(NOW - WEEK), worklist._code(some), ranked,
        listed=ranked.height, snapshot=some.version,
    )  # fmt: skip
    found = worklist.changes(some, choice())
    assert found is not None
    assert found.left.select("customer_id", "reason").rows() == [
        (foreign["customer_id"][0], "elsewhere")
    ]


def test_reviews_of_a_reader_who_sees_less_are_not_compared():
    """Else whoever sees all would be told that every customer of the others is new."""
    region = data.frame(view(), "customer_mart").select(pl.col("region").drop_nulls().first())
    own = Principal("x", "manager", regions=(region.collect().item(),))
    worklist.hold(replace(view(), principal=own), choice(), Write(own, NOW, new_id()))
    assert worklist.changes(view(), choice()) is None
    worklist.hold(view(), choice(), write())
    found = worklist.changes(replace(view(), principal=own), choice())
    assert found is not None
    assert (found.held_by, found.entered.height, found.left.height) == ("x", 0, 0)


def test_the_page_keeps_a_review_once_and_then_tells_what_has_changed():
    app = page()
    app.button(key="hold_review_send").click().run()
    assert not app.exception
    assert "The next review is compared with it" in html(app)
    assert "0 new on the list, 0 no longer on it" in html(app)
    assert "Since the review of 31 Oct 2026, 20:00" in html(app)  # business time


def test_capacity_is_in_the_address_and_sizes_the_list():
    few, many = (worklist.totals(view(), choice(cases)).customers for cases in (5, 40))
    assert few < many
    assert f"{few:,} customers to follow up" in html(page(capacity="5"))
    assert f"{many:,} customers to follow up" in html(page(capacity="40"))


def test_a_company_without_a_model_has_no_worklist(opened, empty: Installation):
    opened(empty)
    assert "No worklist" in html(page())


def test_customers_under_contract_have_a_list_where_purchases_train_no_model(monkeypatch):
    """A company that lives on contracts has no silence to fit; here the only model is of them."""
    known = churn_risk.model(view())
    assert known is not None
    held = replace(known, regime=CONTRACTS.name)
    monkeypatch.setattr(
        churn_models, "model", lambda _, regime: held if regime is CONTRACTS else None
    )
    assert "customers to follow up this week" in html(page())
    assert churn_risk.is_scored(view())
    assert churn_risk.model(view()) is None
    risks = run("churn_risk", "en")
    assert not risks.exception
    assert risks.session_state["risk_list"] == "risk"
    assert not any("goes by silence" in each.value for each in risks.info)


def html(app: AppTest) -> str:
    return " ".join(str(element.proto) for element in app.get("html"))
