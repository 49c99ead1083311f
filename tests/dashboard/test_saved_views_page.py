"""Saved views on the churn page: kept, opened, modified, put back; shared or one's own."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import workspace
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, saved_views
from tests.conftest import NOW
from tests.pages.test_pages import run

pytestmark = pytest.mark.usefixtures("own_workspace")

LI = Principal("li", "manager")


def page(**query: str) -> AppTest:
    return run("churn_risk", "en", **query)


def kept() -> dict[str, tuple[str, str]]:
    found = saved_views.views_of(workspace.workspace(), LOCAL_ADMINISTRATOR, "churn_risk")
    return {each.name: (each.query, each.reach) for each in found}


def save(app: AppTest, name: str, *, shared: bool = False) -> AppTest:
    app.text_input(key="view_save_name").input(name)
    if shared:
        app.checkbox(key="view_save_shared").check()
    return app.button(key="view_save_send").click().run()


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def test_a_view_keeps_filters_definition_columns_and_order_and_nothing_else():
    app = page(
        tier="high", definition="90d", risk_sort="p90", risk_min="25", risk_nps="none",
        columns_risk="p90", risk_page="2", risk_search="东 a&b",
    )  # fmt: skip
    save(app, "Monday", shared=True)
    assert not app.exception
    query, reach = kept()["Monday"]
    assert reach == "shared"
    assert parse_qs(query) == {
        "tier": ["high"], "definition": ["90d"], "risk_sort": ["p90"], "risk_min": ["25"],
        "risk_nps": ["none"], "columns_risk": ["p90"], "risk_search": ["东 a&b"],
    }  # fmt: skip
    assert "view_reset" not in keys(app)  # it is the view just kept


def test_a_changed_view_says_so_and_is_put_back():
    app = save(page(risk_min="25", tier="high"), "Monday")
    app.selectbox(key="risk_sort").select("p90").run()
    assert "view_reset" in keys(app)
    app.multiselect(key="tier").unselect("high").run()
    app.button(key="view_reset").click().run()
    assert not app.exception
    assert app.selectbox(key="risk_sort").value == "revenue_at_risk"
    assert app.selectbox(key="risk_min").value == "25"
    assert app.multiselect(key="tier").value == ["high"]
    assert "view_reset" not in keys(app)


def test_a_view_opens_as_it_was_kept_whatever_was_chosen_before():
    save(page(risk_list="churned", risk_silent_from="100"), "Gone")
    app = page(tier="high", risk_min="75", risk_warning="red", definition="180d")
    (opener,) = {key for key in keys(app) if len(key) == len("view_") + 32}
    app.button(key=opener).click().run()
    assert not app.exception
    assert app.session_state["risk_list"] == "churned"
    assert app.number_input(key="risk_silent_from").value == 100
    assert app.multiselect(key="tier").value == []
    assert app.selectbox(key="definition").value == "4x"


def test_a_changed_view_can_be_kept_and_deleted():
    app = save(page(risk_min="25"), "Monday")
    app.selectbox(key="risk_min").select("50").run()
    app.button(key="view_change_send").click().run()
    assert kept()["Monday"][0] == "risk_min=50"
    app.button(key="view_delete_send").click().run()
    assert not app.exception
    assert kept() == {}


def test_a_name_is_taken_once():
    app = save(page(risk_min="25"), "Monday")
    save(app, "Monday")
    assert len(app.warning) == 1
    assert len(kept()) == 1


def test_others_private_views_are_not_offered():
    for reach in ("private", "shared"):
        write = Write(LI, NOW, f"key-of-a-test-{reach}")
        saved_views.save_view(workspace.workspace(), write, "churn_risk", reach, "", reach=reach)
    labels = [button.label for button in page().button]
    assert "shared" in labels
    assert "private" not in labels


def test_without_a_workspace_the_page_stands(monkeypatch: pytest.MonkeyPatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/file/workspace.sqlite")
    from dashboard import settings

    settings.settings.cache_clear()
    app = page()
    assert not app.exception
    assert "view_save_name" not in {field.key for field in app.text_input}
    assert len(app.dataframe) >= 2
