"""Text of the CRM that would like to be markup, in every column that reaches a page."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.pipeline import refresh
from tests.browser.conftest import MakeReader, serve
from tests.conftest import Installation
from tests.pages.test_pages import PAGES

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>![i](http://evil.test/i.png)<b>bold</b> $x$ :red[r]"
HIDDEN = "\x00\x07\u202edlrow\u2066"
SHOWN = "\ufffd\ufffd\ufffddlrow\ufffd"  # at the door
EVERY_ROW = {
    "customers": ("name",),
    "employees": ("name",),
    "survey_responses": ("comment",),
    "expenses": ("description",),
    "budgets": ("name",),
    "campaigns": ("name", "scenario", "objective"),
    "campaign_tasks": ("name", "owner"),
    "campaign_goals": ("analysis",),
    "campaign_days": ("adjustment",),
    "tickets": ("category",),
}
ONE_VALUE = {  # columns to group by: one of their values turns hostile
    "customers": ("segment", "region", "acquisition_channel"),
    "tickets": ("grade", "channel"),
    "survey_responses": ("survey", "channel"),
    "budget_lines": ("subject", "item"),
    "interactions": ("purpose", "channel"),
    "campaign_members": ("form", "channels"),
}


@pytest.fixture(scope="module")
def hostile(demo: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = tmp_path_factory.mktemp("hostile")
    path = home / "crm.sqlite"
    shutil.copy(demo.own.embedded_database, path)
    spoil(path)
    own = replace(demo.own, data="crm", home=home, crm_url=f"sqlite:///{path}")
    refresh(own)
    return Installation(own)


def spoil(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        for table, columns in EVERY_ROW.items():
            for column in columns:
                connection.execute(f"update {table} set {column} = ?", (HIDDEN + HOSTILE,))
        for table, columns in ONE_VALUE.items():
            for column in columns:
                commonest = f"select {column} from {table} group by 1 order by count(*) desc"
                connection.execute(
                    f"update {table} set {column} = ? where {column} = ({commonest})",
                    (HIDDEN + HOSTILE,),
                )
    connection.close()


def test_hostile_text_is_shown_and_not_obeyed(hostile: Installation, reader: MakeReader):
    with serve(hostile) as address:
        visitor = reader(address, locale="en-GB")
        paths = ["" if page == "overview" else page for page in PAGES]
        for path in (*paths, "voice?voice_by=segment&period=all", "customer?id=C0000002"):
            visitor.open(path)
            assert visitor.page.locator("img[src='x'], [src*='evil']").count() == 0, path
            assert visitor.page.locator("[data-testid='stException']").count() == 0, path
        assert SHOWN + HOSTILE in visitor.text()  # the name of the customer
        visitor.open("voice?voice_by=segment&period=all")
        chart = visitor.page.locator(".st-key-panel_nps_by .js-plotly-plot")
        assert f"{SHOWN}<img" in chart.inner_text()
        assert visitor.complaints == []
        assert visitor.foreign == []
