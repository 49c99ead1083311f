"""Saved views: one's own and the shared ones, under names of their own."""

from __future__ import annotations

import pytest

from data_access.principal import Principal
from data_access.workspace import Conflict, Workspace
from data_access.workspace.cases import note
from data_access.workspace.errors import NameTakenError, OutOfScopeError, RefusedEntryError
from data_access.workspace.saved_views import change_view, delete_view, save_view, views_of
from tests.data_access.workspace.conftest import LI, WANG

QUERY = "risk_list=risk&risk_min=50&tier=high&tier=basic"


def named(workspace: Workspace, principal: Principal) -> list[tuple[str, str]]:
    return [(view.name, view.owner) for view in views_of(workspace, principal, "churn_risk")]


def test_private_views_are_ones_own_and_shared_ones_everybodys(workspace: Workspace, write):
    save_view(workspace, write(), "churn_risk", "  My   east ", f"?{QUERY}")
    save_view(workspace, write(), "churn_risk", "Team", QUERY, reach="shared")
    save_view(workspace, write(WANG), "churn_risk", "My east", QUERY)
    save_view(workspace, write(), "voice", "Elsewhere", QUERY)
    assert named(workspace, LI) == [("My east", "li"), ("Team", "li")]
    assert named(workspace, WANG) == [("My east", "wang"), ("Team", "li")]
    assert views_of(workspace, LI, "churn_risk")[0].query == QUERY


def test_a_view_is_changed_and_deleted_by_its_owner_only(workspace: Workspace, write):
    (view_id,) = save_view(workspace, write(), "churn_risk", "Team", "", reach="shared").done
    for attempt in (
        lambda: change_view(workspace, write(WANG), view_id, 1, query=QUERY),
        lambda: delete_view(workspace, write(WANG), view_id, 1),
        lambda: delete_view(workspace, write(), "no-such-view", 1),
    ):
        with pytest.raises(OutOfScopeError):
            attempt()
    assert change_view(workspace, write(), view_id, 1, query=QUERY).done == {view_id: 2}
    with pytest.raises(Conflict) as caught:
        change_view(workspace, write(), view_id, 1, name="Mine")
    assert [(each.field, each.after) for each in caught.value.changes] == [("query", QUERY)]
    change_view(workspace, write(), view_id, 2, name="East", reach="private")
    assert named(workspace, WANG) == []
    delete_view(workspace, write(), view_id, 3)
    assert named(workspace, LI) == []


def test_an_administrator_puts_shared_views_in_order_but_not_private_ones(
    workspace: Workspace, write
):
    boss = Principal("boss", "administrator")
    (shared,) = save_view(workspace, write(), "churn_risk", "Team", "", reach="shared").done
    (private,) = save_view(workspace, write(), "churn_risk", "Mine", "").done
    delete_view(workspace, write(boss), shared, 1)
    with pytest.raises(OutOfScopeError):
        delete_view(workspace, write(boss), private, 1)


def test_a_name_is_used_once_by_its_owner_on_a_page(workspace: Workspace, write):
    save_view(workspace, write(), "churn_risk", "East", QUERY)
    with pytest.raises(NameTakenError):
        save_view(workspace, write(), "churn_risk", " East ", "")
    (other,) = save_view(workspace, write(), "churn_risk", "West", "").done
    with pytest.raises(NameTakenError):
        change_view(workspace, write(), other, 1, name="East")
    change_view(workspace, write(), other, 1, name="West", query=QUERY)  # its own name is no other


@pytest.mark.parametrize(
    ("name", "query", "reach"),
    [
        ("", "", "private"), (" ", "", "private"), ("x" * 81, "", "private"),
        ("x", "a=1\nSet-Cookie: x", "private"), ("x", "a" * 8_001, "private"),
        ("x", "a=东", "private"), ("x", "", "everybody"),
    ],
)  # fmt: skip
def test_what_is_no_view_is_refused(workspace: Workspace, write, name, query, reach):
    with pytest.raises(RefusedEntryError):
        save_view(workspace, write(), "churn_risk", name, query, reach=reach)
    assert views_of(workspace, LI, "churn_risk") == ()


def test_a_view_leaves_what_is_kept_of_customers_as_it_is(workspace: Workspace, write):
    note(workspace, write(), "c1", "Called.")
    before = workspace.state()
    (view_id,) = save_view(workspace, write(), "churn_risk", "Team", QUERY).done
    change_view(workspace, write(), view_id, 1, name="East")
    assert workspace.state() == before > 0
    note(workspace, write(), "c1", "Again.")
    assert workspace.state() > before
