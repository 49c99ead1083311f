"""A KPI that cannot be computed names the table or the column that the CRM lacks."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import data
from dashboard.answers import (
    budget_choice,
    budget_headline,
    churn_risk,
    gaps,
    lifecycle_headline,
    overview,
    service_headline,
    tiers_headline,
    voice,
)
from dashboard.pipeline import refresh
from dashboard.reading import Reading
from dashboard.view import View
from data_access.contract import TABLES
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.catalog import KPIS
from metrics.selection import Selection
from tests.conftest import Installation

DROPPED = {
    "survey_responses": ("nps",),
    "tickets": ("resolved_at", "closed_at"),
    "orders": ("profit",),
    "expenses": ("amount",),
}


@pytest.fixture(scope="module")
def gapped(tmp_path_factory: pytest.TempPathFactory, demo: Installation) -> Installation:
    """The demo company without some columns, one of which its table must have."""
    home = tmp_path_factory.mktemp("gapped")
    path = home / "crm.sqlite"
    shutil.copy(demo.own.embedded_database, path)
    with sqlite3.connect(path) as connection:
        indexes = "select name from sqlite_master where type = 'index' and sql is not null"
        for (name,) in connection.execute(indexes).fetchall():
            connection.execute(f'drop index "{name}"')
        for table, columns in DROPPED.items():
            for column in columns:
                connection.execute(f"alter table {table} drop column {column}")
    connection.close()
    own = replace(demo.own, data="crm", home=Path(home), crm_url=f"sqlite:///{path}")
    refresh(own)
    return Installation(own)


@pytest.fixture
def look(opened: Callable[[Installation], None]) -> Callable[[Installation], View]:
    """The view without any choice on an installation."""

    def make(installation: Installation) -> View:
        opened(installation)
        return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())

    return make


def _all(view: View) -> dict[str, Reading]:
    found = dict(budget_headline.headline(view, budget_choice.default(view)))
    for page in (voice, service_headline, tiers_headline, lifecycle_headline, churn_risk):
        found |= page.headline(view)
    return found


def test_a_kpi_names_the_column_it_lacks(gapped: Installation, look: Callable[..., View]):
    found = _all(look(gapped))
    told = {key: (each.missing, each.missing_what) for key, each in found.items()}
    assert told["nps"] == ("no_column", "survey_responses.nps")
    assert told["backlog"] == ("no_column", "tickets.resolved_at/closed_at")
    assert told["profit_12m"] == ("no_column", "orders.profit")
    assert told["budget_actual"] == ("no_column", "expenses.amount")
    for key in ("nps", "backlog", "profit_12m", "budget_actual"):
        assert found[key].value is None


def test_what_needs_none_of_them_is_computed_as_ever(
    gapped: Installation, demo: Installation, look: Callable[..., View]
):
    keys = ("csat", "first_response_attainment", "revenue_12m", "annual_retention")
    whole = _all(look(demo))
    found = _all(look(gapped))
    assert {key: found[key].value for key in keys} == {key: whole[key].value for key in keys}


def test_what_a_kpi_needs_is_in_the_contract():
    for kpi in KPIS.values():
        for need in kpi.needs:
            table, _, columns = need.partition(".")
            assert set(columns.split("/")) <= TABLES[table].schema.keys(), kpi.key


def test_either_of_two_columns_will_do(
    demo: Installation, look: Callable[..., View], monkeypatch: pytest.MonkeyPatch
):
    view = look(demo)
    monkeypatch.setattr(data, "lacking", lambda _view, _table: ("resolved_at",))
    assert gaps.gap(view, "backlog") is None


def test_the_overview_names_it_too(gapped: Installation, look: Callable[..., View]):
    found = overview.promises(look(gapped))
    assert (found["nps"].missing, found["nps"].missing_what) == (
        "no_column",
        "survey_responses.nps",
    )


def test_without_the_tables_each_kpi_names_its_first_one(
    minimal: Installation, look: Callable[..., View]
):
    found = _all(look(minimal))
    for key, reading in found.items():
        table = KPIS[key].needs[0].partition(".")[0]
        if table in ("customers", "orders"):
            assert reading.missing not in ("no_table", "no_column"), key
        else:
            assert (reading.missing, reading.missing_what) == ("no_table", table), key
