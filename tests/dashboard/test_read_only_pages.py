"""Who reads only sees follow-ups and no form of them, and is told so once."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data, i18n, workspace
from dashboard.view import View
from data_access import principal
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, cases
from metrics.selection import Selection
from tests.conftest import NOW
from tests.dashboard.test_churn_bulk import said
from tests.pages.test_pages import run

pytestmark = pytest.mark.usefixtures("own_workspace")

PAGES = ("customer", "churn_risk", "worklist")


@pytest.fixture
def customer() -> str:
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "all", "previous", Selection())
    found = data.frame(view, "customer_mart").select("customer_id").head(1).collect().item()
    steps = (cases.PlannedStep("phone", NOW),)
    opening = {found: cases.Opening("manual", steps=steps)}
    by = Write(LOCAL_ADMINISTRATOR, NOW, "key-of-the-start-1")
    cases.start(workspace.workspace(), by, opening)
    return found


def opened(page: str, language: str, customer: str) -> AppTest:
    app = run(page, language, **({"id": customer} if page == "customer" else {}))
    assert not app.exception
    return app


def forms(app: AppTest) -> list[str]:
    """The buttons by which something about customers is written, or its form opened."""
    ours = ("follow_up_", "bulk_", "hold_review")
    return [button.key for button in app.button if str(button.key).startswith(ours)]


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
@pytest.mark.parametrize("page", PAGES)
def test_an_executive_is_told_once_why_there_are_no_forms(
    page: str, language: str, customer: str, monkeypatch: pytest.MonkeyPatch
):
    sentence = i18n.words(language)["saving.read_only"]
    app = opened(page, language, customer)
    assert sentence not in said(app)
    popovers = len(app.get("popover"))
    if page != "customer":  # its forms lie behind popovers
        assert forms(app)
    monkeypatch.setattr(principal, "LOCAL_ADMINISTRATOR", Principal("boss", "executive"))
    app = opened(page, language, customer)
    assert said(app).count(sentence) == 1
    assert forms(app) == []
    if page == "customer":
        assert len(app.get("popover")) < popovers
