"""Follow-ups: opened, worked on, closed; once per key, never over somebody else's change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data_access.workspace import Conflict, Workspace, cases, reading, steps
from data_access.workspace.assignments import assign
from data_access.workspace.errors import OutOfScopeError, RefusedEntryError
from tests.data_access.workspace.conftest import EAST, LI, NOW, STEPS, WANG, opening, rows

CALLED = steps.Result("responded", NOW, "wants a quote", 1_250)


def test_a_plan_is_started_worked_on_and_closed(workspace: Workspace, write):
    assert cases.start(workspace, write(), {"c1": opening()}).done == {"c1": 1}
    folder = reading.folder(workspace, LI, "c1")
    case = folder.case
    assert (case.state, case.reason, case.rules, case.opened_by) == (
        "open",
        "red",
        "unanswered",
        "li",
    )
    assert (case.opened_at, case.plan_started_at) == (NOW, NOW)
    assert case.warned_at == NOW - timedelta(days=1)
    assert tuple(step.kind for step in folder.steps) == STEPS
    assert [step.due_at for step in folder.steps] == [NOW + timedelta(days=n) for n in range(1, 6)]

    steps.record(workspace, write(WANG), folder.steps[0].step_id, 1, CALLED)
    folder = reading.folder(workspace, LI, "c1")
    done = folder.steps[0]
    assert (done.outcome, done.remark, done.cost) == ("responded", "wants a quote", 1_250)
    assert (done.done_at, done.done_by, done.version) == (NOW, "wang", 2)

    cases.note(workspace, write(), "c1", "  Back in May.\nAsk for Chen.  ")
    version = reading.folder(workspace, LI, "c1").case.version
    closed = cases.close(workspace, write(), case.case_id, version, "won", "ordered again")
    assert closed.done == {case.case_id: version + 1}
    folder = reading.folder(workspace, LI, "c1")
    assert (folder.case.state, folder.case.outcome) == ("won", "ordered again")
    assert folder.notes[0].text == "Back in May.\nAsk for Chen."
    assert [(event.action, event.by) for event in folder.events] == [
        ("close", "li"),
        ("note", "li"),
        ("record", "wang"),
        ("start", "li"),
    ]


def test_a_case_can_be_opened_without_a_plan_which_may_follow(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening("manual", ())})
    assert reading.folder(workspace, LI, "c1").case.plan_started_at is None
    again = cases.start(workspace, write(), {"c1": opening("manual", ())})
    assert (again.done, again.skipped) == ({}, {"c1": "has_case"})
    assert cases.start(workspace, write(), {"c1": opening()}).done == {"c1": 2}
    folder = reading.folder(workspace, LI, "c1")
    assert folder.case.reason == "manual"
    assert len(folder.steps) == 5
    again = cases.start(workspace, write(), {"c1": opening()})
    assert (again.done, again.skipped) == ({}, {"c1": "has_plan"})


def test_after_one_case_there_can_be_another(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    case = reading.folder(workspace, LI, "c1").case
    cases.close(workspace, write(), case.case_id, 1, "lost", None)
    cases.start(workspace, write(), {"c1": opening("manual", ())})
    assert reading.folder(workspace, LI, "c1").case.reason == "manual"
    assert len(rows(workspace, "cases")) == 2


def test_two_hundred_plans_at_once_and_not_one_more(workspace: Workspace, write):
    cases.start(workspace, write(), {"c7": opening()})
    many = {f"c{number}": opening() for number in range(200)}
    saved = cases.start(workspace, write(), many)
    assert len(saved.done) == 199
    assert saved.skipped == {"c7": "has_plan"}
    assert len(rows(workspace, "cases")) == 200
    assert len(rows(workspace, "steps")) == 1_000
    with pytest.raises(RefusedEntryError, match="more than 200"):
        cases.start(workspace, write(), many | {"c200": opening()})


def test_the_same_key_writes_once_and_tells_the_first_result(workspace: Workspace, write):
    first = cases.start(workspace, write(key="one-key-of-a-form"), {"c1": opening()})
    later = write(key="one-key-of-a-form")
    assert cases.start(workspace, later, {"c1": opening()}) == first
    assert len(rows(workspace, "cases")) == 1
    assert len(rows(workspace, "audit_entries")) == 6
    for said in ("a note", "a note"):
        cases.note(workspace, write(key="another-key-of-a-form"), "c1", said)
    assert len(rows(workspace, "notes")) == 1


def test_a_key_is_not_used_for_something_else_or_by_somebody_else(workspace: Workspace, write):
    cases.note(workspace, write(key="one-key-of-a-form"), "c1", "one")
    for principal, text in ((LI, "two"), (WANG, "one")):
        with pytest.raises(RefusedEntryError, match="already used"):
            cases.note(workspace, write(principal, key="one-key-of-a-form"), "c1", text)
    assert len(rows(workspace, "notes")) == 1


def test_the_second_to_record_a_step_sees_what_the_first_wrote(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    step = reading.folder(workspace, LI, "c1").steps[0]
    steps.record(workspace, write(WANG), step.step_id, step.version, CALLED)
    mine = steps.Result("no_answer", NOW)
    with pytest.raises(Conflict) as caught:
        steps.record(workspace, write(), step.step_id, step.version, mine)
    found = {(each.field, each.before, each.after) for each in caught.value.changes}
    assert found == {
        ("outcome", None, "responded"),
        ("done_at", None, NOW.isoformat(timespec="microseconds")),
        ("remark", None, "wants a quote"),
        ("cost", None, 1_250),
    }
    assert {each.by for each in caught.value.changes} == {"wang"}
    assert caught.value.version == 2
    assert reading.folder(workspace, LI, "c1").steps[0].outcome == "responded"
    steps.record(workspace, write(), step.step_id, 2, steps.Result("no_answer", NOW))
    assert reading.folder(workspace, LI, "c1").steps[0].outcome == "no_answer"


def test_two_people_may_work_on_two_steps(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    first, second, *_ = reading.folder(workspace, LI, "c1").steps
    steps.record(workspace, write(), first.step_id, 1, CALLED)
    steps.record(workspace, write(WANG), second.step_id, 1, CALLED)
    assert [step.version for step in reading.folder(workspace, LI, "c1").steps] == [2, 2, 1, 1, 1]


def test_who_closes_has_seen_the_steps_and_notes_of_the_others(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    seen = reading.folder(workspace, LI, "c1")
    steps.record(workspace, write(WANG), seen.steps[0].step_id, 1, CALLED)
    cases.note(workspace, write(WANG), "c1", "orders on Monday")
    with pytest.raises(Conflict) as caught:
        cases.close(workspace, write(), seen.case.case_id, seen.case.version, "lost", "silent")
    found = {(each.about, each.field, each.after) for each in caught.value.changes}
    assert {("steps", "outcome", "responded"), ("notes", "text", "orders on Monday")} <= found
    assert reading.folder(workspace, LI, "c1").case.state == "open"


def test_nothing_is_done_to_a_closed_case(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    seen = reading.folder(workspace, LI, "c1")
    cases.close(workspace, write(WANG), seen.case.case_id, 1, "closed", "merged")
    with pytest.raises(Conflict) as caught:
        steps.record(workspace, write(), seen.steps[0].step_id, 1, CALLED)
    assert ("state", "open", "closed") in {
        (each.field, each.before, each.after) for each in caught.value.changes
    }
    with pytest.raises(Conflict):
        cases.close(workspace, write(), seen.case.case_id, 1, "won", None)
    cases.note(workspace, write(), "c1", "afterwards")  # a note is always possible
    assert reading.folder(workspace, LI, "c1").case.version == 2


def test_a_closed_case_goes_on_as_if_it_had_never_been_closed(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    before = reading.folder(workspace, LI, "c1")
    step = before.steps[0]
    steps.record(workspace, write(), step.step_id, 1, CALLED)
    open_ = reading.folder(workspace, LI, "c1")
    cases.close(workspace, write(), open_.case.case_id, open_.case.version, "lost", "moved away")
    seen = reading.folder(workspace, LI, "c1").case
    by = write(WANG)
    saved = cases.reopen(workspace, by, seen.case_id, seen.version, " called\nback ")
    assert saved.done == {seen.case_id: seen.version + 1}
    assert cases.reopen(workspace, by, seen.case_id, seen.version, " called\nback ") == saved
    found = reading.folder(workspace, LI, "c1")
    assert found.case == replace(open_.case, version=seen.version + 1)
    assert found.steps == open_.steps
    assert [note.text for note in found.notes] == ["called\nback"]
    event = found.events[0]
    assert (event.action, event.by, len(found.events)) == ("reopen", "wang", 4)
    changed = {(each.about, each.field, each.before, each.after) for each in event.changes}
    assert {("cases", "state", "lost", "open"), ("cases", "outcome", "moved away", None)} < changed
    rest = found.steps[1]
    steps.record(workspace, write(), rest.step_id, 1, CALLED)  # it can be worked on again
    case = reading.folder(workspace, LI, "c1").case
    cases.close(workspace, write(), case.case_id, case.version, "won", None)
    assert [row["state"] for row in rows(workspace, "cases")] == ["won"]


def test_only_who_has_seen_the_latest_reopens_a_case_and_only_one_is_open(
    workspace: Workspace, write
):
    cases.start(workspace, write(), {"c1": opening()})
    case = reading.folder(workspace, LI, "c1").case
    with pytest.raises(RefusedEntryError, match="not closed"):
        cases.reopen(workspace, write(), case.case_id, 1, "why")
    with pytest.raises(Conflict):
        cases.reopen(workspace, write(), case.case_id, 2, "why")
    cases.close(workspace, write(), case.case_id, 1, "lost", None)
    with pytest.raises(RefusedEntryError, match="empty"):
        cases.reopen(workspace, write(), case.case_id, 2, " \n ")
    cases.reopen(workspace, write(WANG), case.case_id, 2, "why")
    with pytest.raises(Conflict) as caught:  # the second of two who reopen it
        cases.reopen(workspace, write(), case.case_id, 2, "why")
    assert ("state", "lost", "open", "wang") in {
        (each.field, each.before, each.after, each.by) for each in caught.value.changes
    }
    cases.close(workspace, write(), case.case_id, 3, "lost", None)
    cases.start(workspace, write(WANG), {"c1": opening("manual", ())})
    with pytest.raises(Conflict) as caught:  # somebody has begun another one meanwhile
        cases.reopen(workspace, write(), case.case_id, 4, "why")
    assert ("state", None, "open", "wang") in {
        (each.field, each.before, each.after, each.by) for each in caught.value.changes
    }
    assert [row["state"] for row in rows(workspace, "cases")].count("open") == 1


def test_a_result_is_taken_back(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    step = reading.folder(workspace, LI, "c1").steps[0]
    steps.record(workspace, write(), step.step_id, 1, CALLED)
    steps.record(workspace, write(), step.step_id, 2, None)
    again = reading.folder(workspace, LI, "c1").steps[0]
    assert (again.done_at, again.outcome, again.remark, again.cost, again.done_by) == (None,) * 5
    assert again.version == 3


def test_a_step_is_handed_over(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening()})
    step = reading.folder(workspace, LI, "c1").steps[0]
    steps.hand_over(workspace, write(), step.step_id, 1, "e9")
    assert reading.folder(workspace, LI, "c1").steps[0].owner_id == "e9"
    with pytest.raises(Conflict):
        steps.hand_over(workspace, write(), step.step_id, 1, None)


def test_customers_are_assigned_unless_somebody_has_since(workspace: Workspace, write):
    many = dict.fromkeys((f"c{number}" for number in range(200)), 0)
    assert len(assign(workspace, write(), "e1", many).done) == 200
    saved = assign(workspace, write(WANG), "e2", {"c1": 0, "c2": 1, "c250": 0})
    assert saved.done == {"c2": 2, "c250": 1}
    assert saved.skipped == {"c1": "changed"}
    folder = reading.folder(workspace, LI, "c1")
    assert (folder.owner_id, folder.owner_version) == ("e1", 1)
    assign(workspace, write(), None, {"c1": 1})
    assert reading.folder(workspace, LI, "c1").owner_id is None


def test_nobody_reads_or_writes_outside_their_scope(workspace: Workspace, write):
    cases.start(workspace, write(), {"c1": opening(), "c2": opening()})
    own, foreign = (reading.folder(workspace, LI, each) for each in ("c1", "c2"))
    step = foreign.steps[0].step_id
    attempts = [
        lambda: reading.folder(workspace, EAST, "c2"),
        lambda: cases.start(workspace, write(EAST), {"c3": opening(), "c4": opening()}),
        lambda: cases.note(workspace, write(EAST), "c2", "x"),
        lambda: steps.record(workspace, write(EAST), step, 1, CALLED),
        lambda: steps.hand_over(workspace, write(EAST), step, 1, "e1"),
        lambda: cases.close(workspace, write(EAST), foreign.case.case_id, 1, "won", None),
        lambda: cases.reopen(workspace, write(EAST), foreign.case.case_id, 1, "x"),
        lambda: assign(workspace, write(EAST), "e1", {"c2": 0}),
        lambda: cases.note(workspace, write(EAST), "nobody", "x"),
        lambda: steps.record(workspace, write(), "no-such-step", 1, CALLED),
        lambda: cases.close(workspace, write(), "no-such-case", 1, "won", None),
    ]
    before = workspace.state()
    for attempt in attempts:
        with pytest.raises(OutOfScopeError):
            attempt()
    assert workspace.state() == before
    steps.record(workspace, write(EAST), own.steps[0].step_id, 1, CALLED)
    for read in (reading.cases, reading.steps, reading.followed):
        assert set(read(workspace, EAST)["customer_id"]) == {"c1"}
        assert set(read(workspace, LI)["customer_id"]) == {"c1", "c2"}


def test_what_a_list_says_of_its_customers(workspace: Workspace, write):
    assert reading.followed(workspace, LI).is_empty()
    cases.start(workspace, write(), {"c1": opening(), "c2": opening("manual", ())})
    first, second, *_ = reading.folder(workspace, LI, "c1").steps
    steps.record(workspace, write(), first.step_id, 1, CALLED)
    steps.hand_over(workspace, write(), second.step_id, 1, "e9")
    assign(workspace, write(), "e1", {"c1": 0, "c3": 0})
    cases.start(workspace, write(), {"c4": opening()})
    closed = reading.folder(workspace, LI, "c4").case
    cases.close(workspace, write(), closed.case_id, 1, "lost", None)
    shown = ("case_state", "next_step", "due_at", "step_owner_id", "steps_done", "steps_total",
             "assigned_to", "assigned_version")  # fmt: skip
    found = {row["customer_id"]: tuple(row[name] for name in shown)
             for row in reading.followed(workspace, LI).iter_rows(named=True)}  # fmt: skip
    assert found == {
        "c1": ("open", "wechat", NOW + timedelta(days=2), "e9", 1, 5, "e1", 1),
        "c2": ("open", None, None, None, 0, 0, None, 0),
        "c3": (None, None, None, None, 0, 0, "e1", 1),
        "c4": ("lost", None, None, None, 0, 0, None, 0),
    }


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (lambda ws, w: cases.start(ws, w, {"c1": opening("Red!")}), "not a code"),
        (lambda ws, w: cases.start(ws, w, {"c1": opening("red", ("a b",))}), "not a code"),
        (lambda ws, w: cases.start(ws, w, {"c\0": opening()}), "not an id"),
        (lambda ws, w: cases.note(ws, w, "c1", " \n "), "empty"),
        (lambda ws, w: cases.note(ws, w, "c1", "x" * 4_001), "longer than 4000"),
        (lambda ws, w: cases.close(ws, w, "x", 1, "open", None), "not an ending"),
        (lambda ws, w: assign(ws, w, "e" * 201, {"c1": 0}), "not an id"),
    ],
)
def test_what_no_form_would_send_is_refused(workspace: Workspace, write, attempt, why: str):
    with pytest.raises(RefusedEntryError, match=why):
        attempt(workspace, write())
    assert workspace.state() == 0


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 81, "spaces in the key", "'; drop table cases --"]
)
def test_a_key_that_could_be_anybodys_is_refused(workspace: Workspace, write, key: str):
    with pytest.raises(RefusedEntryError, match="not a key"):
        cases.note(workspace, replace(write(), key=key), "c1", "x")


@pytest.mark.parametrize("result", [
    steps.Result("responded", NOW, cost=-1), steps.Result("responded", NOW, cost=10**16),
    steps.Result("responded", NOW + timedelta(days=9)), steps.Result("x" * 41, NOW),
    steps.Result("responded", NOW, remark="x" * 4_001),
])  # fmt: skip
def test_a_result_that_cannot_be_is_refused(workspace: Workspace, write, result: steps.Result):
    cases.start(workspace, write(), {"c1": opening()})
    step = reading.folder(workspace, LI, "c1").steps[0]
    with pytest.raises(RefusedEntryError):
        steps.record(workspace, write(), step.step_id, 1, result)
    assert reading.folder(workspace, LI, "c1").steps[0].version == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("'); drop table notes; --", "'); drop table notes; --"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\0b\x1bc\u202ed\u2066e", "a�b�c�d�e"),
        ("line\n\ttab", "line\n\ttab"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("half \ud83d a character", "half ? a character"),
        ("很好 👍🏽 ﷽", "很好 👍🏽 ﷽"),
    ],
)
def test_hostile_text_is_kept_as_text(workspace: Workspace, write, text: str, kept: str):
    cases.note(workspace, write(), "c1", text)
    assert reading.folder(workspace, LI, "c1").notes[0].text == kept
    assert rows(workspace, "audit_entries")[0]["after"]["text"] == kept
