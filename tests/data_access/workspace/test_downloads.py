"""Who is told what was taken away: everybody's for auditors, else one's own, the latest first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Workspace
from data_access.workspace.downloads import record_download, taken
from tests.data_access.workspace.conftest import EAST, LI, NOW, WANG

BOSS = Principal("chen", "executive")
TOLD = ("taken_by", "role", "listed", "file", "rows")


@pytest.fixture
def told(workspace: Workspace, write) -> Workspace:
    """Four files: of a success lead, of an executive, and two of a manager of the east."""
    for who, listed, rows in ((WANG, "care", 3), (BOSS, "churn_risk", 40), (EAST, "care", 7)):
        record_download(workspace, write(who), listed, "csv", "tier=high", rows, "v1")
    record_download(workspace, write(EAST), "ledger", "xlsx", "", 0, "v2")
    return workspace


@pytest.mark.parametrize("auditor", [LOCAL_ADMINISTRATOR, LI], ids=lambda each: each.role)
def test_administrators_and_managers_of_everybody_see_every_file(told: Workspace, auditor):
    rows = taken(told, auditor, NOW - timedelta(days=1))
    assert sorted(rows.select(TOLD).iter_rows()) == [
        ("chen", "executive", "churn_risk", "csv", 40),
        ("east", "manager", "care", "csv", 7),
        ("east", "manager", "ledger", "xlsx", 0),
        ("wang", "success_lead", "care", "csv", 3),
    ]
    assert rows["taken_at"].is_sorted(descending=True)
    assert set(rows["query"]) == {"tier=high", ""}
    assert rows["download_id"].n_unique() == 4


@pytest.mark.parametrize(
    ("reader", "own"),
    [
        (BOSS, {"churn_risk"}),
        (WANG, {"care"}),
        (EAST, {"care", "ledger"}),
        (Principal("li", "manager", owner_id="E1"), set()),
        (Principal("nobody", "auditor"), set()),
    ],
)
def test_everybody_else_sees_what_they_took_themselves(told: Workspace, reader, own):
    rows = taken(told, reader, NOW - timedelta(days=1))
    assert set(rows["listed"]) == own
    assert set(rows["taken_by"]) <= {reader.name}


def test_a_file_of_before_is_not_told(told: Workspace):
    assert taken(told, LI, NOW + timedelta(days=400)).is_empty()
