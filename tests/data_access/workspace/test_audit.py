"""The audit: one entry for every row written, and the rows can be made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import polars as pl

from data_access.workspace import (
    Conflict,
    Workspace,
    Write,
    cases,
    reading,
    reviews,
    saved_views,
    steps,
)
from data_access.workspace.assignments import assign
from data_access.workspace.errors import RefusedEntryError
from data_access.workspace.models import Base
from data_access.workspace.records import Step
from tests.data_access.workspace.conftest import LI, NOW, WANG, opening, rows

KEYS = {"cases": "case_id", "steps": "step_id", "notes": "note_id", "assignments": "customer_id",
        "saved_views": "view_id", "reviews": "review_id",
        "downloads": "download_id"}  # fmt: skip


def replayed(workspace: Workspace) -> dict[str, dict[str, dict[str, Any]]]:
    """Every table as its audit entries make it."""
    found: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in KEYS}
    for entry in rows(workspace, "audit_entries"):
        table, key = found[entry["about"]], entry["row_id"]
        if entry["after"] is None:
            assert table.pop(key) == entry["before"]
        elif entry["before"] is None:
            table[key] = dict(entry["after"])
        else:
            assert entry["before"].items() <= table[key].items()
            table[key] |= entry["after"]
    return found


def written(workspace: Workspace) -> dict[str, dict[str, dict[str, Any]]]:
    """Every table as it is, times as the audit writes them."""

    def plain(value: Any) -> Any:
        return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value

    return {
        table: {
            row[key]: {name: plain(value) for name, value in row.items()}
            for row in rows(workspace, table)
        }
        for table, key in KEYS.items()
    }


def act(workspace: Workspace, write, chance: Random) -> None:
    """Something that somebody might do, right or wrong."""
    customer = f"c{chance.randrange(8)}"
    by = write(chance.choice((LI, WANG)))
    folder = reading.folder(workspace, LI, customer)
    match chance.randrange(7):
        case 0 | 1:
            cases.start(workspace, by, {customer: opening()})
        case 2:
            cases.note(workspace, by, customer, f"note {chance.random()}")
        case 3 | 4 if folder.steps:
            step(workspace, by, chance.choice(folder.steps), chance)
        case 5 if folder.case and folder.case.state != "open" and chance.random() < 0.5:
            cases.reopen(workspace, by, folder.case.case_id, folder.case.version, "once more")
        case 5 if folder.case:
            state = chance.choice(("won", "lost", "closed"))
            cases.close(workspace, by, folder.case.case_id, folder.case.version, state, None)
        case 6:
            seen = {customer: chance.randrange(3)}
            assign(workspace, by, f"e{chance.randrange(3)}", seen)
        case _:
            view(workspace, by, chance)


def step(workspace: Workspace, by: Write, found: Step, chance: Random) -> None:
    """The same with a step."""
    if chance.random() < 0.3:
        steps.hand_over(workspace, by, found.step_id, found.version, "e1")
    result = chance.choice((None, steps.Result("responded", NOW, "well", 100)))
    again = replace(by, key=f"{by.key}-again")
    steps.record(workspace, again, found.step_id, chance.randrange(1, 3), result)


def view(workspace: Workspace, by: Write, chance: Random) -> None:
    """The same with a saved view."""
    query = f"risk_min={chance.randrange(3)}"
    own = saved_views.views_of(workspace, by.principal, "churn_risk")
    mine = next((each for each in own if each.owner == by.principal.name), None)
    if mine is None:
        saved_views.save_view(workspace, by, "churn_risk", "mine", query)
    elif chance.random() < 0.3:
        saved_views.delete_view(workspace, by, mine.view_id, mine.version)
    else:
        version = chance.randrange(1, 4)
        saved_views.change_view(workspace, by, mine.view_id, version, query=query)


def test_the_audit_replayed_is_the_tables(workspace: Workspace, write):
    chance, refused = Random(7), 0
    for _ in range(250):
        before = len(rows(workspace, "audit_entries"))
        try:
            act(workspace, write, chance)
        except (Conflict, RefusedEntryError):
            refused += 1
            after = len(rows(workspace, "audit_entries"))
            assert after <= before + 2  # a step may have been handed over before
    assert refused > 10
    assert replayed(workspace) == written(workspace)


def test_every_table_that_people_write_is_audited():
    own = set(Base.metadata.tables) - {"audit_entries", "requests", "review_members"}
    assert own == set(KEYS)


def test_an_entry_says_who_what_and_under_which_key(workspace: Workspace, write):
    by = write(WANG)
    cases.note(workspace, by, "c1", "called")
    (entry,) = rows(workspace, "audit_entries")
    expected = {"at": by.at, "who": "wang", "role": "success_lead", "action": "note",
                "about": "notes", "customer_id": "c1", "key": by.key, "before": None}  # fmt: skip
    assert expected.items() <= entry.items()
    assert entry["after"]["text"] == "called"


def test_a_review_is_one_entry_and_its_members_are_kept(workspace: Workspace, write):
    members = pl.DataFrame(
        {
            "customer_id": ["c1", "c2"], "rank": [1, 2], "p90": [0.5, float("nan")],
            "warning": ["red", None], "remaining_days": [10, None],
            "revenue_at_risk": [10**12, None], "silent_days": [40, 3],
        }
    )  # fmt: skip
    by = write()
    reviews.record_review(workspace, by, "east", members, listed=1, snapshot="v1")
    reviews.record_review(workspace, by, "east", members, listed=1, snapshot="v1")
    assert len(rows(workspace, "audit_entries")) == 1
    review, found = reviews.last_review(workspace, LI, "east")
    assert (review.members, review.held_at, review.held_by) == (1, by.at, "li")
    assert found.equals(members.with_columns(pl.col("p90").fill_nan(None)))
