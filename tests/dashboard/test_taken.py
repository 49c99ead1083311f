"""The audit of downloads on the page Data health, in words, within rights."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard import data, downloads, i18n, settings, workspace
from dashboard.answers import taken
from dashboard.panels import taken as panels
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.selection import Selection
from tests.dashboard.test_downloads import LIST
from tests.pages.test_pages import run

pytestmark = pytest.mark.usefixtures("own_workspace")
WANG = Principal("wang", "manager", regions=("east_china",))
PANELS = Path(panels.__file__).parent


def view(principal: Principal) -> View:
    return View(data.current_version(), principal, "year", "previous", Selection())


def take(principal: Principal, query: str) -> None:
    downloads.audited(view(principal), LIST, query, lambda: None)()


def page(language: str = "en") -> str:
    app = run("data_health", language)
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def test_without_a_download_the_page_says_so():
    assert i18n.words("zh")["missing.nothing_taken_all"] in page("zh")


def test_a_download_is_on_the_page_at_once_with_its_choices_in_words():
    take(WANG, "tier=high&tier=mid&risk_sort=p90")
    app = run("data_health", "en")
    (shown,) = (each.value for each in app.dataframe if "Role then" in each.value.columns)
    assert shown["Who"].to_list() == ["wang"]
    assert shown["List"].to_list() == ["Churn risk list"]
    assert shown["Rows"].to_list() == [2.0]
    assert shown["Filters and choices"].to_list() == ["Tier: High-value, Mid-value; risk_sort=p90"]
    told = "\n".join(element.proto.body for element in app.get("html"))
    assert "Last 30 days: 1 file with 2 rows about customers taken by 1 person" in told


def test_who_is_limited_to_a_region_sees_their_own_only():
    take(WANG, "")
    take(LOCAL_ADMINISTRATOR, "region=south_china")
    assert taken.files(view(LOCAL_ADMINISTRATOR)).height == 2
    assert taken.files(view(WANG))["taken_by"].to_list() == ["wang"]
    assert taken.files(view(replace(WANG, name="zhao"))).is_empty()


def test_thirty_days_are_counted_by_files_rows_and_people(monkeypatch: pytest.MonkeyPatch):
    moment = settings.now()
    monkeypatch.setattr("dashboard.workspace.now", lambda: moment - timedelta(days=31))
    take(WANG, "")
    monkeypatch.setattr("dashboard.workspace.now", lambda: moment - timedelta(days=29))
    take(WANG, "")
    take(LOCAL_ADMINISTRATOR, "")
    found = taken.files(view(LOCAL_ADMINISTRATOR))
    assert found.height == 3
    assert taken.lately(found) == taken.Lately(files=2, rows=4, people=2)


def test_where_the_workspace_cannot_be_read_the_page_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/file/workspace.sqlite")
    workspace.close()
    settings.settings.cache_clear()
    assert i18n.words("en")["missing.no_audit"] in page()


def test_every_list_that_can_be_taken_away_has_a_name():
    sources = [path.read_text("utf-8") for path in PANELS.glob("*.py")]
    lists = {name for text in sources for name in re.findall(r'ListFile\(\s*"(\w+)"', text)}
    personal = r'panel\.panel\(\s*"(\w+)"(?:(?!panel\.panel).)*?personal='
    lists |= {name for text in sources for name in re.findall(personal, text, re.DOTALL)}
    assert {"churn_risk", "care", "spending", "risk_history"} <= lists
    for language in i18n.LANGUAGES:
        assert {f"code.listed.{name}" for name in lists} <= set(i18n.words(language))
