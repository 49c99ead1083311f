"""Whose a customer is: one answer for filters and lists, here before the CRM; nobody sees more."""

from __future__ import annotations

import time
from dataclasses import replace
from html import escape

import polars as pl
import pytest

from dashboard import data, i18n, workspace
from dashboard.answers import (
    casework,
    churn_follow_up,
    churn_list,
    churn_risk,
    churn_segments,
    customer,
    follow_ups,
    service,
    tiers,
    warnings,
    worklist,
)
from dashboard.answers.churn_list import Choice
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, assignments, cases, new_id, reading
from data_access.workspace.errors import OutOfScopeError
from metrics.churn.definitions import choices
from metrics.selection import Moved, Selection
from tests.conftest import NOW, Installation
from tests.dashboard.test_churn_bulk import said
from tests.pages.test_pages import assert_opens, run

pytestmark = pytest.mark.usefixtures("own_workspace")


def seen(*owners: str, by: Principal = LOCAL_ADMINISTRATOR) -> View:
    """What the header gives who has chosen these owners."""
    everything = View(data.current_version(), by, "year", "previous", Selection())
    if not owners:
        return everything
    moved = casework.moved(everything, casework.state(), tuple(sorted(owners)))
    chosen = Selection((("owner_id", tuple(sorted(owners))),))
    return View(everything.version, by, "year", "previous", chosen, moved=moved)


def mart(view: View | None = None) -> pl.DataFrame:
    return data.frame(view or seen(), "customer_mart").sort("customer_id").collect()


def assign(owner: str | None, customers: list[str], by: Principal = LOCAL_ADMINISTRATOR) -> None:
    open_ = workspace.workspace()
    known = dict(
        reading.assigned(open_, LOCAL_ADMINISTRATOR)
        .select("customer_id", "assigned_version")
        .iter_rows()
    )
    versions = {each: known.get(each, 0) for each in customers}
    assignments.assign(open_, Write(by, NOW, new_id()), owner, versions)


@pytest.fixture
def people() -> tuple[str, str]:
    """The two who have most customers at risk in the CRM: Li and Wang."""
    at_risk = mart().filter(pl.col("revenue_at_risk") > 0)["owner_id"].drop_nulls()
    first, second = at_risk.value_counts(sort=True)["owner_id"][:2]
    return first, second


def theirs(owner: str) -> list[str]:
    """Customers of an owner by the CRM, those with most at risk first."""
    best = mart().filter(pl.col("owner_id") == owner)
    order = best.sort("revenue_at_risk", "customer_id", descending=[True, False], nulls_last=True)
    return order["customer_id"].to_list()


def oracle(owner: str) -> pl.DataFrame:
    """Whose is whose, in SQL over both tables."""
    given = reading.assigned(workspace.workspace(), LOCAL_ADMINISTRATOR)
    tables = pl.SQLContext(rows=mart(), given=given)
    return tables.execute(
        f"""select rows.* from rows left join given using (customer_id)
            where coalesce(given.assigned_to, rows.owner_id) = '{owner}'""",
        eager=True,
    )


def test_a_filter_on_an_owner_holds_whom_the_lists_name_theirs(people: tuple[str, str]):
    li, wang = people
    nobodys = mart().filter(pl.col("owner_id").is_null())["customer_id"].to_list()
    got, given = theirs(wang)[:3] + nobodys[:2], theirs(li)[:4]
    assign(li, got)
    assign(wang, given)
    assign(li, theirs(li)[4:5])  # already theirs
    expected = oracle(li)
    ids = set(expected["customer_id"])
    assert {*got} <= ids
    assert not ids & {*given}
    view = seen(li)
    assert view.moved == Moved(frozenset(got), frozenset(given))
    assert set(churn_risk.customers(view).collect()["customer_id"]) == ids
    found = churn_risk.summary(view)
    assert found["churned"] == expected["churned"].sum()
    assert found["revenue_at_risk"] == expected["revenue_at_risk"].sum()
    warned = expected["warning"].drop_nulls()
    assert {level: n or 0 for level, n in warnings.counts(view).items()} == {
        level: (warned == level).sum() for level in warnings.LEVELS
    }
    by_tier = churn_segments.segments(view, ("tier",))
    assert by_tier["revenue_at_risk"].sum() == expected["revenue_at_risk"].sum()
    listed = churn_list.listed(view, Choice("risk", "p90", told=churn_follow_up.told())).collect()
    assert set(listed["owner_id"]) == {li}
    assert {*got} & set(listed["customer_id"])
    work = worklist.listed(view, worklist.choose(3))
    assert set(work["owner_id"]) == {li}
    assert work.height == 3  # a week of one person, whoever the CRM gave them to


