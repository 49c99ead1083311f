"""Rows about customers leave only with their entry in the audit: by the click, never by drawing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from dashboard import data, downloads, i18n, spreadsheet, workspace
from dashboard.downloads import File
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import WorkspaceError
from data_access.workspace.models import AuditEntry
from metrics.selection import Selection
from tests.pages.test_pages import run

pytestmark = pytest.mark.usefixtures("own_workspace")

ROWS = pl.DataFrame({"name": ["甲", "乙"]})
COLUMNS = [Column("name", "Name")]
LIST = File(
    "churn_risk", "csv", "x", lambda: ROWS, lambda rows: spreadsheet.csv_bytes(rows, COLUMNS)
)


@pytest.fixture
def view() -> View:
    wang = Principal("wang", "manager")
    return View(data.current_version(), wang, "year", "previous", Selection())


def entries() -> list[dict[str, Any]]:
    wanted = sa.select(AuditEntry).where(AuditEntry.action == "download")
    with workspace.workspace().reading() as session:
        return [
            {"who": row.who, "role": row.role, "about": row.about, **(row.after or {})}
            for row in session.scalars(wanted.order_by(AuditEntry.entry_id))
        ]


def make(view: View, refused: list[bool], file: File = LIST) -> bytes:
    return downloads.audited(view, file, "tier=high&risk_min=50", lambda: refused.append(True))()


def test_each_download_is_an_entry_that_says_who_which_list_and_how_many(view: View):
    before = workspace.workspace().state()
    assert make(view, []).decode("utf-8-sig").split() == ["Name", "甲", "乙"]
    make(replace(view, principal=LOCAL_ADMINISTRATOR), [], replace(LIST, kind="xlsx"))
    first, second = entries()
    expected = {"who": "wang", "role": "manager", "about": "downloads", "listed": "churn_risk",
                "file": "csv", "rows": 2, "query": "tier=high&risk_min=50",
                "snapshot": view.version, "taken_by": "wang"}  # fmt: skip
    assert expected.items() <= first.items()
    assert (second["who"], second["file"]) == (LOCAL_ADMINISTRATOR.name, "xlsx")
    assert "甲" not in json.dumps(entries(), ensure_ascii=False)  # which rows, not what is in them
    assert workspace.workspace().state() == before  # no list is made anew for it


def test_without_its_entry_there_is_no_file(view: View):
    @event.listens_for(workspace.workspace().database._engine, "checkout")
    def read_only(connection, _record, _proxy) -> None:
        connection.execute("pragma query_only = on")

    refused: list[bool] = []
    with pytest.raises(WorkspaceError):
        make(view, refused)
    assert refused == [True]
    assert entries() == []


def test_a_file_speaks_the_language_of_its_page(view: View):
    i18n.speak("zh")
    said = replace(LIST, write=lambda _: i18n.t("risk.filter.any").encode())
    taken = downloads.audited(view, said, "", lambda: None)
    i18n.speak("en")
    assert taken().decode() == i18n.words("zh")["risk.filter.any"]
    assert i18n.language() == "en"


def test_a_page_that_is_only_looked_at_leaves_no_entry():
    app = run("churn_risk", "en")
    assert {"churn_risk_xlsx", "churn_risk_csv"} <= keys(app)
    assert entries() == []


def test_without_a_workspace_a_sentence_stands_where_the_files_were(
    monkeypatch: pytest.MonkeyPatch, tmp_path
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/file/workspace.sqlite")
    workspace.close()
    settings.cache_clear()
    app = run("churn_risk", "en")
    assert not {"churn_risk_xlsx", "churn_risk_csv"} & keys(app)
    assert i18n.words("en")["download.closed"] in "".join(
        element.proto.body for element in app.get("html")
    )


def keys(app: AppTest) -> set[str]:
    """The keys of the buttons that give a file."""
    return {element.proto.id.rsplit("-", 1)[-1] for element in app.get("download_button")}
