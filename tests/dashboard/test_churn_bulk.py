"""Ticked customers of the risk list: assigned, their plans started, and the list says so."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import i18n, workspace
from dashboard.panels.churn_chips import LIST
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, assignments, reading
from tests.conftest import NOW
from tests.pages.test_pages import run

pytestmark = pytest.mark.usefixtures("own_workspace")

WANG = Principal("wang", "manager")


def page(**query: str) -> AppTest:
    return run("churn_risk", "en", **query)


def followed() -> dict[str, dict]:
    rows = reading.followed(workspace.workspace(), LOCAL_ADMINISTRATOR)
    return {row["customer_id"]: row for row in rows.iter_rows(named=True)}


def said(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def ticked(app: AppTest) -> list[str]:
    return app.session_state["ticked"][LIST]


def first(app: AppTest, n: int) -> AppTest:
    """The page with the first customers of the list ticked, by their ids."""
    app.button(key="bulk_all").click().run()
    app.session_state["ticked"] = {LIST: ticked(app)[:n]}
    return app.run()


def test_the_whole_list_is_ticked_across_its_pages_up_to_200():
    app = page(risk_list="churned")
    app.button(key="bulk_all").click().run()
    assert len(set(ticked(app))) == len(ticked(app)) == 200
    app.selectbox(key="risk_sort").select("silent").run()
    assert len(ticked(app)) == 200  # by customer: another order changes nothing
    app.button(key="bulk_clear").click().run()
    assert ticked(app) == []
    assert not app.exception


def test_plans_are_started_once_and_the_list_says_so():
    app = first(page(risk_warning="red"), 3)
    chosen = ticked(app)
    app.button(key="bulk_plan_send").click().run()
    assert not app.exception
    assert {*followed()} == {*chosen}
    assert all(row["steps_total"] == 5 for row in followed().values())
    assert all(row["reason"] == "red" and row["warned_at"] for row in followed().values())
    assert "3+1 plan started for 3 customers." in said(app)
    assert ticked(app) == []
    app.session_state["ticked"] = {LIST: chosen[:1]}
    app.run().button(key="bulk_plan_send").click().run()
    assert "a plan is running" in said(app)
    assert len(followed()) == 3
    shown = page(risk_warning="red", risk_follow=["open", "overdue"])
    assert "3 customers with an early warning" in said(shown)


def test_customers_are_assigned_and_the_list_names_the_new_owner():
    app = first(page(), 2)
    chosen = ticked(app)
    app.button(key="bulk_assign_send").click().run()  # to nobody
    assert [each.value for each in app.warning] == [i18n.words("en")["error.workspace_not_chosen"]]
    assert (followed(), ticked(app)) == ({}, chosen)
    owner = app.selectbox(key="bulk_assign_owner").options[0]
    app.selectbox(key="bulk_assign_owner").select_index(0)
    app.button(key="bulk_assign_send").click().run()
    assert not app.exception
    assert {*followed()} == {*chosen}
    assert "2 customers assigned." in said(app)
    table = next(each.value for each in app.dataframe if "Owner" in each.value.columns)
    assert table["Owner"].head(2).to_list() == [owner] * 2


def test_what_somebody_else_has_assigned_meanwhile_stays_theirs():
    app = first(page(), 2)
    chosen = ticked(app)
    write = Write(WANG, NOW, "key-of-a-test-other")
    assignments.assign(workspace.workspace(), write, "E-WANG", {chosen[0]: 0})
    app.selectbox(key="bulk_assign_owner").select_index(0)
    app.button(key="bulk_assign_send").click().run()
    assert followed()[chosen[0]]["assigned_to"] == "E-WANG"
    assert followed()[chosen[1]]["assigned_to"] not in (None, "E-WANG")
    assert "1 left as they were" in said(app)


def test_more_than_200_are_not_sent():
    app = page(risk_list="churned")
    app.session_state["ticked"] = {LIST: [f"C{n:07}" for n in range(201)]}
    app.run()
    assert "At most 200" in said(app)
    assert "bulk_plan_send" not in {button.key for button in app.button}


def test_without_a_workspace_rows_are_picked_as_before(tmp_path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/file/workspace.sqlite")
    from dashboard import settings

    settings.settings.cache_clear()
    app = page(risk_follow="open")
    assert not app.exception
    assert "bulk_all" not in {button.key for button in app.button}
    assert "customers who may churn" in said(app)