def test_both_owners_together_are_everybody_of_both(people: tuple[str, str]):
    li, wang = people
    assign(li, theirs(wang)[:3])
    both = churn_risk.customers(seen(*people)).collect()
    assert seen(*people).moved is None  # between the two nothing has changed
    assert set(both["customer_id"]) == {*theirs(li), *theirs(wang)}


def test_an_assignment_shows_at_once_and_given_back_it_is_gone(people: tuple[str, str]):
    li, wang = people
    before = churn_risk.summary(seen(li))["buyers"]
    one = mart().filter(pl.col("owner_id") == wang, pl.col("purchases") > 0)["customer_id"][0]
    assert seen(li).moved is None
    assign(li, [one])
    assert churn_risk.summary(seen(li))["buyers"] == before + 1
    assign(None, [one])
    assert seen(li).moved is None
    assert churn_risk.summary(seen(li))["buyers"] == before


def test_the_page_of_follow_ups_has_the_cases_of_whom_it_names(people: tuple[str, str]):
    li, wang = people
    mine, other = theirs(li)[0], theirs(wang)[0]
    plan = (cases.PlannedStep("phone", NOW),)
    openings = {each: cases.Opening("manual", steps=plan) for each in (mine, other)}
    cases.start(workspace.workspace(), Write(LOCAL_ADMINISTRATOR, NOW, new_id()), openings)
    assign(wang, [mine])
    assign(li, [other])
    due = follow_ups.due(seen(li)).collect()
    assert (due["customer_id"].to_list(), due["owner_id"].to_list()) == ([other], [li])
    assert follow_ups.headline(seen(li))["open_plans"].value == 1


def test_who_left_an_owners_list_was_chosen_elsewhere_not_lost(people: tuple[str, str]):
    li, wang = people
    view, by = seen(li), Write(LOCAL_ADMINISTRATOR, NOW, new_id())
    worklist.hold(view, worklist.choose(10), by)
    gone = worklist.listed(view, worklist.choose(10))["customer_id"][0]
    assign(wang, [gone])
    found = worklist.changes(seen(li), worklist.choose(10))
    left = found.left.filter(pl.col("customer_id") == gone)
    assert left["reason"].to_list() == ["elsewhere"]


def test_the_past_and_events_stay_the_crms_and_are_not_held_against_today(people: tuple[str, str]):
    li, wang = people
    before = seen(li)
    past = {"tiers": tiers.mix_months(before), "rate": churn_risk.headline(before)["win_back_rate"]}
    assert churn_risk.headline(before)["churned_customers"].last_year is not None
    counted = service.backlog(before)
    assign(li, theirs(wang)[:20])
    after = seen(li)
    assert tiers.mix_months(after).equals(past["tiers"])
    assert service.backlog(after).equals(counted)
    found = churn_risk.headline(after)
    assert found["win_back_rate"] == past["rate"]
    for key in ("customers_at_risk", "revenue_at_risk", "churned_customers"):
        reading_ = found[key]
        assert (reading_.previous, reading_.last_year, reading_.trend) == (None, None, ())


def test_another_definition_of_churn_has_the_same_customers(people: tuple[str, str]):
    li, wang = people
    assign(li, theirs(wang)[:3])
    view = replace(seen(li), definition=choices()["90d"])
    assert set(churn_risk.customers(view).collect()["customer_id"]) == set(
        oracle(li)["customer_id"]
    )
    assert (
        churn_risk.headline(view)["win_back_rate"].n
        == churn_risk.headline(replace(view, moved=None))["win_back_rate"].n
    )  # of 90 days ago: the CRM's


def test_somebody_without_customers_in_the_crm_can_be_chosen_once_they_have_one():
    owners = set(mart()["owner_id"].drop_nulls())
    employees = data.frame(seen(), "employees").collect()
    new = employees.filter(~pl.col("employee_id").is_in(owners)).sort("employee_id").row(0)
    newcomer, gone = new[0], "left-the-crm"
    known = casework.owners(seen(), casework.state())
    assert newcomer not in known
    first, second = mart()["customer_id"].to_list()[:2]
    assign(newcomer, [first])
    assign(gone, [second])
    known = casework.owners(seen(), casework.state())
    assert (newcomer in known, known[gone]) == (True, None)
    for owner, customer_id in ((newcomer, first), (gone, second)):
        assert churn_risk.customers(seen(owner)).collect()["customer_id"].to_list() == [customer_id]
        assert tiers.mix_months(seen(owner)).is_empty()
    assert set(casework.owners(seen(), None)) == owners


