"""Who may write by their role, whatever they may see: asked by the workspace, not by the page."""

from __future__ import annotations

import polars as pl
import pytest

from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Workspace, cases, reading, reviews, saved_views, steps
from data_access.workspace.assignments import assign
from data_access.workspace.downloads import record_download
from data_access.workspace.errors import ReadOnlyRoleError
from tests.data_access.workspace.conftest import LI, NOW, WANG, opening

READERS = [Principal("boss", "executive"), Principal("who", "whoever"), Principal("no", "")]
MEMBERS = pl.DataFrame(
    {
        "customer_id": ["c1"], "rank": [1], "p90": [0.5], "warning": ["red"],
        "remaining_days": [10], "revenue_at_risk": [1], "silent_days": [40],
    }
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.role or "none")
def test_who_reads_only_writes_nothing_about_customers(
    workspace: Workspace, write, reader: Principal
):
    cases.start(workspace, write(), {"c1": opening()})
    seen = reading.folder(workspace, reader, "c1")  # reading is theirs
    case, step = seen.case, seen.steps[0]
    attempts = [
        lambda by: cases.start(workspace, by, {"c2": opening()}),
        lambda by: cases.note(workspace, by, "c1", "x"),
        lambda by: cases.close(workspace, by, case.case_id, case.version, "won", None),
        lambda by: cases.reopen(workspace, by, case.case_id, case.version, "x"),
        lambda by: steps.record(workspace, by, step.step_id, 1, steps.Result("responded", NOW)),
        lambda by: steps.hand_over(workspace, by, step.step_id, 1, "e1"),
        lambda by: assign(workspace, by, "e1", {"c1": 0}),
        lambda by: reviews.record_review(workspace, by, "all", MEMBERS, listed=1, snapshot="v"),
    ]
    before = workspace.state()
    for attempt in attempts:
        with pytest.raises(ReadOnlyRoleError):
            attempt(write(reader))
    assert workspace.state() == before
    assert reading.folder(workspace, LI, "c1") == seen


def test_a_write_that_was_done_is_not_told_again_to_who_may_no_longer_write(
    workspace: Workspace, write
):
    cases.note(workspace, write(LI, key="one-key-of-a-form"), "c1", "x")
    with pytest.raises(ReadOnlyRoleError):
        cases.note(workspace, write(Principal("li", "executive"), "one-key-of-a-form"), "c1", "x")


@pytest.mark.parametrize("writer", [LI, WANG, LOCAL_ADMINISTRATOR], ids=lambda each: each.role)
def test_managers_success_leads_and_administrators_write(
    workspace: Workspace, write, writer: Principal
):
    assert writer.may_write
    assert cases.start(workspace, write(writer), {"c1": opening()}).done == {"c1": 1}


def test_views_are_everybodys_own(workspace: Workspace, write):
    boss = READERS[0]
    (view_id,) = saved_views.save_view(workspace, write(boss), "churn_risk", "mine", "").done
    saved_views.change_view(workspace, write(boss), view_id, 1, name="own")
    assert [view.name for view in saved_views.views_of(workspace, boss, "churn_risk")] == ["own"]
    saved_views.delete_view(workspace, write(boss), view_id, 2)
    assert saved_views.views_of(workspace, boss, "churn_risk") == ()


def test_what_a_reader_takes_away_is_written_down(workspace: Workspace, write):
    boss = READERS[0]
    taken = record_download(workspace, write(boss), "risk_list", "csv", "", 3, "v")
    assert list(taken.done.values()) == [1]