def test_an_assignment_widens_nobodys_scope(people: tuple[str, str]):
    """A success lead sees whom the CRM gives them; a region, its own: assigned or not."""
    li, wang = people
    got, given = theirs(wang)[:3], theirs(li)[:3]
    assign(li, got)
    assign(wang, given)
    lead = Principal("li", "success_lead", owner_id=li)
    for view in (seen(by=lead), seen(li, by=lead), seen(wang, by=lead)):
        own = set(churn_risk.customers(view).collect()["customer_id"])
        assert own <= {*theirs(li)}
        assert not own & {*got}
    assert set(churn_risk.customers(seen(wang, by=lead)).collect()["customer_id"]) == {*given}
    with pytest.raises(OutOfScopeError):
        assign(li, theirs(wang)[5:6], by=lead)  # nor by oneself
    region = mart()["region"].drop_nulls()[0]
    east = Principal("x", "manager", regions=(region,))
    found = churn_risk.customers(seen(li, by=east)).collect()
    assert set(found["region"]) <= {region}
    expected = oracle(li).filter(pl.col("region") == region)
    assert set(found["customer_id"]) == set(expected["customer_id"])
    assert set(casework.owners(seen(by=lead), casework.state())) == {li, wang}


def test_a_search_names_the_owner_as_the_lists_do(people: tuple[str, str]):
    li, wang = people
    one = theirs(wang)[0]
    assign(li, [one])
    found = customer.with_owner(seen(), customer.find(seen(), one))
    assert found["owner_id"].to_list() == [li]


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_pages_say_whose_owner_where_it_makes_a_difference(people: tuple[str, str], language: str):
    li, wang = people
    words = i18n.words(language)
    told = {"churn_risk": "assigned", "worklist": "assigned", "follow_ups": "assigned",
            "overview": "both", "tiers": "crm"}  # fmt: skip
    for page in told:
        assert not any(words[f"header.owners.{each}"] in said(run(page, language, owner_id=li))
                       for each in set(told.values()))  # fmt: skip
    assign(li, theirs(wang)[:3])
    for page, code in told.items():
        app = run(page, language, owner_id=li)
        assert_opens(app, page, language)
        assert words[f"header.owners.{code}"] in said(app), page
    why = escape(words["risk.no_past_by_owner"].strip())
    assert why in said(run("churn_risk", language, owner_id=li))


def test_without_a_workspace_owners_are_the_crms(
    people: tuple[str, str], monkeypatch: pytest.MonkeyPatch, opened, demo: Installation, tmp_path
):
    li, wang = people
    assign(li, theirs(wang)[:3])
    (tmp_path / "broken.sqlite").write_bytes(b"no database at all " * 500)
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/broken.sqlite")
    opened(demo)
    assert casework.readable_state() is None
    app = run("churn_risk", "en", owner_id=li)
    assert_opens(app, "churn_risk", "en")
    assert i18n.words("en")["header.owners.assigned"] not in said(app)


def test_a_workspace_that_could_not_be_read_is_left_alone_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
):
    from data_access.workspace import Workspace
    from data_access.workspace.errors import UnavailableWorkspaceError

    asked = []

    def hangs(_: Workspace) -> int:
        asked.append(1)
        raise UnavailableWorkspaceError("x", "no answer")

    whole, moment = Workspace.state, time.monotonic()
    monkeypatch.setattr(Workspace, "state", hangs)
    assert [workspace.readable() for _ in range(3)] == [None] * 3
    assert len(asked) == 1
    monkeypatch.setattr(Workspace, "state", whole)
    monkeypatch.setattr(workspace.time, "monotonic", lambda: moment + 3_600)
    assert workspace.readable() is not None


def test_moved_customers_by_hand():
    rows = pl.DataFrame({"customer_id": ["a", "b", "c", "d", "e"],
                         "owner_id": ["li", "li", "wang", None, "wang"]}).lazy()  # fmt: skip
    by = (("owner_id", ("li",)),)

    def ids(moved: Moved | None, frame: pl.LazyFrame = rows) -> list[str]:
        return Selection(by, moved).of(frame).collect()["customer_id"].to_list()

    assert ids(None) == ["a", "b"]
    assert ids(Moved(frozenset("cd"), frozenset("b"))) == ["a", "c", "d"]
    assert ids(Moved(frozenset(), frozenset("ab"))) == []
    assert ids(Moved(frozenset("e"), frozenset())) == ["a", "b", "e"]
    compact = rows.with_columns(pl.col("owner_id").cast(pl.Enum(["wang"]), strict=False))
    assert ids(Moved(frozenset("d"), frozenset()), compact) == ["d"]  # nobody's in the CRM
